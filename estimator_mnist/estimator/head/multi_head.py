"""MultiHead: several objectives of one model."""

from collections.abc import Iterable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.head.base_head import Features, Head, write_summaries
from estimator_mnist.estimator.head.merging import (
    PerHead,
    all_predictions,
    by_name,
    by_name_and_key,
    check_labels,
    merged_losses,
    predict_spec,
    spec_of_each,
    split_logits,
)
from estimator_mnist.estimator.head.metrics import Metric, scalar
from estimator_mnist.estimator.head.train_op import (
    LegacyKerasOptimizer,
    TrainOpFn,
    make_train_op,
    training_scope,
)
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import EstimatorSpec


class MultiHead(Head):
    """Trains several heads at once; the loss is the weighted sum of theirs.

    head = MultiHead([MultiClassHead(10, name="digit"), RegressionHead(name="slant")])

    logits: dict name of a head -> its logits; or one Tensor that holds them side by
    side, [batch, ..., logits_dimension].
    labels: dict name of a head -> its labels.

    Predictions are by (name, key); metrics end with the heads' names, and `loss/NAME`
    is among them.
    """

    def __init__(
        self, heads: Sequence[Head], head_weights: Sequence[float] | None = None
    ) -> None:
        """Initializes the head, whose name is those of the heads, joined by "_".

        Args:
          heads: each has another name, and for training all the same loss_reduction.
          head_weights: what the heads' losses are multiplied by; None for 1.

        Raises:
          ValueError: there are no heads, or names or weights do not fit.
        """
        self._heads = by_name(heads, head_weights)
        self._head_weights = tuple(head_weights or ())
        super().__init__(
            sum(head.logits_dimension for head in heads),
            name="_".join(self._heads),
        )

    @property
    def loss_reduction(self) -> str:
        """Returns the heads' one reduction.

        Raises:
          ValueError: they have several.
        """
        return _one_reduction(self._heads.values())

    def predictions(
        self, logits: tf.Tensor | PerHead, keys: list[str] | None = None
    ) -> dict[Any, tf.Tensor]:
        """Returns all heads' predictions, by (name of the head, key).

        `keys` is not used, as in the original.
        """
        logits = split_logits(logits, self._heads)
        return by_name_and_key(
            {name: head.predictions(logits[name]) for name, head in self._heads.items()}
        )

    def loss(
        self,
        labels: PerHead,
        logits: tf.Tensor | PerHead,
        features: Features | None = None,
        mode: str | None = None,
        regularization_losses: list[tf.Tensor] | None = None,
    ) -> tf.Tensor:
        """Returns the training loss, float32 []: weighted, summed, regularized."""
        losses = self._losses(features, split_logits(logits, self._heads), labels)
        return self._merged(list(losses.values()), regularization_losses)

    def metrics(
        self, regularization_losses: list[tf.Tensor] | None = None
    ) -> dict[str, Any]:
        """Returns all heads' metrics by name, for update_metrics."""
        found = super().metrics(regularization_losses)
        for head in self._heads.values():
            found |= head.metrics()
        return found

    def _named_metrics(
        self, regularization_losses: list[tf.Tensor] | None
    ) -> dict[str, Metric]:
        """Returns the metrics that are no head's: of what `_scalars` returns."""
        names = [f"loss/{name}" for name in self._heads]
        if regularization_losses:
            names.append(f"regularization_loss/{self.name}")
        return {name: scalar(name) for name in names}

    def update_metrics(
        self,
        eval_metrics: dict,
        features: Features | None,
        logits: tf.Tensor | PerHead,
        labels: PerHead,
        mode: str | None = None,
        regularization_losses: list[tf.Tensor] | None = None,
    ) -> dict[str, Any]:
        """Replaces each Metric, in place, by its (value, update op); see Head."""
        logits = split_logits(logits, self._heads)
        scalars = self._scalars(features, logits, labels, regularization_losses)
        for name, metric in self._named_metrics(regularization_losses).items():
            given = eval_metrics.get(name)
            if isinstance(given, Metric):
                eval_metrics[name] = given(scalars)
            elif given is not None:
                metric.update(given, scalars)
        for name, head in self._heads.items():
            own = {
                key: eval_metrics[key] for key in head.metrics() if key in eval_metrics
            }
            eval_metrics |= head.update_metrics(
                own, features, logits[name], labels[name]
            )
        return eval_metrics

    def create_estimator_spec(
        self,
        features: Features | None,
        mode: str,
        logits: tf.Tensor | PerHead,
        labels: PerHead | None = None,
        optimizer: tf.compat.v1.train.Optimizer | LegacyKerasOptimizer | None = None,
        trainable_variables: list[tf.Variable] | None = None,
        train_op_fn: TrainOpFn | None = None,
        update_ops: list[tf.Operation] | None = None,
        regularization_losses: list[tf.Tensor] | None = None,
    ) -> EstimatorSpec:
        """Returns the EstimatorSpec for a model_fn to return; see Head.

        Its exports have the heads' names: `NAME`, `NAME/predict` and others. The first
        head's is the default.
        """
        if mode == ModeKeys.EVAL:
            return super().create_estimator_spec(
                features,
                mode,
                logits,
                labels,
                regularization_losses=regularization_losses,
            )
        specs = spec_of_each(self._heads, features, mode, logits, labels)
        if mode == ModeKeys.PREDICT:
            return predict_spec(specs)
        _one_reduction(self._heads.values())
        losses = [spec.loss for spec in specs.values()]
        loss = self._merged(losses, regularization_losses)
        with training_scope(optimizer):
            train_op = make_train_op(
                loss, optimizer, trainable_variables, train_op_fn, update_ops
            )
        write_summaries(loss, regularization_losses, None)
        return EstimatorSpec(ModeKeys.TRAIN, all_predictions(specs), loss, train_op)

    def _losses(
        self, features: Features | None, logits: PerHead, labels: PerHead
    ) -> PerHead:
        """Returns each head's loss, float32 [], by the head's name."""
        check_labels(labels, self._heads)
        return {
            name: head.loss(labels[name], logits[name], features)
            for name, head in self._heads.items()
        }

    def _scalars(
        self,
        features: Features | None,
        logits: PerHead,
        labels: PerHead,
        regularization_losses: list[tf.Tensor] | None,
    ) -> dict[str, tf.Tensor]:
        losses = self._losses(features, logits, labels)
        found = {f"loss/{name}": loss for name, loss in losses.items()}
        if regularization_losses:
            penalty = tf.add_n(regularization_losses)
            found[f"regularization_loss/{self.name}"] = penalty
        return found

    def _merged(
        self,
        losses: Sequence[tf.Tensor],
        regularization_losses: list[tf.Tensor] | None,
    ) -> tf.Tensor:
        loss = merged_losses(losses, self._head_weights)
        return tf.add_n([loss, *(regularization_losses or ())])


def _one_reduction(heads: Iterable[Head]) -> str:
    reductions = [head.loss_reduction for head in heads]
    if len(set(reductions)) > 1:
        raise ValueError(
            "The loss_reduction must be the same for different heads. "
            f"Given: {reductions}"
        )
    return reductions[0]
