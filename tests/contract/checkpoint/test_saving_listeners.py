"""Saving listeners: what they hear of, and how they stop a run."""

import pytest
import tensorflow as tf

from tests.contract.small_models import Recorder, averager, checkpoint_steps, numbers

tf1 = tf.compat.v1


@pytest.fixture
def calls():
    """The list that this test's listeners write to."""
    return []


class Listener(tf1.train.CheckpointSaverListener):
    """Notes its calls and the steps that they came with."""

    def __init__(self, calls, name="listener", stop=False, fail=False):
        self.calls = calls
        self.name = name
        self.stop = stop
        self.fail = fail

    def begin(self):
        self.calls.append(f"{self.name}.begin")

    def before_save(self, session, global_step_value):
        self.calls.append(f"{self.name}.before_save {global_step_value}")

    def after_save(self, session, global_step_value):
        self.calls.append(f"{self.name}.after_save {global_step_value}")
        if self.fail:
            raise ValueError("the listener failed")
        return self.stop

    def end(self, session, global_step_value):
        self.calls.append(f"{self.name}.end {global_step_value}")


def test_listeners_hear_of_each_save(est, tmp_path, calls):
    config = est.RunConfig(save_checkpoints_steps=2)
    estimator = est.Estimator(averager(est), str(tmp_path), config)
    estimator.train(numbers(), steps=3, saving_listeners=[Listener(calls)])
    saves = [
        f"listener.{when}_save {n}" for n in (0, 2, 3) for when in ("before", "after")
    ]
    assert calls == ["listener.begin", *saves, "listener.end 3"]


def test_several_listeners_hear_in_their_order(est, tmp_path, calls):
    both = (Listener(calls, "a"), Listener(calls, "b"))
    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), steps=1, saving_listeners=both)
    assert calls[:4] == ["a.begin", "b.begin", "a.before_save 0", "b.before_save 0"]
    assert calls[4:6] == ["a.after_save 0", "b.after_save 0"]
    assert calls[-2:] == ["a.end 1", "b.end 1"]


def test_a_listener_finds_the_checkpoint_that_it_hears_of(est, tmp_path):
    seen = []

    class Look(tf1.train.CheckpointSaverListener):
        def before_save(self, session, global_step_value):
            seen.append(global_step_value in checkpoint_steps(tmp_path))

        def after_save(self, session, global_step_value):
            seen.append(global_step_value in checkpoint_steps(tmp_path))

    estimator = est.Estimator(averager(est), str(tmp_path))
    estimator.train(numbers(), steps=1, saving_listeners=[Look()])
    assert seen == [False, True, False, True]


def test_a_listener_stops_training(est, tmp_path, calls):
    class StopAtTwo(Listener):
        def after_save(self, session, global_step_value):
            return global_step_value >= 2

    config = est.RunConfig(save_checkpoints_steps=1)
    estimator = est.Estimator(averager(est), str(tmp_path), config)
    estimator.train(numbers(), steps=9, saving_listeners=[StopAtTwo(calls)])
    assert estimator.get_variable_value("global_step") == 2


def test_an_error_in_a_listener_reaches_the_caller(est, tmp_path, calls):
    estimator = est.Estimator(averager(est), str(tmp_path))
    with pytest.raises(ValueError, match="the listener failed"):
        estimator.train(
            numbers(), steps=1, saving_listeners=[Listener(calls, fail=True)]
        )


@pytest.mark.parametrize("listeners", [["listener"], [Recorder([])]])
def test_what_is_no_listener_is_refused(est, tmp_path, listeners):
    estimator = est.Estimator(averager(est), str(tmp_path))
    with pytest.raises(TypeError, match="CheckpointSaverListener"):
        estimator.train(numbers(), steps=1, saving_listeners=listeners)


@pytest.mark.parametrize("place", ["hooks", "training_chief_hooks"])
def test_a_saver_hook_of_the_user_takes_the_place_of_the_default(
    est, tmp_path, calls, place
):
    folder, own = tmp_path / "model", tmp_path / "own"
    saver = tf1.train.CheckpointSaverHook(str(own), save_steps=2)
    in_spec = {} if place == "hooks" else {place: [saver]}
    estimator = est.Estimator(averager(est, **in_spec), str(folder))
    estimator.train(
        numbers(),
        hooks=[saver] if place == "hooks" else [],
        steps=3,
        saving_listeners=[Listener(calls)],
    )
    assert checkpoint_steps(own) == [0, 2, 3]
    assert checkpoint_steps(folder) == []
    assert calls[-1] == "listener.end 3"
