"""What can go wrong that its user can mend: each message says what to do.

    UserError
    ├── ExperimentError           what was asked for cannot be done
    ├── RunRecordError            experiment.json is damaged, or contradicts the flags
    ├── EarlyStoppingStateError   early_stopping.json is damaged
    ├── DataError                 images or labels are damaged
    │   └── DataNotFoundError     they are not where they were looked for
    ├── DownloadError             no mirror had what was wanted
    ├── CheckpointMismatchError   the checkpoint is another model's
    ├── DamagedCheckpointError    there are checkpoints, but none can be read
    ├── SaveError                 the last checkpoint could not be written
    ├── DiskFullError             a file could not be written for want of room
    ├── DamagedFileError          a file does not hold what it should
    ├── NotAFileError             a folder, pipe or device is where a file should be
    ├── FolderError               there is no folder where one should be
    ├── ForeignFileError          a file that this program has not written is in the way
    ├── ModelDirInUseError        another process trains in model_dir
    ├── ModelDirLostError         model_dir was renamed, deleted or replaced meanwhile
    ├── PrecisionError            bfloat16 brings nothing here
    ├── Keras3Error               a model_fn uses Keras 3 where it cannot work
    ├── KerasModelError           a Keras model cannot become an Estimator as it is
    ├── MissingKeysError          a dict lacks inputs or outputs of a Keras model
    ├── ClusterConfigError        TF_CONFIG, or a flag under it, cannot be followed
    ├── ClusterError              a task of the cluster is missing or has failed
    ├── ExportError               an export differs from predict, or cannot be made
    ├── MissingRuntimeError       this TensorFlow lacks what was asked for
    └── ScriptError               an old program or notebook cannot be read

Each is also a kind of Python's own error that fits, so that `except ValueError` catches
what it did. The runtime's NanLossError is TensorFlow's NanLossDuringTrainingError.
"""

from __future__ import annotations

import errno
import os
import reprlib
import typing

if typing.TYPE_CHECKING:
    from estimator_mnist.estimator.checkpoint import compatibility


_MAKE_ROOM = (
    "Make room on that disk, or name a folder on another one, and run the same again."
)
_RAISE_LIMIT = (
    "A file may not be that large: raise the limit (ulimit -f), or name a folder on "
    "another disk, and run the same again."
)
_ITEM_CHARACTERS, _ITEMS, _LEVELS = 200, 8, 3
_SAMPLE_CHARACTERS = 1000


def make_room(code: int | None) -> str:
    """Returns the remedy where a file found no room, by the number of its OSError."""
    return _RAISE_LIMIT if code == errno.EFBIG else _MAKE_ROOM


def escaped(text: str, keep: str = "") -> str:
    """Returns `text` with Python's escapes for what is no letter of a line.

    Such characters, of a path for instance, can control the terminal that shows them.

    Args:
      keep: characters that stay as they are.
    """
    return "".join(
        one if one.isprintable() or one in keep else ascii(one)[1:-1] for one in text
    )


def sample(value: object) -> str:
    """Returns `repr(value)` with parts left out, as it may be all of a data set."""
    short = reprlib.Repr()
    short.maxother = short.maxstring = short.maxlong = _ITEM_CHARACTERS
    short.maxlist = short.maxtuple = short.maxdict = short.maxset = _ITEMS
    short.maxlevel = _LEVELS
    text = short.repr(value)
    half = _SAMPLE_CHARACTERS // 2
    if len(text) <= _SAMPLE_CHARACTERS:
        return text
    return f"{text[:half]} ... {text[-half:]}"


class UserError(Exception):
    """Base of the errors whose message tells the user what to do."""


class ExperimentError(UserError, ValueError):
    """What was asked for cannot be done."""


class RunRecordError(UserError, ValueError):
    """experiment.json contradicts the flags, or cannot be read."""


class EarlyStoppingStateError(UserError, ValueError):
    """early_stopping.json is damaged."""


class DataError(UserError, ValueError):
    """A file of images or labels is damaged, or does not belong to the others."""


class DataNotFoundError(DataError):
    """The data set is not where it was looked for."""


class DownloadError(UserError):
    """No mirror had what was wanted; the message gives each one's reason."""


class CheckpointMismatchError(UserError, ValueError):
    """The checkpoint's variables are not those of the model.

    Attributes:
      path: prefix of the checkpoint.
      kind: one of the constants of `checkpoint.compatibility`.
      differences: list of `compatibility.Difference`.
    """

    def __init__(
        self,
        path: str,
        differences: list[compatibility.Difference],
        diagnosis: compatibility.Diagnosis,
        opening: str = "",
    ):
        self.path, self.differences, self.kind = path, differences, diagnosis.kind
        super().__init__(
            "\n".join(
                [
                    f"{opening}The checkpoint {path} does not fit the model. "
                    f"{diagnosis.text}",
                    *map(str, differences),
                    "Three ways on: use the model and flags it was trained with; start "
                    f"a new model_dir with warm_start_from={diagnosis.warm_start}; or "
                    "train from scratch in a new model_dir.",
                ]
            )
        )


class DamagedCheckpointError(UserError, ValueError):
    """There are checkpoints, but none of them can be read."""


class SaveError(UserError, OSError):
    """The last checkpoint of a run could not be written."""


class DiskFullError(UserError, OSError):
    """A file found no room: none is left, no inode, of a quota, or for one so large.

    Attributes:
      errno: ENOSPC, EDQUOT or EFBIG.
    """

    def __init__(self, path: str, error: OSError):
        remedy = make_room(error.errno)
        super().__init__(f"{path} could not be written: {error.strerror}. {remedy}")
        self.errno = error.errno


class DamagedFileError(UserError, ValueError):
    """A file does not hold what it should.

    Attributes:
      path: of the file.
      reason: in words, without the path.
    """

    def __init__(self, path: str, reason: str):
        super().__init__(f"{path} cannot be read: {reason}")
        self.path, self.reason = path, reason


class NotAFileError(UserError, OSError):
    """A folder, a pipe, a socket or a device is where a file should be."""

    def __init__(self, path: str | bytes, found: str):
        super().__init__(
            f"{os.fsdecode(path)} is {found}, not a file: move it away or name another."
        )


class FolderError(UserError, OSError):
    """There is no folder where one should be, nor can one be made."""


class ForeignFileError(UserError, FileExistsError):
    """A file that this program has not written is where it would write one."""


class ModelDirInUseError(UserError, RuntimeError):
    """Another process trains in model_dir."""


class ModelDirLostError(UserError, RuntimeError):
    """model_dir is not the folder any more in which this training has begun."""


class PrecisionError(UserError, ValueError):
    """bfloat16 was asked for where it brings nothing."""


class Keras3Error(UserError, TypeError):
    """A model_fn uses a layer, metric or optimizer of Keras 3 that has variables."""


class KerasModelError(UserError, ValueError):
    """A Keras model has parts that an Estimator cannot keep; the message names them."""


class MissingKeysError(UserError, KeyError):
    """A dict of features, labels or exports lacks a Keras model's inputs or outputs."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would show it quoted


class ClusterConfigError(UserError, ValueError):
    """TF_CONFIG, or a flag that was given with it, asks for what cannot be done."""


class ClusterError(UserError, RuntimeError):
    """A task of the cluster is missing or has failed, or it is not set up to train."""


class ExportError(UserError, RuntimeError):
    """An export predicts something else than the model, or cannot be written."""


class MissingRuntimeError(UserError, NotImplementedError):
    """This TensorFlow has no Estimator of its own, or cannot train as it is."""


class ScriptError(UserError):
    """A program or notebook cannot be read; the message names file and line."""
