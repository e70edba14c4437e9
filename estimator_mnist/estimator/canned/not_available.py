"""Names of tf.estimator that this runtime lacks, and what to use instead of each.

`REMEDIES` is the one list. A module of the public API asks here, from its
`__getattr__`, for a name that it does not import. A name that it does import is found
first, so that the row of a name that becomes available is of no effect.
"""

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import NoReturn

_PACKAGE = "estimator_mnist.estimator"

_CUSTOM = (
    "write a model_fn that calls your layers and {head}.create_estimator_spec, and "
    "pass it to Estimator"
)
_CLASSIFIER = _CUSTOM.format(head="MultiClassHead or BinaryClassHead")
_ANY_HEAD = _CUSTOM.format(head="a head")
_TREES = (
    "use ydf.GradientBoostedTreesLearner (pip install ydf), or "
    "sklearn.ensemble.GradientBoosting{class_name}"
)
_TPU = (
    "use Estimator, RunConfig and EstimatorSpec: this runtime runs on CPU and GPU; on "
    "a TPU use Keras"
)

# Name below tf.estimator -> what to write instead.
REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "BoostedTreesClassifier": _TREES.format(class_name="Classifier"),
        "BoostedTreesEstimator": "use a learner of the package ydf, or of "
        "sklearn.ensemble",
        "BoostedTreesRegressor": _TREES.format(class_name="Regressor"),
        "experimental.KMeans": "use sklearn.cluster.KMeans",
        "experimental.LinearSDCA": "give LinearClassifier or LinearRegressor an "
        "optimizer such as tf.compat.v1.train.FtrlOptimizer",
        "experimental.RNNClassifier": _CLASSIFIER,
        "experimental.RNNEstimator": _ANY_HEAD,
        "tpu.experimental.EmbeddingConfigSpec": _TPU,
    }
)


def remedy(name: str) -> str | None:
    """Returns what to write instead of `name`, as "experimental.KMeans".

    Returns None where the runtime has the name, and where tf.estimator never had it.
    """
    if name not in REMEDIES:
        return None
    parent, _, last = name.rpartition(".")
    module = importlib.import_module(f"{_PACKAGE}.{parent}" if parent else _PACKAGE)
    return None if last in vars(module) else REMEDIES[name]


def stand_in(name: str) -> type:
    """Returns the class that stands for `name`, a row of `REMEDIES`.

    It can be imported, subclassed and asked for by isinstance, and is the same class
    at each call. Constructing it, or a subclass, raises NotImplementedError that says
    what to use instead; so does calling it, where the original is a function.

    Raises:
      KeyError: `REMEDIES` has no such row.
    """
    return _STAND_INS[name]


def attribute(module: str, name: str) -> type:
    """Returns the stand-in for `name` of `module`, for the module's `__getattr__`.

    Raises:
      AttributeError: tf.estimator has no such name there, either.
    """
    if name not in names(module):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    return stand_in(f"{_prefix(module)}{name}")


def names(module: str) -> list[str]:
    """Returns the names of the rows that lie directly in `module`.

    Args:
      module: the full name of a module of the public API, as its `__name__`.
    """
    prefix = _prefix(module)
    below = [row[len(prefix) :] for row in REMEDIES if row.startswith(prefix)]
    return [name for name in below if "." not in name]


def _prefix(module: str) -> str:
    return f"{module}.".removeprefix(f"{_PACKAGE}.")


class _NotAvailable:
    """Base of the stand-ins, which set `_message`."""

    _message: str

    def __new__(cls, *args: object, **kwargs: object) -> NoReturn:
        """Raises NotImplementedError for any arguments."""
        raise NotImplementedError(cls._message)


def _new_stand_in(name: str) -> type:
    parent, _, last = name.rpartition(".")
    instead = f"Instead: {REMEDIES[name]}."
    members = {
        "__doc__": f"Not part of this runtime. {instead}",
        # pickle looks a class up by its module and name.
        "__module__": f"{_PACKAGE}.{parent}".rstrip("."),
        "_message": f"estimator.{name} is not part of this runtime. {instead}",
    }
    return type(last, (_NotAvailable,), members)


_STAND_INS = MappingProxyType({name: _new_stand_in(name) for name in REMEDIES})
