"""Early stopping in the program: what is kept, when it stops, what a restart knows."""

import logging
import shutil
import signal

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.checkpoint import integrity
from estimator_mnist.estimator.hooks import stop_on_signal
from estimator_mnist.experiment import early_stopping, training, variables
from estimator_mnist.experiment import experiment as experiments


def results(step, accuracy):
    return {"global_step": np.int64(step), "accuracy": np.float32(accuracy)}


@pytest.fixture
def checkpoint(tmp_path):
    """A function that writes a file in place of the checkpoint of a step."""

    def write(step):
        for part in ("index", "data-00000-of-00001"):
            (tmp_path / f"model.ckpt-{step}.{part}").write_text(f"{part} {step}")
        integrity.seal(str(tmp_path / f"model.ckpt-{step}"))
        return str(tmp_path / f"model.ckpt-{step}")

    return write


def hook_of(folder, **limits):
    return early_stopping.EarlyStoppingHook(
        str(folder), early_stopping.Limits(**limits)
    )


def test_patience_counts_evaluations_without_a_better_accuracy(tmp_path, checkpoint):
    hook = hook_of(tmp_path, patience=2)
    reasons = []
    for step, accuracy in [(10, 0.5), (20, 0.6), (30, 0.6), (40, 0.4)]:
        hook.add_evaluation(checkpoint(step), results(step, accuracy))
        reasons.append(hook.reason_to_stop)
    assert reasons[:3] == [None] * 3
    assert "0.6000 at step 20" in reasons[3]


def test_a_restart_remembers_earlier_evaluations(tmp_path, checkpoint):
    hook_of(tmp_path, patience=2).add_evaluation(checkpoint(10), results(10, 0.9))
    hook_of(tmp_path, patience=2).add_evaluation(checkpoint(20), results(20, 0.8))
    third = hook_of(tmp_path, patience=2)
    assert third.reason_to_stop is None
    third.add_evaluation(checkpoint(30), results(30, 0.85))
    assert "0.9000 at step 10" in third.reason_to_stop


def test_an_evaluation_seen_again_counts_once(tmp_path, checkpoint):
    hook = hook_of(tmp_path, patience=2)
    for _ in range(5):
        hook.add_evaluation(checkpoint(10), results(10, 0.9))
    assert hook.state.evaluations_since_best == 0


def test_the_best_checkpoint_outlives_the_savers_retention(tmp_path, checkpoint):
    hook = hook_of(tmp_path)
    for step, accuracy in [(10, 0.5), (20, 0.6), (30, 0.55)]:
        hook.add_evaluation(checkpoint(step), results(step, accuracy))
    for path in tmp_path.glob("model.ckpt-20.*"):
        path.unlink()
    assert hook.restore_best() == 20
    assert (tmp_path / "model.ckpt-20.index").read_text() == "index 20"
    estimator = tf_estimator.Estimator(lambda features: None, str(tmp_path))
    assert estimator.latest_checkpoint() == str(tmp_path / "model.ckpt-20")
    kept = sorted(path.name for path in (tmp_path / "best").iterdir())
    endings = ["data-00000-of-00001", "index", "manifest.json"]
    assert kept == [f"model.ckpt-20.{ending}" for ending in endings]


def test_damaged_best_weights_are_not_restored(tmp_path, checkpoint, caplog):
    hook = hook_of(tmp_path)
    hook.add_evaluation(checkpoint(10), results(10, 0.5))
    (tmp_path / "best" / "model.ckpt-10.index").write_text("damage")
    with caplog.at_level("WARNING"):
        tf.get_logger().propagate = True
        assert hook.restore_best() is None
    assert "the last weights stay" in caplog.text


def test_what_the_user_has_put_beside_the_best_weights_stays(tmp_path, checkpoint):
    hook = hook_of(tmp_path)
    for name in ("notes", "model.ckpt-5.index", "model.ckpt-10.meta"):
        (tmp_path / "best" / name).mkdir(parents=True)
    (tmp_path / "best" / "model.txt").write_text("mine")
    for step, accuracy in [(10, 0.5), (20, 0.6)]:
        hook.add_evaluation(checkpoint(step), results(step, accuracy))
    assert hook.restore_best() == 20
    kept = {path.name for path in (tmp_path / "best").iterdir()}
    assert kept >= {"notes", "model.txt", "model.ckpt-5.index", "model.ckpt-10.meta"}
    assert "model.ckpt-10.index" not in kept


def test_a_folder_of_the_best_that_is_deleted_ends_no_training(tmp_path, checkpoint):
    hook = hook_of(tmp_path)
    hook.add_evaluation(checkpoint(10), results(10, 0.5))
    shutil.rmtree(tmp_path / "best")
    hook.add_evaluation(checkpoint(20), results(20, 0.4))
    assert hook.restore_best() is None
    hook.add_evaluation(checkpoint(30), results(30, 0.6))
    assert hook.restore_best() == 30


