"""Names of tf.estimator's inner modules that libraries import, for `install`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from estimator_mnist import compat
from estimator_mnist.estimator.canned.optimizers import get_optimizer_instance
from estimator_mnist.estimator.run_config import config_with_model_dir
from estimator_mnist.estimator.session import user_functions
from estimator_mnist.estimator.tpu.tpu_estimator import ExportSavedModelApiVersion


class PredictionKeys:
    """Names the predictions of canned estimators."""

    ALL_CLASS_IDS = "all_class_ids"
    ALL_CLASSES = "all_classes"
    CLASS_IDS = "class_ids"
    CLASSES = "classes"
    LOGISTIC = "logistic"
    LOGITS = "logits"
    PREDICTIONS = "predictions"
    PROBABILITIES = "probabilities"


class MetricKeys:
    """Names the metrics of canned estimators."""

    ACCURACY = "accuracy"
    ACCURACY_BASELINE = "accuracy_baseline"
    AUC = "auc"
    AUC_PR = "auc_precision_recall"
    LABEL_MEAN = "label/mean"
    LOSS = "loss"
    LOSS_MEAN = "average_loss"
    LOSS_REGULARIZATION = "regularization_loss"
    PRECISION = "precision"
    PREDICTION_MEAN = "prediction/mean"
    RECALL = "recall"


class HeadBase:
    """Base of a library's own head, as TF 1.x's `_Head`, whose methods it defines."""


def parse_input_fn_result(result: Any) -> tuple[Any, Any, list]:
    """Returns features, labels, and hooks for the session, in the current graph.

    Args:
      result: what an input_fn returned.

    Raises:
      ValueError: it is a list or tuple of another length than 2.
    """
    (batch,), hooks = user_functions.batches(result, 1)
    return *user_functions.features_and_labels(batch), hooks


def get_optimizer_instance_v2(opt: Any, learning_rate: float | None = None) -> Any:
    """Returns an optimizer of Keras 2.

    Args:
      opt: an optimizer, a function that returns one, or its name in Keras.
      learning_rate: of one that is named; None for its default.

    Raises:
      ValueError: Keras has none of this name.
    """
    if isinstance(opt, str):
        options = {} if learning_rate is None else {"learning_rate": learning_rate}
        named = {"class_name": opt, "config": options}
        return compat.keras().optimizers.get(named)
    return opt() if callable(opt) else opt


# Last part of the module's path -> names that it has beside the runtime's public ones.
IN_MODULES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "estimator": {
            "maybe_overwrite_model_dir_and_session_config": config_with_model_dir
        },
        "head": {"_Head": HeadBase},
        "metric_keys": {"MetricKeys": MetricKeys},
        "optimizers": {
            "get_optimizer_instance": get_optimizer_instance,
            "get_optimizer_instance_v2": get_optimizer_instance_v2,
        },
        "prediction_keys": {"PredictionKeys": PredictionKeys},
        "tpu_estimator": {"ExportSavedModelApiVersion": ExportSavedModelApiVersion},
        "util": {"parse_input_fn_result": parse_input_fn_result},
    }
)
