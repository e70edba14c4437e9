"""Tells whole checkpoints from damaged ones, and goes on from the newest whole one."""

import contextlib
import json
import os
import re
import shutil
import zlib

import tensorflow as tf

from estimator_mnist import errors, files
from estimator_mnist.estimator.checkpoint import paths as checkpoints

tf1 = tf.compat.v1

MANIFEST = ".manifest.json"
DAMAGED = ".damaged"
# What a killed process leaves: of TensorFlow's saver, and of files.replacing.
_LEFTOVER = re.compile(
    r".+_temp(_[0-9a-f]{32})?|.+\.tempstate\d+|checkpoint\.tmp[0-9a-f]+"
    r"|\.(checkpoint|.+\.manifest\.json)\..{8}"
)
_PART = re.compile(
    rf"({re.escape(checkpoints.BASENAME)}-\d+)\.(data-\d+-of-\d+|meta|manifest\.json)"
)
_CHUNK = 1 << 20


def files_of(path: str) -> list[str]:
    """Data, index and meta files of the checkpoint at `path`."""
    pattern = re.compile(
        re.escape(os.path.basename(path)) + r"\.(data-.*\d|index|meta)"
    )
    folder = os.path.dirname(path) or "."
    return [
        os.path.join(folder, name)
        for name in sorted(os.listdir(folder))
        if pattern.fullmatch(name)
    ]


def seal(path: str) -> None:
    """Brings a checkpoint just written to disk, then notes sizes and checksums.

    The manifest lies beside it: {"files": {name: {"bytes": int, "crc32": int}}}.
    """
    if not checkpoints.is_local(path):
        return
    contents = {}
    for name in files_of(path):
        with open(name, "rb") as file:
            os.fsync(file.fileno())
            contents[os.path.basename(name)] = _fingerprint(file)
    files.write_json(path + MANIFEST, {"files": contents})


def problem(path: str) -> str | None:
    """What is wrong with the checkpoint at `path`, or None.

    Where its manifest agrees, that is enough. Without one, or where another program
    has written the checkpoint anew, every tensor is read and held against TensorFlow's
    own checksums.
    """
    if not checkpoints.exists(path):
        return f"{os.path.basename(path)}.index is not there"
    complaints = _against_manifest(path)
    if complaints == []:
        return None
    unreadable = _read_all(path)
    return unreadable and "; ".join(complaints or [unreadable])


def newest_intact(model_dir: str) -> str | None:
    """Path prefix of the newest whole checkpoint, None where none was ever written.

    Damaged ones are passed over with a warning; nothing on disk changes.

    Raises DamagedCheckpointError where all are damaged.
    """
    intact, damaged = _intact_and_damaged(model_dir)
    for path, complaint in damaged.items():
        tf1.logging.warning(
            "Passing over the damaged checkpoint %s: %s", path, complaint
        )
    return intact


def prepare(model_dir: str) -> str | None:
    """What the one trainer of `model_dir` does first: newest_intact, and order.

    Damaged checkpoints newer than the one returned are renamed to *.damaged, the state
    file is written anew, and what killed processes left half-written is removed.
    """
    remove_leftovers(model_dir)
    intact, damaged = _intact_and_damaged(model_dir)
    for path, complaint in damaged.items():
        set_aside(path)
        tf1.logging.warning(
            "The checkpoint %s is damaged (%s): its files are set aside as *%s.",
            path,
            complaint,
            DAMAGED,
        )
    known = checkpoints.all_paths(model_dir)
    if intact and damaged:
        tf1.logging.warning("Going on from the newest whole one, %s.", intact)
        checkpoints.write_state(model_dir, [p for p in known if p != intact] + [intact])
    return intact


def set_aside(path: str) -> None:
    """Renames the files of a checkpoint so that nobody takes it for one."""
    for name in [*files_of(path), path + MANIFEST]:
        with contextlib.suppress(FileNotFoundError):
            os.replace(name, name + DAMAGED)


