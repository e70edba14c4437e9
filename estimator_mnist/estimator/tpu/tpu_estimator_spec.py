"""TPUEstimatorSpec: what a model_fn of a TPUEstimator returns."""

import collections
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.export.export_output import ExportOutput
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.tpu.session_hooks import OutfeedHostCallHook

tf1 = tf.compat.v1

# A function, and the tensors that it is called with: by position, or by name.
FunctionOfTensors = tuple[Callable[..., Any], "list | tuple | dict[str, Any]"]

_Fields = collections.namedtuple(
    "_Fields",
    [
        "mode",
        "predictions",
        "loss",
        "train_op",
        "eval_metrics",
        "export_outputs",
        "scaffold_fn",
        "host_call",
        "training_hooks",
        "evaluation_hooks",
        "prediction_hooks",
    ],
)
_BY_POSITION = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


class TPUEstimatorSpec(_Fields):
    """Holds the ops of one mode, and the functions that make the rest of them.

    On a TPU those functions run on its host. Here they are called in model_fn's graph.
    """

    __slots__ = ()

    def __new__(
        cls,
        mode: str | None,
        predictions: tf.Tensor | dict[str, tf.Tensor] | None = None,
        loss: tf.Tensor | None = None,
        train_op: Any = None,
        eval_metrics: FunctionOfTensors | None = None,
        export_outputs: dict[str, ExportOutput] | None = None,
        scaffold_fn: Callable[[], Any] | None = None,
        host_call: FunctionOfTensors | None = None,
        training_hooks: Iterable | None = None,
        evaluation_hooks: Iterable | None = None,
        prediction_hooks: Iterable | None = None,
    ) -> "TPUEstimatorSpec":
        """Checks every field for `mode`.

        Args:
          eval_metrics: (function, tensors); the function returns the eval_metric_ops.
            Tensors are given by position, or by name where they are a dict.
          scaffold_fn: returns a tf.compat.v1.train.Scaffold, or None.
          host_call: (function, tensors); what the function returns is run with each
            step, and summary writers of TensorFlow 2 that it uses are opened.
          Others are as in EstimatorSpec.

        Raises:
          ValueError, TypeError: as EstimatorSpec; a pair is none.
          RuntimeError: a function takes another number of arguments than its tensors.
        """
        for name, pair in (("eval_metrics", eval_metrics), ("host_call", host_call)):
            if pair is not None:
                _check_function_of_tensors(name, pair)
        hooks: dict[str, Any] = {
            "training_hooks": tuple(training_hooks or ()),
            "evaluation_hooks": tuple(evaluation_hooks or ()),
            "prediction_hooks": tuple(prediction_hooks or ()),
        }
        # Hooks come first, as in the original.
        EstimatorSpec(None, **hooks)
        checked = EstimatorSpec(
            mode, predictions, loss, train_op, export_outputs=export_outputs
        )
        return super().__new__(
            cls,
            mode=mode,
            predictions=checked.predictions,
            loss=checked.loss,
            train_op=checked.train_op,
            eval_metrics=eval_metrics,
            export_outputs=checked.export_outputs,
            scaffold_fn=scaffold_fn,
            host_call=host_call,
            **hooks,
        )

    def as_estimator_spec(self) -> EstimatorSpec:
        """Calls the functions in the default graph; returns all as an EstimatorSpec.

        Raises:
          TypeError: scaffold_fn or the function of eval_metrics returns another kind.
        """
        metrics = _call(self.eval_metrics) if self.eval_metrics else None
        hooks: tuple = ()
        if self.host_call:
            hooks = (OutfeedHostCallHook(_call(self.host_call)),)
        return EstimatorSpec(
            mode=self.mode,
            predictions=self.predictions,
            loss=self.loss,
            train_op=self.train_op,
            eval_metric_ops=metrics,
            export_outputs=self.export_outputs,
            scaffold=_scaffold(self.scaffold_fn),
            training_hooks=self.training_hooks + hooks,
            evaluation_hooks=self.evaluation_hooks + hooks,
            prediction_hooks=self.prediction_hooks + hooks,
        )


def _call(pair: FunctionOfTensors) -> Any:
    function, tensors = pair
    return function(**tensors) if isinstance(tensors, dict) else function(*tensors)


def _scaffold(scaffold_fn: Callable[[], Any] | None) -> Any:
    scaffold = scaffold_fn() if scaffold_fn else None
    if scaffold is not None and not isinstance(scaffold, tf1.train.Scaffold):
        raise TypeError(
            f"scaffold must be tf.train.Scaffold. Given: {errors.sample(scaffold)}, "
            "which scaffold_fn returned."
        )
    return scaffold


def _check_function_of_tensors(name: str, pair: Any) -> None:
    """Raises where `pair` is no function with as many tensors as it takes."""
    if not isinstance(pair, (tuple, list)):
        raise ValueError(f"{name} should be tuple or list, of a function and tensors")
    if len(pair) != 2:
        raise ValueError(f"{name} should have two elements. Given: {len(pair)}.")
    function, tensors = pair
    if not callable(function):
        raise TypeError(f"{name}[0] should be callable. Given: {function!r}.")
    if not isinstance(tensors, (tuple, list, dict)):
        raise ValueError(
            f"{name}[1] should be tuple or list, or dict. Given: {tensors!r}."
        )
    parameters = inspect.signature(function).parameters.values()
    by_position = [one for one in parameters if one.kind in _BY_POSITION]
    takes_any = any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in parameters)
    counts = not isinstance(tensors, dict) and not takes_any
    if counts and len(by_position) != len(tensors):
        raise RuntimeError(
            f"In TPUEstimatorSpec.{name}, length of tensors {len(tensors)} does not "
            f"match method args of the function, which takes {len(by_position)}."
        )
