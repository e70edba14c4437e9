"""The checkpoint in model_dir/keras: the values that a Keras model begins with."""

import os
import re
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator.checkpoint import compatibility, paths
from estimator_mnist.estimator.checkpoint.object_based import is_object_based, keys
from estimator_mnist.estimator.checkpoint.warm_start import WarmStartSettings
from estimator_mnist.estimator.keras import graph_copy
from estimator_mnist.estimator.keras.graph_copy import KerasModel
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.run_config import RunConfig

tf1 = tf.compat.v1


def checkpoint(source: KerasModel, config: RunConfig, object_based: bool) -> str:
    """Returns the checkpoint's path prefix; writes it where there is none yet.

    Args:
      source: a model whose variables have been made.
      config: of the Estimator, with its model_dir.
      object_based: whether in the format of tf.train.Checkpoint.

    Raises:
      ValueError: model_dir has one of the other format.
    """
    path = os.path.join(config.model_dir, "keras", "keras_model.ckpt")
    if not tf.train.latest_checkpoint(os.path.dirname(path)):
        _write(source, config, object_based, path)
    elif is_object_based(paths.reader(path)) != object_based:
        raise ValueError(
            f"checkpoint_format is {'checkpoint' if object_based else 'saver'!r}, "
            f"and {config.model_dir} was made with the other one: give that, or "
            "another model_dir."
        )
    return path


def settings(source: KerasModel, path: str) -> WarmStartSettings:
    """Returns the warm start with all of a model's weights from the checkpoint.

    Those that are not trained, such as moving averages, are among them.
    """
    reader = paths.reader(path)
    stored = list(reader.get_variable_to_shape_map())
    previous: dict[str, str] = {}
    if is_object_based(reader):
        previous = keys(reader)
        stored = list(previous)
    names = [name for name in stored if not _is_of_training(name, stored)]
    if len(names) != len(source.model.weights):  # a layer is called like an optimizer
        names = source.weight_names()
    return WarmStartSettings(
        path,
        [f"{re.escape(name)}:" for name in names],
        var_name_to_prev_var_name={name: previous.get(name, name) for name in names},
    )


def _is_of_training(name: str, names: list[str]) -> bool:
    """Returns whether the train op, and not the model, made the variable `name`."""
    is_optimizers = compatibility.is_optimizer_variable(name, names)
    return name == "global_step" or name.startswith("training/") or is_optimizers


def _write(
    source: KerasModel, config: RunConfig, object_based: bool, path: str
) -> None:
    values = source.values()
    with tf.Graph().as_default():
        tf1.set_random_seed(config.tf_random_seed)
        step = tf1.train.create_global_step()
        with source.copy(ModeKeys.TRAIN) as copy:
            graph_copy.train_op(copy)
            with tf1.Session(config=config.session_config) as session:
                session.run(tf1.global_variables_initializer())
                if values is not None:
                    _assign(session, copy.weights, values)
                tf.io.gfile.makedirs(os.path.dirname(path))
                if object_based:
                    copy.estimator_global_step = step
                    tf.train.Checkpoint(root=copy).write(path)
                    paths.write_state(os.path.dirname(path), [path])
                else:
                    saver = tf1.train.Saver(save_relative_paths=True)
                    saver.save(session, path)


def _assign(session: Any, variables: list, values: list) -> None:
    fed = [tf1.placeholder(one.dtype.base_dtype, one.shape) for one in variables]
    assigned = [tf1.assign(*pair) for pair in zip(variables, fed, strict=True)]
    session.run(assigned, dict(zip(fed, values, strict=True)))
