"""Tells whole checkpoints from damaged ones, and finds the newest whole one."""

import contextlib
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

import tensorflow as tf

from estimator_mnist import errors, files, json_files, temporary_files
from estimator_mnist.estimator.checkpoint import paths

tf1 = tf.compat.v1

MANIFEST = ".manifest.json"
DAMAGED = ".damaged"
_NAME = rf"{re.escape(paths.BASENAME)}-\d+"
_PART = re.compile(rf"({_NAME})\.(data-\d+-of-\d+|meta|manifest\.json)")
# What a killed process leaves of TensorFlow's writers, and of version 0.1: these names
# and no other, since all else in the folder is the user's.
_LEFTOVER = re.compile(
    rf"{_NAME}\.(data-\d+-of-\d+|index)\.tempstate\d+"
    rf"|(checkpoint|graph\.pbtxt|{_NAME}\.meta)\.tmp[0-9a-f]{{32}}"
    rf"|\.(checkpoint|{_NAME}\.manifest\.json)\.[a-z0-9_]{{8}}"
)
# The folder that TensorFlow's saver fills before it renames, and what is in it.
_LEFTOVER_FOLDER = re.compile(rf"{_NAME}_temp(_[0-9a-f]{{32}})?")
_SHARD = re.compile(r"part-\d+-of-\d+\..+")
_CHUNK = 1 << 20


def files_of(path: str) -> list[str]:
    """Returns the paths of the checkpoint's data, index and meta files.

    Raises:
      FileNotFoundError: the folder of `path` does not exist.
    """
    pattern = re.compile(
        re.escape(os.path.basename(path)) + r"\.(data-.*\d|index|meta)"
    )
    folder = os.path.dirname(path) or "."
    names = filter(pattern.fullmatch, os.listdir(folder))
    return [os.path.join(folder, name) for name in sorted(names)]


def seal(path: str, due: Iterable[str] = ()) -> None:
    """Syncs a checkpoint just written to disk, then writes its manifest.

    The manifest has the sizes and checksums of its files, and what is to be deleted as
    soon as the state file names it:
    {"files": {name: {"bytes": int, "crc32": int}}, "due": [name]}. On a remote file
    system there is none.

    Args:
      due: path prefixes of checkpoints in the same folder.

    Raises:
      OSError: the files cannot be read, or the manifest cannot be written.
    """
    if not paths.is_local(path):
        return
    contents = {}
    for name in files_of(path):
        with files.opened_to_sync(name) as file:
            os.fsync(file.fileno())
            contents[os.path.basename(name)] = _fingerprint(file)
    names = [os.path.basename(one) for one in due]
    files.write_json(path + MANIFEST, {"files": contents, "due": names})


@contextlib.contextmanager
def removed_if_failed(path: str) -> Iterator[None]:
    """Removes what a save leaves that fails, so that it does not fill the disk further.

    A checkpoint that was at `path` before stays.
    """
    existed = not paths.is_local(path) or paths.exists(path)
    try:
        yield
    except (tf.errors.OpError, OSError):
        with contextlib.suppress(OSError):
            if not existed:
                remove(path)
            own = re.compile(rf"\.?{re.escape(os.path.basename(path))}[._].+")
            for leftover in leftovers(os.path.dirname(path)):
                if own.fullmatch(os.path.basename(leftover)):
                    remove_leftover(leftover)
        raise


class Verdict(NamedTuple):
    """What is known of a checkpoint."""

    problem: str | None  # None where it is whole
    is_as_written: bool = False  # its manifest agrees; else every tensor was read


def examined(path: str) -> Verdict:
    """Returns whether the checkpoint at `path` is whole, and how that is known.

    A manifest that agrees is enough. Without one, or if another program has rewritten
    the checkpoint, every tensor is read, and TensorFlow verifies its checksum.
    """
    if not paths.exists(path):
        return Verdict(f"{os.path.basename(path)}.index is not there")
    for name in files_of(path) if paths.is_local(path) else []:
        if not os.path.isfile(name):
            return Verdict(f"{os.path.basename(name)} is no file")
    complaints = _against_manifest(path)
    if complaints == []:
        return Verdict(None, is_as_written=True)
    unreadable = _read_all(path)
    return Verdict(unreadable and "; ".join(complaints or [unreadable]))


def problem(path: str) -> str | None:
    """Returns what is wrong with the checkpoint at `path`, or None; see `examined`."""
    return examined(path).problem


def manifest_problem(path: str) -> str | None:
    """Returns why the manifest of a checkpoint is of no use.

    None where it is of use, or there is none, as with those of other programs.
    """
    try:
        _expected(path)
    except FileNotFoundError:
        return None
    except errors.DamagedFileError as error:
        return error.reason
    except OSError as error:
        return str(error)
    return None


