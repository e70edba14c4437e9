"""Predictions and exports of heads that choose between classes."""

from collections.abc import Sequence

import tensorflow as tf

from estimator_mnist.estimator.export.export_output import (
    ClassificationOutput,
    ExportOutput,
)
from estimator_mnist.estimator.model_fn import DEFAULT_SERVING_KEY


def class_predictions(
    probabilities: tf.Tensor,
    vocabulary: Sequence[str] | None,
    n_classes: int | tf.Tensor,
) -> dict[str, tf.Tensor]:
    """Returns the probabilities, the likeliest class and the names of all classes.

    Args:
      probabilities: float32 [batch, ..., n_classes].
      vocabulary: the classes' names; None for their numbers as strings.
      n_classes: the number of classes, if need be a Tensor, int [].

    Returns:
      dict of `probabilities`; `class_ids`, int64 [batch, ..., 1], and `classes`, its
      string; `all_class_ids`, int32 [batch, ..., n_classes], and `all_classes`.
    """
    class_ids = tf.argmax(probabilities, -1)[..., None]
    ids = tf.range(n_classes)
    shape = tf.shape(probabilities)
    if isinstance(n_classes, tf.Tensor):
        shape = tf.concat([shape[:-1], [tf.size(ids)]], 0)
    all_ids = tf.broadcast_to(ids, shape)
    if isinstance(n_classes, tf.Tensor) and not vocabulary:
        names = tf.as_string(ids)
    else:
        names = tf.constant(vocabulary or [str(i) for i in range(n_classes)])
    return {
        "probabilities": probabilities,
        "class_ids": class_ids,
        "classes": tf.gather(names, class_ids, name="str_classes"),
        "all_class_ids": all_ids,
        "all_classes": tf.gather(names, all_ids),
    }


def classification_outputs(
    predictions: dict[str, tf.Tensor],
) -> dict[str, ExportOutput]:
    """Returns the export outputs `serving_default` and `classification`."""
    output = ClassificationOutput(
        predictions["probabilities"], predictions["all_classes"]
    )
    return {DEFAULT_SERVING_KEY: output, "classification": output}
