"""Stops a training that no longer improves or whose time is up; keeps the best.

Early stopping as in Prechelt 1998, "Early Stopping - But When?", by the accuracy on the
validation images.
"""

import dataclasses
import json
import os
import shutil
import time

import tensorflow as tf

from estimator_mnist import errors, files
from estimator_mnist.estimator.checkpoint import integrity
from estimator_mnist.estimator.checkpoint import paths as checkpoints

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
class Course:
    """What a training has reached so far, kept in its model_dir."""

    best_step: int = -1
    best_accuracy: float = -1.0
    evaluations_since_best: int = 0
    evaluated_step: int = -1
    seconds: float = 0.0
    restored: bool = False  # the newest checkpoint is the best, not the last

    @classmethod
    def load(cls, model_dir: str) -> "Course":
        """The course of the earlier runs in `model_dir`, or a new one."""
        path = os.path.join(model_dir, FILE_NAME)
        if not os.path.exists(path):
            return cls()
        try:
            with open(path, encoding="utf-8") as file:
                return cls(**json.load(file))
        except (ValueError, TypeError) as error:
            raise errors.EarlyStoppingStateError(
                f"{path} cannot be read: {error}. Delete it."
            ) from error

    def save(self, model_dir: str) -> None:
        """Writes it, whole or not at all."""
        files.write_json(os.path.join(model_dir, FILE_NAME), dataclasses.asdict(self))

    def reason_to_stop(self, limits: Limits) -> str | None:
        """Why training is over, or None."""
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


class Follower(tf1.train.SessionRunHook):
    """Follows a training: notes each evaluation, keeps the best, asks to stop."""

    every_step = False

    def __init__(
        self,
        model_dir: str,
        limits: Limits,
        on_open=lambda: None,
        clock=time.monotonic,
    ):
        """Args:
        on_open: called when the session is there, the checkpoint restored.
        clock: seconds that only grow.
        """
        self._model_dir, self._limits, self._clock = model_dir, limits, clock
        self._on_open = on_open
        self.course = Course.load(model_dir)

    @property
    def reason_to_stop(self) -> str | None:
        """Why training is over, or None."""
        return self.course.reason_to_stop(self._limits)

    def after_create_session(self, session, coord):
        self._on_open()
        self._ticked = self._clock()
        self._saved = self.course.seconds

    def after_run(self, run_context, run_values):
        now = self._clock()
        self.course.seconds += now - self._ticked
        self._ticked = now
        if self.course.seconds - self._saved > SECS_BETWEEN_SAVES:
            self._saved = self.course.seconds
            self.course.save(self._model_dir)
        if self.reason_to_stop:
            run_context.request_stop()

    def end(self, session):
        self.course.save(self._model_dir)

    def note(self, checkpoint_path: str, results: dict) -> None:
        """Takes in an evaluation of `checkpoint_path`; a step counts once."""
        step = int(results[tf1.GraphKeys.GLOBAL_STEP])
        if step <= self.course.evaluated_step:
            return
        self.course.evaluated_step = step
        self.course.evaluations_since_best += 1
        if results[METRIC] > self.course.best_accuracy:
            self._keep(checkpoint_path)
            self.course.best_step = step
            self.course.best_accuracy = float(results[METRIC])
            self.course.evaluations_since_best = 0
        self.course.save(self._model_dir)
        self._forget_all_but_the_best()

    def listener(self, runtime):
        """An exporter of `runtime`, which is called after each evaluation."""
        note = self.note

        class NoteEvaluation(runtime.Exporter):
            name = "early_stopping"

            def export(
                self,
                estimator,
                export_path,
                checkpoint_path,
                eval_result,
                is_the_final_export,
            ):
                note(checkpoint_path, eval_result)

        return NoteEvaluation()

    def restore_best(self) -> int | None:
        """Makes the best checkpoint the newest; returns its step, None without one."""
        best = os.path.join(self._best_dir, self._best_name)
        complaint = integrity.problem(best)
        if complaint:
            tf1.logging.warning("%s: %s: the last weights stay.", best, complaint)
            return None
        for file in _files_of(best):
            _copy(file, self._model_dir)
        path = os.path.join(self._model_dir, self._best_name)
        others = [p for p in checkpoints.on_disk(self._model_dir) if p != path]
        checkpoints.write_state(self._model_dir, [*others, path])
        self.course.restored = True
        self.course.save(self._model_dir)
        return self.course.best_step

    def undo_restore(self) -> bool:
        """Goes back to the last checkpoint, for training to go on from; if it was."""
        was_restored = self.course.restored
        paths = checkpoints.on_disk(self._model_dir)
        if was_restored and paths:
            checkpoints.write_state(self._model_dir, paths)
            self.course.restored = False
            self.course.save(self._model_dir)
        return was_restored

    @property
    def _best_dir(self):
        return os.path.join(self._model_dir, BEST_DIR)

    @property
    def _best_name(self):
        return f"{checkpoints.BASENAME}-{self.course.best_step}"

    def _keep(self, checkpoint_path):
        """Copies, because the saver deletes old checkpoints, also the best."""
        for file in _files_of(checkpoint_path):
            _copy(file, self._best_dir)

    def _forget_all_but_the_best(self):
        for file in os.listdir(self._best_dir):
            if not file.startswith(self._best_name + "."):
                os.unlink(os.path.join(self._best_dir, file))


def _files_of(checkpoint_path):
    """The index comes last: with it the checkpoint is complete."""
    return sorted(tf.io.gfile.glob(checkpoint_path + ".*"))


def _copy(file, folder):
    with files.replacing(os.path.join(folder, os.path.basename(file))) as temporary:
        shutil.copyfile(file, temporary)
