"""Writes a format, loads it back, and lets it pass only if it predicts the same."""

import contextlib
import dataclasses
import datetime
import json
import os
import tempfile
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist import errors, files
from estimator_mnist.formats import keras_file, saved_model, tflite
from estimator_mnist.formats.artifact import Artifact, Source

REPORT = "export.json"
_BATCH = 128


class Reference(NamedTuple):
    """Test images, their labels, and what the Estimator's predict says of them."""

    images: np.ndarray  # [n, side, side] float32 in 0..1
    labels: np.ndarray  # [n] int32
    probabilities: np.ndarray  # [n, 10] float32


@dataclasses.dataclass(frozen=True)
class Export:
    """A finished export, and how it compares with predict."""

    path: str
    size: int  # bytes
    images: int  # how many were compared
    max_abs_difference: float  # of probabilities
    accuracy: float
    predict_accuracy: float


WRITERS = {
    "saved_model": saved_model.write,
    "keras": keras_file.write,
    "tflite": tflite.write,
}


def export(form: str, source: Source, folder: str) -> list[Export]:
    """Writes `source` in `form`, a key of WRITERS, to `folder`, checked.

    Beside the exports, export.json says how each compares with the Estimator.

    Raises:
      ExportError: probabilities differ by more than rounding; nothing is left then.
    """
    reference = _reference(source)
    with _new_or_known(folder), _temporary(folder) as temporary:
        artifacts = WRITERS[form](source, temporary)
        checked = [_check(one, reference, folder) for one in artifacts]
        for artifact, done in zip(artifacts, checked, strict=True):
            _move(artifact.path, done.path)
    _report(folder, source, form, checked)
    return checked


def _reference(source):
    batches = list(source.test_input_fn().as_numpy_iterator())
    predictions = source.runner.predict(
        source.test_input_fn,
        ["probabilities"],
        checkpoint_path=source.checkpoint,
        yield_single_examples=False,
    )
    return Reference(
        np.concatenate([features["x"] for features, _ in batches]),
        np.concatenate([labels for _, labels in batches]),
        np.concatenate([batch["probabilities"] for batch in predictions]),
    )


def _check(artifact: Artifact, reference, folder):
    """The Export that `artifact` becomes; raises ExportError where it may not."""
    probabilities_of = artifact.load(artifact.path)
    found = np.concatenate(
        [
            probabilities_of(reference.images[start : start + _BATCH])
            for start in range(0, len(reference.images), _BATCH)
        ]
    )
    differences = np.abs(found - reference.probabilities).max(axis=1)
    difference = float(differences.max())
    beyond = np.sum(~(differences <= artifact.tolerance))
    # Written so that it catches NaN as well.
    if not difference <= artifact.tolerance:
        raise errors.ExportError(
            f"{artifact.name} is not exported: loaded back, its probabilities differ "
            f"from predict's by {difference:.2g}, more than {artifact.tolerance:g}, on "
            f"{beyond} of {len(found)} images. Try another format, or another version "
            "of TensorFlow."
        )
    return Export(
        _target(folder, artifact),
        _size(artifact.path),
        len(found),
        difference,
        _accuracy(found, reference.labels),
        _accuracy(reference.probabilities, reference.labels),
    )


def _accuracy(probabilities, labels):
    return float((probabilities.argmax(axis=1) == labels).mean())


def _size(path):
    inside = [
        os.path.join(folder, name)
        for folder, _, names in os.walk(path)
        for name in names
    ]
    return sum(map(os.path.getsize, inside or [path]))


@contextlib.contextmanager
def _new_or_known(folder):
    """`folder` is there, and after an error only if it was there before."""
    known = os.path.isdir(folder)
    os.makedirs(folder, exist_ok=True)
    try:
        yield
    except BaseException:
        if not known:
            os.rmdir(folder)
        raise


def _temporary(folder):
    return tempfile.TemporaryDirectory(dir=folder, prefix=".export.")


def _target(folder, artifact):
    """A file replaces an earlier one; a folder, whose name is a number, follows it."""
    path = os.path.join(folder, artifact.name)
    while os.path.isdir(path):
        base, number = os.path.split(path)
        path = os.path.join(base, str(int(number) + 1))
    return path


def _move(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    files.move(source, target)


def _report(folder, source, form, exports):
    """Adds `exports` to export.json, and leaves out what is no longer there."""
    path = os.path.join(folder, REPORT)
    entries = {
        name: entry
        for name, entry in _read(path).items()
        if os.path.exists(os.path.join(folder, name))
    }
    for one in exports:
        entries[os.path.relpath(one.path, folder)] = _entry(source, form, one)
    files.write_json(path, entries)


def _entry(source, form, one):
    told = dataclasses.asdict(one)
    del told["path"]  # the entry's name, and folders move
    return {
        "format": form,
        "model": source.model,
        "checkpoint": source.checkpoint,
        "step": source.step,
        **told,
        "tensorflow": tf.__version__,
        "written": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            entries = json.load(file)
    except (OSError, ValueError):
        return {}  # it only tells of exports, which are what counts
    return entries if isinstance(entries, dict) else {}
