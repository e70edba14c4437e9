"""Saves checkpoints so that there is a whole one at any time."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.estimator.checkpoint import integrity, paths

tf1 = tf.compat.v1

# What sessions handle themselves when a machine of a cluster goes away.
_PREEMPTIONS = (tf.errors.AbortedError, tf.errors.UnavailableError)


class _Retention(NamedTuple):
    """What becomes of the checkpoints with a new one; path prefixes, oldest first."""

    kept: list[str]  # named in the state file
    due: list[str]  # to be deleted
    keep_next_after: float  # when the next that is kept for good may be written


class CheckpointSaver(tf.compat.v1.train.Saver):
    """A Saver that first brings a checkpoint to disk, then names it, then deletes.

    A save that fails, because the disk is full for instance, leaves the checkpoints
    before it as they were and is tried again with the next; `finish` is the last try.
    """

    def __init__(
        self,
        keep_max: int | None,
        keep_every_n_hours: float,
        clock: Callable[[], float] = time.time,
        before_save: Callable[[], None] = lambda: None,
        variables: Mapping[str, tf.Variable] | None = None,
    ):
        """Keeps the newest checkpoints, and some of the others.

        Args:
          keep_max: how many of the newest to keep; 0 or None for all.
          keep_every_n_hours: hours between those that are never deleted.
          clock: returns seconds since the epoch.
          before_save: called before each save, for which what it raises is no reason
            to try again.
          variables: dict name in the checkpoint -> variable; None for all of the
            graph's variables by their own names.
        """
        super().__init__(
            variables,
            sharded=True,
            max_to_keep=keep_max,
            keep_checkpoint_every_n_hours=keep_every_n_hours,
            defer_build=variables is None,
            save_relative_paths=True,
        )
        self._keep_max = keep_max
        self._secs_between_kept = keep_every_n_hours * 3600
        self._keep_next_after = clock() + self._secs_between_kept
        self._before_save = before_save
        self._failed_save: tuple[str, Any, dict] | None = None
        self._restored: str | None = None

    def restore(self, sess: Any, save_path: str) -> None:
        """Restores as Saver.restore does."""
        super().restore(sess, paths.for_tensorflow(save_path))
        self._restored = save_path

    def recover_last_checkpoints(self, checkpoint_paths: list[str]) -> None:
        """Takes over those of the checkpoints that exist, as Saver's own does.

        That one looks for them by patterns, which some paths are.
        """
        found = [(path, paths.written_at(path)) for path in checkpoint_paths]
        self.set_last_checkpoints_with_time(
            [(path, written / 1e9) for path, written in found if written is not None]
        )

    def save(
        self, sess: Any, save_path: str, global_step: Any = None, **options: Any
    ) -> str | None:
        """Saves as Saver.save does; returns None where nothing could be written.

        What was just restored is not written over itself: a kill would damage it.
        """
        self._before_save()
        restored, self._restored = self._restored, None
        try:
            if restored and f"{save_path}-{global_step}" == restored:
                self._complete(sess, restored, options)
                return restored
            return self._save(sess, save_path, global_step, options)
        except _PREEMPTIONS:
            raise
        except (tf.errors.OpError, OSError) as error:
            self._failed_save = save_path, global_step, options
            tf1.logging.warning(
                "Checkpoint not saved, the ones before it stay: %s. The next save "
                "tries again.",
                _reason(error),
            )
            return None

    @property
    def has_failed(self) -> bool:
        """Returns whether the last save has failed."""
        return self._failed_save is not None

    def finish(self, sess: Any) -> None:
        """Tries once more where the last save has failed; raises SaveError."""
        if not self._failed_save:
            return
        self._before_save()
        save_path, global_step, options = self._failed_save
        try:
            self._save(sess, save_path, global_step, options)
        except (tf.errors.OpError, OSError) as error:
            raise errors.SaveError(_not_saved(save_path, global_step, error)) from error

    def _save(
        self, sess: Any, save_path: str, global_step: Any, options: dict[str, Any]
    ) -> str:
        named = options.get("write_state", True)
        path = save_path if global_step is None else f"{save_path}-{global_step}"
        retention = self._retention(path)
        with integrity.removed_if_failed(path):
            path = super().save(
                sess, save_path, global_step, **{**options, "write_state": False}
            )
            integrity.seal(path, retention.due if named else [])
        if named:
            self._name_newest(retention)
        self._failed_save = None
        return path

    def _complete(self, sess: Any, path: str, options: dict[str, Any]) -> None:
        """Names the checkpoint at `path`, which a kill may have left without the rest.

        Its data and index are whole; they were restored.
        """
        retention = self._retention(path)
        is_sealed = os.path.exists(path + integrity.MANIFEST)
        if paths.is_local(path) and not is_sealed:
            self._write_missing_graph(sess, path + ".meta", options)
        if retention.due or not is_sealed:
            integrity.seal(path, retention.due)
        self._name_newest(retention)

    def _write_missing_graph(
        self, sess: Any, path: str, options: dict[str, Any]
    ) -> None:
        if options.get("write_meta_graph", True) and not os.path.exists(path):
            strip = options.get("strip_default_attrs", False)
            with sess.graph.as_default():
                self.export_meta_graph(path, strip_default_attrs=strip)

    def _retention(self, path: str) -> "_Retention":
        """Returns what becomes of the checkpoints when `path` is the newest."""
        kept = [old for old in self.last_checkpoints if old != path] + [path]
        surplus = kept[: -self._keep_max] if self._keep_max else []
        due, keep_next_after = [], self._keep_next_after
        for old in surplus:
            written = paths.written_at(old)
            if written is None or written / 1e9 <= keep_next_after:
                due.append(old)
            else:
                keep_next_after += self._secs_between_kept
        return _Retention(kept[len(surplus) :], due, keep_next_after)

    def _name_newest(self, retention: "_Retention") -> None:
        """Writes the state file, then deletes what is due."""
        newest = retention.kept[-1]
        folder, name = os.path.split(newest)
        paths.write_state(folder, retention.kept)
        if self._keep_max:
            self.recover_last_checkpoints(retention.kept)
        # A Saver that keeps all knows those alone that it found at the beginning.
        elif newest not in self.last_checkpoints:
            tf1.logging.info(
                "%s is not in all_model_checkpoint_paths. Manually adding it.", name
            )
        self._keep_next_after = retention.keep_next_after
        for old in retention.due:
            integrity.remove(old)


def _not_saved(save_path: str, global_step: Any, error: Exception) -> str:
    folder = os.path.dirname(save_path)
    newest = paths.latest(folder)
    there = "There is none yet", "begin anew"
    if newest:
        there = f"The newest one there is {os.path.basename(newest)}", "go on from it"
    return (
        f"the checkpoint of step {global_step} could not be written to {folder}: "
        f"{_reason(error)}. {there[0]}; make room or give the right to write, and run "
        f"the same again to {there[1]}."
    )


def _reason(error: Exception) -> str:
    """Returns the line of TensorFlow's long message that tells the file and cause."""
    lines = (getattr(error, "message", None) or str(error)).splitlines()
    return next((line for line in lines if paths.BASENAME in line), lines[0])
