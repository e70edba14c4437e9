"""What is in a model_dir, what of it is whole, and what to do about the rest."""

import os
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from estimator_mnist import errors, files, json_files, temporary_files
from estimator_mnist.estimator.checkpoint import event_files, integrity, lock
from estimator_mnist.estimator.checkpoint import paths as checkpoints
from estimator_mnist.experiment import early_stopping, run_record

tf1 = tf.compat.v1

# Folders of this program's before temporary_files named them.
_FORMER_TEMPORARY = re.compile(r"\.(predictions|export|report|output)\.[a-z0-9_]{8}")
GOOD, NOTE, BAD = "ok", "note", "BAD"


class Finding(NamedTuple):
    """One thing in a model_dir; `state` is GOOD, NOTE or BAD."""

    name: str  # path within the model_dir
    state: str
    detail: str


def examine(model_dir: str) -> list[Finding]:
    """Reads all files in `model_dir`, and changes nothing.

    Raises FolderError where that is no folder.
    """
    if not os.path.isdir(model_dir):
        name = model_dir if model_dir.isprintable() else ascii(model_dir)
        raise errors.FolderError(f"there is no folder {name}: name a model_dir.")
    found: list[Finding | None] = [
        *_checkpoints(model_dir),
        _state_file(model_dir),
        *_trainer(model_dir),
    ]
    for folder, folders, names in os.walk(model_dir):
        found += _half_written(folder, [*folders, *names])
        folders[:] = sorted(name for name in folders if not _is_temporary(name))
        if {"saved_model.pb", "saved_model.pbtxt"} & set(names):
            found.append(_saved_model(folder))
            folders.clear()
        found += [_file(os.path.join(folder, name)) for name in sorted(names)]
    return [
        Finding(os.path.relpath(finding.name, model_dir), finding.state, finding.detail)
        for finding in found
        if finding
    ]


def repair(model_dir: str) -> list[str]:
    """Makes the state file name the intact checkpoints; returns their names.

    The newest by step comes last, unless the state file's own newest is whole.

    Raises:
      DamagedCheckpointError: where none is intact.
      FolderError: where no file can be written.
      ModelDirInUseError: where another process trains.
    """
    if obstacle := files.obstacle(model_dir):
        raise errors.FolderError(
            f"--repair writes the state file: {obstacle}. Copy the folder, and repair "
            "the copy."
        )
    with lock.one_trainer(model_dir):
        newest = integrity.newest_intact(model_dir)
        if not newest:
            raise errors.DamagedCheckpointError(
                f"There is no checkpoint in {model_dir}: nothing to repair."
            )
        others = [p for p in checkpoints.on_disk(model_dir) if p != newest]
        paths = [*(p for p in others if not integrity.problem(p)), newest]
        checkpoints.write_state(model_dir, paths)
    return [os.path.basename(path) for path in paths]


def _checkpoints(model_dir: str) -> Iterator[Finding]:
    best = os.path.join(model_dir, early_stopping.BEST_DIR)
    paths = checkpoints.candidates(model_dir) + checkpoints.on_disk(best)
    newest = checkpoints.named(model_dir)[-1:]
    half_written = integrity.leftovers(model_dir)
    for path in paths:
        if f"{path}.index" in half_written:
            continue
        if path not in newest and not integrity.files_of(path):
            continue  # deleted long ago; only the state file still names it
        try:
            finding = _checkpoint(path)
            manifest = _manifest(path)
        except tf.errors.OpError as error:
            finding = Finding(path, BAD, f"checkpoint: {error.message}")
        still_newest = path in checkpoints.named(model_dir)[-1:]
        if finding.state == GOOD or still_newest or integrity.files_of(path):
            yield finding
            yield from manifest
        # Else a trainer has deleted it meanwhile, since there are newer ones.


def _checkpoint(path: str) -> Finding:
    """Returns the finding on a checkpoint.

    Raises tf.errors.OpError where it is deleted meanwhile.
    """
    verdict = integrity.examined(path)
    if verdict.problem:
        return Finding(path, BAD, f"checkpoint: {verdict.problem}")
    how = "as written" if verdict.is_as_written else "every tensor can be read"
    step = checkpoints.step_of(path)
    return Finding(path, GOOD, f"checkpoint of step {step}, {how}")


def _manifest(path: str) -> list[Finding]:
    """Returns the finding on a checkpoint's manifest, if it is damaged."""
    complaint = integrity.manifest_problem(path)
    if not complaint:
        return []
    detail = f"cannot be read, so nothing was compared with it: {complaint}; delete it"
    return [Finding(path + integrity.MANIFEST, BAD, detail)]


