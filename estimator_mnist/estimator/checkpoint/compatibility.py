"""Compares a checkpoint with the model before it is restored; explains what differs."""

import re
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.checkpoint import object_based, paths

# The ways in which a checkpoint does not fit, as errors.CheckpointMismatchError.kind.
OPTIMIZER = "optimizer"  # only an optimizer's own variables are missing
RENAMED = "renamed"  # the same shapes under other names
INPUT_SIZE = "input size"  # the same layers, which take more or fewer values
SHAPE = "shape"  # the same names with other shapes
DTYPE = "dtype"  # the same names and shapes with other dtypes
MISSING = "missing"  # the model has all that the checkpoint has, and more
OBJECT_BASED = "object-based"  # a tf.train.Checkpoint wrote it, under its own keys
OTHER = "other"

_POWER = re.compile(r"(.*/)?beta[12]_power(_\d+)?")
# What TensorFlow 1.x puts between the name of a variable in pieces and a slot's.
_PIECE = re.compile(r"/(part|t)_\d+$")


class Spec(NamedTuple):
    """Shape and dtype of a variable."""

    shape: tuple[int | None, ...]  # None for a dimension that the model leaves open
    dtype: tf.DType

    def __str__(self) -> str:
        return f"{list(self.shape)} {self.dtype.name}"

    def fits(self, other: "Spec") -> bool:
        """Returns whether one can be restored into the other."""
        shapes = tf.TensorShape(self.shape), tf.TensorShape(other.shape)
        return shapes[0].is_compatible_with(shapes[1]) and self.dtype == other.dtype


class Diagnosis(NamedTuple):
    """The likely cause of a mismatch, and a warm start that takes what fits."""

    kind: str
    text: str
    warm_start: str  # value of warm_start_from for a new model_dir, as Python source


class Difference(NamedTuple):
    """A variable that does not fit; a side that lacks it has None."""

    name: str
    model: Spec | None
    stored: Spec | None

    def __str__(self) -> str:
        sides = {"model": self.model, "checkpoint": self.stored}
        return f"  {self.name}: " + ", ".join(
            f"{side} {spec}" if spec else f"{side}: missing"
            for side, spec in sides.items()
        )


class _FailedRestore(errors.CheckpointMismatchError):
    """A mismatch that is also the OpError by which TensorFlow's restore reports it.

    A subclass names that OpError as its other base.
    """

    def __init__(
        self,
        path: str,
        differences: list[Difference],
        diagnosis: Diagnosis,
        opening: str = "",
    ) -> None:
        """Initializes both bases with the same text; `diagnosis` is its cause."""
        super().__init__(path, differences, diagnosis, opening)
        # An OpError is pickled by the attributes called as its arguments.
        self.diagnosis, self.opening = diagnosis, opening
        text = str(self.args[0])
        # What comes after ValueError, the last base of CheckpointMismatchError.
        super(ValueError, self).__init__(None, None, text)
        self.args = (text,)

    def called(self, path: str) -> "_FailedRestore":
        """Returns the same error of a checkpoint that the user knows as `path`."""
        texts = (*self.diagnosis, self.opening)
        kind, text, warm_start, opening = (t.replace(self.path, path) for t in texts)
        diagnosis = Diagnosis(kind, text, warm_start)
        return type(self)(path, self.differences, diagnosis, opening)


class RestoreMismatchError(_FailedRestore, tf.errors.InvalidArgumentError):
    """The mismatch where shapes or dtypes differ."""


class MissingVariablesError(_FailedRestore, tf.errors.NotFoundError):
    """The mismatch where the checkpoint lacks variables."""

    def after(self, opening: str) -> "MissingVariablesError":
        """Returns the same error with a text that begins with `opening`."""
        return MissingVariablesError(
            self.path, self.differences, self.diagnosis, opening
        )


class _Change(NamedTuple):
    """A variable that both sides have, with different specs."""

    name: str
    model: Spec
    stored: Spec


