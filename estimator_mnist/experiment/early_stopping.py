"""Stops a training that no longer improves or whose time is up; keeps the best.

Early stopping as in Prechelt 1998, "Early Stopping - But When?", by the accuracy on the
validation images.
"""

import dataclasses
import os
import shutil
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist import errors, files, json_files
from estimator_mnist.estimator.checkpoint import integrity, paths

tf1 = tf.compat.v1

FILE_NAME = "early_stopping.json"
BEST_DIR = "best"
METRIC = "accuracy"
SECS_BETWEEN_SAVES = 10


@dataclasses.dataclass(frozen=True)
class Limits:
    """When to stop; None means never."""

    patience: int | None = None  # evaluations without a better accuracy
    max_minutes: float | None = None  # of training, in all runs together
    restore_best: bool = False


@dataclasses.dataclass
class EarlyStoppingState:
    """What the runs in a model_dir have reached so far, as early_stopping.json."""

    best_step: int = -1
    best_accuracy: float = -1.0
    evaluations_since_best: int = 0
    evaluated_step: int = -1
    seconds: float = 0.0  # of training
    restored: bool = False  # the newest checkpoint is the best, not the last

    @classmethod
    def load(cls, model_dir: str) -> "EarlyStoppingState":
        """Returns the state of the earlier runs in `model_dir`, or a new one.

        Raises:
          EarlyStoppingStateError: the file is damaged.
        """
        path = os.path.join(model_dir, FILE_NAME)
        if not os.path.exists(path):
            return cls()
        try:
            return json_files.read_as(cls, path)
        except errors.DamagedFileError as error:
            raise errors.EarlyStoppingStateError(
                f"{error}. Delete it, and limits count from here on."
            ) from error

    def save(self, model_dir: str) -> None:
        """Writes the file to `model_dir`, whole or not at all."""
        files.write_json(os.path.join(model_dir, FILE_NAME), dataclasses.asdict(self))

    def try_to_save(self, model_dir: str) -> bool:
        """Writes the file; if that fails, logs a warning, and the old one stays.

        Returns:
          Whether it is written. A training tries again soon.
        """
        try:
            self.save(model_dir)
        except OSError as error:
            tf1.logging.warning("%s not written: %s", FILE_NAME, error)
            return False
        return True

    def reason_to_stop(self, limits: Limits) -> str | None:
        """Returns which limit has been reached, in words; None for none."""
        tried = self.evaluations_since_best
        if limits.patience is not None and tried >= limits.patience:
            return (
                f"{tried} evaluations without a better accuracy than "
                f"{self.best_accuracy:.4f} at step {self.best_step} "
                "(more: a larger --early_stop_patience)"
            )
        minutes = limits.max_minutes
        if minutes is not None and self.seconds >= 60 * minutes:
            return f"{self.seconds / 60:.1f} minutes of training (more: --max_minutes)"
        return None


class BestCheckpointKeeper:
    """Keeps a copy of the best checkpoint in a folder of its own.

    The saver deletes old checkpoints, also the best one. The folder may be deleted at
    any time; what else is in it stays.
    """

    def __init__(self, model_dir: str) -> None:
        self._model_dir = model_dir
        self._best_dir = os.path.join(model_dir, BEST_DIR)

    def keep(self, checkpoint_path: str) -> None:
        """Copies the checkpoint at `checkpoint_path`, beside those kept so far.

        Raises:
          OSError: it is gone, or cannot be copied.
        """
        name = os.path.basename(checkpoint_path)
        with integrity.removed_if_failed(os.path.join(self._best_dir, name)):
            for file in _files_of(checkpoint_path):
                _copy(file, self._best_dir)

    def remove_all_but(self, step: int) -> None:
        """Removes the copies of other steps' checkpoints."""
        # Also what a kill has left of one.
        for path in paths.on_disk(self._best_dir, r"index|data-.+|meta|manifest\.json"):
            if os.path.basename(path) != _name(step):
                integrity.remove(path)
        for leftover in integrity.leftovers(self._best_dir):
            integrity.remove_leftover(leftover)

    def restore(self, step: int) -> bool:
        """Makes the copy of `step` the newest checkpoint, unless it is damaged.

        Returns:
          Whether it is the newest now.
        """
        best = os.path.join(self._best_dir, _name(step))
        path = os.path.join(self._model_dir, _name(step))
        complaint = integrity.problem(best)
        if complaint:
            tf1.logging.warning("%s: %s: the last weights stay.", best, complaint)
            return False
        try:
            with integrity.removed_if_failed(path):
                for file in _files_of(best):
                    _copy(file, self._model_dir)
            others = [p for p in paths.on_disk(self._model_dir) if p != path]
            paths.write_state(self._model_dir, [*others, path])
        except OSError as error:
            tf1.logging.warning("%s. Until then the last weights stay.", error)
            return False
        return True


class Candidate(NamedTuple):
    """A checkpoint that is better than all before it."""

    path: str
    step: int
    accuracy: float


