"""A network that knows drawn digits, made without a training loop."""

import numpy as np

from estimator_mnist.data import digits
from estimator_mnist.formats.page import page
from estimator_mnist.formats.page.program import Program

SIDE, FILTERS, KERNEL, POOL = 28, 8, 5, 4
MAPS = SIDE - KERNEL + 1
CELLS = MAPS // POOL
FEATURES = CELLS * CELLS * FILTERS
ABOUT = page.About("small", 1234, tuple("0123456789"))
_SHARPNESS = 8.0  # of the softmax


def program():
    """Returns the Program: random filters, and least squares on the embedded digits."""
    filters = np.random.default_rng(0).normal(size=[KERNEL, KERNEL, 1, FILTERS])
    pixels, labels = digits.load()
    features = _features(pixels / 255, filters.reshape(-1, FILTERS))
    inputs = np.concatenate([features, np.ones([len(features), 1])], axis=1)
    ridge = inputs.T @ inputs + 10 * np.eye(FEATURES + 1)
    weights = np.linalg.solve(ridge, inputs.T @ np.eye(10)[labels])
    constants = {
        "filters": filters,
        "kernel": _SHARPNESS * weights[:-1],
        "bias": _SHARPNESS * weights[-1],
    }
    return Program(
        image="image",
        shape=[SIDE, SIDE],
        constants={k: v.astype(np.float32) for k, v in constants.items()},
        kernels={"filters", "kernel"},
        steps=list(_steps()),
        probabilities="Softmax",
        activations="Relu",
    )


def _features(images, filters):
    windows = np.lib.stride_tricks.sliding_window_view(
        images, (KERNEL, KERNEL), axis=(1, 2)
    )
    maps = np.maximum(windows.reshape(-1, MAPS, MAPS, KERNEL * KERNEL) @ filters, 0)
    cells = maps.reshape(-1, CELLS, POOL, CELLS, POOL, FILTERS)
    return cells.mean(axis=(2, 4)).reshape(-1, FEATURES)


def _steps():
    maps, cells = [MAPS, MAPS, FILTERS], [CELLS, CELLS, FILTERS]
    windows = {"strides": [1, 1], "before": [0, 0]}
    pools = {"strides": [POOL, POOL], "before": [0, 0], "window": [POOL, POOL]}
    yield _step("Reshape", ["image"], [SIDE, SIDE, 1])
    yield _step("Conv2D", ["Reshape", "filters"], maps, **windows)
    yield _step("Relu", ["Conv2D"], maps)
    yield _step("AvgPool", ["Relu"], cells, **pools)
    yield _step("MatMul", ["AvgPool", "kernel"], [10])
    yield _step("AddV2", ["MatMul", "bias"], [10])
    yield _step("Softmax", ["AddV2"], [10])


def _step(op, inputs, shape, **settings):
    return {"op": op, "inputs": inputs, "output": op, "shape": shape, **settings}
