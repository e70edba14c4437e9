"""A signal ends a training at its next step, saved."""

import os
import signal

import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.hooks import stop_on_signal
from tests.estimator.one_weight import input_fn, model_fn

tf1 = tf.compat.v1


class SendAt(tf1.train.SessionRunHook):
    """Sends this process a signal within a step."""

    def __init__(self, signum, step):
        self._signum, self._step = signum, step

    def before_run(self, run_context):
        self._step -= 1
        if not self._step:
            os.kill(os.getpid(), self._signum)


@pytest.mark.parametrize("signum", stop_on_signal.SIGNALS)
def test_a_signal_within_a_step_saves_that_step(tmp_path, signum):
    estimator = tf_estimator.Estimator(model_fn, str(tmp_path))
    before = signal.getsignal(signum)
    with stop_on_signal.StopOnSignal() as stop:
        hooks, listeners = [stop.hook, SendAt(signum, 4)], [stop.listener]
        estimator.train(input_fn, hooks, steps=50, saving_listeners=listeners)
        # A second one ends the process at once, even within a save.
        assert signal.getsignal(signum) is signal.SIG_DFL
    assert stop.signum == signum
    assert estimator.get_variable_value("global_step") == 4
    assert signal.getsignal(signum) is before


def test_a_signal_while_nothing_is_unsaved_ends_at_once(tmp_path):
    class Evaluate(tf_estimator.CheckpointSaverListener):
        def after_save(self, session, global_step_value):
            if global_step_value == 3:
                os.kill(os.getpid(), signal.SIGTERM)

    config = tf_estimator.RunConfig(save_checkpoints_steps=3)
    estimator = tf_estimator.Estimator(model_fn, str(tmp_path), config)
    with (
        pytest.raises(stop_on_signal.Interrupted) as caught,
        stop_on_signal.StopOnSignal() as stop,
    ):
        listeners = [stop.listener, Evaluate()]
        estimator.train(input_fn, [stop.hook], steps=50, saving_listeners=listeners)
    assert caught.value.signum == signal.SIGTERM
    assert isinstance(caught.value, KeyboardInterrupt)
    assert estimator.get_variable_value("global_step") == 3


def test_a_signal_before_the_training_ends_at_once():
    with pytest.raises(stop_on_signal.Interrupted), stop_on_signal.StopOnSignal():
        os.kill(os.getpid(), signal.SIGINT)
