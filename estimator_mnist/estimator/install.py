"""Puts this runtime in the places where programs look for tf.estimator."""

import contextlib
import importlib
import importlib.machinery
import sys
import threading
import types
from typing import Any

import tensorflow as tf

from estimator_mnist.estimator import inner_names, keras, run_config
from estimator_mnist.estimator.hooks import early_stopping
from estimator_mnist.estimator.keras import keras_lib, v2

# Attribute of the module `tensorflow_estimator` that says how to undo.
_UNDO = "undo_of_estimator_mnist"
_ROOT = "tensorflow_estimator"
_PACKAGES = (f"{_ROOT}.python.estimator", "tensorflow.python.estimator")
_API_NAMES = (
    "tensorflow.estimator",
    "tensorflow.compat.v1.estimator",
    "tensorflow.compat.v2.estimator",
)
# One thread at a time changes the process.
_LOCK = threading.RLock()
# Their classes have other defaults in TensorFlow 2.
_CANNED = ("Baseline", "DNN", "Linear")
_API_PARTS = ("experimental", "export", "inputs", "tpu")
_MODULES = (
    "canned",
    "canned.baseline",
    "canned.boosted_trees",
    "canned.dnn",
    "canned.dnn_linear_combined",
    "canned.head",
    "canned.kmeans",
    "canned.linear",
    "canned.metric_keys",
    "canned.optimizers",
    "canned.parsing_utils",
    "canned.prediction_keys",
    "canned.rnn",
    "early_stopping",
    "estimator",
    "estimator_lib",
    "export",
    "export.export",
    "export.export_lib",
    "export.export_output",
    "exporter",
    "extenders",
    "head",
    "head.base_head",
    "head.binary_class_head",
    "head.multi_class_head",
    "head.multi_head",
    "head.multi_label_head",
    "head.regression_head",
    "hooks",
    "hooks.basic_session_run_hooks",
    "hooks.hooks",
    "hooks.session_run_hook",
    "inputs",
    "inputs.inputs",
    "inputs.numpy_io",
    "inputs.pandas_io",
    "keras",
    "keras_lib",
    "mode_keys",
    "model_fn",
    "run_config",
    "tpu",
    "tpu.tpu_config",
    "tpu.tpu_estimator",
    "training",
    "util",
)


def install(force: bool = False) -> None:
    """Makes `tf.estimator` and `import tensorflow_estimator` give this runtime.

    Replaces `tf.estimator`, those of `tf.compat.v1` and `v2`, and `python.estimator...`
    modules that programs import from, in this process, until `uninstall`. A second call
    changes nothing. Names that were imported before keep their values. So
    `tf.keras.estimator.model_to_estimator` works, of Keras 2; Keras 3 gets one.

    Canned estimators are TensorFlow 1's by each of these names. TensorFlow 2's
    `tf.estimator` had others, which take the mean of the loss over a batch, where these
    sum it, and Keras optimizers: loss_reduction and optimizer have other defaults.

    Args:
      force: whether to replace a tf.estimator that TensorFlow has itself.

    Raises:
      RuntimeError: TensorFlow has a tf.estimator of its own, and `force` is false.
    """
    with _LOCK:
        if _undo_of_install() is None:
            _install(force)


def _install(force: bool) -> None:
    has_own = "estimator" in vars(tf.compat.v1)
    if has_own and not force:
        raise RuntimeError(
            f"TensorFlow {tf.__version__} has a tf.estimator of its own. To replace it "
            "in this process, call install(force=True)."
        )
    ours = sys.modules[__package__]
    with contextlib.ExitStack() as undo:
        for module in _tensorflow_modules():
            _set_attribute(undo, module, "estimator", ours)
        if not has_own:
            _add_to_keras3(undo)
        for name in [n for n in sys.modules if n.startswith((f"{_ROOT}.", *_PACKAGES))]:
            _set_module(undo, name, None)
        for name, module in _old_modules(ours).items():
            _set_module(undo, name, module)
        setattr(sys.modules[_ROOT], _UNDO, undo.pop_all())


