"""A model_dir that is moved away while it is trained: the training ends."""

import os
import shutil

import pytest
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.checkpoint import lock, paths
from tests.estimator.one_weight import input_fn, model_fn

tf1 = tf.compat.v1


def rename(folder):
    os.rename(folder, f"{folder}.moved")


def replace(folder):
    """Another run has begun elsewhere, and comes to the path."""
    rename(folder)
    with tf.Graph().as_default():
        tf_estimator.Estimator(model_fn, f"{folder}.2").train(input_fn, steps=1)
    os.rename(f"{folder}.2", folder)


def copy_back(folder):
    """The files are the same, the folder is another."""
    rename(folder)
    shutil.copytree(f"{folder}.moved", folder)


LOSSES = {f.__name__: f for f in (rename, shutil.rmtree, replace, copy_back)}


class At(tf1.train.SessionRunHook):
    """Loses the folder before a step."""

    def __init__(self, step, lose):
        self._step, self._lose = step, lose

    def before_run(self, run_context):
        self._step -= 1
        if not self._step:
            self._lose()


def content(folder):
    return {
        path: path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize(
    "loss, steps_per_run", [*((x, 1) for x in LOSSES), ("replace", 3)]
)
def test_the_training_of_a_lost_folder_ends_and_writes_nothing_at_its_path(
    loss, steps_per_run, tmp_path
):
    folder = tmp_path / "run"
    after = {}

    def lose():
        LOSSES[loss](folder)
        after.update(content(folder))

    config = tf_estimator.RunConfig(
        save_checkpoints_steps=2,
        save_summary_steps=1,
        log_step_count_steps=1,
        steps_per_run=steps_per_run,
    )
    estimator = tf_estimator.Estimator(model_fn, str(folder), config)
    with pytest.raises(errors.ModelDirLostError, match="renamed, deleted or replaced"):
        estimator.train(input_fn, [At(5, lose)], max_steps=20)
    # Without its lock, which the next trainer takes.
    found = content(folder) if folder.exists() else {}
    assert found == after
    assert not lock.is_held(str(folder))
    if loss != "rmtree":
        assert paths.step_of(paths.latest(f"{folder}.moved")) >= 4


def test_a_folder_whose_lock_file_was_deleted_may_be_anothers(tmp_path):
    estimator = tf_estimator.Estimator(model_fn, str(tmp_path))
    lose = At(2, (tmp_path / lock.LOCK_FILE).unlink)
    with pytest.raises(errors.ModelDirLostError):
        estimator.train(input_fn, [lose], max_steps=5)


def test_a_folder_that_is_lost_within_the_last_step_is_not_saved_to(tmp_path):
    folder = tmp_path / "run"

    class InTheLastStep(tf1.train.SessionRunHook):
        def after_run(self, run_context, run_values):
            if not run_context.stop_requested:
                return
            rename(folder)

    class Stop(tf1.train.SessionRunHook):
        def after_run(self, run_context, run_values):
            run_context.request_stop()

    estimator = tf_estimator.Estimator(model_fn, str(folder))
    with pytest.raises(errors.ModelDirLostError):
        estimator.train(input_fn, [Stop(), InTheLastStep()])
    assert not folder.exists()


def test_a_folder_that_may_not_be_read_now_is_not_lost(tmp_path, monkeypatch):
    with lock.one_trainer(str(tmp_path)) as held:
        held.check()
        with monkeypatch.context() as patched:
            patched.setattr(os, "stat", _fails)
            held.check()


def _fails(*arguments, **options):
    raise OSError(5, "Input/output error")


def test_a_folder_lost_between_two_locks_is_not_made_again(tmp_path):
    folder = tmp_path / "run"
    with lock.one_trainer(str(folder)):
        rename(folder)
        with pytest.raises(errors.ModelDirLostError):
            tf_estimator.Estimator(model_fn, str(folder)).train(input_fn, steps=1)
    assert not folder.exists()


@pytest.mark.parametrize("loss", ["rename", "rmtree", "replace"])
def test_an_evaluation_of_a_lost_folder_gives_results_and_writes_nothing(
    loss, tmp_path, caplog
):
    folder = tmp_path / "run"
    estimator = tf_estimator.Estimator(model_fn, str(folder))
    estimator.train(input_fn, steps=1)
    after = {}

    def lose():
        LOSSES[loss](folder)
        after.update(content(folder))

    tf.get_logger().propagate = True
    with caplog.at_level("WARNING"):
        results = estimator.evaluate(input_fn, 1, [At(1, lose)])
    assert results["global_step"] == 1
    assert "renamed, deleted or replaced" in caplog.text
    assert (content(folder) if folder.exists() else {}) == after