class EarlyStoppingHook(tf.compat.v1.train.SessionRunHook):
    """Measures the time of training, takes in evaluations, and stops at a limit.

    Attributes:
      state: what this and earlier runs have reached.
    """

    every_step = False

    def __init__(
        self,
        model_dir: str,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Loads the state of earlier runs in `model_dir`.

        Args:
          clock: seconds that only grow.

        Raises:
          EarlyStoppingStateError: the file with the state is damaged.
        """
        self._model_dir, self._limits, self._clock = model_dir, limits, clock
        self._keeper = BestCheckpointKeeper(model_dir)
        self.state = EarlyStoppingState.load(model_dir)
        self._candidate: Candidate | None = None  # until it has been copied
        self._last_time = 0.0
        self._saved_seconds = self.state.seconds

    @property
    def reason_to_stop(self) -> str | None:
        """Which limit has been reached, in words; None for none."""
        return self.state.reason_to_stop(self._limits)

    def after_create_session(
        self, session: tf.compat.v1.Session, coord: tf.train.Coordinator
    ) -> None:
        self._last_time = self._clock()
        self._saved_seconds = self.state.seconds

    def after_run(
        self,
        run_context: tf.compat.v1.train.SessionRunContext,
        run_values: tf.compat.v1.train.SessionRunValues,
    ) -> None:
        now = self._clock()
        self.state.seconds += now - self._last_time
        self._last_time = now
        if self.state.seconds - self._saved_seconds > SECS_BETWEEN_SAVES:
            self._saved_seconds = self.state.seconds
            self.state.try_to_save(self._model_dir)
        if self.reason_to_stop:
            run_context.request_stop()

    def end(self, session: tf.compat.v1.Session) -> None:
        self.state.try_to_save(self._model_dir)

    def reset(self) -> None:
        """Begins with a new state, as a model_dir without a checkpoint needs it."""
        self.state = EarlyStoppingState()

    def make_up_for_a_kill(self) -> None:
        """Removes what a killed process has left beside the best checkpoint.

        It may not have come to write a state, where there was nothing to write before.
        """
        self._remove_all_but_the_best()
        if not os.path.exists(os.path.join(self._model_dir, FILE_NAME)):
            self.state.try_to_save(self._model_dir)

    def make_up_for_a_signal(self) -> None:
        """Writes the time of training, and removes what is left beside the best.

        The signal came between any two lines: only what is on disk is whole.
        """
        seconds = self.state.seconds
        self.state = EarlyStoppingState.load(self._model_dir)
        if seconds > self.state.seconds:
            self.state.seconds = seconds
            self.state.try_to_save(self._model_dir)
        self._remove_all_but_the_best()

    def _remove_all_but_the_best(self) -> None:
        if self.state.best_step >= 0:
            self._keeper.remove_all_but(self.state.best_step)

    def add_evaluation(self, checkpoint_path: str, results: dict[str, Any]) -> None:
        """Takes in the results of the checkpoint at `checkpoint_path`.

        A step counts once, and none that is older than the one evaluated last.
        """
        step = int(results[tf1.GraphKeys.GLOBAL_STEP])
        if step <= self.state.evaluated_step:
            return
        self._keep_candidate()
        self.state.evaluated_step = step
        self.state.evaluations_since_best += 1
        candidate = Candidate(checkpoint_path, step, float(results[METRIC]))
        best = self._candidate.accuracy if self._candidate else self.state.best_accuracy
        if candidate.accuracy > best:
            self._candidate = candidate
            self.state.evaluations_since_best = 0
            self._keep_candidate()
        # What an unwritten state names must stay.
        if self.state.try_to_save(self._model_dir):
            self._keeper.remove_all_but(self.state.best_step)

    def _keep_candidate(self) -> None:
        """Makes the candidate the best, with a copy; until one is made, it stays that.

        The saver may delete it before there is room for a copy: then the one before
        stays the best.
        """
        if not self._candidate:
            return
        path, step, accuracy = self._candidate
        try:
            self._keeper.keep(path)
        except OSError as error:
            tf1.logging.warning("The best weights, of step %d: %s", step, error)
            if not paths.exists(path):
                self._candidate = None
            return
        self.state.best_step, self.state.best_accuracy = step, accuracy
        self._candidate = None

    def exporter(self, runtime: Any) -> Any:
        """Returns an Exporter, which `runtime` calls after each evaluation.

        Args:
          runtime: the module whose train_and_evaluate takes it: TensorFlow's accepts
            no other module's Exporter.
        """
        add_evaluation = self.add_evaluation

        class AddEvaluation(runtime.Exporter):
            name = "early_stopping"

            def export(
                self,
                estimator: Any,
                export_path: str,
                checkpoint_path: str,
                eval_result: dict[str, Any],
                is_the_final_export: bool,
            ) -> None:
                add_evaluation(checkpoint_path, eval_result)

        return AddEvaluation()

    def restore_best(self) -> int | None:
        """Makes the best checkpoint the newest; returns its step, None without one."""
        self._keep_candidate()
        # Before the checkpoint is named, so that no training goes on from it.
        self.state.restored = True
        is_saved = self.state.try_to_save(self._model_dir)
        if is_saved and self._keeper.restore(self.state.best_step):
            return self.state.best_step
        self.state.restored = False
        self.state.try_to_save(self._model_dir)
        return None

    def undo_restore(self) -> bool:
        """Makes the last checkpoint the newest again, for training to go on from.

        Returns:
          Whether the best one had been restored.
        """
        was_restored = self.state.restored
        last = paths.on_disk(self._model_dir)
        if was_restored and last:
            paths.write_state(self._model_dir, last)
            self.state.restored = False
            self.state.save(self._model_dir)
        return was_restored


def _name(step: int) -> str:
    return f"{paths.BASENAME}-{step}"


def _files_of(checkpoint_path: str) -> list[str]:
    """Returns the data before the index, with which a checkpoint is complete.

    Raises FileNotFoundError where there is no checkpoint.
    """
    found = integrity.files_of(checkpoint_path)
    if not found:
        raise FileNotFoundError(f"the checkpoint {checkpoint_path} is gone")
    manifest = checkpoint_path + integrity.MANIFEST
    return [*found, *([manifest] if os.path.exists(manifest) else [])]


def _copy(file: str, folder: str) -> None:
    with files.replacing(os.path.join(folder, os.path.basename(file))) as temporary:
        shutil.copyfile(file, temporary)