def compare(path: str, variables: Iterable[tf.Variable]) -> None:
    """Compares the checkpoint at `path` with the `variables` of a model.

    Resource variables take a tensor of any shape when restored, so names, shapes and
    dtypes are compared beforehand.

    Raises:
      CheckpointMismatchError: the checkpoint lacks one of the variables, or has it with
        another shape or dtype.
    """
    model, reader = _model(variables), paths.reader(path)
    if object_based.is_object_based(reader):
        lacking = [Difference(name, spec, None) for name, spec in model.items()]
        raise MissingVariablesError(path, lacking, _object_based(path))
    stored = _stored(reader)
    differences = [
        Difference(name, spec, stored.get(name))
        for name, spec in model.items()
        if name not in stored or not spec.fits(stored[name])
    ]
    if not differences:
        return
    unused = sorted(stored.keys() - model.keys())
    differences += [Difference(name, None, stored[name]) for name in unused]
    raise _mismatch(path, differences, stored.keys() | model.keys())


def is_optimizer_variable(name: str, names: Collection[str]) -> bool:
    """Returns whether an optimizer made the variable `name`, of the model's `names`.

    That is a slot, which is named after the variable it belongs to, as
    `dense/kernel/Adam`, or `weights/part_0/Ftrl`; or Adam's power of a beta, as
    `beta1_power_1`, in any scope.
    """
    owner = name.rpartition("/")[0]
    is_slot = owner in names or _PIECE.sub("", owner) in names
    return is_slot or bool(_POWER.fullmatch(name))


def _mismatch(
    path: str, differences: list[Difference], names: Collection[str]
) -> errors.CheckpointMismatchError:
    """Returns the error, of an optimizer's variables only where no others differ."""
    others = [one for one in differences if not is_optimizer_variable(one.name, names)]
    kind: type[RestoreMismatchError | MissingVariablesError] = RestoreMismatchError
    if any(one.stored is None for one in differences):
        kind = MissingVariablesError
    if others:
        return kind(path, others, _diagnose(path, others))
    return kind(path, differences, _optimizer_changed(path, differences))


def _object_based(path: str) -> Diagnosis:
    return Diagnosis(
        OBJECT_BASED,
        "It is object-based: a tf.train.Checkpoint wrote it, and reads it. Give the "
        "model one of the same objects, by "
        "EstimatorSpec(scaffold=Scaffold(saver=tf.train.Checkpoint(...))).",
        repr(path),
    )


def _stored(reader: Any) -> dict[str, Spec]:
    dtypes = reader.get_variable_to_dtype_map()
    return {
        name: Spec(tuple(shape), dtypes[name])
        for name, shape in reader.get_variable_to_shape_map().items()
    }


def _model(variables: Iterable[tf.Variable]) -> dict[str, Spec]:
    """Returns the specs by the names that a checkpoint has the variables under."""
    return dict(_name_and_spec(variable) for variable in variables)


def _name_and_spec(variable: tf.Variable) -> tuple[str, Spec]:
    """Returns a variable's name and spec; for a piece, those of the whole variable.

    A checkpoint has a partitioned variable, and each of its slots, as one tensor.
    """
    dtype = variable.dtype.base_dtype
    piece = variable.to_proto().save_slice_info_def
    if piece.full_name:
        return piece.full_name, Spec(tuple(piece.full_shape), dtype)
    return variable.op.name, Spec(tuple(variable.shape.as_list()), dtype)


def _optimizer_changed(path: str, differences: list[Difference]) -> Diagnosis:
    needed = _last_parts(one.name for one in differences if one.model)
    present = _last_parts(one.name for one in differences if one.stored)
    return Diagnosis(
        OPTIMIZER,
        "Only an optimizer's own variables differ, so the optimizer was changed: the "
        f"model's needs {needed}; of these kinds the checkpoint has "
        f"{present or 'none'}.",
        repr(path),
    )


