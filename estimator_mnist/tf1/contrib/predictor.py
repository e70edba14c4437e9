"""tf.contrib.predictor: a session that answers a dict of arrays with another."""

import tensorflow as tf

from estimator_mnist import estimator as runtime
from estimator_mnist.tf1 import removed

tf1 = tf.compat.v1

__all__ = ["Predictor", "from_contrib_estimator", "from_estimator", "from_saved_model"]

_SERVING = tf1.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY


class Predictor:
    """Called with a dict name -> array, gives a dict name -> array.

    Attributes:
      session, graph: where it computes.
      feed_tensors: dict name -> Tensor, of what may be given. Give fewer where the
        answer does not depend on the others.
      fetch_tensors: dict name -> Tensor, of what is answered.
    """

    def __init__(self, session, graph: tf.Graph, feed_tensors: dict, fetch: dict):
        self.session, self.graph = session, graph
        self.feed_tensors, self.fetch_tensors = feed_tensors, fetch

    def __call__(self, input_dict: dict) -> dict:
        """Raises ValueError for a name that is not in `feed_tensors`."""
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
    signature_def=None,
    input_names: dict | None = None,
    output_names: dict | None = None,
    tags: str | None = None,
    graph: tf.Graph | None = None,
    config: tf1.ConfigProto | None = None,
) -> Predictor:
    """A Predictor on a SavedModel.

    What goes in and out is said by one of `signature_def_key` ("serving_default"),
    `signature_def`, or `input_names` and `output_names`, dicts name -> tensor's name.
    `tags` are separated by commas: "serve".

    Raises:
      ValueError: more than one is given, one of the last two is missing, or there is
        no such signature.
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
        tags = (tags or tf1.saved_model.tag_constants.SERVING).split(",")
        loaded = tf1.saved_model.loader.load(session, tags, export_dir)
    if not named:
        chosen = signature_def or _signature(loaded, signature_def_key or _SERVING)
        input_names, output_names = map(_tensor_names, (chosen.inputs, chosen.outputs))
    feed, fetch = (_tensors(graph, names) for names in (input_names, output_names))
    return Predictor(session, graph, feed, fetch)


def from_estimator(
    estimator: runtime.Estimator,
    serving_input_receiver_fn,
    output_key: str | None = None,
    graph: tf.Graph | None = None,
    config: tf1.ConfigProto | None = None,
) -> Predictor:
    """A Predictor on an Estimator's newest checkpoint.

    Args:
      serving_input_receiver_fn: returns a ServingInputReceiver; its receiver_tensors
        are what goes in.
      output_key: of the model_fn's export_outputs; None: "serving_default".

    Raises:
      TypeError: not one of this package's Estimators.
      KeyError: no such output.
      ValueError: nothing was trained.
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
        creator = tf1.train.ChiefSessionCreator(
            spec.scaffold, config=config, checkpoint_filename_with_path=checkpoint
        )
        session = tf1.train.MonitoredSession(creator, hooks=spec.prediction_hooks)
    names = map(_tensor_names, (signature.inputs, signature.outputs))
    return Predictor(session, graph, *(_tensors(graph, part) for part in names))


def from_contrib_estimator(*args, **kwargs):
    """Raises NotImplementedError: tf.contrib.learn's Estimators are gone."""
    raise NotImplementedError(
        "tf.contrib.predictor.from_contrib_estimator took Estimators of "
        "tf.contrib.learn, which are gone. Instead: from_estimator with a "
        "tf.estimator.Estimator."
    )


def _signature(loaded, key):
    available = dict(loaded.signature_def)
    if key not in available:
        raise ValueError(
            f"Got signature_def_key {key!r}. Available signatures are "
            f"{sorted(available)}."
        )
    return available[key]


def _output(spec, key):
    key = key or _SERVING
    if key not in spec.export_outputs:
        raise KeyError(
            f"output_key must be one of {sorted(spec.export_outputs)}; got {key!r}"
        )
    return spec.export_outputs[key]


def _tensor_names(infos):
    return {key: info.name for key, info in infos.items()}


def _tensors(graph, names):
    return {key: graph.get_tensor_by_name(name) for key, name in names.items()}


__path__ = []
__getattr__ = removed.explainer("tf.contrib.predictor")
