"""The Keras of TF 1.x: TensorFlow's own, or tf_keras where TensorFlow has Keras 3."""

import functools
import os
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from estimator_mnist import compat, estimator
from estimator_mnist.data import addresses
from estimator_mnist.tf1 import keras_export, mnist
from estimator_mnist.tf1.overlay import Overlay

DATASETS = ("mnist", "fashion_mnist")


def keras() -> types.ModuleType:
    """Returns `tf.compat.v1.keras` of Keras 2, where accuracy is called `acc`.

    Its MNIST and Fashion-MNIST are those that this package finds, and its models become
    Estimators of this package.
    """
    real = compat.keras()
    loaders = {name: _load_data(name) for name in DATASETS}
    datasets = {
        name: Overlay(getattr(real.datasets, name), load_data=load_data)
        for name, load_data in loaders.items()
    }
    get_file = _get_file(real.utils.get_file)
    return Overlay(
        real,
        datasets=Overlay(real.datasets, **datasets),
        estimator=estimator.keras,
        experimental=_experimental(real),
        mixed_precision=_mixed_precision(),
        utils=Overlay(real.utils, get_file=get_file),
    )


def _load_data(name: str) -> Callable[..., mnist.TrainAndTest]:
    @functools.wraps(mnist.load_data)
    def load_data(path: str | None = None) -> mnist.TrainAndTest:
        del path  # the name that Keras's server gave to the file
        return mnist.load_data(name)

    return load_data


def _get_file(real: Callable[..., str]) -> Callable[..., str]:
    @functools.wraps(real)
    def get_file(
        fname: str | None = None, origin: str | None = None, *args: Any, **kwargs: Any
    ) -> str:
        if fname and origin and not args and addresses.find(origin):
            home = os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser()
            folder = kwargs.get("cache_dir") or home
            path = Path(folder, kwargs.get("cache_subdir", "datasets"), fname)
            # No check of a hash: of the archives, ours have other bytes.
            if path.exists() or mnist.fetch(origin, path):
                return str(path)
        return real(fname, origin, *args, **kwargs)

    return get_file


def _experimental(real: Any) -> types.ModuleType:
    names = {
        "export_saved_model": keras_export.export_saved_model,
        "load_from_saved_model": keras_export.load_from_saved_model,
    }
    return Overlay(real.experimental, **names)


def _mixed_precision() -> types.ModuleType:
    """Returns tf.keras.mixed_precision, with `experimental` as until TF 2.4."""
    today = _modern_keras().mixed_precision

    def policy(name: str, loss_scale: Any = "auto") -> Any:
        del loss_scale  # that of the name: dynamic for mixed_float16, else none
        prefix = name.removesuffix("_with_float32_vars")  # of TF 1.14
        return today.Policy(name if prefix == name else f"mixed_{prefix}")

    def set_policy(chosen: Any) -> None:
        # TensorFlow 2's, which is what programs of TF 2.1 to 2.3 ran with.
        compat.keras().layers.enable_v2_dtype_behavior()
        is_name = isinstance(chosen, str)
        today.set_global_policy(policy(chosen) if is_name else chosen)

    def loss_scale_optimizer(optimizer: Any, loss_scale: Any = "dynamic") -> Any:
        return today.LossScaleOptimizer(optimizer, **_scaling(loss_scale))

    names = {
        "LossScaleOptimizer": loss_scale_optimizer,
        "Policy": policy,
        "global_policy": today.global_policy,
        "set_policy": set_policy,
    }
    return Overlay(today, experimental=Overlay(today, **names))


def _scaling(loss_scale: Any) -> dict[str, Any]:
    """Returns the arguments of today's LossScaleOptimizer.

    `loss_scale` is "dynamic", a number, or a LossScale of tf.train.experimental.
    """
    if loss_scale == "dynamic":
        return {}
    kinds = tf.compat.v1.train.experimental
    if isinstance(loss_scale, kinds.DynamicLossScale):
        return {
            "initial_scale": loss_scale.initial_loss_scale,
            "dynamic_growth_steps": loss_scale.increment_period,
        }
    if isinstance(loss_scale, kinds.FixedLossScale):
        loss_scale = loss_scale.get_config()["loss_scale_value"]
    return {"dynamic": False, "initial_scale": loss_scale}


def _modern_keras() -> Any:
    """Returns tf.keras of TF 2.x, of Keras 2."""
    if _is_in_tensorflow():
        return tf.keras
    import tf_keras

    return tf_keras


def rnn_cell() -> types.ModuleType:
    """Returns `tf.compat.v1.nn.rnn_cell` with its cells."""
    if _is_in_tensorflow():
        return tf.compat.v1.nn.rnn_cell
    from tf_keras.api._v1.keras.__internal__.legacy import rnn_cell as legacy_cells

    return legacy_cells


def _is_in_tensorflow() -> bool:
    return compat.layers() is tf.compat.v1.layers