def _last_parts(names: Iterable[str]) -> str:
    """Returns `Adam, Adam_1`: the kinds of an optimizer's variables."""
    return ", ".join(sorted({name.rpartition("/")[2] for name in names}))


def _diagnose(path: str, differences: list[Difference]) -> Diagnosis:
    """Explains differences in variables that are no optimizer's."""
    lacking = [one for one in differences if one.stored is None]
    unused = [one for one in differences if one.model is None]
    changes = [
        _Change(one.name, one.model, one.stored)
        for one in differences
        if one.model and one.stored
    ]
    if lacking and unused and not changes:
        pairs = _pairs(lacking, unused)
        if pairs:
            return _renamed(path, pairs)
    if not lacking and not unused:
        kind, text = _other_specs(changes)
    elif lacking == differences:
        kind, text = MISSING, "The model has variables that the checkpoint lacks."
    else:
        kind, text = OTHER, "Names and shapes differ: it is another model's."
    return Diagnosis(kind, text, _fitting(path, differences))


def _fitting(path: str, differences: list[Difference]) -> str:
    """Returns settings that take all trainable variables except those that differ."""
    names = "|".join(re.escape(one.name) for one in differences if one.model)
    return f"WarmStartSettings({path!r}, vars_to_warm_start={f'(?!({names}):)'!r})"


def _other_specs(changes: list[_Change]) -> tuple[str, str]:
    """Returns (kind, text) where the names are the same on both sides."""
    if all(one.model.shape == one.stored.shape for one in changes):
        return DTYPE, "Names and shapes agree, dtypes do not."
    if len(changes) > 1 or not _only_input_differs(*changes):
        return SHAPE, "The same names with other shapes: layers of another size."
    name, model, stored = changes[0]
    return INPUT_SIZE, (
        f"All but one variable fit: {name} takes {model.shape[-2]} inputs in the "
        f"model and {stored.shape[-2]} in the checkpoint, which was trained on inputs "
        "of another size."
    )


def _only_input_differs(one: _Change) -> bool:
    """Returns whether kernels differ in their last but one dimension, of inputs."""
    return (
        len(one.model.shape) == len(one.stored.shape) > 1
        and one.model.dtype == one.stored.dtype
        and one.model.shape[:-2] == one.stored.shape[:-2]
        and one.model.shape[-1] == one.stored.shape[-1]
    )


def _renamed(path: str, pairs: list[tuple[Difference, Difference]]) -> Diagnosis:
    layers = {_layer(old.name): _layer(new.name) for new, old in pairs}
    names = ", ".join(f"{old} is now {new}" for old, new in layers.items())
    mapping = {new.name: old.name for new, old in pairs}
    return Diagnosis(
        RENAMED,
        "What is missing has the shapes of what is left over, so names were changed: "
        f"{names}.",
        f"WarmStartSettings({path!r}, var_name_to_prev_var_name={mapping})",
    )


def _pairs(
    lacking: list[Difference], unused: list[Difference]
) -> list[tuple[Difference, Difference]]:
    """Returns (model's, checkpoint's) of each renamed variable; [] if unclear."""
    unmatched = _layers(unused)
    pairs: list[tuple[Difference, Difference]] = []
    for layer in _layers(lacking):
        specs = [one.model for one in layer]
        old = next((o for o in unmatched if [one.stored for one in o] == specs), None)
        if old is None:
            return []
        unmatched.remove(old)
        pairs += zip(layer, old, strict=True)
    return [] if unmatched else pairs


def _layers(differences: list[Difference]) -> list[list[Difference]]:
    """Returns the differences of each layer, in the order of their specs."""
    layers: dict[str, list[Difference]] = {}
    for one in differences:
        layers.setdefault(_layer(one.name), []).append(one)
    return [
        sorted(layer, key=lambda one: (str(one.model or one.stored), one.name))
        for layer in layers.values()
    ]


def _layer(name: str) -> str:
    return name.rpartition("/")[0] or name
