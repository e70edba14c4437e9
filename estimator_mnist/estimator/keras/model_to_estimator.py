"""model_to_estimator: makes an Estimator of a compiled Keras model."""

import os
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.estimator import Estimator, Path
from estimator_mnist.estimator.keras import (
    initial_values,
    keras3_model,
    object_checkpoint,
    optimizers,
    versions,
)
from estimator_mnist.estimator.keras.graph_copy import KerasModel
from estimator_mnist.estimator.keras.model_fn import KerasModelFn
from estimator_mnist.estimator.run_config import RunConfig, config_with_model_dir

tf1 = tf.compat.v1

_FORMATS = ("checkpoint", "saver")


def model_to_estimator(
    keras_model: Any = None,
    keras_model_path: Path | None = None,
    custom_objects: dict[str, Any] | None = None,
    model_dir: Path | None = None,
    config: RunConfig | None = None,
    checkpoint_format: str = "saver",
    metric_names_map: Mapping[str, str] | None = None,
    export_outputs: Mapping[str, type] | None = None,
) -> Estimator:
    """Returns an Estimator that trains, evaluates and predicts with a Keras model.

    The model is copied into the Estimator's graphs: its weights are where training
    begins, and it is not changed itself. input_fn gives features as one tensor, as a
    list in the order of the model's inputs, or as a dict by their names; labels
    likewise. Weights of examples are in features as {"features": ...,
    "sample_weights": float Tensor [batch]}. Predictions are a dict by the outputs'
    names.

    Args:
      keras_model: compiled, of Keras 2 (tf.keras until TensorFlow 2.15, tf_keras) or
        Keras 3; the latter is made again with the layers of tf_keras.
      keras_model_path: a file or SavedModel to load the model from instead.
      custom_objects: dict name -> class or function that the model is made of.
      model_dir: as of Estimator. The weights are in `keras/keras_model.ckpt` there.
      config: RunConfig.
      checkpoint_format: "saver" for checkpoints by the names of variables,
        "checkpoint" for those of tf.train.Checkpoint, which Keras loads.
      metric_names_map: dict name of a metric -> its name in evaluations, for all of
        the model's metrics.
      export_outputs: dict output's name -> class of an ExportOutput, for a signature
        of that name.

    Raises:
      ValueError: not one model is given, it is not compiled, its `call` cannot be
        copied (no get_config), or an argument is wrong.
      KerasModelError: a Keras 3 model has parts that Keras 2 has no equal of, or the
        optimizer does not work in a graph.
    """
    model = _given_model(keras_model, keras_model_path, custom_objects)
    if checkpoint_format not in _FORMATS:
        raise ValueError(
            'Checkpoint format must be one of "checkpoint" or "saver". Got '
            f"{checkpoint_format}"
        )
    _check_compiled(model)
    if versions.is_keras3(model):
        model, custom_objects = keras3_model.in_keras2(model, custom_objects)
    source = KerasModel(model, optimizers.for_graphs(model), custom_objects)
    object_based = checkpoint_format == "checkpoint"
    _check_subclassed(source, object_based)
    config = config_with_model_dir(config, model_dir)
    warm_start, names = None, None
    # Other tasks of a cluster wait for the chief's variables.
    if source.has_values() and (config.is_chief or object_based):
        path = initial_values.checkpoint(source, config, object_based)
        warm_start = initial_values.settings(source, path)
        names = object_checkpoint.read(path) if object_based else None
    model_fn = KerasModelFn(source, metric_names_map, export_outputs, names)
    return Estimator(model_fn, config=config, warm_start_from=warm_start)


def model_to_estimator_v2(
    keras_model: Any = None,
    keras_model_path: Path | None = None,
    custom_objects: dict[str, Any] | None = None,
    model_dir: Path | None = None,
    config: RunConfig | None = None,
    checkpoint_format: str = "checkpoint",
    metric_names_map: Mapping[str, str] | None = None,
    export_outputs: Mapping[str, type] | None = None,
) -> Estimator:
    """Returns model_to_estimator(...), with the default checkpoints of TensorFlow 2.

    Args and raises as model_to_estimator.
    """
    return model_to_estimator(
        keras_model,
        keras_model_path,
        custom_objects,
        model_dir,
        config,
        checkpoint_format,
        metric_names_map,
        export_outputs,
    )


def _given_model(model: Any, path: Path | None, custom_objects: dict | None) -> Any:
    if model is None and path is None:
        raise ValueError(
            "Either `keras_model` or `keras_model_path` needs to be provided."
        )
    if model is not None and path is not None:
        raise ValueError(
            "Please specity either `keras_model` or `keras_model_path`, but not both."
        )
    if path is None:
        tf1.logging.info("Using the Keras model provided.")
        return model
    path = os.fsdecode(path)
    if path.startswith("gs://"):
        raise ValueError(
            f"{path} is not a local path. Please copy the model locally first."
        )
    tf1.logging.info("Loading models from %s", path)
    return versions.load_model(path, custom_objects)


def _check_compiled(model: Any) -> None:
    if not versions.is_model(model):
        raise ValueError(
            f"keras_model must be a Keras model, given: {errors.sample(model)}"
        )
    if not getattr(model, "optimizer", None):
        raise ValueError(
            "The given keras model has not been compiled yet. Please compile the model "
            "with `model.compile()` before calling `model_to_estimator()`."
        )


def _check_subclassed(source: KerasModel, object_based: bool) -> None:
    if versions.is_functional(source.model):
        return
    if object_based:
        raise ValueError(
            "Object-based checkpoints are currently not supported with subclassed "
            "models. Use checkpoint_format='saver'."
        )
    try:
        source.model.get_config()
    except NotImplementedError:
        raise ValueError(
            "Subclassed `Model`s passed to `model_to_estimator` must implement "
            "`Model.get_config` and `Model.from_config`."
        ) from None
    if source.model.built:
        tf1.logging.warning(
            "You are creating an Estimator from a Keras model manually subclassed from "
            "`Model`, that was already called on some inputs (and thus already had "
            "weights). Its weights are not kept: the Estimator begins with new ones. "
            "The model itself does not change."
        )
