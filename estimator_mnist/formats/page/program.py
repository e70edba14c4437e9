"""The network of a graph, as a list of steps that the page can take.

What does not depend on the image is computed here: the steps' constants are what the
graph makes of the checkpoint.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist import errors

tf1 = tf.compat.v1

Step = dict[str, Any]  # "op", "inputs", "output", "shape", and the op's settings
_Settings = dict[str, Any]


class Program(NamedTuple):
    """What the page computes; values are called as the graph's tensors are."""

    image: str
    shape: list[int]  # of the image, without the batch, like those of the steps
    constants: dict[str, np.ndarray]  # what else the steps take
    kernels: set[str]  # the constants that values are convolved or multiplied with
    steps: list[Step]
    probabilities: str
    activations: str | None  # a value [height, width, filters], where there is one


def of_graph(
    session: tf.compat.v1.Session,
    image: tf.Tensor,
    probabilities: tf.Tensor,
    activations: tf.Tensor | None = None,
    form: str = "html",
) -> Program:
    """Returns the program from `image` to `probabilities` in the session's graph.

    Args:
      image: a placeholder [batch, side, side].
      activations: [batch, height, width, filters] on the way.
      form: what --format says.

    Raises:
      ExportError: there is an op that a Program has none for.
    """
    walk = _Walk(image, form)
    last = walk.value_of(probabilities)
    shown = None if activations is None else walk.value_of(activations)
    constants = session.run(walk.constants)
    kernels = {step["inputs"][1] for step in walk.steps if step["op"] in _MULTIPLY}
    return Program(
        image.name, _shape(image), constants, kernels, walk.steps, last, shown
    )


class _Walk:
    """Goes back from a tensor to the image, and collects the steps between.

    Attributes:
      steps: in order, each once.
      constants: tensors that do not depend on the image, by name.
    """

    def __init__(self, image: tf.Tensor, form: str):
        """Begins with nothing but the image; errors name `form`."""
        self._form = form
        self.steps: list[Step] = []
        self.constants: dict[str, tf.Tensor] = {}
        self._values = {image.name: image.name}
        self._depends = {image.name: True}

    def value_of(self, tensor: tf.Tensor) -> str:
        """Adds the steps that make `tensor`; returns the name of its value."""
        if tensor.name not in self._values:
            make = self._step if self.depends(tensor) else self._constant
            self._values[tensor.name] = make(tensor)
        return self._values[tensor.name]

    def depends(self, tensor: tf.Tensor) -> bool:
        """Returns whether `tensor` depends on the image."""
        if tensor.name not in self._depends:
            found = any(self.depends(one) for one in tensor.op.inputs)
            self._depends[tensor.name] = found
        return self._depends[tensor.name]

    def _constant(self, tensor: tf.Tensor) -> str:
        self.constants[tensor.name] = tensor
        return tensor.name

    def _step(self, tensor: tf.Tensor) -> str:
        op = tensor.op
        if op.type in _SAME:
            return self.value_of(op.inputs[tensor.value_index])
        try:
            known = _known(tensor)
            inputs = list(op.inputs)[: known.inputs]
            settings = known.settings(op)
            _check_kernel(known, [self.depends(one) for one in inputs])
        except ValueError as error:
            raise errors.ExportError(
                f"--format={self._form} does not know {error}, which makes "
                f"{op.name!r}: export this model as saved_model or tflite."
            ) from None
        names = [self.value_of(one) for one in inputs]
        step = {"op": known.name, "inputs": names, "output": tensor.name}
        self.steps.append({**step, "shape": _shape(tensor), **settings})
        return tensor.name


class _Known(NamedTuple):
    """What the page has in place of an op of TensorFlow's."""

    name: str
    inputs: int  # how many of the op's it takes
    settings: Callable[[tf.Operation], _Settings]


def _known(tensor: tf.Tensor) -> _Known:
    """Returns the page's op; raises ValueError where there is none."""
    kind = tensor.op.type
    if kind not in OPS:
        raise ValueError(f"the op {kind}")
    if tensor.value_index or not _has_batch(tensor):
        raise ValueError(f"{kind} -> {tensor.shape}")
    return OPS[kind]


def _check_kernel(known: _Known, depends: list[bool]) -> None:
    if known.name in _MULTIPLY and depends != [True, False]:
        raise ValueError(f"{known.name} of two values of the image")


def _has_batch(tensor: tf.Tensor) -> bool:
    """Returns whether the batch is the first dimension, and the only unknown one."""
    dimensions = tensor.shape.as_list() if tensor.shape.rank else [0]
    return dimensions[0] is None and None not in dimensions[1:]


def _shape(tensor: tf.Tensor) -> list[int]:
    return tensor.shape.as_list()[1:]


def _none(op: tf.Operation) -> _Settings:
    return {}


def _alpha(op: tf.Operation) -> _Settings:
    return {"alpha": op.get_attr("alpha")}


