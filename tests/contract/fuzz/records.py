"""What a program has done, as plain data that can be compared."""

import collections
import logging
import os
import pathlib
import re
import traceback

import numpy as np
import tensorflow as tf

from tests.contract.fuzz.inputs import Holder
from tests.contract.small_models import event_list, files

tf1 = tf.compat.v1

_TIMES = re.compile(
    r"\d{4}-\d\d-\d\d[T-][\d:]+|[\d.]+s$|[\d.]+(?= sec)|(?<=/sec: )[\d.]+"
    r"|\b1\d{9}\b"
)
# What TensorFlow says only the first few times, on whichever side that is.
_ONCE = re.compile("is deprecated and will be removed|has not been increased")
# What makes a checkpoint, and the record of the best export, verifiable.
OURS_ALONE = (".manifest.json", "best_eval_result.json")


class Failure(collections.namedtuple("Failure", ["kind", "text", "of_runtime"])):
    """An exception, by its class and message.

    Attributes:
      of_runtime: whether tensorflow_estimator has raised it, not TensorFlow or a user.
    """


def describe(value):
    """Gives a value as nested tuples of types, shapes and contents."""
    if isinstance(value, dict):
        items = [(describe(key), describe(part)) for key, part in value.items()]
        return (type(value).__name__, tuple(items))
    if isinstance(value, (list, tuple)) and not hasattr(value, "dense_shape"):
        return (type(value).__name__, tuple(map(describe, value)))
    if isinstance(value, (np.ndarray, np.generic)):
        kind = type(value).__name__ if isinstance(value, np.generic) else "array"
        return (kind, value.dtype.name, value.shape, value)
    if isinstance(value, (tf.Tensor, tf.SparseTensor, tf.RaggedTensor, tf.Variable)):
        return (type(value).__name__, value.dtype.name, str(value.shape))
    if isinstance(value, (bool, int, float, str, bytes, type(None))):
        return (type(value).__name__, value)
    if isinstance(value, Holder):
        return ("Holder", describe(value.value))
    return type(value).__name__


class Folder:
    """Tells what of a folder is new since it was asked last."""

    def __init__(self, path):
        self.path = path
        self._files, self._events = set(), collections.defaultdict(set)

    def changes(self):
        """Returns the files that came and went, and new events, by folder."""
        # Whether there is an event file shows in its events; one without may be late.
        left_out = (*OURS_ALONE, "/events")
        found = (
            re.sub(r"/\d{10}/", "/TIME/", name)  # a failed export may have left it
            for name in files(self.path)
            if not name.endswith(left_out)
        )
        before, self._files = self._files, set(found)
        return {
            "files": (sorted(self._files - before), sorted(before - self._files)),
            "events": {name: events for name, events in self._new_events() if events},
        }

    def _new_events(self):
        """Yields (folder, new events); a step that is written again is not new."""
        for folder in sorted({p.parent for p in _event_files(self.path)}):
            with tf.Graph().as_default():  # the runtime may have made no writer
                tf1.summary.FileWriterCache.get(str(folder)).flush()
            name = str(folder.relative_to(self.path))
            known = self._events[name]
            found = [one for event in event_list(folder) for one in _points(event)]
            found = [self.anonymous(one) for one in found]
            yield name, [one for one in dict.fromkeys(found) if one not in known]
            known.update(found)

    def anonymous(self, value):
        """Returns nested tuples without this folder's path."""
        if isinstance(value, tuple):
            return tuple(map(self.anonymous, value))
        if isinstance(value, bytes):
            return value.replace(os.fsencode(self.path), b"DIR")
        return value.replace(self.path, "DIR") if isinstance(value, str) else value


class Log(logging.Handler):
    """Takes what TensorFlow's logger is told instead of its handlers.

    Attributes:
      lines: list of (level, text).
    """

    def __init__(self):
        super().__init__(logging.INFO)
        self.lines = []
        self._logger, self._before = logging.getLogger("tensorflow"), None

    def emit(self, record):
        text = re.sub(r"\b0x[0-9a-f]+", "0x", _TIMES.sub("TIME", record.getMessage()))
        text = re.sub(r"[.]?temp-TIME[^/]*", "temp-TIME", text)
        if text.startswith("Using config"):
            text = "Using config"  # ours has more fields
        if not _ONCE.search(text):
            self.lines.append((record.levelname, text))

    def __enter__(self):
        logger = self._logger
        self._before = logger.handlers, logger.level, logger.propagate
        logger.handlers, logger.propagate = [self], False
        logger.setLevel(logging.INFO)
        return self

    def __exit__(self, *error):
        logger = self._logger
        logger.handlers, level, logger.propagate = self._before
        logger.setLevel(level)


def without_remedy(line):
    """Returns a line; of one that names a signature left out, the first clause."""
    level, text = line
    name, separator, reason = text.partition(" : ")
    is_reason = separator and name.startswith("'")
    return level, f"{name} : {clause(reason)}" if is_reason else text


def clause(text):
    """Returns the first clause of a message, without the functions that it shows."""
    text = re.sub(r"[ (]<(function|bound|functools|tests)[^>]*>\)?", "", text)
    return re.split(r"[.:;,(\n]", text)[0].strip()


def _event_files(path):
    return pathlib.Path(path).rglob("events.*")


def _points(event):
    """Yields (step, tag, kind, value) of an event."""
    for value in event.summary.value:
        kind = value.WhichOneof("value")
        content = value.simple_value if kind == "simple_value" else kind
        if kind == "tensor":
            array = tf.make_ndarray(value.tensor)
            content = (array.dtype.name, array.shape, tuple(array.ravel().tolist()))
        if value.tag == "global_step/sec":
            content = "speed"
        yield (event.step, value.tag, kind, content)


def variables(path):
    """Returns name -> described value of a checkpoint."""
    reader = tf.train.load_checkpoint(path)
    names = sorted(reader.get_variable_to_shape_map())
    return {name: describe(reader.get_tensor(name)) for name in names}


def failure(error, folder):
    """Returns the Failure that an exception is."""
    text = folder.anonymous(str(error))
    codes = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    # An attribute that is missing is missed by who asks for it.
    asking = [code for code in codes if code.co_name != "__getattr__"]
    of_runtime = "tensorflow_estimator" in asking[-1].co_filename
    return Failure(type(error), re.sub(r"\b0x[0-9a-f]+", "0x", text), of_runtime)
