"""Writes a format, and keeps it only if, loaded back, it predicts the same."""

import dataclasses
import datetime
import json
import os
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist import errors, files, json_files
from estimator_mnist.formats import (
    html_file,
    keras_file,
    onnx_file,
    pytorch_module,
    saved_model,
    tflite,
)
from estimator_mnist.formats.artifact import Artifact, Classifier, Source, Writer
from estimator_mnist.output_folder import OutputFolder

REPORT = "export.json"
_BATCH = 128


class Reference(NamedTuple):
    """Test images, their labels, and what Estimator.predict returns for them."""

    images: np.ndarray  # [n, side, side] float32 in 0..1
    labels: np.ndarray  # [n] int32
    probabilities: np.ndarray  # [n, 10] float32


@dataclasses.dataclass(frozen=True)
class Export:
    """A finished export, and how its predictions compare with Estimator.predict.

    Without a comparison `max_abs_difference` and `accuracy` are None.
    """

    path: str
    size: int  # bytes
    images: int  # number of the compared ones
    max_abs_difference: float | None  # of probabilities
    accuracy: float | None
    predict_accuracy: float
    not_compared: str = ""  # why
    note: str = ""  # what else is to be said of it


# One for each of formats.FORMATS.
WRITERS: dict[str, Writer] = {
    "saved_model": saved_model.write,
    "keras": keras_file.write,
    "tflite": tflite.write,
    "html": html_file.write,
    "onnx": onnx_file.write,
    "pytorch": pytorch_module.write,
}


def export(format_name: str, source: Source, output: OutputFolder) -> list[Export]:
    """Writes `source` to `output` and checks what was written.

    Adds to export.json in `output` how the export compares with the Estimator.

    Args:
      format_name: a key of WRITERS.

    Raises:
      ExportError: probabilities differ by more than rounding; `output` is unchanged.
      ForeignFileError: a file that this program has not written is in the way.
    """
    reference = _reference(source)
    output.check([REPORT])
    with output.temporary("export") as temporary:
        artifacts = WRITERS[format_name](source, temporary)
        checked = [_check(one, reference, output.path) for one in artifacts]
        files_among = [one for one in artifacts if os.path.isfile(one.path)]
        output.check(one.name for one in files_among)
        # Before there is anything to list, so that a kill leaves nothing unlisted.
        _report(output, source, format_name, checked)
        for artifact, exported in zip(artifacts, checked, strict=True):
            if artifact in files_among:
                os.makedirs(os.path.dirname(exported.path), exist_ok=True)
                output.move(artifact.path, artifact.name)
            else:
                _move_folder(artifact.path, exported.path)
    return checked


def _reference(source: Source) -> Reference:
    batches = list(source.test_input_fn().as_numpy_iterator())
    predictions = source.estimator.predict(
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


def _check(artifact: Artifact, reference: Reference, folder: str) -> Export:
    """Returns the Export that `artifact` becomes; raises ExportError if it differs."""
    exported = Export(
        path=_target(folder, artifact),
        size=_size(artifact.path),
        images=0,
        max_abs_difference=None,
        accuracy=None,
        predict_accuracy=_accuracy(reference.probabilities, reference.labels),
        not_compared=artifact.not_compared,
        note=artifact.note,
    )
    if artifact.load is None:
        return exported
    probabilities = _probabilities(artifact.load(artifact.path), reference.images)
    differences = np.abs(probabilities - reference.probabilities).max(axis=1)
    _check_tolerance(artifact, differences)
    return dataclasses.replace(
        exported,
        images=len(probabilities),
        max_abs_difference=float(differences.max()),
        accuracy=_accuracy(probabilities, reference.labels),
        not_compared="",
    )


def _probabilities(classify: Classifier, images: np.ndarray) -> np.ndarray:
    """Returns the probabilities [n, 10] of all images."""
    starts = range(0, len(images), _BATCH)
    return np.concatenate([classify(images[i : i + _BATCH]) for i in starts])


def _check_tolerance(artifact: Artifact, differences: np.ndarray) -> None:
    # A NaN is within no tolerance.
    beyond = np.sum(~(differences <= artifact.tolerance))
    if beyond:
        raise errors.ExportError(
            f"{artifact.name} is not exported: loaded back, its probabilities differ "
            f"from predict's by {differences.max():.2g}, more than "
            f"{artifact.tolerance:g}, on {beyond} of {len(differences)} images. Try "
            "another format, or another version of TensorFlow."
        )


def _accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return float((probabilities.argmax(axis=1) == labels).mean())


def _size(path: str) -> int:
    """Returns the bytes of a file, or of all files in a folder."""
    inside = [
        os.path.join(folder, name)
        for folder, _, names in os.walk(path)
        for name in names
    ]
    return sum(map(os.path.getsize, inside or [path]))


def _target(folder: str, artifact: Artifact) -> str:
    """Returns where an artifact belongs.

    A file replaces an earlier one; a folder, whose name is a number, gets the next.
    """
    path = os.path.join(folder, artifact.name)
    while os.path.isdir(path):
        base, number = os.path.split(path)
        path = os.path.join(base, str(int(number) + 1))
    return path


def _move_folder(source: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    files.move(source, target)


def _report(
    output: OutputFolder, source: Source, format_name: str, exports: list[Export]
) -> None:
    """Adds `exports` to export.json, and removes earlier ones that do not exist."""
    entries = {
        name: entry
        for name, entry in _read_report(output.path_of(REPORT)).items()
        if os.path.exists(output.path_of(name))
    }
    for one in exports:
        name = os.path.relpath(one.path, output.path)
        entries[name] = _entry(source, format_name, one)
    output.write_text(REPORT, json.dumps(entries, indent=1))


def _entry(source: Source, format_name: str, one: Export) -> dict[str, Any]:
    results = dataclasses.asdict(one)
    del results["path"]  # the entry has it as its key, and the folder may be moved
    return {
        "format": format_name,
        "model": source.model,
        "checkpoint": source.origin,
        "step": source.step,
        **results,
        "tensorflow": tf.__version__,
        "written": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def _read_report(path: str) -> dict[str, Any]:
    try:
        entries = json_files.read(path)
    except (OSError, ValueError):
        return {}  # the exports matter, not what is written about them
    return entries if isinstance(entries, dict) else {}