def test_time_adds_up_over_runs(tmp_path):
    def run(seconds):
        hook = early_stopping.EarlyStoppingHook(
            str(tmp_path),
            early_stopping.Limits(max_minutes=1),
            clock=iter([100.0, 100.0 + seconds]).__next__,
        )
        context = tf.compat.v1.train.SessionRunContext(None, None)
        hook.after_create_session(None, None)
        hook.after_run(context, None)
        hook.end(None)
        return context.stop_requested

    assert [run(25), run(25), run(25)] == [False, False, True]
    assert "minutes of training" in hook_of(tmp_path, max_minutes=1).reason_to_stop


def train(model_dir, seed=0, **limits):
    experiment = experiments.make(
        model_dir=str(model_dir),
        model="linear",
        dataset="digits",
        seed=seed,
        cadence=experiments.Cadence(eval_steps_interval=5),
    )
    estimator = experiments.build_estimator(experiment)
    trained = training.train(
        experiment, estimator, max_steps=120, limits=early_stopping.Limits(**limits)
    )
    return trained, experiments.evaluate(experiment, estimator, "validation", "again")


def test_training_stops_early_and_ends_with_the_best_weights(tmp_path):
    trained, again = train(tmp_path, patience=2, restore_best=True)
    assert trained.last < 120 and trained.last - trained.restored == 10
    assert variables.inspect(str(tmp_path))[0].endswith(f"-{trained.restored}")
    assert again["global_step"] == trained.restored
    state = early_stopping.EarlyStoppingState.load(str(tmp_path))
    assert again["accuracy"] == pytest.approx(state.best_accuracy)

    second, _ = train(tmp_path, patience=2, restore_best=True)
    assert (second.first, second.last) == (trained.last, trained.last)
    assert second.stopped_by and second.restored == trained.restored


def test_more_patience_goes_on_where_training_was(tmp_path):
    trained, _ = train(tmp_path, patience=1, restore_best=True)
    second, _ = train(tmp_path, patience=3)
    assert second.first == trained.last and second.last > trained.last


def test_a_finished_run_with_its_best_restored_has_nothing_to_train(tmp_path):
    trained, _ = train(tmp_path, restore_best=True)
    second, again = train(tmp_path, restore_best=True)
    assert (trained.last, second.first, second.last) == (120, 120, 120)
    assert again["global_step"] == second.restored == trained.restored


def test_a_best_checkpoint_that_is_gone_leaves_the_last_weights(tmp_path, checkpoint):
    hook = hook_of(tmp_path)
    hook.add_evaluation(checkpoint(10), results(10, 0.5))
    for path in (tmp_path / "best").iterdir():
        path.unlink()
    assert hook.restore_best() is None


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / early_stopping.FILE_NAME).write_text("{")
    with pytest.raises(errors.EarlyStoppingStateError, match=early_stopping.FILE_NAME):
        hook_of(tmp_path)


def test_without_limits_training_goes_to_its_end(tmp_path):
    trained, _ = train(tmp_path)
    assert (trained.last, trained.stopped_by, trained.restored) == (120, None, None)


def test_what_a_killed_training_left_beside_the_best_weights_goes(tmp_path, checkpoint):
    hook_of(tmp_path).add_evaluation(checkpoint(10), results(10, 0.5))
    best, keeper = tmp_path / "best", early_stopping.BestCheckpointKeeper(str(tmp_path))
    names = {path.name for path in best.iterdir()}
    for step in (20, 30):
        keeper.keep(checkpoint(step))
    (best / "model.ckpt-30.index").unlink()
    half = ".model.ckpt-40.index.0123456789abcdef.estimator_mnist-tmp"
    for name in (half, "notes.txt"):
        (best / name).write_text("half")
    state = tmp_path / early_stopping.FILE_NAME
    state.rename(tmp_path / "state")
    # Without the state nobody knows which is the best.
    hook_of(tmp_path).make_up_for_a_kill()
    assert (best / "model.ckpt-20.index").exists()
    (tmp_path / "state").rename(state)
    hook_of(tmp_path).make_up_for_a_kill()
    assert {path.name for path in best.iterdir()} == {*names, "notes.txt"}


def test_what_a_signal_leaves_beside_the_best_weights_goes(tmp_path, caplog):
    stray = tmp_path / "best" / "model.ckpt-1.meta"

    class DuringAnEvaluation(logging.Filter):
        def filter(self, record):
            if record.getMessage().startswith("Saving dict for global step 10"):
                stray.touch()
                signal.raise_signal(signal.SIGTERM)
            return True

    tf.get_logger().addFilter(evaluation := DuringAnEvaluation())
    try:
        with caplog.at_level(logging.INFO), pytest.raises(stop_on_signal.Interrupted):
            train(tmp_path)
    finally:
        tf.get_logger().removeFilter(evaluation)
    assert not stray.exists()
    assert (tmp_path / "best" / "model.ckpt-5.index").exists()


def test_a_signal_costs_no_time_of_training(tmp_path):
    hook = early_stopping.EarlyStoppingHook(
        str(tmp_path), early_stopping.Limits(), clock=iter([100.0, 107.0]).__next__
    )
    hook.make_up_for_a_signal()
    assert not (tmp_path / early_stopping.FILE_NAME).exists()  # nothing was trained
    hook.after_create_session(None, None)
    hook.after_run(tf.compat.v1.train.SessionRunContext(None, None), None)
    hook.make_up_for_a_signal()
    assert early_stopping.EarlyStoppingState.load(str(tmp_path)).seconds == 7
