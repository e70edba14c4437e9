"""Finds the checkpoints of a model_dir, also of one that has been moved."""

import atexit
import contextlib
import functools
import os
import re
import tempfile
from typing import Any

import tensorflow as tf
from google.protobuf import text_format

from estimator_mnist import errors, files, temporary_files
from estimator_mnist.estimator.checkpoint import object_based

tf1 = tf.compat.v1

# What CheckpointSaverHook names its files, and the file that says which is the newest.
BASENAME = "model.ckpt"
STATE_FILE = "checkpoint"
# What reading a damaged state file raises.
_UNUSABLE: tuple[type[Exception], ...] = (
    text_format.ParseError,
    ValueError,
    tf.errors.OpError,
    errors.NotAFileError,
)
# What TensorFlow has a meaning for; where paths have a backslash, it is none.
_PATTERN_CHARACTERS = frozenset("*?[\\") - {os.sep}


def as_text(path: str | bytes | os.PathLike) -> str:
    """Returns a path, in whichever form it was given, as a str."""
    return os.fsdecode(path)


def reader(path: str) -> Any:
    """Returns TensorFlow's reader of the checkpoint at `path`.

    TensorFlow would wait for ever at a pipe.

    `tf.train.load_checkpoint` asks first whether `path` is a folder, which ram:// says
    of every path prefix.

    Raises:
      tf.errors.OpError: the checkpoint does not exist or cannot be read.
      NotAFileError: its index is no file.
    """
    if is_local(path) and os.path.exists(path + ".index"):
        files.check_is_file(path + ".index")
    return tf1.train.NewCheckpointReader(for_tensorflow(path))


def is_pattern(path: str) -> bool:
    """Returns whether TensorFlow takes `path` for a pattern, as a shell would."""
    return is_local(path) and not _PATTERN_CHARACTERS.isdisjoint(path)


def for_tensorflow(path: str) -> str:
    """Returns `path` such that TensorFlow takes it for a path.

    TensorFlow looks for a checkpoint by a pattern. It would not find one in `a[1]`, and
    in `a*` one of `ab` too. Such a folder gets a link that is called otherwise, in a
    temporary folder that lasts as long as the process.
    """
    if not is_pattern(path):
        return path
    folder, name = os.path.split(path)
    return os.path.join(_link_to(os.path.abspath(folder)), name)


@functools.cache
def _link_to(folder: str) -> str:
    temporary_files.remove_abandoned(tempfile.gettempdir())
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    parent = temporary_files.folder(tempfile.gettempdir(), "link")
    link = os.path.join(stack.enter_context(parent), "folder")
    os.symlink(folder, link, target_is_directory=True)
    return link


def latest(model_dir: str) -> str | None:
    """Returns the path prefix of the newest checkpoint in `model_dir`, or None.

    The state file `checkpoint` decides. What it names is looked up in `model_dir` by
    its last part, since directories move between machines. If none of that exists, the
    steps in the names of the files decide.
    """
    known = all_paths(model_dir)
    return known[-1] if known else None


def all_paths(model_dir: str) -> list[str]:
    """Returns path prefixes of all checkpoints in `model_dir`, the newest last."""
    in_state = named(model_dir)
    found = [path for path in in_state if exists(path)]
    if found and found[-1] == in_state[-1]:
        return found
    return on_disk(model_dir) or found


def candidates(model_dir: str) -> list[str]:
    """Returns path prefixes to restore from, the first choice first.

    First what the state file calls newest, then what it calls older, then other files;
    whether they are whole is not examined.
    """
    in_state, existing = named(model_dir)[::-1], on_disk(model_dir)[::-1]
    if not in_state:
        return on_disk(model_dir, r"index|data-.+")[::-1]
    if not exists(in_state[0]):
        # The state file is out of date: the step decides. What it calls newest comes
        # first all the same, so that its loss is reported.
        return list(dict.fromkeys([in_state[0], *existing, *in_state]))
    return list(dict.fromkeys([*in_state, *existing]))


def exists(path: str) -> bool:
    """Returns whether a checkpoint has this path prefix, of the old format too."""
    return tf.io.gfile.exists(path + ".index") or tf.io.gfile.exists(path)


def written_at(path: str) -> int | None:
    """Returns when the checkpoint was written, in nanoseconds since the epoch.

    None if it does not exist any more: a trainer may delete it at any moment.
    """
    for name in (path + ".index", path):
        with contextlib.suppress(tf.errors.NotFoundError):
            return tf.io.gfile.stat(name).mtime_nsec
    return None


def fingerprint(path: str) -> bytes | tuple | None:
    """Returns what tells a checkpoint from others that were at the same path.

    That is the index, which holds a checksum of each tensor; for the old format, which
    has none, the inode, size and time of the file. None where it is gone, or may not be
    read.
    """
    unreadable = OSError, tf.errors.OpError
    # Python's own open takes half as long as TensorFlow's.
    opened = open if is_local(path) else tf.io.gfile.GFile
    with contextlib.suppress(*unreadable), opened(path + ".index", "rb") as index:
        return index.read()
    with contextlib.suppress(*unreadable):
        if is_local(path):
            found = os.stat(path)
            return found.st_ino, found.st_size, found.st_mtime_ns
        remote = tf.io.gfile.stat(path)
        return remote.length, remote.mtime_nsec
    return None


