"""Finds checkpoints, also in moved directories, and compares before restoring."""

import os
import re

import tensorflow as tf

tf1 = tf.compat.v1

# What CheckpointSaverHook names its files.
BASENAME = "model.ckpt"


class CheckpointMismatchError(ValueError):
    """The checkpoint's variables are not those of the model."""


def latest(model_dir: str) -> str | None:
    """Path prefix of the newest checkpoint in `model_dir`, or None.

    The state file `checkpoint` is asked first; what it names is looked up in
    `model_dir` by its last part, since directories move between machines. Where the
    state file names nothing that is there, the files themselves decide.
    """
    known = all_paths(model_dir)
    return known[-1] if known else None


def all_paths(model_dir: str) -> list[str]:
    """Path prefixes of all checkpoints in `model_dir`, the newest last."""
    named = _named_by_state_file(model_dir)
    found = [path for path in named if exists(path)]
    if found and found[-1] == named[-1]:
        return found
    return on_disk(model_dir) or found


def exists(path: str) -> bool:
    """Whether there is a checkpoint with this path prefix, also in the old format."""
    return tf.io.gfile.exists(path + ".index") or tf.io.gfile.exists(path)


def check_exists(path: str) -> None:
    """Raises ValueError where there is no checkpoint with this path prefix."""
    if not exists(path):
        raise ValueError(
            f"checkpoint_path is not a valid checkpoint: {path}. Leave it out for the "
            "newest one in model_dir."
        )


def step_of(path: str) -> int:
    """Global step stored in the checkpoint at `path`; 0 where it has none."""
    reader = tf.train.load_checkpoint(path)
    if not reader.has_tensor(tf1.GraphKeys.GLOBAL_STEP):
        return 0
    return int(reader.get_tensor(tf1.GraphKeys.GLOBAL_STEP))


def compare(path: str, variables) -> None:
    """Raises CheckpointMismatchError unless `path` holds all `variables`.

    Resource variables take a tensor of any shape when restored, so names, shapes and
    dtypes are compared beforehand.
    """
    reader = tf.train.load_checkpoint(path)
    shapes = reader.get_variable_to_shape_map()
    dtypes = reader.get_variable_to_dtype_map()
    problems, used = [], set()
    for variable in variables:
        name = re.sub(r"/part_\d+$", "", variable.op.name)
        used |= {name, variable.op.name}
        if name not in shapes and variable.op.name not in shapes:
            problems.append(f"  {name}: model {_shape(variable)}, checkpoint: missing")
        elif name == variable.op.name and not _same(variable, shapes, dtypes):
            stored = f"{shapes[name]} {dtypes[name].name}"
            problems.append(f"  {name}: model {_shape(variable)}, checkpoint {stored}")
    if problems:
        problems += _unused(shapes, used)
        raise CheckpointMismatchError(_mismatch_message(path, problems))


def _named_by_state_file(model_dir):
    """Paths in `model_dir`, whatever machine or system they were written on."""
    try:
        state = tf1.train.get_checkpoint_state(model_dir)
    except ValueError as error:
        tf1.logging.warning("%s: the state file is not usable: %s", model_dir, error)
        state = None
    if state is None:
        return []
    named = [*state.all_model_checkpoint_paths, state.model_checkpoint_path]
    local = [os.path.join(model_dir, re.split(r"[/\\]", path)[-1]) for path in named]
    # The newest stands twice, its last place counts.
    return list(dict.fromkeys(reversed(local)))[::-1]


def on_disk(model_dir: str) -> list[str]:
    """Path prefixes of the checkpoints that CheckpointSaverHook named, by step."""
    steps = {}
    for name in tf.io.gfile.listdir(model_dir) if tf.io.gfile.isdir(model_dir) else []:
        match = re.fullmatch(rf"({re.escape(BASENAME)}-(\d+))\.index", name)
        if match:
            steps[int(match[2])] = os.path.join(model_dir, match[1])
    return [steps[step] for step in sorted(steps)]


def _same(variable, shapes, dtypes):
    name = variable.op.name
    return (
        variable.shape.is_compatible_with(shapes[name])
        and variable.dtype.base_dtype == dtypes[name]
    )


def _shape(variable):
    return f"{variable.shape.as_list()} {variable.dtype.base_dtype.name}"


def _unused(shapes, used):
    """Lines for what only the checkpoint has, less the slots of its variables."""
    return [
        f"  {name}: model: missing, checkpoint {shape}"
        for name, shape in sorted(shapes.items())
        if name not in used and name.rpartition("/")[0] not in shapes
    ]


def _mismatch_message(path, problems):
    return "\n".join(
        [
            f"The checkpoint {path} does not fit the model:",
            *problems,
            "Three ways on: use the model and flags it was trained with, start a new "
            "model_dir with warm_start_from for the variables that fit, or train from "
            "scratch in a new model_dir.",
        ]
    )