def _tensorflow_modules() -> list[types.ModuleType]:
    """Returns the modules that have `estimator`, each once."""
    # `import tensorflow.compat.v1` may give another object than `tf.compat.v1`.
    versions = [
        importlib.import_module(f"tensorflow.compat.{name}") for name in ("v1", "v2")
    ]
    bases = (tf, tf.compat.v1, tf.compat.v2)
    below = [one for base in bases for one in (base.compat.v1, base.compat.v2)]
    modules = (*bases, *below, *versions)
    return list({id(module): module for module in modules}.values())


def uninstall() -> None:
    """Undoes `install`; does nothing where it was not called."""
    with _LOCK:
        undo = _undo_of_install()
        if undo is not None:
            undo.close()


class _OldModule(types.ModuleType):
    """Finds the runtime's public names from a module path of the original."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)

    def __getattr__(self, name: str) -> Any:
        own = inner_names.IN_MODULES.get(self.__name__.rpartition(".")[2], {})
        if name in own:
            return own[name]
        if name.startswith("_"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name.endswith("V2"):  # such as EstimatorV2
            name = name.removesuffix("V2")
            _warn_of_defaults(name)
        ours = sys.modules[__package__]
        parts = [getattr(ours, part) for part in _API_PARTS]
        modules = (ours, *parts, early_stopping, run_config, keras_lib)
        if ".tpu" in self.__name__:  # which has a RunConfig of its own
            modules = (ours.tpu, *modules)
        for module in modules:
            if name in vars(module):
                return vars(module)[name]
        # What is not available says so when it is used.
        found = next((part for part in parts if hasattr(part, name)), ours)
        return getattr(found, name)


def _warn_of_defaults(name: str) -> None:
    """Warns where a class of TensorFlow 2 would give other numbers than ours."""
    if name.startswith(_CANNED):
        tf.compat.v1.logging.warning(
            "%sV2 is %s of TensorFlow 1 here: it sums the loss over a batch, where "
            "TensorFlow 2's takes the mean, and its optimizers have other defaults. "
            "Give it loss_reduction and optimizer.",
            name,
            name,
        )


def _add_to_keras3(undo: contextlib.ExitStack) -> None:
    """Adds `tf.keras.estimator`, and that of tf.compat.v1, as Keras 2 has them."""
    # Importing it puts the module itself where a lazy one may have been.
    module = importlib.import_module("tensorflow.keras")
    if not hasattr(module, "__version__"):  # Keras 2, by TF_USE_LEGACY_KERAS
        return
    _set_module(undo, "tensorflow.keras.estimator", v2)
    _set_attribute(undo, tf.keras, "estimator", v2)
    _set_attribute(undo, tf.compat.v1.keras, "estimator", keras)


def _old_modules(ours: types.ModuleType) -> dict[str, types.ModuleType]:
    names = [_ROOT, f"{_ROOT}.python", *_PACKAGES]
    names += [f"{package}.{module}" for package in _PACKAGES for module in _MODULES]
    modules: dict[str, types.ModuleType] = {name: _OldModule(name) for name in names}
    for name, module in modules.items():
        parent, _, last = name.rpartition(".")
        if parent in modules:
            setattr(modules[parent], last, module)
    vars(modules[_ROOT])["estimator"] = ours
    for name in _API_NAMES:
        modules[name] = ours
        modules |= {f"{name}.{part}": getattr(ours, part) for part in _API_PARTS}
    return modules


def _undo_of_install() -> contextlib.ExitStack | None:
    return vars(sys.modules.get(_ROOT, types)).get(_UNDO)


def _set_attribute(
    undo: contextlib.ExitStack, module: types.ModuleType, name: str, value: object
) -> None:
    # Through vars(), since getattr would load a lazy module.
    if name in vars(module):
        undo.callback(setattr, module, name, vars(module)[name])
    else:
        undo.callback(delattr, module, name)
    setattr(module, name, value)


def _set_module(
    undo: contextlib.ExitStack, name: str, module: types.ModuleType | None
) -> None:
    if name in sys.modules:
        undo.callback(sys.modules.__setitem__, name, sys.modules.pop(name))
    else:
        undo.callback(sys.modules.pop, name, None)
    if module is not None:
        sys.modules[name] = module
