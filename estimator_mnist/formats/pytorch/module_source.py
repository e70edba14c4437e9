"""Writes the code of a torch.nn.Module that computes what a Program does.

Images of several channels are [batch, channels, height, width] there. Kernels are
turned to fit, so that the code flattens as code written for PyTorch does.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist.formats.page.program import Program, Step
from estimator_mnist.formats.pytorch import windows
from estimator_mnist.formats.pytorch.members import Members
from estimator_mnist.formats.pytorch.unknown import unknown

FILE, WEIGHTS = "model.py", "model.safetensors"
_LINE = 88
_TEMPLATE = '''\
"""The network `{model}`, written by estimator_mnist.

    probabilities = load()(images)  # [batch, 10] of float32 [batch, {side}, {side}]
"""

import pathlib

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F


class {name}(nn.Module):
    def __init__(self):
        super().__init__()
{members}

    def logits(self, images):
{lines}

    def forward(self, images):  # pixels in 0..1
        return torch.softmax(self.logits(images), 1)


def load(path=pathlib.Path(__file__).with_name("model.safetensors")):
    """Returns the network with the weights in a file."""
    model = {name}()
    model.load_state_dict(load_file(path))
    return model.eval()
'''


class Module(NamedTuple):
    """Code, and the tensors that it loads, by their names in its state_dict."""

    code: str
    tensors: dict[str, np.ndarray]


def generate(program: Program, graph: tf.Graph, model: str) -> Module:
    """Returns the module of a program that ends in a softmax.

    Args:
      graph: of which the program is; knows the variables behind its constants.
      model: name of the network.

    Raises:
      ExportError: there is a step that the code has no words for.
    """
    *steps, last = program.steps
    if (last["op"], len(last["shape"])) != ("Softmax", 1):
        raise unknown("a network that does not end in a softmax")
    body = _Body(program, steps, Members(program, graph))
    lines = body.lines(last["inputs"][0])
    code = _TEMPLATE.format(
        model=model,
        name="".join(part.capitalize() for part in model.split("_")),
        side=program.shape[0],
        members=_indented(body.members.lines),
        lines=_indented(lines),
    )
    # Not every network has a pool or the like.
    if "F." not in code:
        code = code.replace("from torch.nn import functional as F\n", "")
    return Module(code, body.members.tensors)


def _indented(lines: list[str]) -> str:
    return "\n".join(f"        {line}" for line in lines)


class _Value(NamedTuple):
    """How the code writes a value of the program."""

    text: str
    operator: str = ""  # the last that it is computed with
    # [height, width, channels] that it was flattened of, channels first.
    flattened: tuple[int, ...] | None = None

    @property
    def grouped(self) -> str:
        """The text as an operand of any operator, or before a dot."""
        return f"({self.text})" if self.operator else self.text

    def beside(self, operator: str) -> str:
        """Returns the text as the first operand of `operator`."""
        is_looser = operator in _PRODUCTS and self.operator not in ("", *_PRODUCTS)
        return f"({self.text})" if is_looser else self.text


class _Body:
    """Writes the statements, one for each layer and what is done to its result.

    Attributes:
      members: what the statements refer to by `self`.
    """

    def __init__(self, program: Program, steps: list[Step], members: Members):
        """Begins before the first step."""
        self.members = members
        self._steps, self._values = steps, {program.image: _Value("images")}
        self._shapes = {program.image: program.shape}
        self._shapes |= {step["output"]: step["shape"] for step in steps}
        self._takers: dict[str, list[Step]] = {name: [] for name in self._shapes}
        for step in steps:
            for name in step["inputs"]:
                self._takers.get(name, []).append(step)
        self._left = Counter({n: len(takers) for n, takers in self._takers.items()})
        self._lines: list[str] = []
        self._expressions: dict[str, Callable[[Step], _Value]] = {
            **dict.fromkeys(_UNARY, self._unary),
            **dict.fromkeys(_BINARY, self._binary),
            **dict.fromkeys(_POOLS, self._pool),
            **dict.fromkeys(_REDUCTIONS, self._reduce),
            "Pad": self._pad,
            "Reshape": self._reshape,
        }

    def lines(self, result: str) -> list[str]:
        """Returns the statements that make the value `result` of the images."""
        self._left[result] += 1
        for step in self._steps:
            if step["output"] not in self._values:
                self._write(step)
        return [*self._lines, f"return {self._values[result].text}"]

    def _write(self, step: Step) -> None:
        """Writes a step, or keeps its expression for the one step that takes it."""
        value, output = self._expression(step)
        for name in step["inputs"]:
            self._left[name] -= 1
        takers = self._takers[output]
        nests = not takers or (len(takers) == 1 and takers[0]["op"] in _NESTING)
        if nests and step["op"] in (*_NESTING, *_LAYERS) or value.text.isidentifier():
            self._values[output] = value
            return
        variable = self._free_variable()
        shape = ", ".join(map(str, ["batch", *windows.turned(self._shapes[output])]))
        line = f"{variable} = {value.text}"
        if len(commented := f"{line}  # [{shape}]") <= _LINE - 8:
            line = commented
        self._lines.append(line)
        self._values[output] = value._replace(text=variable, operator="")

    def _free_variable(self) -> str:
        """Returns a name whose value no later step takes."""
        used = " ".join(
            value.text for name, value in self._values.items() if self._left[name] > 0
        )
        names = ("x", *(f"x{number}" for number in range(1, len(self._values))))
        return next(name for name in names if not re.search(rf"\b{name}\b", used))

    def _expression(self, step: Step) -> tuple[_Value, str]:
        """Returns what a step computes, and the output of the last step in it."""
        if step["op"] in _LAYERS:
            return self._layer(step)
        write = self._expressions.get(step["op"])
        if write is None:
            raise unknown(step["op"])
        return write(step), step["output"]

    def _layer(self, step: Step) -> tuple[_Value, str]:
        """Returns a convolution or product, with the bias that is added to it."""
        source, kernel = step["inputs"]
        value, added = self._values[source], self._takers[step["output"]]
        bias = None
        if len(added) == 1 and added[0]["op"] == "AddV2":
            bias = self.members.bias(added[0]["inputs"], step)
        if step["op"] == "Conv2D":
            name = self.members.convolution(step, kernel, bias, self._shapes[source])
        else:
            name = self.members.dense(kernel, bias, value.flattened)
        output = added[0]["output"] if bias else step["output"]
        return _Value(f"self.{name}({value.text})"), output

    def _unary(self, step: Step) -> _Value:
        value = self._values[step["inputs"][0]]
        text = _UNARY[step["op"]].format(value.text, value.grouped)
        return _Value(text, _POWERS.get(step["op"], ""), value.flattened)

    def _binary(self, step: Step) -> _Value:
        first, second = (self._operand(name, step) for name in step["inputs"])
        operator = _BINARY[step["op"]]
        text = f"{first.beside(operator)} {operator} {second.grouped}"
        # Adding a negative number is written as subtracting it.
        return _Value(text.replace("+ -", "- "), operator)

    def _operand(self, name: str, step: Step) -> _Value:
        if name not in self._shapes:
            return _Value(self.members.operand(name, len(step["shape"])))
        if self._values[name].flattened:
            raise unknown(f"{step['op']} of what was flattened")
        if len(self._shapes[name]) != len(step["shape"]):
            raise unknown(f"{step['op']} of different ranks")
        return self._values[name]

    def _reshape(self, step: Step) -> _Value:
        (name,) = step["inputs"]
        before, after, value = self._shapes[name], step["shape"], self._values[name]
        if before == after:
            return value
        if after in ([*before, 1], [1, *before]) and len(after) < 4:
            return _Value(f"{value.grouped}.unsqueeze(1)")
        if len(after) > 1 or value.flattened:
            raise unknown(f"a reshape of {before} to {after}")
        if len(before) != 3 or before[:2] == [1, 1] or before[2] == 1:
            return _Value(f"{value.grouped}.flatten(1)")
        if all(taker["op"] == "MatMul" for taker in self._takers[step["output"]]):
            return _Value(f"{value.grouped}.flatten(1)", "", tuple(before))
        return _Value(f"{value.grouped}.permute(0, 2, 3, 1).flatten(1)")

    def _pool(self, step: Step) -> _Value:
        (name,) = step["inputs"]
        text = windows.pool_arguments(step, self._shapes[name])
        return _Value(f"F.{_POOLS[step['op']]}({self._values[name].text}, {text})")

    def _pad(self, step: Step) -> _Value:
        (name,) = step["inputs"]
        text = windows.pad_arguments(step, self._shapes[name])
        return _Value(f"F.pad({self._values[name].text}, {text})")

    def _reduce(self, step: Step) -> _Value:
        (name,) = step["inputs"]
        value, shape = self._values[name], self._shapes[name]
        text = windows.reduce_arguments(step, shape)
        if value.flattened:
            raise unknown(f"{step['op']} of what was flattened")
        return _Value(f"{value.grouped}.{_REDUCTIONS[step['op']]}({text})")


_UNARY = {
    "Abs": "torch.abs({})",
    "Elu": "F.elu({})",
    "Exp": "torch.exp({})",
    "Neg": "-{1}",
    "Relu": "torch.relu({})",
    "Relu6": "F.relu6({})",
    "Rsqrt": "torch.rsqrt({})",
    "Selu": "F.selu({})",
    "Sigmoid": "torch.sigmoid({})",
    "Softplus": "F.softplus({})",
    "Sqrt": "torch.sqrt({})",
    "Square": "{1} ** 2",
    "Tanh": "torch.tanh({})",
}
_BINARY = {"AddV2": "+", "Mul": "*", "RealDiv": "/", "Sub": "-"}
_PRODUCTS = ("*", "/")
_POWERS = {"Neg": "-", "Square": "**"}
_POOLS = {"MaxPool": "max_pool2d", "AvgPool": "avg_pool2d"}
_REDUCTIONS = {"Sum": "sum", "Mean": "mean", "Max": "amax"}
_LAYERS = ("Conv2D", "MatMul")
# Steps that are written around the expression of what they take.
_NESTING = (*_UNARY, *_BINARY, *_REDUCTIONS)
