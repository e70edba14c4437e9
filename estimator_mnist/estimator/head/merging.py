"""What heads of several heads have in common: logits, losses, predictions, exports."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.export.export_output import ExportOutput, PredictOutput
from estimator_mnist.estimator.head import checks
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import DEFAULT_SERVING_KEY, EstimatorSpec

# One Tensor of each head, by the head's name.
PerHead = dict[str, tf.Tensor]


class NamedHead(Protocol):
    """What is asked of each head, one of `head/` or of TF 1.x."""

    @property
    def name(self) -> str | None:
        """Returns the head's name."""

    @property
    def logits_dimension(self) -> Any:
        """Returns the logits' last dimension."""

    def create_estimator_spec(self, *args: Any, **kwargs: Any) -> EstimatorSpec:
        """Returns the spec of features, mode, logits, labels and a train_op_fn."""


_AnyHead = TypeVar("_AnyHead", bound=NamedHead)


def by_name(
    heads: Sequence[_AnyHead], head_weights: Sequence[float] | None
) -> dict[str, _AnyHead]:
    """Returns the heads by name.

    Raises:
      ValueError: there are none, they lack names or have the same, or there are
        `head_weights`, but not as many.
    """
    if not heads:
        raise ValueError(f"Must specify heads. Given: {heads}")
    for head in heads:
        if not head.name:
            raise ValueError(
                f"All given heads must have name specified. Given: {head}. "
                'Give each head another one, as name="age".'
            )
    if head_weights and len(head_weights) != len(heads):
        raise ValueError(
            "heads and head_weights must have the same size. "
            f"Given len(heads): {len(heads)}. "
            f"Given len(head_weights): {len(head_weights)}."
        )
    found = {head.name or "": head for head in heads}
    if len(found) < len(heads):
        raise ValueError(
            "All given heads must have different names. "
            f"Given: {[head.name for head in heads]}"
        )
    return found


def check_labels(labels: Any, heads: Mapping[str, NamedHead]) -> None:
    """Raises ValueError unless `labels` is a dict with an entry for each head."""
    checks.check_given(labels)
    if not isinstance(labels, dict):
        raise ValueError(
            f"labels must be a dict. Given: {errors.sample(labels)}. Its keys are the "
            "heads' names."
        )
    _check_complete(labels, heads, "labels")


def split_logits(
    logits: tf.Tensor | PerHead, heads: Mapping[str, NamedHead]
) -> PerHead:
    """Returns each head's logits by its name.

    Args:
      logits: a dict of them; or a Tensor, [batch, ..., sum of logits_dimension], that
        holds them side by side.

    Raises:
      ValueError: the dict lacks a head, or the Tensor has another last dimension.
    """
    if isinstance(logits, dict):
        _check_complete(logits, heads, "logits")
        return logits
    logits = tf.convert_to_tensor(logits)
    widths = [head.logits_dimension for head in heads.values()]
    if logits.shape.rank and logits.shape.as_list()[-1] not in (None, sum(widths)):
        raise ValueError(
            f"Could not split logits of shape {logits.shape.as_list()} among the heads "
            f"with individual logits dimensions: {widths}. The last dimension of the "
            f"logits tensor should equal {sum(widths)}."
        )
    parts = tf.split(logits, widths, axis=-1)
    return dict(zip(heads, parts, strict=True))


def spec_of_each(
    heads: Mapping[str, NamedHead],
    features: dict[str, tf.Tensor] | None,
    mode: str,
    logits: tf.Tensor | PerHead,
    labels: PerHead | None,
) -> dict[str, EstimatorSpec]:
    """Returns each head's spec, by its name; their train_ops do nothing.

    Raises:
      ValueError: logits or labels lack a head, or do not fit it.
    """
    logits = split_logits(logits, heads)
    if mode != ModeKeys.PREDICT:
        check_labels(labels, heads)
    return {
        name: head.create_estimator_spec(
            features,
            mode,
            logits[name],
            labels=labels[name] if labels else None,
            train_op_fn=_no_train_op,
        )
        for name, head in heads.items()
    }


def merged_losses(losses: Sequence[tf.Tensor], weights: Sequence[float]) -> tf.Tensor:
    """Returns the sum of scalars, each times its weight where there are some."""
    if weights:
        pairs = zip(losses, weights, strict=True)
        losses = [loss * weight for loss, weight in pairs]
    return tf.add_n(losses)


def all_predictions(
    specs: Mapping[str, EstimatorSpec],
) -> dict[tuple[str, str], tf.Tensor]:
    """Returns the predictions of all specs in one dict; see by_name_and_key."""
    return by_name_and_key({name: spec.predictions for name, spec in specs.items()})


def by_name_and_key(
    predictions: Mapping[str, dict[str, tf.Tensor]],
) -> dict[tuple[str, str], tf.Tensor]:
    """Returns the heads' predictions in one dict, by (name of the head, key)."""
    return {
        (name, key): value
        for name, found in predictions.items()
        for key, value in found.items()
    }


def predict_spec(specs: Mapping[str, EstimatorSpec]) -> EstimatorSpec:
    """Returns the spec of all heads, from those of each by its name.

    The export output `NAME/KEY` is KEY of that head, and `NAME` its default. The first
    head's is the default of all, and `predict` gives all predictions.
    """
    predictions = all_predictions(specs)
    first = next(iter(specs.values()))
    outputs = {DEFAULT_SERVING_KEY: first.export_outputs[DEFAULT_SERVING_KEY]}
    for name, spec in specs.items():
        outputs |= _under_name(name, spec.export_outputs)
    outputs["predict"] = PredictOutput(predictions)
    return EstimatorSpec(ModeKeys.PREDICT, predictions, export_outputs=outputs)


def _under_name(name: str, outputs: dict[str, ExportOutput]) -> dict[str, ExportOutput]:
    return {
        name if key == DEFAULT_SERVING_KEY else f"{name}/{key}": output
        for key, output in outputs.items()
    }


def _check_complete(values: PerHead, heads: Mapping[str, NamedHead], what: str) -> None:
    missing = [name for name in heads if name not in values]
    if missing:
        raise ValueError(f"{what} has missing values for head(s): {missing}")


def _no_train_op(loss: tf.Tensor) -> tf.Operation:
    """Trains nothing: the sum of all losses is minimized instead."""
    del loss
    return tf.no_op()
