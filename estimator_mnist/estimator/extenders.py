"""add_metrics: evaluates more metrics of an Estimator that somebody else wrote."""

from collections.abc import Callable
from typing import Any

from estimator_mnist.estimator.estimator import Estimator
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session.arguments import check_arguments

_ARGUMENTS = {"features", "labels", "predictions", "config"}


def add_metrics(estimator: Estimator, metric_fn: Callable[..., dict]) -> Estimator:
    """Returns a new Estimator on the same model_dir that evaluates more metrics.

    Args:
      estimator: the Estimator, which does not change.
      metric_fn: called with those of features, labels, predictions and config that it
        names; returns a dict name -> (value Tensor, update op). A metric of the
        model's with the same name is replaced.

    Raises:
      ValueError: metric_fn has other arguments.
    """
    names = check_arguments(metric_fn, "metric_fn", allowed=_ARGUMENTS)
    model_fn = estimator.model_fn

    def with_metrics(
        features: Any, labels: Any, mode: str, config: RunConfig
    ) -> EstimatorSpec:
        spec = model_fn(features, labels, mode, config)
        if mode != ModeKeys.EVAL:
            return spec
        offered = {
            "features": features,
            "labels": labels,
            "predictions": spec.predictions,
            "config": config,
        }
        arguments = {key: offered[key] for key in offered if names & {key, "**"}}
        metrics = {**spec.eval_metric_ops, **metric_fn(**arguments)}
        return EstimatorSpec(
            mode,
            predictions=spec.predictions,
            loss=spec.loss,
            train_op=spec.train_op,
            eval_metric_ops=metrics,
            export_outputs=spec.export_outputs,
            scaffold=spec.scaffold,
            evaluation_hooks=spec.evaluation_hooks,
        )

    return Estimator.with_model_fn(estimator, with_metrics)
