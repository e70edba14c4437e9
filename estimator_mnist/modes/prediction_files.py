"""Streams predictions to files, in memory that does not grow with their number."""

import contextlib
import os
import tempfile
import typing
import zipfile
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from estimator_mnist import files

Shape = tuple[int, ...]

PREDICTIONS = "predictions.npz"
# Arrays that get a file of their own.
ALONE = {"features": "features.npy", "activations": "activations.npy"}


class NpyWriter:
    """Writes an array of known length to an .npy file, a batch at a time."""

    def __init__(self, file: typing.BinaryIO, rows: int) -> None:
        self._file, self._rows, self._written = file, rows, 0
        self.shape: Shape = ()

    def append(self, batch: np.ndarray) -> None:
        """Adds `batch` [n, ...]; all batches agree in dtype and in what follows n."""
        if not self.shape:
            self.shape = (self._rows, *batch.shape[1:])
            header = np.lib.format.header_data_from_array_1_0(batch)
            header["shape"] = self.shape
            np.lib.format.write_array_header_1_0(self._file, header)
        self._file.write(np.ascontiguousarray(batch).data)
        self._written += len(batch)

    def check(self) -> None:
        """Raises ValueError where more or fewer rows came than announced."""
        if self._written != self._rows:
            raise ValueError(f"{self._written} predictions came for {self._rows} rows")


def write(
    folder: str,
    batches: Iterable[Mapping[str, np.ndarray]],
    rows: int,
    labels: np.ndarray,
) -> dict[str, Shape]:
    """Writes classes, probabilities and `labels` as predictions.npz, and features.

    Args:
      folder: where predictions.npz, features.npy and activations.npy go.
      batches: dicts of arrays [batch, ...], `rows` in all.
      labels: int [rows]; written as int32.

    Returns:
      dict file name, or name in predictions.npz, -> shape.
    """
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".predictions.") as temporary:
        shapes = _write_columns(temporary, batches, rows)
        for key in shapes.keys() & ALONE.keys():
            files.move(_npy(temporary, key), os.path.join(folder, ALONE[key]))
        zipped = [key for key in shapes if key not in ALONE]
        if zipped:
            np.save(_npy(temporary, "labels"), labels.astype(np.int32))
            shapes["labels"] = labels.shape
            _zip(os.path.join(folder, PREDICTIONS), temporary, [*zipped, "labels"])
    return shapes


def remove_stale(folder: str, shapes: Mapping[str, Shape]) -> None:
    """Removes what an earlier prediction wrote and this one, of `shapes`, did not."""
    for key, name in ALONE.items():
        if key not in shapes:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(folder, name))


def _npy(folder: str, key: str) -> str:
    return os.path.join(folder, f"{key}.npy")


def _write_columns(
    folder: str, batches: Iterable[Mapping[str, np.ndarray]], rows: int
) -> dict[str, Shape]:
    writers: dict[str, NpyWriter] = {}
    with contextlib.ExitStack() as stack:
        for batch in batches:
            for key, array in batch.items():
                if key not in writers:
                    file = stack.enter_context(open(_npy(folder, key), "wb"))
                    writers[key] = NpyWriter(file, rows)
                writers[key].append(array)
    for writer in writers.values():
        writer.check()
    return {key: writer.shape for key, writer in writers.items()}


def _zip(path: str, folder: str, keys: Sequence[str]) -> None:
    with files.replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for key in keys:
            archive.write(_npy(folder, key), f"{key}.npy")
