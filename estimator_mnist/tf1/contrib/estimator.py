"""tf.contrib.estimator, on this package's runtime."""

from typing import Any

import tensorflow as tf

from estimator_mnist import estimator as runtime
from estimator_mnist.estimator.hooks.early_stopping import read_eval_metrics
from estimator_mnist.tf1 import replacements

_SAME = (
    "InMemoryEvaluatorHook",
    "build_raw_supervised_input_receiver_fn",
    "make_early_stopping_hook",
    "make_stop_at_checkpoint_step_hook",
    "stop_if_higher_hook",
    "stop_if_lower_hook",
    "stop_if_no_decrease_hook",
    "stop_if_no_increase_hook",
)
__all__ = [
    "add_metrics",
    "binary_classification_head",
    "forward_features",
    "multi_class_head",
    "read_eval_metrics",
    "regression_head",
    *_SAME,
]

_Reduction = tf.compat.v1.losses.Reduction

add_metrics = runtime.add_metrics


def multi_class_head(n_classes: int, **options: Any) -> runtime.Head:
    """Returns a MultiClassHead; loss_reduction is one of tf.losses.Reduction."""
    return runtime.MultiClassHead(n_classes, **_modern(**options))


def binary_classification_head(**options: Any) -> runtime.Head:
    """Returns a BinaryClassHead; loss_reduction is one of tf.losses.Reduction."""
    return runtime.BinaryClassHead(**_modern(**options))


def regression_head(**options: Any) -> runtime.Head:
    """Returns a RegressionHead; loss_reduction is one of tf.losses.Reduction."""
    return runtime.RegressionHead(**_modern(**options))


def forward_features(
    estimator: runtime.Estimator, keys: str | list[str] | None = None
) -> runtime.Estimator:
    """Returns an Estimator on the same model_dir whose predictions repeat features.

    Args:
      estimator: its features are a dict.
      keys: of the features to repeat; None repeats all.

    Raises:
      KeyError: from `predict`, if no feature has such a key, or a prediction has it.
    """
    model_fn = estimator.model_fn
    keys = [keys] if isinstance(keys, str) else keys

    def with_features(
        features: dict[str, tf.Tensor],
        labels: Any,
        mode: str,
        config: runtime.RunConfig,
    ) -> runtime.EstimatorSpec:
        spec = model_fn(features, labels, mode, config)
        if mode != runtime.ModeKeys.PREDICT:
            return spec
        repeated = features if keys is None else {key: features[key] for key in keys}
        both = sorted(set(repeated) & set(spec.predictions))
        if both:
            raise KeyError(f"forward_features: {both} are names of predictions too.")
        return runtime.EstimatorSpec(
            mode,
            predictions={**spec.predictions, **repeated},
            export_outputs=spec.export_outputs,
            scaffold=spec.scaffold,
            prediction_hooks=spec.prediction_hooks,
        )

    return runtime.Estimator.with_model_fn(estimator, with_features)


def _modern(
    loss_reduction: str = _Reduction.SUM_OVER_BATCH_SIZE, **options: Any
) -> dict[str, Any]:
    """Returns arguments of a head, with the reduction's newer name."""
    # The runtime's heads have these two reductions; theirs is None by default.
    new_names = {"weighted_sum": "sum", "weighted_sum_over_batch_size": None}
    reduction = new_names.get(loss_reduction, loss_reduction)
    return options | ({"loss_reduction": reduction} if reduction else {})


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr(
    "tf.contrib.estimator", runtime.experimental, _SAME
)
