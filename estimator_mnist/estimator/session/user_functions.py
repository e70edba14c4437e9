"""Calls the user's model_fn and input_fns with the arguments that they name."""

import contextlib
import copy
import dataclasses
import inspect
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator import keras3
from estimator_mnist.estimator.cluster import servers
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import EstimatorSpec
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session.arguments import argument_names, check_arguments

tf1 = tf.compat.v1

_MODEL_FN_ARGUMENTS = {"features", "labels", "mode", "params", "config"}


@dataclasses.dataclass(frozen=True)
class UserFunctions:
    """A model_fn with the params and config that it, and its input_fns, are given.

    Each call gets copies of them, so that a function cannot change another's.
    """

    model_fn: Callable[..., EstimatorSpec]
    params: dict[str, Any]
    config: RunConfig

    def spec(
        self, features: Any, labels: Any, mode: str, config: RunConfig | None = None
    ) -> EstimatorSpec:
        """Calls model_fn with those of its standard arguments that it names.

        Args:
          config: the RunConfig to call it with; None for this object's own.

        Raises:
          ValueError: there are labels but model_fn takes none, or it returned something
            other than an EstimatorSpec.
          Keras3Error: it makes or uses variables of Keras 3.
        """
        names = argument_names(self.model_fn)
        offered = {
            "mode": mode,
            "params": copy.deepcopy(self.params),
            "config": copy.deepcopy(config or self.config),
        }
        named = {k: v for k, v in offered.items() if k in names}
        if "labels" in names:
            named["labels"] = labels
        elif labels is not None:
            raise ValueError(
                "model_fn does not take labels, but input_fn returns labels."
            )
        tf1.logging.info("Calling model_fn.")
        spec = self.call_model_fn(mode, features, named)
        tf1.logging.info("Done calling model_fn.")
        if not isinstance(spec, EstimatorSpec):
            raise ValueError("model_fn should return an EstimatorSpec.")
        return spec

    def export_spec(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        """Calls model_fn for an export, as `spec` does; raises as it does."""
        return self.spec(features, labels, mode)

    def call_model_fn(self, mode: str, features: Any, named: dict[str, Any]) -> Any:
        """Returns what model_fn returns; raises as it does.

        Args:
          mode: the mode that it is called for, whether or not it names it.
          named: its other arguments, by their names.
        """
        del mode
        return keras3.call("model_fn", self.model_fn, features=features, **named)

    def loop(self, name: str) -> contextlib.AbstractContextManager:
        """Returns the context of a whole loop: "training_loop" and the like."""
        del name
        return contextlib.nullcontext()

    def inputs(
        self, input_fn: Callable[..., Any], mode: str, start_step: int = 0
    ) -> Any:
        """Calls input_fn with those of the arguments offered here that it names.

        They are mode, params, config, start_step and input_context. An input_fn that
        names `start_step` (int, how many batches the run has taken) can begin where an
        interrupted run stopped; `input_context`, a tf.distribute.InputContext, counts
        the workers of a cluster that train with each other, and says which of them
        this process is.

        Raises Keras3Error where it makes or uses variables of Keras 3.
        """
        names = argument_names(input_fn)
        context = tf.distribute.InputContext()
        if mode == ModeKeys.TRAIN:
            context = servers.input_context(self.config)
        offered = {
            "mode": mode,
            "params": copy.deepcopy(self.params),
            "config": copy.deepcopy(self.config),
            "input_context": context,
        }
        named = {k: v for k, v in offered.items() if k in names}
        if "start_step" in names:
            named["start_step"] = start_step
        with tf.device("/cpu:0"):
            return keras3.call("input_fn", input_fn, **named)


def check_model_fn(model_fn: Callable[..., Any], params: dict | None) -> None:
    """Raises ValueError where an Estimator could not call model_fn."""
    names = check_arguments(model_fn, "model_fn", required=["features"])
    if params is not None and "params" not in names:
        raise ValueError(
            f"model_fn ({model_fn}) does not include params argument, "
            f"but params ({errors.sample(params)}) is passed to Estimator."
        )
    if params is None and "params" in names:
        tf1.logging.warning(
            "Estimator's model_fn (%s) includes params argument, "
            "but params are not passed to Estimator.",
            model_fn,
        )
    check_arguments(model_fn, "model_fn", allowed=_MODEL_FN_ARGUMENTS)


def names_start_step(input_fn: Callable[..., Any]) -> bool:
    """Returns whether input_fn names start_step, or has had it bound already."""
    return "start_step" in inspect.signature(input_fn).parameters


class InitializeIterator(tf.compat.v1.train.SessionRunHook):
    """Starts a dataset's iterator in each new session."""

    def __init__(self, initializer: tf.Operation):
        self._initializer = initializer

    def after_create_session(self, session: Any, coord: Any) -> None:
        session.run(self._initializer)


def batches(result: Any, count: int) -> tuple[list, list]:
    """Returns `count` batches of what input_fn returned, and hooks for its session.

    Only a Dataset gives more than one. They are taken one after the other, so that each
    device gets the same batch in every run.

    Raises:
      ValueError: `result` is not a Dataset and count is above 1.
    """
    if not isinstance(result, tf.data.Dataset):
        if count > 1:
            raise ValueError(
                f"input_fn returned "
                f"{errors.sample(result)}, which gives one batch for {count} "
                "devices: return a tf.data.Dataset, whose batches they take in turns."
            )
        return [result], []
    iterator = tf1.data.make_initializable_iterator(result)
    taken: list[Any] = []
    for _ in range(count):
        before = tf.nest.flatten(taken[-1:], expand_composites=True)
        with tf.control_dependencies(before):
            taken.append(iterator.get_next())
    return taken, [InitializeIterator(iterator.initializer)]


def features_and_labels(result: Any) -> tuple[Any, Any]:
    """Splits a pair; anything but a list or tuple is features without labels.

    Raises:
      ValueError: a list or tuple of another length than 2.
    """
    if not isinstance(result, (list, tuple)):
        return result, None
    if len(result) != 2:
        raise ValueError(
            "input_fn should return (features, labels) as a len 2 tuple, "
            f"given {len(result)} elements."
        )
    features, labels = result
    return features, labels
