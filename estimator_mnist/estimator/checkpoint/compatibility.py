"""Compares a checkpoint with the model before it is restored, and says what differs."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

import tensorflow as tf

from estimator_mnist import errors

# The ways in which a checkpoint fails to fit, as errors.CheckpointMismatchError.kind.
OPTIMIZER = "optimizer"  # only an optimizer's own variables are missing
RENAMED = "renamed"  # the same shapes under other names
INPUT_SIZE = "input size"  # the same layers, which take more or fewer values
SHAPE = "shape"  # the same names with other shapes
DTYPE = "dtype"  # the same names and shapes with other dtypes
MISSING = "missing"  # the model has all that the checkpoint has, and more
OTHER = "other"

_POWER = re.compile(r"(.*/)?beta[12]_power(_\d+)?")


class Spec(NamedTuple):
    """Shape and dtype of a variable."""

    shape: tuple  # None for a dimension that the model leaves open
    dtype: tf.DType

    def __str__(self) -> str:
        return f"{list(self.shape)} {self.dtype.name}"

    def fits(self, other: "Spec") -> bool:
        """Whether one can be restored into the other."""
        shapes = tf.TensorShape(self.shape), tf.TensorShape(other.shape)
        return shapes[0].is_compatible_with(shapes[1]) and self.dtype == other.dtype


class Diagnosis(NamedTuple):
    """What probably happened, and how a warm start would take what fits."""

    kind: str
    text: str
    warm_start: str  # what to begin a new model_dir with


class Difference(NamedTuple):
    """A variable of model or checkpoint, None where the one or the other lacks it."""

    name: str
    model: Spec | None
    stored: Spec | None

    def __str__(self) -> str:
        sides = {"model": self.model, "checkpoint": self.stored}
        return f"  {self.name}: " + ", ".join(
            f"{side} {spec}" if spec else f"{side}: missing"
            for side, spec in sides.items()
        )


def compare(path: str, variables: Iterable[tf.Variable]) -> None:
    """Raises CheckpointMismatchError unless `path` holds all `variables`.

    Resource variables take a tensor of any shape when restored, so names, shapes and
    dtypes are compared beforehand.
    """
    stored = _stored(path)
    model, pieces = _model(variables, stored)
    bad = [
        Difference(name, spec, stored.get(name))
        for name, spec in model.items()
        if name not in stored or not spec.fits(stored[name])
    ]
    if not bad:
        return
    unused = sorted(stored.keys() - model.keys() - pieces)
    bad += [Difference(name, None, stored[name]) for name in unused]
    names = stored.keys() | model.keys()
    # An optimizer's variables tell something only where nothing else differs.
    others = [one for one in bad if not is_optimizer_variable(one.name, names)]
    diagnosis = _diagnose(path, others) if others else _optimizer_changed(path, bad)
    raise errors.CheckpointMismatchError(path, others or bad, diagnosis)


def is_optimizer_variable(name: str, names: Collection[str]) -> bool:
    """Whether an optimizer made the variable `name`, one of the model's `names`.

    That is a slot, which is named after the variable it belongs to, as
    `dense/kernel/Adam`; or Adam's power of a beta, as `beta1_power_1`, in any scope.
    """
    return name.rpartition("/")[0] in names or bool(_POWER.fullmatch(name))


def _stored(path):
    reader = tf.train.load_checkpoint(path)
    dtypes = reader.get_variable_to_dtype_map()
    return {
        name: Spec(tuple(shape), dtypes[name])
        for name, shape in reader.get_variable_to_shape_map().items()
    }


def _model(variables, stored):
    """dict name -> Spec; and names of what the model has in pieces only."""
    model, pieces = {}, set()
    for variable in variables:
        name = variable.op.name
        whole = re.sub(r"/part_\d+$", "", name)
        if whole != name and whole in stored:
            pieces.add(whole)
        else:
            shape = tuple(variable.shape.as_list())
            model[name] = Spec(shape, variable.dtype.base_dtype)
    return model, pieces


def _optimizer_changed(path, differences):
    ours, theirs = (
        sorted({one.name.rpartition("/")[2] for one in differences if one[side]})
        for side in (1, 2)
    )
    theirs = ", ".join(theirs) or "none"
    return Diagnosis(
        OPTIMIZER,
        "Only an optimizer's own variables differ, so the optimizer was changed: the "
        f"model's needs {', '.join(ours)}; of these kinds the checkpoint has {theirs}.",
        repr(path),
    )


def _diagnose(path, differences):
    """What differences in other variables than an optimizer's come from."""
    lacking = [one for one in differences if one.stored is None]
    unused = [one for one in differences if one.model is None]
    if lacking and unused and len(lacking) + len(unused) == len(differences):
        pairs = _pairs(lacking, unused)
        if pairs:
            return _renamed(path, pairs)
    if not lacking and not unused:
        kind, text = _other_specs(differences)
    elif lacking == differences:
        kind, text = MISSING, "The model has variables that the checkpoint lacks."
    else:
        kind, text = OTHER, "Names and shapes differ: it is another model's."
    return Diagnosis(kind, text, _fitting(path, differences))


