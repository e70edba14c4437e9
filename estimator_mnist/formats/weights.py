"""A checkpoint's variables alone, as arrays under their names: safetensors, npz.

Of any model's: neither the model nor its data set is needed.
"""

import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.checkpoint.contents import Contents, Entry
from estimator_mnist.formats import optional_library
from estimator_mnist.output_folder import OutputFolder

# What safetensors has a name for; npz takes all that NumPy knows by itself.
_INTEGERS = {f"{sign}int{bits}" for sign in ("u", "") for bits in (8, 16, 32, 64)}
_SAFETENSORS = _INTEGERS | {"bool", "float16", "bfloat16", "float32", "float64"}
_WIDENED = "bfloat16"  # NumPy has no such type; each of them is a float32 too


class Written(NamedTuple):
    """A file of variables."""

    path: str
    size: int  # bytes
    variables: int  # how many
    remarks: list[str]  # on those that are left out, or have another type


def write(
    checkpoint: Contents, form: str, output: OutputFolder, slots: bool
) -> Written:
    """Writes the variables to `output`, reads them back and compares each bit.

    The file is called as the checkpoint is.

    Args:
      form: one of formats.WEIGHTS.
      slots: whether an optimizer's own are among them.

    Raises:
      DamagedCheckpointError: a variable cannot be read.
      ExperimentError: there is nothing to write, or the library for it is missing.
      ExportError: what was written reads otherwise.
      ForeignFileError: a file that this program has not written is in the way.
    """
    entries = [one for one in checkpoint.entries if slots or not one.of_optimizer]
    kept = [one for one in entries if _has_type(form, one)]
    if not kept:
        raise errors.ExperimentError(
            f"{checkpoint.path} has no variables that --format={form} can keep; "
            "--mode=inspect lists what it has."
        )
    name = f"{os.path.basename(checkpoint.path)}.{form}"
    with output.replacing(name) as temporary:
        _WRITE[form](temporary, {one.name: (checkpoint, one) for one in kept})
        _check(temporary, form, checkpoint, kept)
    path, remarks = output.path_of(name), list(_remarks(form, entries))
    return Written(path, os.path.getsize(path), len(kept), remarks)


def save_safetensors(path: str, arrays: Mapping[str, np.ndarray], **about: str) -> None:
    """Writes arrays, by name, and texts about them into a safetensors file.

    Raises ExperimentError where that library is missing.
    """
    numpy = optional_library.imported("safetensors.numpy", "safetensors")
    # Its writer takes the memory as it lies.
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    shaped = {name: whole[name].reshape(arrays[name].shape) for name in whole}
    numpy.save_file(shaped, path, about or None)


_Sources = Mapping[str, tuple[Contents, Entry]]


def _write_safetensors(path: str, sources: _Sources) -> None:
    arrays = {name: one.read(entry) for name, (one, entry) in sources.items()}
    save_safetensors(path, arrays)


def _write_npz(path: str, sources: _Sources) -> None:
    """Writes one variable after the other; numpy.savez takes no name `file`."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, (one, entry) in sources.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                value = one.read(entry)
                np.lib.format.write_array(file, _widened(value), allow_pickle=False)


_WRITE = {"safetensors": _write_safetensors, "npz": _write_npz}


def _check(path: str, form: str, checkpoint: Contents, entries: list[Entry]) -> None:
    """Raises ExportError where a variable in the file is not the checkpoint's."""
    for entry, found in zip(entries, _READ[form](path, entries), strict=True):
        wanted = checkpoint.read(entry)
        if found.dtype != wanted.dtype:
            wanted = _widened(wanted)
        same = (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
        if not same or found.tobytes() != wanted.tobytes():
            raise errors.ExportError(
                f"{os.path.basename(path)} is not exported: read back, {entry.name} is "
                "not as in the checkpoint. Try another format."
            )


def _read_safetensors(path: str, entries: Iterable[Entry]) -> Iterator[np.ndarray]:
    library = optional_library.imported("safetensors", "safetensors")
    with library.safe_open(path, framework="np") as file:
        for entry in entries:
            yield file.get_tensor(entry.name)


def _read_npz(path: str, entries: Iterable[Entry]) -> Iterator[np.ndarray]:
    with np.load(path, allow_pickle=False) as archive:
        for entry in entries:
            yield archive[entry.name]


_READ = {"safetensors": _read_safetensors, "npz": _read_npz}


def _has_type(form: str, entry: Entry) -> bool:
    if form == "safetensors":
        return entry.dtype.name in _SAFETENSORS
    native = entry.dtype.name in np.sctypeDict
    return native and entry.dtype != tf.string or entry.dtype.name == _WIDENED


def _widened(value: np.ndarray) -> np.ndarray:
    """Returns numbers of a type that NumPy has; those of bfloat16 become float32."""
    return value.astype(np.float32) if value.dtype.name == _WIDENED else value


def _remarks(form: str, entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        if not _has_type(form, entry):
            yield f"{entry.name} is left out: {form} has no {entry.dtype.name}"
        elif form == "npz" and entry.dtype.name == _WIDENED:
            yield f"{entry.name} is float32 in it: NumPy has no bfloat16"