def _state_file(model_dir: str) -> Finding:
    path = os.path.join(model_dir, checkpoints.STATE_FILE)
    named, found = checkpoints.named(model_dir), checkpoints.on_disk(model_dir)
    if not named and not found and not os.path.exists(path):
        return Finding(path, NOTE, "not there: no checkpoint was written yet")
    # A signal may have come within the first save, whose last part is the state file.
    is_first = _was_killed(model_dir) or len(found) == 1
    if not named and not os.path.exists(path) and is_first:
        return Finding(path, NOTE, "not there yet; the next training writes it")
    if not named:
        return Finding(path, BAD, "names no checkpoint; --repair writes it anew")
    newest = os.path.basename(named[-1])
    if not checkpoints.exists(named[-1]):
        gone = f"names {newest}, which is not there; --repair writes it anew"
        return Finding(path, BAD, gone)
    return Finding(path, GOOD, f"newest is {newest}")


def _trainer(model_dir: str) -> Iterator[Finding]:
    owner, held = lock.owner(model_dir), lock.is_held(model_dir)
    path = os.path.join(model_dir, lock.OWNER_FILE)
    if held:
        yield Finding(path, NOTE, f"being trained by {owner}")
    elif owner:
        yield Finding(path, NOTE, f"{owner} was killed; the next training takes over")
    for leftover in integrity.leftovers(model_dir):
        if temporary_files.is_one(leftover):
            continue
        detail = "half-written; the next training removes it"
        yield Finding(leftover, NOTE, "being written" if held else detail)


def _half_written(folder: str, names: list[str]) -> list[Finding]:
    """Returns findings on what is, or was when a kill came, being written."""
    paths = sorted(os.path.join(folder, name) for name in names if _is_temporary(name))
    abandoned = temporary_files.abandoned(folder) if paths else []
    return [Finding(path, NOTE, _why(path, path in abandoned)) for path in paths]


def _is_temporary(name: str) -> bool:
    return temporary_files.is_one(name) or bool(_FORMER_TEMPORARY.fullmatch(name))


def _why(path: str, is_abandoned: bool) -> str:
    if not temporary_files.is_one(path):
        return "half-written by an earlier version; delete it when not needed"
    if not is_abandoned:
        return "being written"
    return "half-written by a command that was killed; the same again removes it"


def _was_killed(model_dir: str) -> bool:
    return bool(lock.owner(model_dir)) and not lock.is_held(model_dir)


def _file(path: str) -> Finding | None:
    """Returns the finding on a file by its name; None for one that is not checked."""
    name = os.path.basename(path)
    if name.endswith(integrity.DAMAGED):
        return Finding(path, NOTE, "set aside as damaged; delete it when not needed")
    if name == lock.OWNER_FILE or name.endswith(integrity.MANIFEST):
        return None
    if ".tfevents." in name:
        return _checked(path, _events)
    if name in _RECORDS:
        return _checked(path, _record)
    for ending, check in _CHECKS.items():
        if name.endswith(ending):
            return _checked(path, check)
    return None


def _checked(path: str, check: Callable[[str], str]) -> Finding:
    try:
        return Finding(path, GOOD, check(path))
    # A damaged file makes its reader raise any kind of error.
    except Exception as error:
        reason = (str(error) or type(error).__name__).removeprefix(_damaged(path))
        return Finding(path, BAD, f"cannot be read: {reason.splitlines()[0]}")


def _damaged(path: str) -> str:
    """Returns what a message begins with that names the file; the finding does, too."""
    return str(errors.DamagedFileError(path, ""))


def _events(path: str) -> str:
    steps: list[int] = []
    count = 0
    try:
        for event in event_files.events_of(path):
            count += 1
            if event.HasField("summary"):
                steps.append(event.step)
    except tf.errors.DataLossError as error:
        if "truncated" not in error.message:
            raise
        return f"{count} events, then part of one: a kill, or it is being written"
    reach = f", steps {min(steps)} to {max(steps)}" if steps else ""
    return f"{count} events{reach}"


def _saved_model(folder: str) -> Finding:
    def check(folder: str) -> str:
        complaint = integrity.problem(os.path.join(folder, "variables", "variables"))
        if complaint:
            raise ValueError(complaint)
        if os.path.exists(os.path.join(folder, "saved_model.pb")):
            with files.opened(os.path.join(folder, "saved_model.pb")) as file:
                saved_model_pb2.SavedModel.FromString(file.read())
        return "SavedModel"

    return _checked(folder, check)


def _record(path: str) -> str:
    files.check_is_file(path)
    _RECORDS[os.path.basename(path)](os.path.dirname(path))
    return "can be read"


def _json(path: str) -> str:
    json_files.read(path)
    return "can be read"


def _zip(path: str) -> str:
    with files.opened(path) as file, zipfile.ZipFile(file) as archive:
        damaged = archive.testzip()
    if damaged:
        raise ValueError(f"{damaged} in it is damaged")
    return "can be read"


def _npy(path: str) -> str:
    files.check_is_file(path)
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    return f"array {list(array.shape)}"


# By name: what modes go by, and how they read it from its folder.
_RECORDS: dict[str, Callable[[str], object]] = {
    run_record.FILE_NAME: run_record.read,
    early_stopping.FILE_NAME: early_stopping.EarlyStoppingState.load,
}
# By what names end with.
_CHECKS = {
    ".json": _json,
    ".npz": _zip,
    ".keras": _zip,
    ".npy": _npy,
}
