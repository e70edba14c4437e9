"""Values for variables, from checkpoints and arrays."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.tf1.contrib.framework import variables

tf1 = tf.compat.v1

InitFn = Callable[[tf.compat.v1.Session], None]
# Variables, by their own names or by those in the checkpoint.
Variables = Sequence[tf.Variable] | Mapping[str, tf.Variable]


def assign_from_values(
    var_names_to_values: Mapping[str, Any],
) -> tuple[tf.Operation, dict[tf.Tensor, np.ndarray]]:
    """Returns an op that assigns values to variables by their names, and its feed.

    Raises:
      ValueError: a variable is missing, or has another shape.
    """
    find = variables.get_unique_variable
    return _assign({k: (find(k), v) for k, v in var_names_to_values.items()})


def assign_from_values_fn(var_names_to_values: Mapping[str, Any]) -> InitFn:
    """Returns a function of a session that does what `assign_from_values` says."""
    op, feed = assign_from_values(var_names_to_values)
    return lambda session: session.run(op, feed)


def assign_from_checkpoint(
    model_path: str, var_list: Variables, ignore_missing_vars: bool = False
) -> tuple[tf.Operation, dict[tf.Tensor, np.ndarray]]:
    """Returns an op that restores variables from a checkpoint, and its feed.

    Args:
      model_path: of the checkpoint.
      var_list: see `Variables`.
      ignore_missing_vars: whether those that the checkpoint lacks keep their values.

    Raises:
      ValueError: one is missing, or has another shape.
    """
    reader = paths.reader(model_path)
    found = {}
    for name, var in _by_name(var_list).items():
        if reader.has_tensor(name):
            found[name] = (var, reader.get_tensor(name))
        elif ignore_missing_vars:
            tf1.logging.warning("Variable %s missing in %s", name, model_path)
        else:
            raise ValueError(f"Checkpoint is missing variable [{name}]: {model_path}")
    return _assign(found)


def assign_from_checkpoint_fn(
    model_path: str,
    var_list: Variables,
    ignore_missing_vars: bool = False,
    reshape_variables: bool = False,
) -> InitFn | None:
    """Returns a function of a session that restores variables from a checkpoint.

    Arguments are as in `assign_from_checkpoint`; with `reshape_variables` a variable
    may have another shape than in the checkpoint. Returns None if none is left.
    """
    names = _by_name(var_list)
    if ignore_missing_vars:
        names = _of_checkpoint(model_path, names)
    if not names:
        tf1.logging.warning("No Variables to restore")
        return None
    saver = tf1.train.Saver(names, reshape=reshape_variables)
    return lambda session: saver.restore(session, model_path)


def _by_name(var_list: Variables) -> dict[str, tf.Variable]:
    if isinstance(var_list, Mapping):
        return dict(var_list)
    return {var.op.name: var for var in var_list}


def _of_checkpoint(
    model_path: str, names: Mapping[str, tf.Variable]
) -> dict[str, tf.Variable]:
    reader = paths.reader(model_path)
    for name in names:
        if not reader.has_tensor(name):
            tf1.logging.warning("Variable %s missing in %s", name, model_path)
    return {name: var for name, var in names.items() if reader.has_tensor(name)}


def _assign(
    found: Mapping[str, tuple[tf.Variable, Any]],
) -> tuple[tf.Operation, dict[tf.Tensor, np.ndarray]]:
    ops, feed = [], {}
    for name, (var, value) in found.items():
        value = np.asarray(value)
        if not var.shape.is_compatible_with(value.shape):
            raise ValueError(
                f"Total size of new array must be unchanged for {name}: "
                f"{value.shape} is not {var.shape}."
            )
        with tf.name_scope("assign_from_values"):
            placeholder = tf1.placeholder(var.dtype.base_dtype, value.shape)
            ops.append(tf1.assign(var, placeholder))
        feed[placeholder] = value
    return tf.group(*ops), feed
