"""tf.contrib.eager.metrics: objects that are called with values, then give results."""

from typing import Any

import tensorflow as tf

from estimator_mnist.tf1 import replacements

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "Mean",
    "Metric",
    "SparseAccuracy",
]


class Mean:
    """The weighted mean of all values so far."""

    def __init__(self, name: str | None = None, dtype: tf.DType = tf.float64) -> None:
        self.name = name or type(self).__name__
        self.dtype = dtype
        self._sum = tf.Variable(0.0, dtype=dtype, trainable=False, name="numer")
        self._count = tf.Variable(0.0, dtype=dtype, trainable=False, name="denom")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Counts values; see `call`."""
        return self.call(*args, **kwargs)

    @property
    def variables(self) -> list[tf.Variable]:
        """Returns the sum and the number of values."""
        return [self._sum, self._count]

    def call(self, values: Any, weights: Any = None) -> Any:
        """Counts `values`, each as often as its weight says; returns `values`."""
        values = tf.convert_to_tensor(values)
        numbers = tf.cast(values, self.dtype)
        each = tf.ones_like(numbers)
        if weights is not None:
            each *= tf.cast(weights, self.dtype)
        self._sum.assign_add(tf.reduce_sum(numbers * each))
        self._count.assign_add(tf.reduce_sum(each))
        return values

    def result(self) -> tf.Tensor:
        """Returns the mean."""
        return self._sum.read_value() / self._count.read_value()

    def init_variables(self) -> None:
        """Begins anew."""
        for variable in self.variables:
            variable.assign(tf.zeros_like(variable))


Metric = Mean


class Accuracy(Mean):
    """The share of predictions that equal their labels."""

    def call(  # type: ignore[override]
        self, labels: Any, predictions: Any, weights: Any = None
    ) -> Any:
        """Counts labels and predictions of the same shape; returns both."""
        correct = tf.equal(labels, tf.cast(predictions, tf.as_dtype(labels.dtype)))
        super().call(tf.cast(correct, self.dtype), weights)
        return labels, predictions


class CategoricalAccuracy(Mean):
    """The share of examples whose largest prediction is that of their label."""

    def call(  # type: ignore[override]
        self, labels: Any, predictions: Any, weights: Any = None
    ) -> Any:
        """Counts one-hot labels [batch, n] and scores [batch, n]; returns both."""
        correct = tf.equal(tf.argmax(labels, -1), tf.argmax(predictions, -1))
        super().call(tf.cast(correct, self.dtype), weights)
        return labels, predictions


class SparseAccuracy(Mean):
    """`CategoricalAccuracy` with class numbers as labels."""

    def call(  # type: ignore[override]
        self, labels: Any, predictions: Any, weights: Any = None
    ) -> Any:
        """Counts class numbers [batch] and scores [batch, n]; returns both."""
        chosen = tf.argmax(predictions, -1)
        correct = tf.equal(tf.cast(labels, tf.int64), chosen)
        super().call(tf.cast(correct, self.dtype), weights)
        return labels, predictions


class BinaryAccuracy(Mean):
    """The share of predictions on the side of the threshold where the label is."""

    def __init__(
        self,
        threshold: float,
        name: str | None = None,
        dtype: tf.DType = tf.float64,
    ) -> None:
        super().__init__(name, dtype)
        self._threshold = threshold

    def call(  # type: ignore[override]
        self, labels: Any, predictions: Any, weights: Any = None
    ) -> Any:
        """Counts labels and predictions of the same shape; returns both."""
        sides = [
            tf.cast(each, tf.float32) > self._threshold
            for each in (labels, predictions)
        ]
        super().call(tf.cast(tf.equal(*sides), self.dtype), weights)
        return labels, predictions


__getattr__ = replacements.module_getattr("tf.contrib.eager.metrics")