def _epsilon(op: tf.Operation) -> _Settings:
    _check(op, is_training=False, data_format=b"NHWC")
    return {"epsilon": op.get_attr("epsilon")}


def _broadcast(op: tf.Operation) -> _Settings:
    """Checks that the batch is where the page does without it, in front."""
    rank = op.outputs[0].shape.rank
    for one in op.inputs:
        shape = one.shape.as_list()
        if len(shape) == rank and shape[0] == 1:  # stands for each of the batch
            del shape[0]
        if None in (shape[1:] if len(shape) == rank else shape):
            raise ValueError(f"{op.type} of {[str(i.shape) for i in op.inputs]}")
    return {}


def _same_size(op: tf.Operation) -> _Settings:
    before, after = op.inputs[0], op.outputs[0]
    if not _has_batch(before) or math.prod(_shape(before)) != math.prod(_shape(after)):
        raise ValueError(f"{op.type} of {before.shape} to {after.shape}")
    return {}


def _vector(op: tf.Operation) -> _Settings:
    _check(op, transpose_a=False, transpose_b=False)
    return {}


def _last_axis(op: tf.Operation) -> _Settings:
    if op.inputs[0].shape.rank < 2:
        raise ValueError("Softmax of one dimension")
    return {}


def _axes(op: tf.Operation) -> _Settings:
    axes, rank = _static(op, 1), op.inputs[0].shape.rank
    found = sorted(int(axis) % rank for axis in axes.reshape(-1))
    if not found or found[0] == 0:
        raise ValueError(f"{op.type} over the batch")
    return {"axes": [axis - 1 for axis in found]}


def _paddings(op: tf.Operation) -> _Settings:
    paddings = _static(op, 1).tolist()
    value = float(_static(op, 2)) if len(op.inputs) > 2 else 0.0
    return {"before": [before for before, _ in paddings[1:]], "value": value}


def _convolution(op: tf.Operation) -> _Settings:
    _check(op, dilations=[1, 1, 1, 1])
    if op.inputs[1].shape[2] != op.inputs[0].shape[-1]:
        raise ValueError("Conv2D in groups")
    return _windows(op, op.inputs[1].shape.as_list()[:2])


def _pool(op: tf.Operation) -> _Settings:
    window = op.get_attr("ksize")[1:3]
    return {**_windows(op, window), "window": window}


def _windows(op: tf.Operation, window: list[int]) -> _Settings:
    """Returns how windows of [height, width] lie on an image."""
    _check(op, data_format=b"NHWC")
    strides = op.get_attr("strides")[1:3]
    if op.get_attr("padding") == b"EXPLICIT":
        return {"strides": strides, "before": op.get_attr("explicit_paddings")[2:5:2]}
    sides, counts = _shape(op.inputs[0])[:2], _shape(op.outputs[0])[:2]
    # What windows reach beyond an image they do on both sides, at the end first.
    before = [
        max((count - 1) * stride + size - side, 0) // 2
        for side, count, stride, size in zip(
            sides, counts, strides, window, strict=True
        )
    ]
    return {"strides": strides, "before": before}


def _check(op: tf.Operation, **wanted: Any) -> None:
    for name, value in wanted.items():
        if (found := op.get_attr(name)) != value:
            raise ValueError(f"{op.type} with {name}={found}")


def _static(op: tf.Operation, number: int) -> np.ndarray:
    value = tf.get_static_value(op.inputs[number])
    if value is None:
        raise ValueError(f"{op.type} by what is computed")
    return value


_SAME = ("EnsureShape", "Identity", "IdentityN", "PreventGradient", "StopGradient")
_MULTIPLY = ("Conv2D", "MatMul")
_UNARY = "Abs Elu Exp Neg Relu Relu6 Rsqrt Selu Sigmoid Softplus Sqrt Square Tanh"
_BINARY = "AddV2 Maximum Minimum Mul RealDiv SquaredDifference Sub"
OPS = {
    **{name: _Known(name, 1, _none) for name in _UNARY.split()},
    **{name: _Known(name, 2, _broadcast) for name in _BINARY.split()},
    **{name: _Known(name, 1, _axes) for name in ("Max", "Mean", "Sum")},
    **{name: _Known(name, 1, _pool) for name in ("AvgPool", "MaxPool")},
    **{name: _Known("AddV2", 2, _broadcast) for name in ("Add", "BiasAdd")},
    **{name: _Known("Pad", 1, _paddings) for name in ("Pad", "PadV2")},
    **{
        name: _Known("Reshape", 1, _same_size)
        for name in ("ExpandDims", "Reshape", "Squeeze", "StridedSlice")
    },
    "Conv2D": _Known("Conv2D", 2, _convolution),
    "FusedBatchNormV3": _Known("FusedBatchNorm", 5, _epsilon),
    "LeakyRelu": _Known("LeakyRelu", 1, _alpha),
    "MatMul": _Known("MatMul", 2, _vector),
    "Softmax": _Known("Softmax", 1, _last_axis),
}