def newest_intact(model_dir: str) -> str | None:
    """Returns what newest_and_damaged does first."""
    return newest_and_damaged(model_dir)[0]


def newest_and_damaged(model_dir: str) -> tuple[str | None, list[str]]:
    """Returns the newest whole checkpoint, and the damaged ones that are newer.

    These are skipped with a warning; nothing on disk changes. All are path prefixes,
    the first is None if there is no checkpoint.

    Raises:
      DamagedCheckpointError: there are checkpoints, and all are damaged.
    """
    intact, damaged = _intact_and_damaged(model_dir)
    for path, complaint in damaged.items():
        paths.warn_once("Passing over the damaged checkpoint %s: %s", path, complaint)
    return intact, list(damaged)


def prepare(model_dir: str, follows_a_kill: bool) -> str | None:
    """Returns what newest_intact does, and cleans `model_dir` up for a training.

    Damaged checkpoints newer than the one returned are renamed to *.damaged, the state
    file is rewritten, and what killed processes left is removed. Only the one trainer
    of `model_dir` may call it.

    Args:
      follows_a_kill: whether the trainer before has been killed, so that it may have
        left checkpoints which it was about to delete.

    Raises:
      DamagedCheckpointError: there are checkpoints, and all are damaged.
    """
    for path in leftovers(model_dir):
        tf1.logging.info("Removing %s, left by a process that was killed.", path)
        remove_leftover(path)
    intact, damaged = _intact_and_damaged(model_dir)
    for path, complaint in damaged.items():
        aside = f"its files are set aside as *{DAMAGED}"
        what = aside if set_aside(path) else "it has no files"
        tf1.logging.warning(
            "The checkpoint %s is damaged (%s): %s.", path, complaint, what
        )
    known = paths.all_paths(model_dir)
    if intact and damaged:
        tf1.logging.warning("Going on from the newest whole one, %s.", intact)
        paths.write_state(model_dir, [p for p in known if p != intact] + [intact])
    for path in _overdue(model_dir) if follows_a_kill else []:
        tf1.logging.info("Removing %s, which a process was about to when killed.", path)
        remove(path)
    return intact


def set_aside(path: str) -> bool:
    """Renames the files of the checkpoint at `path`, so that it does not count.

    Returns whether there was any.
    """
    found = False
    for name in [*files_of(path), path + MANIFEST]:
        with contextlib.suppress(FileNotFoundError):
            os.replace(name, name + DAMAGED)
            found = True
    return found


def remove(path: str) -> None:
    """Deletes the checkpoint at `path`, first the index: without it there is none.

    A folder in the place of one of its files is nobody's checkpoint, and stays.
    """
    if not paths.is_local(path):
        tf1.train.remove_checkpoint(path)
        return
    index = path + ".index"
    for name in [index, *files_of(path), path + MANIFEST]:
        if os.path.lexists(name) and not files.is_folder(name):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)


def leftovers(model_dir: str) -> list[str]:
    """Returns paths of what killed processes left half-written in `model_dir`.

    A save in progress looks the same, so that only the one trainer may remove them, and
    in this order.
    """
    if not os.path.isdir(model_dir):
        return []
    names = sorted(os.listdir(model_dir))
    half_saved = _half_saved(model_dir)
    found = [file for path in half_saved for file in files_of(path)]
    found += temporary_files.abandoned(model_dir)
    known = {os.path.basename(path) for path in paths.candidates(model_dir)}
    own = [name for name in names if _is_leftover(os.path.join(model_dir, name))]
    # A killed save leaves files without an index; those of a checkpoint that the state
    # file names are damage instead.
    own += [
        name
        for name in names
        if (match := _PART.fullmatch(name))
        and match[1] not in known
        and not os.path.lexists(os.path.join(model_dir, f"{match[1]}.index"))
        and os.path.isfile(os.path.join(model_dir, name))
    ]
    return found + [os.path.join(model_dir, name) for name in own]


