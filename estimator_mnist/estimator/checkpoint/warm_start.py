"""Initializes a new model's variables from another model's checkpoint."""

import collections
import contextlib
import functools
import logging
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence

import tensorflow as tf

from estimator_mnist.estimator.checkpoint import paths

tf1 = tf.compat.v1

VocabInfo = tf1.train.VocabInfo


class WarmStartSettings(
    collections.namedtuple(
        "WarmStartSettings",
        (
            "ckpt_to_initialize_from",
            "vars_to_warm_start",
            "var_name_to_vocab_info",
            "var_name_to_prev_var_name",
        ),
    )
):
    """The checkpoint that a model is warm-started from, and the variables it takes.

    Args:
      ckpt_to_initialize_from: a checkpoint's prefix, its directory, or an exported
        SavedModel's directory.
      vars_to_warm_start: a regex for trainable variables, a list of regexes for all
        variables, a list of variables, or None for those of `var_name_to_vocab_info`.
      var_name_to_vocab_info: dict of variable name -> `VocabInfo` for variables whose
        rows or columns follow a vocabulary that has changed.
      var_name_to_prev_var_name: dict of variable name -> its name in the checkpoint.

    Raises:
      ValueError: no checkpoint is named.
    """

    __slots__ = ()

    def __new__(
        cls,
        ckpt_to_initialize_from: str | bytes | os.PathLike,
        vars_to_warm_start: str | Sequence[str] | Sequence[tf.Variable] | None = ".*",
        var_name_to_vocab_info: Mapping[str, tf.compat.v1.train.VocabInfo]
        | None = None,
        var_name_to_prev_var_name: Mapping[str, str] | None = None,
    ) -> "WarmStartSettings":
        if not ckpt_to_initialize_from:
            raise ValueError(
                "`ckpt_to_initialize_from` MUST be set in WarmStartSettings: "
                f"given {ckpt_to_initialize_from!r}."
            )
        return super().__new__(
            cls,
            ckpt_to_initialize_from,
            vars_to_warm_start,
            var_name_to_vocab_info or {},
            var_name_to_prev_var_name or {},
        )


def warm_start_settings(
    warm_start_from: "str | bytes | os.PathLike | WarmStartSettings | None",
) -> WarmStartSettings | None:
    """Returns the settings that Estimator's argument `warm_start_from` stands for.

    A path stands for default settings, and a SavedModel's directory for the checkpoint
    in it.

    Raises:
      ValueError: `warm_start_from` is neither a path nor settings nor None.
    """
    if warm_start_from is None:
        return None
    if isinstance(warm_start_from, (str, bytes, os.PathLike)):
        warm_start_from = WarmStartSettings(os.fsdecode(warm_start_from))
    if not isinstance(warm_start_from, WarmStartSettings):
        raise ValueError(
            "warm_start_from must be a string or a WarmStartSettings, instead got "
            f"{type(warm_start_from)}"
        )
    path = os.fsdecode(warm_start_from.ckpt_to_initialize_from)
    names = ("saved_model.pb", "saved_model.pbtxt")
    if any(tf.io.gfile.exists(os.path.join(path, name)) for name in names):
        tf1.logging.info("Warm-starting from a SavedModel")
        path = os.path.join(path, "variables", "variables")
    _, *others = warm_start_from
    return WarmStartSettings(path, *others)


def warm_start(settings: WarmStartSettings) -> None:
    """Makes the initializers of the default graph read the checkpoint of `settings`.

    Call it when the model has been built, before its session is created. Where the
    settings name no variable of it, no checkpoint is looked for.

    Raises:
      tf.errors.NotFoundError: there is no checkpoint at the path.
      ValueError: a variable to warm-start is missing there or has another shape.
    """
    tf1.logging.info("Warm-starting with WarmStartSettings: %s", settings)
    given, *others = settings
    path = paths.for_tensorflow(_readable(settings))
    with _logged_as(given, path):
        tf1.train.warm_start(path, *others)


def _readable(settings: WarmStartSettings) -> str:
    """Returns where TensorFlow finds the checkpoint; the path given, if it does."""
    given = settings.ckpt_to_initialize_from
    if not _takes_variables(settings):
        return os.path.join(given, "not read")  # TensorFlow looks into a folder
    path = warm_start_checkpoint(settings)
    if path == tf.train.latest_checkpoint(given):
        return given
    return _local_copy(path) if tf.io.gfile.isdir(path) else path


@contextlib.contextmanager
def _logged_as(given: str, path: str) -> Iterator[None]:
    """Has lines of TensorFlow's log show the path `given` in place of `path`."""

    def rename(record: logging.LogRecord) -> bool:
        record.msg, record.args = record.getMessage().replace(path, given), ()
        return True

    logger = tf.get_logger()
    logger.addFilter(rename)
    try:
        yield
    finally:
        logger.removeFilter(rename)


def _takes_variables(settings: WarmStartSettings) -> bool:
    """Returns whether the default graph has a variable that begins warm."""
    named = settings.vars_to_warm_start
    if settings.var_name_to_vocab_info or not named:
        return bool(settings.var_name_to_vocab_info)
    if isinstance(named, str):
        return bool(tf1.get_collection(tf1.GraphKeys.TRAINABLE_VARIABLES, named))
    if not isinstance(named, (list, tuple)):
        return True  # which TensorFlow refuses
    find = functools.partial(tf1.get_collection, tf1.GraphKeys.GLOBAL_VARIABLES)
    return any(not isinstance(one, str) or find(one) for one in named)


def warm_start_checkpoint(settings: WarmStartSettings) -> str:
    """Returns the path prefix of the checkpoint that `settings` name.

    Raises tf.errors.NotFoundError where there is none.
    """
    path = settings.ckpt_to_initialize_from
    found = _checkpoint_at(path)
    if found is None:
        raise tf.errors.NotFoundError(
            None,
            None,
            "Unsuccessful TensorSliceReader constructor: Failed to find any matching "
            f"files for {path}. warm_start_from names no checkpoint: give a directory "
            "that holds one, a prefix such as .../model.ckpt-100, or a SavedModel's "
            "directory.",
        )
    return found


def _checkpoint_at(path: str) -> str | None:
    """Returns the prefix of the checkpoint at, or the newest in, `path`."""
    # A prefix may look like a folder, too: see _local_copy.
    newest = paths.latest(path) if tf.io.gfile.isdir(path) else None
    prefix = path.removesuffix(".index")
    if newest or not tf.io.gfile.exists(f"{prefix}.index"):
        return newest
    return prefix


def _local_copy(path: str) -> str:
    """Copies a checkpoint to a local folder, which the default graph reads later.

    ram:// calls each prefix of a path a folder, so that tf.train.warm_start would look
    for checkpoints below `path`. The copy is deleted with the graph.
    """
    folder = tempfile.mkdtemp()
    weakref.finalize(tf1.get_default_graph(), shutil.rmtree, folder, True)
    for name in tf.io.gfile.glob(f"{path}.*"):
        tf.io.gfile.copy(name, os.path.join(folder, os.path.basename(name)))
    return os.path.join(folder, os.path.basename(path))
