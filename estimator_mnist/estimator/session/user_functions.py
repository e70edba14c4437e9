"""Calls the user's functions by the argument names they declare."""

import inspect

import tensorflow as tf

from estimator_mnist.estimator.cluster import servers
from estimator_mnist.estimator.model_fn import EstimatorSpec, ModeKeys
from estimator_mnist.estimator.session.arguments import argument_names, check_arguments

tf1 = tf.compat.v1

_MODEL_FN_ARGUMENTS = {"features", "labels", "mode", "params", "config"}


def check_model_fn(model_fn, params) -> None:
    """Raises ValueError where model_fn could not be called by an Estimator."""
    names = check_arguments(model_fn, "model_fn", required=["features"])
    if params is not None and not names & {"params", "**"}:
        raise ValueError(
            f"model_fn ({model_fn}) does not include params argument, "
            f"but params ({params}) is passed to Estimator."
        )
    if params is None and "params" in names:
        tf1.logging.warning(
            "Estimator's model_fn (%s) includes params argument, "
            "but params are not passed to Estimator.",
            model_fn,
        )
    check_arguments(model_fn, "model_fn", allowed=_MODEL_FN_ARGUMENTS)


def call_model_fn(model_fn, features, labels, mode, params, config) -> EstimatorSpec:
    """Calls model_fn with those of its standard arguments that it names."""
    names = argument_names(model_fn)
    offered = {"mode": mode, "params": params, "config": config}
    arguments = {k: v for k, v in offered.items() if k in names or "**" in names}
    if "labels" in names or "**" in names:
        arguments["labels"] = labels
    elif labels is not None:
        raise ValueError("model_fn does not take labels, but input_fn returns labels.")
    tf1.logging.info("Calling model_fn.")
    spec = model_fn(features=features, **arguments)
    tf1.logging.info("Done calling model_fn.")
    if not isinstance(spec, EstimatorSpec):
        raise ValueError("model_fn should return an EstimatorSpec.")
    return spec


def call_input_fn(input_fn, mode, params, config, start_step: int = 0):
    """Calls input_fn with those of the arguments offered here that it names.

    They are mode, params, config, start_step and input_context. An input_fn that names
    `start_step` (int, batches the run has taken so far) can begin where an interrupted
    run stopped; `input_context`, a tf.distribute.InputContext, counts the workers of a
    cluster that train together, and says which of them this is.
    """
    names = argument_names(input_fn)
    context = tf.distribute.InputContext()
    if mode == ModeKeys.TRAIN:
        context = servers.input_context(config)
    offered = {
        "mode": mode,
        "params": params,
        "config": config,
        "input_context": context,
    }
    arguments = {k: v for k, v in offered.items() if k in names}
    if "start_step" in names:
        arguments["start_step"] = start_step
    with tf.device("/cpu:0"):
        return input_fn(**arguments)


def is_told_start_step(input_fn) -> bool:
    """Whether input_fn names start_step, or somebody has bound it already."""
    return "start_step" in inspect.signature(input_fn).parameters


class _InitializeIterator(tf1.train.SessionRunHook):
    """Starts a dataset's iterator in each new session."""

    def __init__(self, iterator):
        self._initializer = iterator.initializer

    def after_create_session(self, session, coord):
        session.run(self._initializer)


def batches(result, count: int) -> tuple[list, list]:
    """What input_fn returned as (batches of tensors, hooks that a session needs).

    More than one can be had of a Dataset alone. They are taken one after the other, so
    that each is the same in every run.
    """
    if not isinstance(result, tf.data.Dataset):
        if count > 1:
            raise ValueError(
                f"input_fn returned {result}, which gives one batch for {count} "
                "devices: return a tf.data.Dataset, whose batches they take in turns."
            )
        return [result], []
    iterator, taken = tf1.data.make_initializable_iterator(result), []
    for _ in range(count):
        before = tf.nest.flatten(taken[-1:], expand_composites=True)
        with tf.control_dependencies(before):
            taken.append(iterator.get_next())
    return taken, [_InitializeIterator(iterator)]


def features_and_labels(result) -> tuple[object, object]:
    """Splits a pair; anything that is no list or tuple is features without labels."""
    if not isinstance(result, (list, tuple)):
        return result, None
    if len(result) != 2:
        raise ValueError(
            "input_fn should return (features, labels) as a len 2 tuple, "
            f"given {len(result)} elements."
        )
    return tuple(result)
