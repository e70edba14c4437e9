"""Names of TF 1.x that are gone, and what to write instead of each."""

import importlib
import types
from collections.abc import Callable

from estimator_mnist.estimator.canned import not_available

_DISTRIBUTE = "one device: leave the strategy out of RunConfig"
_EARLY = "tf.estimator.Estimator with a model_fn"
_INPUT_FN = "tf.estimator.inputs.numpy_input_fn or pandas_input_fn"
_IMAGE = "tf.image, or scipy.ndimage before the graph"
_OWN_OPS = "its formula in ops of tf"
_OPTIMIZER = "tf.train.AdamOptimizer or another of tf.train"
_RNN = "tf.nn.dynamic_rnn around a cell of tf.nn.rnn_cell"
_SUMMARY = "tf.summary.FileWriter and tf.summary.scalar, .image, .histogram"


def _of_estimator(name: str) -> str:
    """Returns what to write instead of tf.estimator's `name`; itself where it is."""
    return not_available.remedy(name) or f"tf.estimator.{name}"


# Path below `tf.` -> what to write instead. An entry counts for all below its path.
_INSTEAD = {
    "contrib.autograph": "tf.autograph",
    "contrib.boosted_trees": "sklearn.ensemble.GradientBoostingClassifier",
    "contrib.crf": _OWN_OPS,
    "contrib.cudnn_rnn": "tf.keras.layers.LSTM and GRU, which use cuDNN on a GPU",
    "contrib.data": "tf.data or tf.data.experimental",
    "contrib.data.prefetch_to_device": "Dataset.prefetch(1)",
    "contrib.distribute": _DISTRIBUTE,
    "contrib.distributions": "tf.distributions, or the tensorflow_probability package",
    "contrib.eager": "tf.enable_eager_execution and tf.GradientTape; tfe.Variable is "
    "tf.Variable, tfe.Iterator is iter(dataset)",
    "contrib.estimator": "tf.estimator.Estimator with a model_fn",
    "contrib.estimator.RNNClassifier": _of_estimator("experimental.RNNClassifier"),
    "contrib.estimator.RNNEstimator": _of_estimator("experimental.RNNEstimator"),
    "contrib.estimator.clip_gradients_by_norm": "tf.clip_by_global_norm between the "
    "optimizer's compute_gradients and apply_gradients",
    "contrib.estimator.multi_head": _of_estimator("MultiHead"),
    "contrib.estimator.multi_label_head": _of_estimator("MultiLabelHead"),
    "contrib.estimator.poisson_regression_head": _of_estimator("PoissonRegressionHead"),
    "contrib.estimator.replicate_model_fn": "the model_fn itself, on one device",
    "contrib.factorization": "sklearn.cluster.KMeans or sklearn.mixture",
    "contrib.framework.assign_from_checkpoint": "tf.train.Saver.restore",
    "contrib.framework.assign_from_checkpoint_fn": "tf.train.Saver.restore",
    "contrib.framework.get_variables_to_restore": "tf.global_variables(scope=...)",
    "contrib.framework.model_variable": "tf.get_variable",
    "contrib.framework.variable": "tf.get_variable",
    "contrib.gan": "the tensorflow_gan package",
    "contrib.image": _IMAGE,
    "contrib.keras": "tf.keras",
    "contrib.layers": "tf.layers",
    "contrib.layers.conv2d_transpose": "tf.layers.conv2d_transpose",
    "contrib.layers.convolution2d_transpose": "tf.layers.conv2d_transpose",
    "contrib.layers.embed_sequence": "tf.nn.embedding_lookup",
    "contrib.layers.embedding_column": "tf.feature_column.embedding_column",
    "contrib.layers.input_from_feature_columns": "tf.feature_column.input_layer",
    "contrib.layers.layer_norm": "tf.nn.moments and tf.nn.batch_normalization",
    "contrib.layers.one_hot_encoding": "tf.one_hot",
    "contrib.layers.optimize_loss": "minimize of an optimizer of tf.train, and "
    "tf.summary.scalar",
    "contrib.layers.real_valued_column": "tf.feature_column.numeric_column",
    "contrib.layers.separable_conv2d": "tf.layers.separable_conv2d",
    "contrib.layers.separable_convolution2d": "tf.layers.separable_conv2d",
    "contrib.layers.softmax": "tf.nn.softmax",
    "contrib.layers.sparse_column_with_hash_bucket": "tf.feature_column."
    "categorical_column_with_hash_bucket",
    "contrib.layers.sparse_column_with_keys": "tf.feature_column."
    "categorical_column_with_vocabulary_list",
    "contrib.learn": _EARLY,
    "contrib.learn.DNNClassifier": _of_estimator("DNNClassifier"),
    "contrib.learn.DNNRegressor": _of_estimator("DNNRegressor"),
    "contrib.learn.Experiment": "tf.estimator.train_and_evaluate",
    "contrib.learn.LinearClassifier": _of_estimator("LinearClassifier"),
    "contrib.learn.LinearRegressor": _of_estimator("LinearRegressor"),
    "contrib.learn.ModeKeys": "tf.estimator.ModeKeys",
    "contrib.learn.RunConfig": "tf.estimator.RunConfig",
    "contrib.learn.datasets": "sklearn.datasets",
    "contrib.learn.datasets.load_iris": "sklearn.datasets.load_iris",
    "contrib.learn.io": _INPUT_FN,
    "contrib.learn.monitors": "a hook: tf.train.SessionRunHook",
    "contrib.learn.python.learn.datasets": "tf.contrib.learn.datasets",
    "contrib.learn.run_config": "tf.estimator.RunConfig",
    "contrib.legacy_seq2seq": _RNN,
    "contrib.linalg": "tf.linalg",
    "contrib.lite": "tf.lite",
    "contrib.lookup": "tf.lookup",
    "contrib.losses": "tf.losses; beware that its arguments are labels, predictions",
    "contrib.metrics": "tf.metrics",
    "contrib.model_pruning": "the tensorflow_model_optimization package",
    "contrib.nn": "tf.nn",
    "contrib.opt": _OPTIMIZER,
    "contrib.rnn": _RNN,
    "contrib.saved_model": "tf.saved_model",
    "contrib.seq2seq": _RNN + "; sequence_loss is tf.losses."
    "sparse_softmax_cross_entropy with weights",
    "contrib.signal": "tf.signal",
    "contrib.slim": "tf.contrib.layers (conv2d, max_pool2d, fully_connected, flatten, "
    "dropout, batch_norm) and tf.contrib.framework.arg_scope",
    "contrib.summary": _SUMMARY,
    "contrib.tensor_forest": "sklearn.ensemble.RandomForestClassifier",
    "contrib.timeseries": _EARLY,
    "contrib.tpu": "tf.estimator.Estimator on CPU or GPU; on a TPU Keras",
    "contrib.training.bucket_by_sequence_length": "tf.data.experimental."
    "bucket_by_sequence_length",
    "contrib.training.create_train_op": "minimize of an optimizer of tf.train",
    "contrib.training.train": "tf.train.MonitoredTrainingSession",
    "examples.tutorials.mnist.mnist": "functions of your own",
    "pywrap_tensorflow": "tf.train.NewCheckpointReader and the public names of tf",
}
# Gone since TensorFlow 1.0, and still in notebooks of 2016.
_INSTEAD_OF_0 = {
    "batch_matmul": "tf.matmul",
    "histogram_summary": "tf.summary.histogram",
    "image_summary": "tf.summary.image",
    "inv": "tf.reciprocal",
    "merge_all_summaries": "tf.summary.merge_all",
    "merge_summary": "tf.summary.merge",
    "mul": "tf.multiply",
    "neg": "tf.negative",
    "nn.seq2seq": _RNN,
    "pack": "tf.stack",
    "scalar_summary": "tf.summary.scalar",
    "select": "tf.where",
    "sub": "tf.subtract",
    "train.SummaryWriter": "tf.summary.FileWriter",
    "unpack": "tf.unstack",
}
_REFUSED = {
    f"estimator.{name}": text
    for name, text in not_available.REMEDIES.items()
    if not_available.remedy(name)
}
_REFUSED["keras.estimator.model_to_estimator"] = _EARLY
_PACKAGE = __name__.rpartition(".")[0]