def remove_leftover(path: str) -> None:
    """Deletes one of the leftovers."""
    if temporary_files.is_one(path):
        temporary_files.remove_if_abandoned(path)
    elif os.path.isdir(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def _half_saved(model_dir: str) -> list[str]:
    """Returns checkpoints whose index TensorFlow was writing when a kill came.

    The folder that it fills before is still there, and the state file names none.
    """
    names = filter(_LEFTOVER_FOLDER.fullmatch, os.listdir(model_dir))
    folders = [os.path.join(model_dir, name) for name in names]
    begun = {path.rpartition("_temp")[0] for path in folders if _is_leftover(path)}
    unnamed = begun - set(paths.named(model_dir)) if begun else begun
    existing = [path for path in paths.on_disk(model_dir) if path in unnamed]
    return [path for path in existing if problem(path)]


def _overdue(model_dir: str) -> list[str]:
    """Returns checkpoints that a killed process was about to delete.

    The manifest of the newest says so, which the state file must name as that; and each
    must be as it was written, and named no more.
    """
    named = paths.named(model_dir)
    if not named or problem(named[-1]):
        return []
    due = [os.path.join(model_dir, name) for name in _due(named[-1])]
    written = [path for path in due if path in paths.on_disk(model_dir)]
    return [p for p in written if p not in named and _against_manifest(p) == []]


def _due(path: str) -> list[str]:
    """Returns the names that the manifest of a checkpoint has as due."""
    try:
        due = json_files.read(path + MANIFEST)["due"]
        return [name for name in due if isinstance(name, str)]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _is_leftover(path: str) -> bool:
    """Returns whether a saver left it; links and folders with more are the user's."""
    name = os.path.basename(path)
    # Nothing is looked up for the user's own files, however many there are.
    if not (_LEFTOVER.fullmatch(name) or _LEFTOVER_FOLDER.fullmatch(name)):
        return False
    if os.path.islink(path):
        return False
    if os.path.isdir(path):
        inside = os.listdir(path) if _LEFTOVER_FOLDER.fullmatch(name) else [""]
        return all(map(_SHARD.fullmatch, inside))
    return bool(_LEFTOVER.fullmatch(name))


def _intact_and_damaged(model_dir: str) -> tuple[str | None, dict[str, str]]:
    """Returns the newest whole checkpoint, and what is wrong with the newer ones."""
    if not paths.is_local(model_dir):
        return paths.latest(model_dir), {}
    candidates = paths.candidates(model_dir)
    intact, damaged = None, {}
    for path in candidates:
        complaint = problem(path)
        if not complaint:
            intact = path
            break
        damaged[path] = complaint
    if damaged and paths.candidates(model_dir) != candidates:
        # They were not damaged: a trainer has saved and deleted in the meantime.
        return _intact_and_damaged(model_dir)
    if damaged and not intact:
        raise errors.DamagedCheckpointError(_nothing_intact(model_dir, damaged))
    return intact, damaged


def _nothing_intact(model_dir: str, damaged: dict[str, str]) -> str:
    lines = [f"  {path}: {complaint}" for path, complaint in damaged.items()]
    return "\n".join(
        [
            f"No checkpoint in {model_dir} is whole:",
            *lines,
            "Bring one back from a copy, or name a new model_dir to begin anew; "
            "nothing was changed here.",
        ]
    )


def _fingerprint(file: BinaryIO) -> dict[str, int]:
    """Returns the size in bytes and the CRC-32 of an open file."""
    size = checksum = 0
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        checksum = zlib.crc32(chunk, checksum)
    return {"bytes": size, "crc32": checksum}


def _against_manifest(path: str) -> list[str] | None:
    """Returns differences from the manifest; None if there is no usable one."""
    try:
        expected = _expected(path)
    except (OSError, errors.DamagedFileError):
        return None
    return [
        complaint
        for name in sorted(expected)
        if (complaint := _difference(path, name, expected[name]))
    ]


def _expected(path: str) -> dict[str, dict[str, Any]]:
    """Returns what the manifest says of each file that restoring reads: not of .meta.

    Raises:
      DamagedFileError: it is no manifest of this checkpoint.
      OSError: there is none, or it cannot be read.
    """
    manifest = path + MANIFEST
    content = json_files.read(manifest)
    try:
        expected = {
            name: {key: one[key] for key in ("bytes", "crc32")}
            for name, one in content["files"].items()
            if not name.endswith(".meta")
        }
    except (TypeError, KeyError, AttributeError):
        reason = "it is no list of files with their sizes and checksums"
        raise errors.DamagedFileError(manifest, reason) from None
    index = f"{os.path.basename(path)}.index"
    if index not in expected:
        raise errors.DamagedFileError(manifest, f"it lacks {index}")
    return expected


def _difference(path: str, name: str, expected: dict[str, Any]) -> str | None:
    file_path = os.path.join(os.path.dirname(path), os.path.basename(name))
    try:
        with files.opened(file_path) as file:
            found = _fingerprint(file)
    except errors.NotAFileError as error:
        return str(error)
    except OSError as error:
        return f"{name}: {error.strerror}"
    if found["bytes"] != expected["bytes"]:
        return f"{name}: {found['bytes']} bytes, {expected['bytes']} when written"
    if found["crc32"] != expected["crc32"]:
        return f"{name}: its checksum is not the one it was written with"
    return None


def _read_all(path: str) -> str | None:
    """Reads each tensor, which verifies its checksum; returns what fails, or None."""
    try:
        reader = paths.reader(path)
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    # A damaged file makes the reader raise errors of many types: OpError, IndexError.
    except Exception as error:
        return (str(error) or type(error).__name__).splitlines()[0]
    return None
