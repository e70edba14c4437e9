"""A hook is told the global step that it would read by a run of its own."""

import pytest
import tensorflow as tf

from estimator_mnist.estimator.session.model_graph import GLOBAL_STEP_READ
from estimator_mnist.estimator.session.steps.known_step import KnowsGlobalStep

tf1 = tf.compat.v1


class Asks(tf1.train.SessionRunHook):
    """Notes what it reads after each run, by every way."""

    def __init__(self, stop_at=None):
        self.noted, self._stop_at, self._runs = [], stop_at, 0

    def begin(self):
        self._step = tf1.train.get_global_step()
        (self._read,) = tf1.get_collection(GLOBAL_STEP_READ)

    def before_run(self, run_context):
        return tf1.train.SessionRunArgs({"before": self._read})

    def after_run(self, run_context, run_values):
        session = run_context.session
        reads = [session.run(self._step), session.run(self._read)]
        reads += session.run([self._step])
        assert session.graph is self._step.graph
        self.noted.append((int(run_values.results["before"]), *map(int, reads)))
        if reads[0] == self._stop_at:
            run_context.request_stop()


class AsksEverySecond(Asks):
    def before_run(self, run_context):
        self._runs += 1
        return super().before_run(run_context) if self._runs % 2 else None


def run(hook, runs, by=1):
    """Runs a train_op, which adds `by` to the step, with a hook that is told of it."""
    with tf.Graph().as_default():
        step = tf1.train.get_or_create_global_step()
        read = tf.add(step, 0)
        tf1.add_to_collection(GLOBAL_STEP_READ, read)
        with tf.control_dependencies([read]):
            train_op = tf1.assign_add(step, by).op
        told = KnowsGlobalStep(hook, train_op)
        with tf1.train.MonitoredSession(hooks=[told]) as session:
            for _ in range(runs):
                if not session.should_stop():
                    session.run(train_op)
    return hook.noted


@pytest.mark.parametrize("by", [1, 5])
def test_a_hook_reads_what_the_step_is_after_the_run(by):
    expected = [(n * by, *3 * [(n + 1) * by]) for n in range(4)]
    assert run(Asks(), 4, by) == expected


def test_a_hook_that_fetches_nothing_does_not_see_the_run():
    assert run(AsksEverySecond(), 3) == [(0, 1, 1, 1), (2, 3, 3, 3)]


def test_the_step_is_known_without_a_run():
    with tf.Graph().as_default():
        step = tf1.train.get_or_create_global_step()
        tf1.add_to_collection(GLOBAL_STEP_READ, tf.add(step, 0))
        train_op = tf1.assign_add(step, 1).op
        later = tf1.assign_add(step, 100).op
        asks = Asks()

        class Ahead(tf1.train.SessionRunHook):
            """Goes on with the training before a hook looks."""

            def begin(self):
                asks.begin()

            def before_run(self, run_context):
                return asks.before_run(run_context)

            def after_run(self, run_context, run_values):
                run_context.session.run(later)
                asks.after_run(run_context, run_values)

        with tf1.train.MonitoredSession(
            hooks=[KnowsGlobalStep(Ahead(), train_op)]
        ) as session:
            session.run(train_op)
    # Of the three reads the last, in a list, asks the session.
    assert asks.noted[0][1:] == (1, 1, 101)


def test_a_hook_may_stop_the_session():
    assert len(run(Asks(stop_at=2), 4)) == 2
