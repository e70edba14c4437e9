"""Several heads of TF 1.x as one."""

from collections.abc import Sequence

import tensorflow as tf

from estimator_mnist.estimator.canned.heads import LossSpec, V1Head
from estimator_mnist.estimator.head.base_head import Features, write_summaries
from estimator_mnist.estimator.head.merging import (
    PerHead,
    all_predictions,
    by_name,
    check_labels,
    merged_losses,
    predict_spec,
    spec_of_each,
    split_logits,
)
from estimator_mnist.estimator.head.train_op import (
    TrainOpFn,
    make_train_op,
)
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import EstimatorSpec

tf1 = tf.compat.v1


class V1MultiHead:
    """Trains several V1Heads at once; the loss is the weighted sum of theirs.

    Logits, labels, predictions and metrics are as in tf.estimator.MultiHead.
    """

    def __init__(
        self, heads: Sequence[V1Head], head_weights: Sequence[float] | None = None
    ) -> None:
        """Initializes the head, whose name is those of the heads, joined by "_".

        Args:
          heads: each has another name.
          head_weights: what the heads' losses are multiplied by; None for 1.

        Raises:
          ValueError: there are no heads, or names or weights do not fit.
        """
        self._heads = by_name(heads, head_weights)
        self._head_weights = tuple(head_weights or ())

    @property
    def name(self) -> str:
        """Returns the heads' names, joined by "_"."""
        return "_".join(self._heads)

    @property
    def logits_dimension(self) -> int:
        """Returns the last dimension of all heads' logits, side by side."""
        return sum(head.logits_dimension for head in self._heads.values())

    def create_loss(
        self,
        features: Features,
        mode: str,
        logits: tf.Tensor | PerHead,
        labels: PerHead,
    ) -> LossSpec:
        """Returns the loss and, by the heads' names, what it is made from."""
        logits = split_logits(logits, self._heads)
        check_labels(labels, self._heads)
        specs = {
            name: head.create_loss(features, mode, logits[name], labels[name])
            for name, head in self._heads.items()
        }
        losses = [spec.training_loss for spec in specs.values()]
        return LossSpec(
            merged_losses(losses, self._head_weights),
            {name: spec.unreduced_loss for name, spec in specs.items()},
            {name: spec.weights for name, spec in specs.items()},
            {name: spec.processed_labels for name, spec in specs.items()},
        )

    def create_estimator_spec(
        self,
        features: Features,
        mode: str,
        logits: tf.Tensor | PerHead,
        labels: PerHead | None = None,
        optimizer: tf.compat.v1.train.Optimizer | None = None,
        train_op_fn: TrainOpFn | None = None,
        regularization_losses: list[tf.Tensor] | None = None,
    ) -> EstimatorSpec:
        """Returns the EstimatorSpec for a model_fn to return; see V1Head.

        Raises:
          ValueError: labels or logits lack a head, or do not fit it.
        """
        specs = spec_of_each(self._heads, features, mode, logits, labels)
        if mode == ModeKeys.PREDICT:
            return predict_spec(specs)
        predictions = all_predictions(specs)
        losses = [spec.loss for spec in specs.values()]
        loss = merged_losses(losses, self._head_weights)
        loss = tf.add_n([loss, *(regularization_losses or ())])
        if mode == ModeKeys.EVAL:
            metrics = _metric_ops(specs)
            return EstimatorSpec(mode, predictions, loss, eval_metric_ops=metrics)
        updates = tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)
        train_op = make_train_op(loss, optimizer, None, train_op_fn, updates)
        write_summaries(loss, regularization_losses, None)
        return EstimatorSpec(mode, predictions, loss, train_op)


def _metric_ops(
    specs: dict[str, EstimatorSpec],
) -> dict[str, tuple[tf.Tensor, tf.Tensor]]:
    """Returns all heads' metrics, and the mean of each one's loss."""
    found = {}
    for name, spec in specs.items():
        found[f"loss/{name}"] = tf1.metrics.mean(spec.loss)
        found |= spec.eval_metric_ops
    return found