def remove(path: str) -> None:
    """Deletes the checkpoint at `path`, the index first: without it there is none."""
    if not checkpoints.is_local(path):
        tf1.train.remove_checkpoint(path)
        return
    index = path + ".index"
    for name in [index, *files_of(path), path + MANIFEST]:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def leftovers(model_dir: str) -> list[str]:
    """Paths of what killed processes left half-written in `model_dir`."""
    if not os.path.isdir(model_dir):
        return []
    names = sorted(os.listdir(model_dir))
    known = {os.path.basename(path) for path in checkpoints.candidates(model_dir)}
    found = [name for name in names if _LEFTOVER.fullmatch(name)]
    # Files without an index are of a save that was killed, unless they are known of.
    found += [
        name
        for name in names
        if (match := _PART.fullmatch(name))
        and match[1] not in known
        and f"{match[1]}.index" not in names
    ]
    return [os.path.join(model_dir, name) for name in found]


def remove_leftovers(model_dir: str) -> None:
    """Deletes them; only the one trainer may, since a save looks the same."""
    for path in leftovers(model_dir):
        tf1.logging.info("Removing %s, left by a process that was killed.", path)
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)


def _intact_and_damaged(model_dir):
    """The newest whole checkpoint, and a dict of the newer ones' complaints."""
    if not checkpoints.is_local(model_dir):
        return checkpoints.latest(model_dir), {}
    paths = checkpoints.candidates(model_dir)
    intact, damaged = None, {}
    for path in paths:
        complaint = problem(path)
        if not complaint:
            intact = path
            break
        damaged[path] = complaint
    if damaged and checkpoints.candidates(model_dir) != paths:
        # Not damaged, but deleted while a trainer goes on saving.
        return _intact_and_damaged(model_dir)
    if damaged and not intact:
        raise errors.DamagedCheckpointError(_nothing_intact(model_dir, damaged))
    return intact, damaged


def _nothing_intact(model_dir, damaged):
    lines = [f"  {path}: {complaint}" for path, complaint in damaged.items()]
    return "\n".join(
        [
            f"No checkpoint in {model_dir} is whole:",
            *lines,
            "Bring one back from a copy, or name a new model_dir to begin anew; "
            "nothing was changed here.",
        ]
    )


def _fingerprint(file):
    """Size in bytes and CRC-32 of an open file."""
    size = checksum = 0
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        checksum = zlib.crc32(chunk, checksum)
    return {"bytes": size, "crc32": checksum}


def _against_manifest(path):
    """Differences from the manifest; None where there is no usable one.

    The .meta file is left out: nothing that restores reads it.
    """
    try:
        with open(path + MANIFEST, encoding="utf-8") as file:
            expected = dict(json.load(file)["files"])
        names = sorted(name for name in expected if not name.endswith(".meta"))
        if os.path.basename(path) + ".index" not in names:
            return None
        return [
            complaint
            for name in names
            if (complaint := _difference(path, name, expected[name]))
        ]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _difference(path, name, expected):
    try:
        with open(
            os.path.join(os.path.dirname(path), os.path.basename(name)), "rb"
        ) as f:
            found = _fingerprint(f)
    except OSError as error:
        return f"{name}: {error.strerror}"
    if found["bytes"] != expected["bytes"]:
        return f"{name}: {found['bytes']} bytes, {expected['bytes']} when written"
    if found["crc32"] != expected["crc32"]:
        return f"{name}: its checksum is not the one it was written with"
    return None


def _read_all(path):
    """Reads each tensor, which TensorFlow holds against its checksum."""
    try:
        reader = tf.train.load_checkpoint(path)
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    # A damaged file makes the reader raise whatever comes: OpError, IndexError, ...
    except Exception as error:
        return (str(error) or type(error).__name__).splitlines()[0]
    return None
