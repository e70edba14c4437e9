"""Keras models as SavedModels with their architecture, as TF 1.x wrote them.

tf.contrib.saved_model and tf.keras.experimental have these functions. In the folder are
the graph that serves, the weights as `model.save_weights` writes them, and the
architecture in assets/saved_model.json. Exports of TensorFlow 1.15 can be loaded, and
its graphs for training and evaluation are not written.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.estimator.checkpoint import object_based, paths

tf1 = tf.compat.v1


def export_saved_model(
    model: Any,
    saved_model_path: str | os.PathLike[str],
    custom_objects: Mapping[str, Any] | None = None,
    as_text: bool = False,
    input_signature: object = None,
    serving_only: bool = False,
) -> str:
    """Writes the model for serving, and returns the path (TF 1.15 returned None).

    Args:
      model: Sequential with known inputs, or functional.
      saved_model_path: a folder that does not exist, or is empty.
      custom_objects: classes and functions of the model, by name.
      as_text: whether the graph is written as text.
      input_signature, serving_only: for other models, and other graphs; not used.

    Raises:
      ValueError: the model is a subclass, or has no inputs yet.
      AssertionError: the folder has files.
    """
    del input_signature, serving_only
    if not getattr(model, "inputs", None):
        raise ValueError(
            f"model {model.name!r} has no inputs, so its architecture cannot be saved: "
            "give its first layer an input_shape, or write it with tf.keras.Model(...)."
        )
    path, architecture = os.fspath(saved_model_path), model.to_json()
    weights = model.get_weights()  # of the graph of the model
    with tf.Graph().as_default(), tf1.Session() as session:
        served = _model(architecture, custom_objects)
        served.set_weights(weights)
        _write(served, session, path, as_text)
    assets = Path(path, "assets")
    assets.mkdir(exist_ok=True)
    (assets / "saved_model.json").write_text(architecture)
    return path


def load_from_saved_model(
    saved_model_path: str | bytes | os.PathLike[str],
    custom_objects: Mapping[str, Any] | None = None,
) -> Any:
    """Returns the model of an export, with its weights; it is not compiled.

    Raises:
      NotFoundError: there is no export of a Keras model.
    """
    path = Path(os.fsdecode(saved_model_path))
    architecture = path / "assets" / "saved_model.json"
    if not architecture.exists():
        raise tf.errors.NotFoundError(
            None,
            None,
            f"{architecture}; No such file or directory: export the model with "
            "tf.keras.experimental.export_saved_model.",
        )
    model = _model(architecture.read_text(), custom_objects)
    model.load_weights(str(path / "variables" / "variables"))
    return model


def _model(architecture: str, custom_objects: Mapping[str, Any] | None) -> Any:
    return compat.keras().models.model_from_json(architecture, custom_objects or {})


def _write(model: Any, session: Any, path: str, as_text: bool) -> None:
    """Writes graph and weights.

    The graph restores by the names that save_weights gives, so that one file of
    weights is for the graph and for the model.
    """
    weights = str(Path(path, "variables", "variables"))
    builder = tf1.saved_model.Builder(path)
    model.save_weights(weights, save_format="tf")
    signature = tf1.saved_model.predict_signature_def(
        dict(zip(model.input_names, model.inputs, strict=True)),
        dict(zip(model.output_names, model.outputs, strict=True)),
    )
    builder.add_meta_graph_and_variables(
        session,
        [tf1.saved_model.tag_constants.SERVING],
        {"serving_default": signature},
        saver=tf1.train.Saver(_by_key(model, weights)),
        strip_default_attrs=True,
    )
    builder.save(as_text)
    model.save_weights(weights, save_format="tf")


def _by_key(model: Any, weights: str) -> dict[str, tf.Variable]:
    """Returns the variables by their keys in the file of weights."""
    keys = object_based.keys(paths.reader(weights))
    named = {variable.op.name: variable for variable in model.weights}
    return {key: named[name] for name, key in keys.items() if name in named}