def _fitting(path, differences):
    """Settings that take all trainable variables but those that do not fit."""
    names = "|".join(re.escape(one.name) for one in differences if one.model)
    return f"WarmStartSettings({path!r}, vars_to_warm_start={f'(?!({names}):)'!r})"


def _other_specs(differences):
    """(kind, text) where the names are the same on both sides."""
    if all(one.model.shape == one.stored.shape for one in differences):
        return DTYPE, "Names and shapes agree, dtypes do not."
    if len(differences) > 1 or not _only_input_differs(*differences):
        return SHAPE, "The same names with other shapes: layers of another size."
    name, model, stored = differences[0]
    return INPUT_SIZE, (
        f"All but one variable fit: {name} takes {model.shape[-2]} inputs in the "
        f"model and {stored.shape[-2]} in the checkpoint, which was trained on inputs "
        "of another size."
    )


def _only_input_differs(one):
    """A kernel's last but one dimension is its inputs, the last its outputs."""
    return (
        len(one.model.shape) == len(one.stored.shape) > 1
        and one.model.dtype == one.stored.dtype
        and one.model.shape[:-2] == one.stored.shape[:-2]
        and one.model.shape[-1] == one.stored.shape[-1]
    )


def _renamed(path, pairs):
    layers = {_layer(theirs.name): _layer(ours.name) for ours, theirs in pairs}
    names = ", ".join(f"{old} is now {new}" for old, new in layers.items())
    mapping = {ours.name: theirs.name for ours, theirs in pairs}
    return Diagnosis(
        RENAMED,
        "What is missing has the shapes of what is left over, so names were changed: "
        f"{names}.",
        f"WarmStartSettings({path!r}, var_name_to_prev_var_name={mapping})",
    )


def _pairs(lacking, unused):
    """(model's, checkpoint's) Difference of each renamed variable; [] if unclear."""
    ours, theirs = _layers(lacking), _layers(unused)
    pairs = []
    for layer in ours:
        twin = next((o for o in theirs if _shapes(o, 2) == _shapes(layer, 1)), None)
        if twin is None:
            return []
        theirs.remove(twin)
        pairs += zip(layer, twin, strict=True)
    return [] if theirs else pairs


def _layers(differences):
    """Lists of Differences, one per layer, each in the order of shapes."""
    layers = {}
    for one in differences:
        layers.setdefault(_layer(one.name), []).append(one)
    return [
        sorted(layer, key=lambda one: (str(one.model or one.stored), one.name))
        for layer in layers.values()
    ]


def _layer(name):
    return name.rpartition("/")[0] or name


def _shapes(layer, side):
    return [one[side] for one in layer]
