"""Describes a folder such that an interrupted run and a peaceful one can be compared.

Every name counts, hidden ones too. What a time or a process id makes different in every
run is left out of it; what a run counts, such as its seconds, is left out of contents.
"""

import csv
import json
import os
import pathlib
import re
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from estimator_mnist.estimator.checkpoint import event_files

# A killed run has an event file more, or several.
_EVENTS = re.compile(r"events\.out\.tfevents\..*")
_EXPORT = re.compile(r"saved_model/\d+")
_TIMES = {"seconds", "started", "written", "images_per_second"}


def describe(folder: str) -> dict[str, Any]:
    """Returns the content, as far as it is to agree, of each name below `folder`."""
    found: dict[str, Any] = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        name = str(path.relative_to(folder))
        if _EVENTS.fullmatch(path.name):
            found[str(pathlib.Path(name).with_name("events"))] = None
        else:
            found[_numbered(name, found)] = content(path)
    return found


def difference(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Returns a line per name that differs."""
    return [
        *(f"lacks {name}" for name in expected.keys() - found.keys()),
        *(f"has {name} too" for name in found.keys() - expected.keys()),
        *(
            f"differs in {name}: {found[name]!r:.200}, not {expected[name]!r:.200}"
            for name in expected.keys() & found.keys()
            if found[name] != expected[name]
        ),
    ]


def content(path: pathlib.Path) -> Any:
    """Returns what is to agree of a file; None where nothing more than its name is."""
    if path.is_symlink():
        return f"a link to {os.readlink(path)}"
    if path.is_dir():
        return "a folder"
    for pattern, read in _CONTENTS.items():
        if re.search(pattern, path.name):
            return read(path)
    return None


def gaps(folder: str) -> dict[str, list[int]]:
    """Returns the steps without a summary for each model_dir below `folder`.

    All steps should have one, but for one where a run resumes: what was written for the
    step that a session starts at TensorBoard takes for void.
    """
    found = {}
    for lock in sorted(pathlib.Path(folder).rglob(".trainer.lock")):
        steps = {step for step, _ in event_files.summaries(str(lock.parent))}
        missing = sorted(set(range(1, max(steps, default=0))) - steps)
        pairs = [step for step in missing if step + 1 in missing]
        found[f"gaps in {lock.parent.relative_to(folder)}"] = pairs
    return found


def _numbered(name: str, found: dict[str, Any]) -> str:
    """Returns a name in which the time of an export is its number: 0 for the first."""
    match = _EXPORT.search(name)
    if not match:
        return name
    base = name[: match.start()] + "saved_model/"
    number = sum(
        other.count("/") == base.count("/") for other in found if other.startswith(base)
    )
    if match.end() < len(name):
        number -= 1  # a file in the folder listed last
    return f"{base}{number}{name[match.end() :]}"


def _checksum(path: pathlib.Path) -> int:
    return zlib.crc32(path.read_bytes())


def _arrays(path: pathlib.Path) -> Any:
    with np.load(path) as arrays:
        return {name: zlib.crc32(arrays[name].tobytes()) for name in arrays}


def _manifest(path: pathlib.Path) -> Any:
    """Returns the files named; the graph's is not the same in a resumed run."""
    manifest = json.loads(path.read_text())
    return sorted(manifest["files"])


def _record(path: pathlib.Path) -> Any:
    """Returns experiment.json without the runs: those killed are in it."""
    record = json.loads(path.read_text())
    del record["runs"]
    return record


def _without_times(path: pathlib.Path) -> Any:
    return _strip(json.loads(path.read_text()))


def _strip(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strip(one) for key, one in value.items() if key not in _TIMES}
    return value


def _table(path: pathlib.Path) -> Any:
    with open(path, newline="") as file:
        return [_strip(row) for row in csv.DictReader(file)]


_CONTENTS: dict[str, Callable[[pathlib.Path], Any]] = {
    r"\.manifest\.json$": _manifest,
    r"^experiment\.json$": _record,
    r"^(early_stopping|result)\.json$": _without_times,
    r"\.data-\d+-of-\d+$|\.index$|^checkpoint$|\.npy$": _checksum,
    r"\.npz$": _arrays,
    r"\.csv$": _table,
}
