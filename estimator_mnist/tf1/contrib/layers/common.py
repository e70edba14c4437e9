"""What the layers share: their variables, collections and sizes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist.tf1.contrib.framework import model_variable

tf1 = tf.compat.v1

Initializer = Callable[..., tf.Tensor]
Regularizer = Callable[[tf.Tensor], tf.Tensor | None]
Layer = Callable[..., tf.Tensor]
# Names of collections; of variables also by the variable's name, "weights" or "biases".
Collections = str | Sequence[str] | None
VariablesCollections = str | Sequence[str] | Mapping[str, Any] | None
# Height and width, the same number or one for each.
Size = int | Sequence[int]

NHWC = "NHWC"


# Layers that were tf.layers' below, whose names their losses have, not the variables'.
LOSS_NAMES = {
    "weights": "kernel",
    "biases": "bias",
    "depthwise_weights": "depthwise_kernel",
    "pointwise_weights": "pointwise_kernel",
}


class Variables(NamedTuple):
    """How a layer makes its variables, in the scope that is open."""

    trainable: bool
    collections: VariablesCollections
    loss_names: Mapping[str, str] = {}

    def make(
        self,
        name: str,
        shape: Sequence[int] | None,
        initializer: Initializer | None,
        regularizer: Regularizer | None = None,
        dtype: tf.DType = tf.float32,
    ) -> tf.Variable:
        """Returns the variable SCOPE/`name`, in tf.GraphKeys.MODEL_VARIABLES."""
        return model_variable(
            name,
            shape=shape,
            dtype=dtype,
            initializer=initializer,
            regularizer=self._named(name, regularizer),
            trainable=self.trainable,
            collections=collections_of(self.collections, name),
        )

    def _named(self, name: str, regularizer: Regularizer | None) -> Regularizer | None:
        """Returns `regularizer` as one that names its ops by `loss_names`."""
        if regularizer is None or name not in self.loss_names:
            return regularizer
        layer = tf1.get_default_graph().get_name_scope()
        scope = f"{layer}/{self.loss_names[name]}/Regularizer/"

        def regularize(weights: tf.Tensor) -> tf.Tensor | None:
            opened = tf1.get_default_graph().get_name_scope()
            if not opened.endswith("/Regularizer"):  # get_variable only tries
                return regularizer(weights)
            with tf1.name_scope(scope):
                return regularizer(weights)

        return regularize


def collections_of(collections: VariablesCollections, name: str) -> list[str]:
    """Returns the names of the collections of one variable."""
    if isinstance(collections, Mapping):
        collections = collections.get(name)
    return [collections] if isinstance(collections, str) else list(collections or [])


def collected(
    outputs: tf.Tensor, collections: Collections, scope: str | None = None
) -> tf.Tensor:
    """Returns `outputs`, added to the collections under the alias `scope`.

    tf.contrib.slim.utils finds the outputs of a collection by their aliases.
    """
    if collections:
        if scope:
            outputs.aliases = [scope.removesuffix("/")]
        tf1.add_to_collections(collections, outputs)
    return outputs


def finished(
    sums: tf.Tensor,
    variables: Variables,
    biases: tuple[Initializer | None, Regularizer | None],
    normalizer: tuple[Layer | None, Mapping[str, Any] | None],
    activation_fn: Layer | None,
    data_format: str | None = None,
) -> tf.Tensor:
    """Returns what a layer makes of its sums: normalised, or with biases; activated.

    Args:
      sums: [..., n], or [batch, n, ...] for a data_format that begins with "NC".
      variables: makes the biases.
      biases: their initializer (None for no biases) and regularizer.
      normalizer: a function and its arguments; with it there are no biases.
      activation_fn: a function, or None.
      data_format: see above.
    """
    normalizer_fn, params = normalizer
    if normalizer_fn is not None:
        sums = normalizer_fn(sums, **(params or {}))
    elif biases[0] is not None:
        is_first = (data_format or "").startswith("NC")
        n = sums.shape.as_list()[1 if is_first else -1]
        values = variables.make("biases", [n], *biases, dtype=sums.dtype.base_dtype)
        sums = tf.nn.bias_add(sums, values, "NCHW" if is_first else NHWC)
    return activation_fn(sums) if activation_fn else sums


def sizes(value: Size, n: int) -> list[int]:
    """Returns `value` as a list of n numbers."""
    return [value] * n if isinstance(value, int) else [int(each) for each in value]


def last_dimension(inputs: tf.Tensor, axis: int = -1) -> int:
    """Returns the size of an axis; raises ValueError where it is unknown."""
    n = inputs.shape.as_list()[axis]
    if n is None:
        raise ValueError(f"The last dimension of inputs must be known: {inputs}.")
    return n
