"""tf.contrib.estimator, on this package's runtime."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from estimator_mnist import estimator as runtime
from estimator_mnist.estimator import (  # here until TF 1.12, then in tf.estimator
    BaselineEstimator,
    DNNEstimator,
    DNNLinearCombinedEstimator,
    LinearEstimator,
)
from estimator_mnist.estimator.canned.heads import V1Head
from estimator_mnist.estimator.canned.multi_head import V1MultiHead
from estimator_mnist.estimator.extenders import clip_gradients_by_norm, forward_features
from estimator_mnist.estimator.hooks.early_stopping import read_eval_metrics
from estimator_mnist.tf1 import replacements

_SAME = (
    "InMemoryEvaluatorHook",
    "build_raw_supervised_input_receiver_fn",
    "call_logit_fn",
    "dnn_logit_fn_builder",
    "linear_logit_fn_builder",
    "make_early_stopping_hook",
    "make_stop_at_checkpoint_step_hook",
    "stop_if_higher_hook",
    "stop_if_lower_hook",
    "stop_if_no_decrease_hook",
    "stop_if_no_increase_hook",
)
__all__ = [
    "BaselineEstimator",
    "DNNEstimator",
    "DNNLinearCombinedEstimator",
    "LinearEstimator",
    "add_metrics",
    "binary_classification_head",
    "clip_gradients_by_norm",
    "export_all_saved_models",
    "export_saved_model_for_mode",
    "forward_features",
    "logistic_regression_head",
    "multi_class_head",
    "multi_head",
    "multi_label_head",
    "poisson_regression_head",
    "read_eval_metrics",
    "regression_head",
    *_SAME,
]

# The mean, unlike in canned estimators.
_MEAN = tf.compat.v1.losses.Reduction.SUM_OVER_BATCH_SIZE
_LossFn = Callable[..., tf.Tensor]

add_metrics = runtime.add_metrics


def multi_class_head(
    n_classes: int,
    weight_column: str | None = None,
    label_vocabulary: list[str] | None = None,
    loss_reduction: str = _MEAN,
    loss_fn: _LossFn | None = None,
    name: str | None = None,
) -> V1Head:
    """Returns a head that chooses one of three or more classes; see MultiClassHead.

    loss_reduction is one of tf.losses.Reduction, here and below.
    """
    head = runtime.MultiClassHead(
        n_classes, weight_column, label_vocabulary, loss_fn=loss_fn, name=name
    )
    return V1Head(head, loss_reduction)


def binary_classification_head(
    weight_column: str | None = None,
    thresholds: Sequence[float] | None = None,
    label_vocabulary: list[str] | None = None,
    loss_reduction: str = _MEAN,
    loss_fn: _LossFn | None = None,
    name: str | None = None,
) -> V1Head:
    """Returns a head that chooses one of two classes; see BinaryClassHead."""
    head = runtime.BinaryClassHead(
        weight_column, thresholds, label_vocabulary, loss_fn=loss_fn, name=name
    )
    return V1Head(head, loss_reduction)


def regression_head(
    weight_column: str | None = None,
    label_dimension: int = 1,
    loss_reduction: str = _MEAN,
    loss_fn: _LossFn | None = None,
    inverse_link_fn: Callable[[tf.Tensor], tf.Tensor] | None = None,
    name: str | None = None,
) -> V1Head:
    """Returns a head that predicts real numbers; see RegressionHead."""
    head = runtime.RegressionHead(
        label_dimension,
        weight_column,
        loss_fn=loss_fn,
        inverse_link_fn=inverse_link_fn,
        name=name,
    )
    return V1Head(head, loss_reduction)


def poisson_regression_head(
    weight_column: str | None = None,
    label_dimension: int = 1,
    loss_reduction: str = _MEAN,
    compute_full_loss: bool = True,
    name: str | None = None,
) -> V1Head:
    """Returns a head that predicts counts; see PoissonRegressionHead."""
    head = runtime.PoissonRegressionHead(
        label_dimension, weight_column, compute_full_loss=compute_full_loss, name=name
    )
    return V1Head(head, loss_reduction)


def logistic_regression_head(
    weight_column: str | None = None,
    loss_reduction: str = _MEAN,
    name: str | None = None,
) -> V1Head:
    """Returns a head that predicts a probability; see LogisticRegressionHead."""
    head = runtime.LogisticRegressionHead(weight_column, name=name)
    return V1Head(head, loss_reduction)


def multi_label_head(
    n_classes: int,
    weight_column: str | None = None,
    thresholds: Sequence[float] | None = None,
    label_vocabulary: list[str] | None = None,
    loss_reduction: str = _MEAN,
    loss_fn: _LossFn | None = None,
    classes_for_class_based_metrics: Sequence[int | str] | None = None,
    name: str | None = None,
) -> V1Head:
    """Returns a head of any number of classes at once; see MultiLabelHead."""
    head = runtime.MultiLabelHead(
        n_classes,
        weight_column,
        thresholds,
        label_vocabulary,
        loss_fn=loss_fn,
        classes_for_class_based_metrics=classes_for_class_based_metrics,
        name=name,
    )
    return V1Head(head, loss_reduction, prediction_keys=("logits", "probabilities"))


def multi_head(
    heads: Sequence[V1Head], head_weights: Sequence[float] | None = None
) -> V1MultiHead:
    """Returns a head of several; see MultiHead."""
    return V1MultiHead(heads, head_weights)


def export_all_saved_models(
    estimator: runtime.Estimator,
    export_dir_base: str,
    input_receiver_fn_map: dict[str, Callable[[], Any]],
    **options: Any,
) -> bytes:
    """Exports several modes; see Estimator.experimental_export_all_saved_models."""
    return estimator.experimental_export_all_saved_models(
        export_dir_base, input_receiver_fn_map, **options
    )


def export_saved_model_for_mode(
    estimator: runtime.Estimator,
    export_dir_base: str,
    input_receiver_fn: Callable[[], Any],
    mode: str = runtime.ModeKeys.PREDICT,
    **options: Any,
) -> bytes:
    """Exports one mode; see Estimator.export_saved_model, also for `options`."""
    return estimator.export_saved_model(
        export_dir_base, input_receiver_fn, experimental_mode=mode, **options
    )


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr(
    "tf.contrib.estimator", runtime.experimental, _SAME
)
