"""Streams predictions to files, in memory that does not grow with their number."""

import contextlib
import os
import typing
import zipfile
from collections.abc import Iterable, Mapping

import numpy as np

from estimator_mnist.output_folder import OutputFolder

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


def names(keys: Iterable[str]) -> set[str]:
    """Returns the names of the files that hold the predictions of these keys."""
    return {ALONE.get(key, PREDICTIONS) for key in keys}


def write_columns(
    folder: str, batches: Iterable[Mapping[str, np.ndarray]], rows: int
) -> dict[str, Shape]:
    """Writes each key's array to KEY.npy in `folder`; returns their shapes.

    Args:
      batches: dicts of arrays [batch, ...], `rows` in all.
    """
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


def publish(
    folder: str, output: OutputFolder, keys: Iterable[str], labels: np.ndarray
) -> None:
    """Moves what write_columns wrote into `output`, all of it once it is complete.

    Args:
      keys: the names of the columns.
      labels: int [rows]; written as int32 into predictions.npz.
    """
    np.save(_npy(folder, "labels"), labels.astype(np.int32))
    zipped = os.path.join(folder, PREDICTIONS)
    with zipfile.ZipFile(zipped, "w") as archive:
        for key in [*(key for key in keys if key not in ALONE), "labels"]:
            archive.write(_npy(folder, key), f"{key}.npy")
    output.move(zipped, PREDICTIONS)
    for key, name in ALONE.items():
        if key in keys:
            output.move(_npy(folder, key), name)
        else:
            output.remove(name)


def _npy(folder: str, key: str) -> str:
    return os.path.join(folder, f"{key}.npy")
