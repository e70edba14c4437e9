"""Makes the steps of a training: one by one, or several in one session.run.

Where a step takes less time than the call, all steps of a run but its last are made by
a loop in the graph, over a copy of the part that the train_op needs; variables and
input are the same. So the last step alone is fetched, summarized and shown to hooks,
and the variables get the same bits.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import tensorflow as tf

from estimator_mnist.estimator.checkpoint.event_writers import EventWriter
from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session import mirrored
from estimator_mnist.estimator.session.model_graph import (
    GLOBAL_STEP_READ,
    ModelGraph,
    ops_needed_by,
)

tf1 = tf.compat.v1

# How long a run is unless steps_per_run says otherwise: Ctrl-C and the clock wait for
# its end.
RUN_SECS = 0.2
MOST_STEPS = 100
_TIMED_STEPS = 5

_FED = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
_REFERENCES = ("Variable", "VariableV2")
_FRAMES = ("Enter", "Switch")
_FUNCTIONS = ("StatefulPartitionedCall", "While", "If", "Case")
# What hooks of TensorFlow's do depends on every step, or on counting runs.
_STOCK_HOOKS = tuple(
    kind
    for kind in vars(tf1.train).values()
    if isinstance(kind, type) and issubclass(kind, tf1.train.SessionRunHook)
)


class Steps(Protocol):
    """Makes the steps of a training, and hooks that count them."""

    def run(self, session: tf.compat.v1.train.MonitoredSession) -> Any:
        """Makes one more run; returns the loss of its last step."""

    def logging_hook(
        self, tensors: dict[str, tf.Tensor], every: int
    ) -> tf.compat.v1.train.SessionRunHook:
        """Returns a hook that logs `tensors` every so many steps."""

    def summary_hook(
        self, scaffold: tf.compat.v1.train.Scaffold, every: int, events: EventWriter
    ) -> tf.compat.v1.train.SessionRunHook:
        """Returns a hook that writes summaries every so many steps."""


@runtime_checkable
class SaysEveryStep(Protocol):
    """A hook that says whether it must see every step."""

    every_step: bool


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
    obstacle = _obstacle(model, train_op, config, hooks, schedule)
    if obstacle and (config.steps_per_run or 1) > 1:
        tf1.logging.warning("steps_per_run is 1, since %s.", obstacle)
    if obstacle or config.steps_per_run == 1:
        return OneByOne(model)
    return MultiStep(model, Loop(train_op), schedule, config.steps_per_run, start)


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
        loop: "Loop",
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
        return EveryNSteps(hook, every, _GlobalStep(self))

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


class Loop:
    """Repeats a copy of what `train_op` needs in the graph."""

    def __init__(self, train_op: tf.Operation):
        graph, part = train_op.graph, _needed_by(train_op)
        handles = [op.outputs[0] for op in part if _is_handle(op)]
        copied = _definition([op for op in part if not _is_handle(op)], graph)

        def step(done: tf.Tensor) -> tf.Tensor:
            # Through identity, because a function sees what it is given by itself.
            shared = {handle.name: tf.identity(handle) for handle in handles}
            made = tf.graph_util.import_graph_def(
                copied, shared, return_elements=[train_op.name], name="step"
            )
            with tf.control_dependencies(made):
                return done + 1

        with graph.as_default(), tf.name_scope("steps_per_run"):
            self._count = tf1.placeholder(tf.int32, [], "count")
            self._loop = tf1.while_loop(
                lambda done: done < self._count, step, [0], parallel_iterations=1
            )

    def run(self, session: tf.compat.v1.Session, steps: int) -> None:
        """Makes `steps` steps."""
        session.run(self._loop, {self._count: steps})


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


def _obstacle(
    model: ModelGraph,
    train_op: tf.Operation,
    config: RunConfig,
    hooks: Sequence,
    schedule: Schedule,
) -> str | None:
    """Returns why each step has to be a run of its own, or None."""
    automatic = config.steps_per_run is None
    if automatic and schedule.steps < MOST_STEPS:
        return "there are few steps to make"
    for hook in hooks:
        if _needs_every_step(hook, automatic):
            return f"{type(hook).__name__} asks for every step"
    if config.cluster_spec.jobs:
        return "other machines take steps too"
    if mirrored.count(config.train_distribute) > 1:
        return "several devices make each step"
    if automatic and model.cardinality is None:
        return "its input is neither a Dataset nor arrays"
    needed = _needed_by(train_op)
    if model.rows_by_number:
        needed = [op for op in needed if op.name not in model.input_ops]
    functions: Mapping[str, Any] = {}
    if any(op.type in _FUNCTIONS for op in needed):
        functions = _function_definitions(model.graph)
    for op in needed:
        complaint = _complaint(op, functions)
        if complaint:
            return f"{op.name} ({op.type}) {complaint}"
    return None


def _needs_every_step(hook: tf.compat.v1.train.SessionRunHook, automatic: bool) -> bool:
    if isinstance(hook, SaysEveryStep):
        return hook.every_step
    return automatic or type(hook) in _STOCK_HOOKS


def _function_definitions(graph: tf.Graph) -> Mapping[str, Any]:
    """Returns the FunctionDef of each function in the graph, by its name."""
    library = graph.as_graph_def().library
    return {function.signature.name: function for function in library.function}


def _complaint(op: tf.Operation, functions: Mapping[str, Any]) -> str | None:
    """Returns why a copy of `op` would not do as `op` does, or None.

    Args:
      functions: those of the graph, as `_function_definitions` returns them.
    """
    on_resource = any(tensor.dtype == tf.resource for tensor in op.inputs)
    if op.type in _FED:
        return "is fed"
    if op.type in _REFERENCES:
        return "is no resource variable"
    if op.type in _FRAMES:
        return "holds ops that are not looked into"
    if op.type in _FUNCTIONS:
        return _complaint_of_functions(op, functions)
    if op.op_def.is_stateful and not (on_resource or _is_handle(op)):
        return None if op.type == "Assert" else "keeps a state of its own"
    return None


def _complaint_of_functions(
    op: tf.Operation, functions: Mapping[str, Any]
) -> str | None:
    """Returns why not to copy the functions that `op` calls; None for mere guards.

    Those of tf.debugging.assert_..., for example, either raise or do nothing.
    """
    for inner in set(_op_types_in(op.node_def, functions)) - {"Assert", *_FUNCTIONS}:
        if op.graph.op_def_for_type(inner).is_stateful:
            return f"calls a function with a state ({inner})"
    return None


def _op_types_in(node: Any, functions: Mapping[str, Any]) -> Iterator[str]:
    """Yields the types of ops in the functions that `node`, a NodeDef, calls."""
    for attribute in node.attr.values():
        for called in (attribute.func, *attribute.list.func):
            for inner in functions[called.name].node_def if called.name else ():
                yield inner.op
                yield from _op_types_in(inner, functions)


def _is_handle(op: tf.Operation) -> bool:
    """Returns whether `op` only says which variable, iterator or table is meant."""
    return not op.inputs and any(out.dtype == tf.resource for out in op.outputs)


def _needed_by(train_op: tf.Operation) -> list[tf.Operation]:
    return ops_needed_by(train_op, _is_handle)


def _definition(ops: Sequence[tf.Operation], graph: tf.Graph) -> tf.compat.v1.GraphDef:
    """Returns a GraphDef of `ops` alone, without what to place them beside."""
    whole = graph.as_graph_def()
    definition = tf1.GraphDef(library=whole.library, versions=whole.versions)
    for op in ops:
        node = definition.node.add()
        node.CopyFrom(op.node_def)
        node.attr.pop("_class", None)
        outside = {f"^{given.name}" for given in op.control_inputs if _is_handle(given)}
        kept = [name for name in node.input if name not in outside]
        del node.input[:]
        node.input.extend(kept)
    return definition
