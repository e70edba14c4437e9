"""tf.contrib.predictor: predictions of a session, from a dict of arrays to another."""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np
import tensorflow as tf

from estimator_mnist import estimator as runtime
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1

__all__ = ["Predictor", "from_contrib_estimator", "from_estimator", "from_saved_model"]

# A message of TensorFlow's protocol buffers, which tf.compat.v1 does not name.
SignatureDef = Any

_SERVING = tf1.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY


class Predictor:
    """A function of a dict of arrays by name, which returns another.

    Attributes:
      session: where it computes, in `graph`.
      graph: the graph of the session.
      feed_tensors: Tensors of the arguments, by name. A call may leave out those on
        which the results do not depend.
      fetch_tensors: Tensors of the results, by name.
    """

    def __init__(
        self,
        session: tf.compat.v1.Session,
        graph: tf.Graph,
        feed_tensors: dict[str, tf.Tensor],
        fetch: dict[str, tf.Tensor],
    ) -> None:
        self.session, self.graph = session, graph
        self.feed_tensors, self.fetch_tensors = feed_tensors, fetch

    def __call__(self, input_dict: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Returns the results; raises ValueError for a name not in `feed_tensors`."""
        unexpected = sorted(set(input_dict) - set(self.feed_tensors))
        if unexpected:
            raise ValueError(
                f"Got unexpected keys in input_dict: {unexpected}. "
                f"Expected: {sorted(self.feed_tensors)}."
            )
        feed = {self.feed_tensors[name]: value for name, value in input_dict.items()}
        return self.session.run(self.fetch_tensors, feed)

    def __repr__(self) -> str:
        return (
            f"Predictor with feed tensors {self.feed_tensors} and fetch_tensors "
            f"{self.fetch_tensors}"
        )


def from_saved_model(
    export_dir: str,
    signature_def_key: str | None = None,
    signature_def: SignatureDef | None = None,
    input_names: Mapping[str, str] | None = None,
    output_names: Mapping[str, str] | None = None,
    tags: str | None = None,
    graph: tf.Graph | None = None,
    config: tf.compat.v1.ConfigProto | None = None,
) -> Predictor:
    """Returns a Predictor on a SavedModel.

    Arguments and results come from one of these: `signature_def_key`, `signature_def`,
    or `input_names` and `output_names`.

    Args:
      export_dir: folder of the SavedModel.
      signature_def_key: of the SavedModel; None: "serving_default".
      signature_def: a signature of its own.
      input_names: names of tensors, by the names of the arguments.
      output_names: names of tensors, by the names of the results.
      tags: separated by commas; None: "serve".
      graph: to load into; None for a new one.
      config: of the session.

    Raises:
      ValueError: more than one source is given, one of the last two is missing, or the
        SavedModel has no such signature.
    """
    named = input_names is not None and output_names is not None
    if (input_names is None) != (output_names is None):
        raise ValueError("input_names and output_names: give both, or none of them.")
    if (signature_def_key is not None) + (signature_def is not None) + named > 1:
        raise ValueError(
            "Give one of signature_def_key, signature_def, and (input_names and "
            "output_names)."
        )
    graph = graph or tf.Graph()
    with graph.as_default():
        session = tf1.Session(config=config)
        all_tags = (tags or tf1.saved_model.tag_constants.SERVING).split(",")
        loaded = tf1.saved_model.loader.load(session, all_tags, export_dir)
    if input_names is None or output_names is None:
        signature = signature_def or _signature(loaded, signature_def_key or _SERVING)
        return _of_signature(session, graph, signature)
    feed, fetch = (_tensors(graph, names) for names in (input_names, output_names))
    return Predictor(session, graph, feed, fetch)


def from_estimator(
    estimator: runtime.Estimator,
    serving_input_receiver_fn: Callable[[], runtime.export.ServingInputReceiver],
    output_key: str | None = None,
    graph: tf.Graph | None = None,
    config: tf.compat.v1.ConfigProto | None = None,
) -> Predictor:
    """Returns a Predictor on an Estimator's newest checkpoint.

    Args:
      estimator: has a checkpoint.
      serving_input_receiver_fn: the receiver_tensors of its result are the arguments.
      output_key: of the model_fn's export_outputs; None: "serving_default".
      graph: to build in; None for a new one.
      config: of the session.

    Raises:
      TypeError: `estimator` is not one of this package's Estimators.
      KeyError: the model_fn has no such output.
      ValueError: the Estimator has no checkpoint.
    """
    if not isinstance(estimator, runtime.Estimator):
        raise TypeError(f"estimator must be a tf.estimator.Estimator: {estimator!r}")
    checkpoint = estimator.latest_checkpoint()
    if checkpoint is None:
        raise ValueError(f"No checkpoint in {estimator.model_dir}: train first.")
    graph = graph or tf.Graph()
    with graph.as_default():
        tf1.train.create_global_step()
        receiver = serving_input_receiver_fn()
        mode = runtime.ModeKeys.PREDICT
        spec = estimator.model_fn(receiver.features, None, mode, estimator.config)
        signature = _output(spec, output_key).as_signature_def(
            receiver.receiver_tensors
        )
        checkpoint = checkpoint and paths.for_tensorflow(checkpoint)
        creator = tf1.train.ChiefSessionCreator(
            spec.scaffold, config=config, checkpoint_filename_with_path=checkpoint
        )
        session = tf1.train.MonitoredSession(creator, hooks=spec.prediction_hooks)
    return _of_signature(session, graph, signature)


def from_contrib_estimator(*args: Any, **kwargs: Any) -> NoReturn:
    """Raises NotImplementedError: tf.contrib.learn's Estimators are gone."""
    raise NotImplementedError(
        "tf.contrib.predictor.from_contrib_estimator took Estimators of "
        "tf.contrib.learn, which are gone. Instead: from_estimator with a "
        "tf.estimator.Estimator."
    )


def _signature(loaded: tf.compat.v1.MetaGraphDef, key: str) -> SignatureDef:
    available = dict(loaded.signature_def)
    if key not in available:
        raise ValueError(
            f"Got signature_def_key {key!r}. Available signatures are "
            f"{sorted(available)}."
        )
    return available[key]


def _output(spec: runtime.EstimatorSpec, key: str | None) -> Any:
    """Returns the ExportOutput of this key."""
    key = key or _SERVING
    if key not in spec.export_outputs:
        raise KeyError(
            f"output_key must be one of {sorted(spec.export_outputs)}; got {key!r}"
        )
    return spec.export_outputs[key]


def _of_signature(
    session: tf.compat.v1.Session, graph: tf.Graph, signature: SignatureDef
) -> Predictor:
    feed, fetch = (
        _tensors(graph, {key: info.name for key, info in infos.items()})
        for infos in (signature.inputs, signature.outputs)
    )
    return Predictor(session, graph, feed, fetch)


def _tensors(graph: tf.Graph, names: Mapping[str, str]) -> dict[str, tf.Tensor]:
    return {key: graph.get_tensor_by_name(name) for key, name in names.items()}


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.predictor")
