"""Paths of TensorFlow's own files that programs import from: `tf.contrib.X.python...`.

TF 1.x kept `tf.contrib.layers.conv2d` in `tensorflow.contrib.layers.python.layers.
layers`, and programs import from there as well. `public` returns the public spelling.
"""

import importlib
import types
from collections.abc import Mapping
from typing import Any

_PACKAGE = __name__.rpartition(".")[0]
# Family of tf.contrib -> its inner packages and modules, below `python`.
INNER: Mapping[str, frozenset[str]] = {
    family: frozenset(names.split())
    for family, names in {
        "cloud": "ops bigquery_reader_ops gcs_config_ops",
        "crf": "ops crf",
        "data": "ops batching counter enumerate_ops error_ops get_single_element "
        "grouping interleave_ops iterator_ops parsing_ops prefetching_ops random_ops "
        "readers resampling scan_ops shuffle_ops sliding unique writers",
        "eager": "datasets network saver tfe",
        "feature_column": "feature_column sequence_feature_column",
        "framework": "framework ops variables arg_scope checkpoint_ops "
        "checkpoint_utils graph_util script_ops tensor_util",
        "image": "ops dense_image_warp image_ops interpolate_spline "
        "single_image_random_dot_stereograms sparse_image_warp",
        "layers": "layers ops initializers regularizers optimizers feature_column "
        "feature_column_ops embedding_ops encoders normalization rev_block_lib utils "
        "target_column",
        "learn": "learn estimators learn_io model_fn constants estimator run_config "
        "metric_spec metric_key prediction_key experiment export_strategy "
        "session_run_hook evaluable trainable input_fn_utils saved_model_export_utils "
        "tokenizer text categorical categorical_vocabulary numpy_io pandas_io "
        "generator_io graph_io dask_io basic_session_run_hooks dnn "
        "dnn_linear_combined dynamic_rnn_estimator head kmeans linear "
        "logistic_regressor svm",
        "legacy_seq2seq": "ops seq2seq",
        "lookup": "lookup_ops",
        "losses": "losses loss_ops",
        "metrics": "ops metrics classification confusion_matrix_ops histogram_ops "
        "metric_ops",
        "mixed_precision": "loss_scale_manager loss_scale_optimizer",
        "nn": "ops alpha_dropout cross_entropy sampling_ops scaled_softplus",
        "opt": "training adam_gs_optimizer adamax addsign agn_optimizer "
        "drop_stale_gradient_optimizer elastic_average_optimizer external_optimizer "
        "ggt lars_optimizer lazy_adam_gs_optimizer lazy_adam_optimizer "
        "model_average_optimizer moving_average_optimizer multitask_optimizer_wrapper "
        "nadam_optimizer powersign reg_adagrad_optimizer shampoo "
        "variable_clipping_optimizer weight_decay_optimizers",
        "rnn": "ops core_rnn core_rnn_cell core_rnn_cell_impl rnn rnn_cell lstm_ops "
        "gru_ops fused_rnn_cell",
        "seq2seq": "ops attention_wrapper basic_decoder beam_search_decoder "
        "beam_search_ops decoder helper loss",
        "slim": "slim",
        "summary": "summary_ops",
        "training": "training bucket_ops device_setter evaluation hparam resample "
        "sampling_ops sequence_queueing_state_saver",
        "util": "",
    }.items()
}
# Modules that hold a function of their own name.
_FUNCTIONS = frozenset(
    {
        "alpha_dropout",
        "arg_scope",
        "dense_image_warp",
        "get_single_element",
        "interpolate_spline",
        "scaled_softplus",
        "single_image_random_dot_stereograms",
        "sparse_image_warp",
        "unique",
    }
)
_PREFIXES = ("tf", "tensorflow")


def public(name: str) -> str:
    """Returns "tf.contrib.rnn.GRUCell" for its path in TensorFlow's own files.

    Args:
      name: begins with "tf." or "tensorflow.", and so does the result. A name that is
        no such path is returned as it is.
    """
    parts = name.split(".")
    if parts[0] not in _PREFIXES or parts[1:2] != ["contrib"] or "python" not in parts:
        return name
    if parts[3:4] != ["python"] or parts[2] not in INNER:
        return name
    family, rest = parts[2], parts[4:]
    while rest and rest[0] in INNER[family] and not _is_public_too(rest):
        del rest[0]
    return ".".join([*parts[:3], *rest])


def public_module(name: str) -> str:
    """Returns `public` of what is imported from, as in `from NAME import ...`."""
    return public(f"{name}.*").removesuffix(".*")


def _is_public_too(rest: list[str]) -> bool:
    """Returns whether these are a function that has the name of its module."""
    return len(rest) == 1 and rest[0] in _FUNCTIONS


class InnerModule(types.ModuleType):
    """A module of TensorFlow's own files; its names are those of the public module.

    Attributes:
      path: as "tf.contrib.layers.python.ops".
    """

    def __init__(self, path: str) -> None:
        super().__init__(_PACKAGE + path.removeprefix("tf"))
        self.path = path
        self.__path__: list[str] = []  # so that modules below it can be imported

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return inner(f"{self.path}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        # Python binds a module in its package once it is imported.
        if not (name in _FUNCTIONS and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)


def inner(path: str) -> Any:
    """Returns the module or object with this path; AttributeError where there is none.

    Args:
      path: below "tf.contrib.FAMILY.python", or that itself.
    """
    name = public(path)
    if name.count(".") == 2:  # all of it is inner
        return InnerModule(path)
    found: Any = importlib.import_module(_PACKAGE)
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    return found


def is_inner(prefix: str, name: str) -> bool:
    """Returns whether `name` is an inner module of "tf.contrib.FAMILY", or "python"."""
    family = prefix.removeprefix("tf.contrib.")
    if family not in INNER or name in _FUNCTIONS:
        return False
    return name == "python" or name in INNER[family]


def module(fullname: str) -> InnerModule | None:
    """Returns the inner module that is imported as `estimator_mnist.tf1.contrib...`."""
    path = "tf" + fullname.removeprefix(_PACKAGE)
    is_whole = path != public_module(path) and public_module(path).count(".") == 2
    return InnerModule(path) if is_whole else None
