"""Makes the steps of a training: one by one, or several in one session.run.

Where a step takes less time than the call, all steps of a run but its last are made by
a loop in the graph, over a copy of the part that the train_op needs; variables and
input are the same. So the last step alone is fetched, summarized and shown to hooks,
and the variables get the same bits.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import tensorflow as tf

from estimator_mnist.estimator.checkpoint.event_writers import EventWriter
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session.model_graph import GLOBAL_STEP_READ, ModelGraph
from estimator_mnist.estimator.session.steps import obstacles
from estimator_mnist.estimator.session.steps.graph_loop import MOST_STEPS, Loop
from estimator_mnist.estimator.session.steps.known_step import KnowsGlobalStep

tf1 = tf.compat.v1

# How long a run is unless steps_per_run says otherwise: Ctrl-C and the clock wait for
# its end.
RUN_SECS = 0.2
_TIMED_STEPS = 5


class Steps(Protocol):
    """Makes the steps of a training, and hooks that count them."""

    def run(self, session: tf.compat.v1.train.MonitoredSession) -> Any:
        """Makes one more run; returns the loss of its last step."""

    def logging_hook(
        self, tensors: dict[str, tf.Tensor], every: int
    ) -> tf.compat.v1.train.SessionRunHook:
        """Returns a hook that logs `tensors` each `every` steps."""

    def summary_hook(
        self, scaffold: tf.compat.v1.train.Scaffold, every: int, events: EventWriter
    ) -> tf.compat.v1.train.SessionRunHook:
        """Returns a hook that writes summaries each `every` steps."""

    def counter_hook(
        self, every: int, events: EventWriter
    ) -> tf.compat.v1.train.SessionRunHook:
        """Returns a hook that writes and logs steps per second each `every` steps."""


class StopAtStep(tf.compat.v1.train.StopAtStepHook):
    """A StopAtStepHook that tells where it will stop."""

    every_step = False

    def __init__(self, num_steps: int | None, last_step: int | None):
        super().__init__(num_steps, last_step)
        self._num_steps_more, self._last = num_steps, last_step or 0

    def steps_from(self, start: int) -> int:
        """Returns how many steps there are from global step `start` on."""
        return self._num_steps_more or self._last - start


def steps_of(
    model: ModelGraph, config: RunConfig, hooks: Sequence, start: int
) -> Steps:
    """Returns what makes the steps of `model`: several per run where that is certain.

    Args:
      hooks: those that user and model_fn gave.
      start: the global step that training begins at.
    """
    schedule = _schedule(config, hooks, start)
    train_op = _op_of(model.spec.train_op, model.graph)
    obstacle = obstacles.to_several(model, train_op, config, hooks, schedule.steps)
    if obstacle and (config.steps_per_run or 1) > 1:
        tf1.logging.warning("steps_per_run is 1, since %s.", obstacle)
    if obstacle or config.steps_per_run == 1:
        return OneByOne(model)
    apart = model.input_ops if model.input_has_threads else frozenset()
    loop = Loop(train_op, apart)
    return MultiStep(model, loop, schedule, config.steps_per_run, start)


class OneByOne:
    """Makes each step in a session.run of its own."""

    def __init__(self, model: ModelGraph):
        self._fetches = [model.spec.train_op, model.spec.loss]

    def run(self, session: tf.compat.v1.train.MonitoredSession) -> Any:
        return session.run(self._fetches)[1]

    def logging_hook(
        self, tensors: dict[str, tf.Tensor], every: int
    ) -> tf.compat.v1.train.SessionRunHook:
        return tf1.train.LoggingTensorHook(tensors, every_n_iter=every)

    def summary_hook(
        self, scaffold: tf.compat.v1.train.Scaffold, every: int, events: EventWriter
    ) -> tf.compat.v1.train.SessionRunHook:
        return tf1.train.SummarySaverHook(
            scaffold=scaffold, save_steps=every, summary_writer=events
        )

    def counter_hook(
        self, every: int, events: EventWriter
    ) -> tf.compat.v1.train.SessionRunHook:
        return tf1.train.StepCounterHook(every_n_steps=every, summary_writer=events)


@dataclasses.dataclass(frozen=True)
class Schedule:
    """Says where runs end, counted in steps since the training began.

    Attributes:
      steps: where training ends; math.inf where nobody knows.
      saves: steps between checkpoints, or None.
      shown: steps between summaries, and between log lines: a run ends with the first
        step and with each that is a multiple of one of these later.
    """

    steps: float
    saves: int | None
    shown: tuple[int, ...]

    def longest_run(self, done: int) -> int:
        """Returns how many steps one run may make after `done` steps."""
        limits = [self.steps - done, MOST_STEPS]
        if self.saves:
            limits.append(self.saves - done % self.saves)
        limits += [-done % every + 1 for every in self.shown]
        return max(1, int(min(limits)))


class Run(NamedTuple):
    """One call of session.run."""

    steps: int  # how many it makes
    last: int  # its last step, counted from 0 when the training began
    ends_at: int  # the global step that is expected after it


class MultiStep:
    """Makes several steps in one session.run, as soon as they prove to be short."""

    def __init__(
        self,
        model: ModelGraph,
        loop: Loop,
        schedule: Schedule,
        steps_per_run: int | None,
        start: int,
    ):
        """Begins before the first step.

        Args:
          loop: of the model's train_op.
          steps_per_run: how many steps a run makes; None to choose by their time.
          start: the global step that training begins at.
        """
        spec, (read, *_) = model.spec, tf1.get_collection(GLOBAL_STEP_READ)
        self._fetches = [spec.train_op, spec.loss, read]
        self._train_op = loop.train_op
        self._start, self._global_step, self._done = start, start, 0
        self._loop: Loop | None = loop
        self._schedule = schedule
        self._most, self._seconds = steps_per_run, list[float]()
        self._automatic = steps_per_run is None
        self._cardinality = model.cardinality
        self.current = Run(0, -1, start)

    def run(
        self,
        session: tf.compat.v1.train.MonitoredSession,
        clock: Callable[[], float] = time.perf_counter,
    ) -> Any:
        """Makes one more run; returns the loss of its last step."""
        steps = self._next_steps()
        self.current = Run(steps, self._done + steps - 1, self._global_step + steps)
        started = clock()
        if steps == 1:
            _, loss, read = session.run(self._fetches)
        else:
            _, loss, read = session.run_step_fn(self._run_several)
        self._done += steps
        self._global_step = read + 1
        if self._global_step != self._start + self._done:
            # A model that counts steps by rules of its own is not looked ahead in.
            self._loop = None
        elif self._loop and self._automatic:
            self._choose(session, clock() - started)
        return loss

    def logging_hook(
        self, tensors: dict[str, tf.Tensor], every: int
    ) -> tf.compat.v1.train.SessionRunHook:
        # It counts runs, and these are not steps here.
        hook = tf1.train.LoggingTensorHook(tensors, every_n_iter=1)
        return EveryNSteps(hook, every, _StepsDone(self))

    def summary_hook(
        self, scaffold: tf.compat.v1.train.Scaffold, every: int, events: EventWriter
    ) -> tf.compat.v1.train.SessionRunHook:
        # By itself it would look but one step ahead.
        hook = tf1.train.SummarySaverHook(
            scaffold=scaffold, save_steps=1, summary_writer=events
        )
        due = EveryNSteps(hook, every, _GlobalStep(self))
        return KnowsGlobalStep(due, self._train_op)

    def counter_hook(
        self, every: int, events: EventWriter
    ) -> tf.compat.v1.train.SessionRunHook:
        hook = tf1.train.StepCounterHook(every_n_steps=every, summary_writer=events)
        return KnowsGlobalStep(hook, self._train_op)

    def _next_steps(self) -> int:
        """Returns how many steps the next run makes."""
        # The first two tell whether the model counts them as is usual.
        if not self._loop or self._done < 2:
            return 1
        return min(self._most or 1, self._schedule.longest_run(self._done))

    def _run_several(self, step_context: Any) -> Any:
        assert self._loop
        self._loop.run(step_context.session, self.current.steps - 1)
        return step_context.run_with_hooks(self._fetches)

    def _choose(
        self, session: tf.compat.v1.train.MonitoredSession, seconds: float
    ) -> None:
        """Sets the steps per run by the time of the first steps, the very first aside.

        Several in one run take less time each, so that more of them may fit.
        """
        if self._most:
            self._most = max(self._most, _fitting(seconds / self.current.steps))
            return
        self._seconds.append(seconds)
        if len(self._seconds) <= _TIMED_STEPS:
            return
        self._most = _fitting(min(self._seconds[1:]))
        if self._most == 1 or not self._is_endless(session):
            self._loop = None

    def _is_endless(self, session: tf.compat.v1.train.MonitoredSession) -> bool:
        """Returns whether the input never ends; else nobody might see the last step."""
        cardinality = session.run_step_fn(
            lambda step_context: step_context.session.run(self._cardinality)
        )
        return cardinality == tf.data.INFINITE_CARDINALITY


class Position(Protocol):
    """Counts the steps of a training in one of two ways."""

    def expected(self) -> int:
        """Returns the count at the end of the run that is about to begin."""

    def reached(self, session: tf.compat.v1.Session) -> int:
        """Returns the count at the end of the run that is over."""


class _StepsDone:
    """Counts from 0 when the training began."""

    def __init__(self, steps: MultiStep):
        self._steps = steps

    def expected(self) -> int:
        return self._steps.current.last

    def reached(self, session: tf.compat.v1.Session) -> int:
        del session
        return self._steps.current.last


class _GlobalStep:
    """Counts as the model does, and may differ from what was expected."""

    def __init__(self, steps: MultiStep):
        self._steps, self._tensor = steps, tf1.train.get_global_step()

    def expected(self) -> int:
        return self._steps.current.ends_at

    def reached(self, session: tf.compat.v1.Session) -> int:
        return session.run(self._tensor)


class EveryNSteps(tf.compat.v1.train.SessionRunHook):
    """Shows a hook the first run, and each that ends `every` steps after one shown."""

    def __init__(
        self,
        hook: tf.compat.v1.train.SessionRunHook,
        every: int,
        position: Position,
    ):
        self._hook, self._position = hook, position
        self._timer = tf1.train.SecondOrStepTimer(every_steps=every)
        self._is_due = False

    def begin(self) -> None:
        self._timer.reset()
        self._hook.begin()

    def after_create_session(self, session: Any, coord: Any) -> None:
        self._hook.after_create_session(session, coord)

    def before_run(self, run_context: Any) -> Any:
        expected = self._position.expected()
        self._is_due = self._timer.should_trigger_for_step(expected)
        return self._hook.before_run(run_context) if self._is_due else None

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if not self._is_due:
            return
        reached = self._position.reached(run_context.session)
        self._timer.update_last_triggered_step(reached)
        self._hook.after_run(run_context, run_values)

    def end(self, session: Any) -> None:
        self._hook.end(session)


def _fitting(seconds: float) -> int:
    """Returns how many steps of `seconds` each make up a run."""
    return min(max(int(RUN_SECS / seconds), 1), MOST_STEPS)


def _schedule(config: RunConfig, hooks: Sequence, start: int) -> Schedule:
    ends = [h.steps_from(start) for h in hooks if isinstance(h, StopAtStep)]
    shown = (config.save_summary_steps, config.log_step_count_steps)
    return Schedule(
        steps=min(ends, default=math.inf),
        saves=config.save_checkpoints_steps,
        shown=tuple(every for every in shown if every),
    )


def _op_of(train_op: Any, graph: tf.Graph) -> tf.Operation:
    """Returns the op that fetching `train_op` runs, which may be a variable's."""
    element = graph.as_graph_element(train_op)
    return element.op if tf.is_tensor(element) else element