def check_exists(path: str) -> None:
    """Checks that a checkpoint has this path prefix.

    Raises:
      ValueError: there is none.
    """
    if not exists(path):
        raise ValueError(
            f"The passed save_path is not a valid checkpoint: {path}. Leave out "
            "checkpoint_path for the newest one in model_dir."
        )


def step_of(path: str | None) -> int:
    """Returns the global step stored in the checkpoint at `path`.

    It is 0 for a checkpoint without one, and for None. An object-based one has it under
    any key, but knows what the variable is called.

    Raises:
      tf.errors.OpError: the checkpoint does not exist or cannot be read.
    """
    if not path:
        return 0
    stored, key = reader(path), tf1.GraphKeys.GLOBAL_STEP
    if object_based.is_object_based(stored):
        key = object_based.keys(stored).get(key)
    return int(stored.get_tensor(key)) if key and stored.has_tensor(key) else 0


def named(model_dir: str) -> list[str]:
    """Returns what the state file names, the newest last, as paths in `model_dir`.

    Of each path only the last part is used, because the file may have been written on
    another machine. They may name checkpoints that do not exist. A state file that is
    damaged names none, and is warned of, once.
    """
    try:
        state = _state(model_dir)
    except _UNUSABLE as error:
        warn_once("%s: the state file is not usable: %s", model_dir, error)
        state = None
    if state is None:
        return []
    paths = [*state.all_model_checkpoint_paths, state.model_checkpoint_path]
    names = [re.split(r"[/\\]", path)[-1] for path in paths]
    # Names of dots only would be folders, or outside of model_dir.
    local = [os.path.join(model_dir, name) for name in names if name.strip(".")]
    # The newest is listed twice: its last place counts.
    return list(dict.fromkeys(reversed(local)))[::-1]


def _state(model_dir: str) -> Any:
    """Returns the CheckpointState in the state file; None where there is no such file.

    Raises one of _UNUSABLE. `tf.train.get_checkpoint_state` warns each time instead.
    """
    state_file = os.path.join(model_dir, STATE_FILE)
    if is_local(model_dir) and os.path.exists(state_file):
        files.check_is_file(state_file)
    state = tf1.train.generate_checkpoint_state_proto(".", ".", ["."])  # of its class
    state.Clear()
    try:
        with tf.io.gfile.GFile(state_file) as file:
            text_format.Merge(file.read(), state)
    except tf.errors.NotFoundError:
        return None
    if not state.model_checkpoint_path:
        raise ValueError("it names no newest checkpoint")
    return state


def warn_once(message: str, *arguments: object) -> None:
    """Logs a warning, unless this process has given the same."""
    _warn(message % arguments)


@functools.cache
def _warn(text: str) -> None:
    tf1.logging.warning("%s", text)


def on_disk(model_dir: str, kinds: str = "index") -> list[str]:
    """Returns path prefixes of the checkpoints named by step, in the order of steps.

    Args:
      kinds: pattern of the endings of files that belong to a checkpoint. A step 0 needs
        its index: without one it is a first save that was killed.
    """
    steps = {}
    pattern = re.compile(rf"({re.escape(BASENAME)}-(\d+))\.({kinds})")
    for match in map(pattern.fullmatch, _names_in(model_dir)):
        if match and (match[3] == "index" or int(match[2])):
            steps[int(match[2])] = os.path.join(model_dir, match[1])
    return [steps[step] for step in sorted(steps)]


def _names_in(folder: str) -> list[str]:
    """Returns the names in a folder; none where there is no such folder."""
    if is_local(folder):  # TensorFlow's listing looks up each file
        return os.listdir(folder or ".") if os.path.isdir(folder or ".") else []
    return tf.io.gfile.listdir(folder) if tf.io.gfile.isdir(folder) else []


def write_state(model_dir: str, paths: list[str]) -> None:
    """Writes the state file with these path prefixes, whole or not at all.

    Only their last parts are kept, so that the folder may be moved.

    Args:
      paths: one or more, the newest last.
    """
    if not is_local(model_dir):
        # It makes the paths of the list that it is given relative.
        tf1.train.update_checkpoint_state(model_dir, paths[-1], list(paths))
        return
    names = [os.path.basename(path) for path in paths]
    state = tf1.train.generate_checkpoint_state_proto(
        os.path.abspath(model_dir), names[-1], names
    )
    files.write_text(os.path.join(model_dir, STATE_FILE), str(state))


def identity(folder: str) -> tuple[int, int] | None:
    """Returns what tells a folder from others that are at the same path.

    None where there is none, or it is on a remote file system.
    """
    if is_local(folder):
        with contextlib.suppress(OSError):
            found = os.stat(folder)
            return found.st_dev, found.st_ino
    return None


def is_local(path: str) -> bool:
    """Returns whether `path` is on a file system of this machine, not gs://."""
    return "://" not in path
