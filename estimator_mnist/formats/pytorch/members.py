"""What the generated module has by `self`: layers, parameters and buffers."""

import re

import numpy as np
import tensorflow as tf

from estimator_mnist.formats.page.program import Program, Step
from estimator_mnist.formats.pytorch import windows

_VARIABLES = ("VarHandleOp", "VariableV2", "Variable")


class Members:
    """Collects members, called as the variables are.

    Attributes:
      lines: of __init__, one for each member.
      tensors: their values by their names in the state_dict.
    """

    def __init__(self, program: Program, graph: tf.Graph):
        """Begins without members."""
        self.lines: list[str] = []
        self.tensors: dict[str, np.ndarray] = {}
        self._constants, self._graph = program.constants, graph
        names = graph.get_collection(tf.compat.v1.GraphKeys.TRAINABLE_VARIABLES)
        self._trainable = {variable.op.name for variable in names}

    def convolution(
        self, step: Step, kernel: str, bias: str | None, shape: list[int]
    ) -> str:
        """Adds an nn.Conv2d for images of `shape`; returns its name."""
        value = self._constants[kernel]  # [height, width, channels, filters]
        sizes, channels, filters = list(value.shape[:2]), *value.shape[2:]
        arguments = windows.convolution_arguments(step, sizes, shape)
        code = f"nn.Conv2d({channels}, {filters}, {arguments}"
        return self._layer(kernel, code, value.transpose(3, 2, 0, 1), bias)

    def dense(
        self,
        kernel: str,
        bias: str | None,
        flattened: tuple[int, ...] | None,
    ) -> str:
        """Adds an nn.Linear; returns its name.

        Args:
          flattened: [height, width, channels] of images that it takes channels first.
        """
        value = self._constants[kernel]  # [inputs, outputs]
        inputs, outputs = value.shape
        if flattened:
            value = value.reshape(*flattened, outputs).transpose(2, 0, 1, 3)
            value = value.reshape(inputs, outputs)
        return self._layer(kernel, f"nn.Linear({inputs}, {outputs}", value.T, bias)

    def bias(self, names: list[str], step: Step) -> str | None:
        """Returns which of the values in a sum is a bias of what `step` makes."""
        others = [name for name in names if name in self._constants]
        fits = [
            n for n in others if list(self._constants[n].shape) == step["shape"][-1:]
        ]
        return fits[0] if fits else None

    def operand(self, name: str, rank: int) -> str:
        """Returns how code writes a constant; adds a member for all but a number.

        Args:
          rank: of what it is computed with, without the batch.
        """
        value, variable = self._constants[name], self._variable(name)
        if not value.shape and not variable:
            return str(value)
        if rank == 3:
            shape = (1,) * (3 - value.ndim) + value.shape
            value = value.reshape(shape).transpose(2, 0, 1)
        member = self._unused(variable.replace("/", "_") if variable else "constant")
        kept = variable in self._trainable
        new = f"torch.zeros({list(value.shape)})"
        self.lines.append(
            f"self.{member} = nn.Parameter({new})"
            if kept
            else f'self.register_buffer("{member}", {new})'
        )
        self.tensors[member] = value
        return f"self.{member}"

    def _layer(
        self, kernel: str, code: str, weight: np.ndarray, bias: str | None
    ) -> str:
        scope = (self._variable(kernel) or "layer/").rpartition("/")[0]
        name = self._unused(scope or "layer")
        self.tensors[f"{name}.weight"] = weight
        if bias:
            self.tensors[f"{name}.bias"] = self._constants[bias]
        end = ")" if bias else ", bias=False)"
        self.lines.append(f"self.{name} = {code}{end}")
        return name

    def _unused(self, name: str) -> str:
        """Returns `name`, as Python takes it, or with a number after it."""
        name = re.sub(r"\W", "_", name)
        taken = {known.partition(".")[0] for known in self.tensors}
        names = [name, *(f"{name}_{number}" for number in range(1, len(taken) + 1))]
        return next(one for one in names if one not in taken)

    def _variable(self, name: str) -> str | None:
        """Returns the name of the one variable that a constant is made of, if it is."""
        waiting, found = [self._graph.get_tensor_by_name(name).op], set()
        while waiting:
            op = waiting.pop()
            if op.type in _VARIABLES:
                found.add(op.name)
            waiting += [one.op for one in op.inputs]
        return found.pop() if len(found) == 1 else None