def replacement(name: str) -> str | None:
    """What to write instead of `name`, as "tf.contrib.slim.conv2d"; None if unknown.

    The answer is for what is gone: ask `why_missing` first whether it is.
    """
    path = _below_tf(name)
    while path:
        for table in (_INSTEAD, _INSTEAD_OF_0, _REFUSED):
            if path in table:
                return table[path]
        path = path.rpartition(".")[0]
    return None


def explain(name: str) -> str:
    """One sentence or two: that the missing `name` is gone, and what to write."""
    path, instead = _below_tf(name), replacement(name)
    if path.startswith("contrib."):
        said = f"tf.{path} was removed in TensorFlow 2.0, as all of tf.contrib"
    elif path in _INSTEAD_OF_0:
        said = f"tf.{path} was removed in TensorFlow 1.0"
    else:
        said = f"There is no tf.{path} here"
    if instead:
        return f"{said}. Instead: {instead}."
    return f"{said}; nothing replaces it here."


def why_missing(name: str) -> str | None:
    """None where `name`, as "tf.layers.dense", is there; else what `explain` says.

    What follows an object that is no module or class is taken to be there.
    """
    path = _below_tf(name)
    if path in _REFUSED:
        return explain(name)
    found = importlib.import_module(_PACKAGE)
    for part in filter(None, path.split(".")):
        if not isinstance(found, (types.ModuleType, type)):
            return None
        try:
            found = getattr(found, part)
        except AttributeError:
            return explain(name)
    return None


def explainer(prefix: str, source=None, names=()) -> Callable[[str], object]:
    """`__getattr__` for the module known as `prefix`, with `names` as in `source`."""

    def __getattr__(name: str):
        if name in names:
            return getattr(source, name)
        raise AttributeError(explain(f"{prefix}.{name}"))

    return __getattr__


class Explainer:
    """Stands last in sys.meta_path: is asked for modules of tf1 that are not there."""

    @staticmethod
    def find_spec(fullname: str, path=None, target=None) -> None:
        """Raises ModuleNotFoundError that names the replacement."""
        del path, target
        if not fullname.startswith(f"{_PACKAGE}."):
            return
        name = f"tf{fullname.removeprefix(_PACKAGE)}"
        said = why_missing(name)
        if said:
            # With `fullname` for a name, `from ... import` would drop the message.
            raise ModuleNotFoundError(said, name=name)


def _below_tf(name):
    for prefix in ("tensorflow", "tf", _PACKAGE):
        if name == prefix or name.startswith(f"{prefix}."):
            return name[len(prefix) + 1 :]
    return name
