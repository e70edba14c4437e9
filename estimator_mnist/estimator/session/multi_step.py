"""Several steps inside one session.run, where a step takes less time than the call.

All steps of a run but its last are made by a loop in the graph, over a copy of the part
that the train_op needs; variables and input are the same. So the last step alone
is fetched, summarised and shown to hooks, and the variables get the same bits.
"""

import dataclasses
import math
import time

import tensorflow as tf

from estimator_mnist.estimator.run_config import RunConfig
from estimator_mnist.estimator.session.model_graph import GLOBAL_STEP_READ, ModelGraph

tf1 = tf.compat.v1

# By itself a run is made as long as this, lest Ctrl-C and the clock have to wait.
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


class StopAtStep(tf1.train.StopAtStepHook):
    """A StopAtStepHook that tells where it will stop."""

    every_step = False

    def __init__(self, num_steps: int | None, last_step: int | None):
        super().__init__(num_steps, last_step)
        self._num_steps_more, self._last = num_steps, last_step

    def steps_from(self, start: int) -> int:
        """How many steps there are from global step `start` on."""
        return self._num_steps_more or self._last - start


class Only(tf1.train.SessionRunHook):
    """Shows a hook the first run, and each that ends `every` steps after one shown."""

    def __init__(self, hook, every: int, ends_at, ended_at=None):
        """Args:
        ends_at: tells, when a run begins, the step it should end with.
        ended_at: of a session, tells the step that it did end with, if that may differ.
        """
        self._hook, self._ends_at, self._ended_at = hook, ends_at, ended_at
        self._timer = tf1.train.SecondOrStepTimer(every_steps=every)

    def begin(self):
        self._timer.reset()
        self._hook.begin()

    def after_create_session(self, session, coord):
        self._hook.after_create_session(session, coord)

    def before_run(self, run_context):
        self._end = self._ends_at()
        self._due = self._timer.should_trigger_for_step(self._end)
        return self._hook.before_run(run_context) if self._due else None

    def after_run(self, run_context, run_values):
        if not self._due:
            return
        if self._ended_at:
            self._end = self._ended_at(run_context.session)
        self._timer.update_last_triggered_step(self._end)
        self._hook.after_run(run_context, run_values)

    def end(self, session):
        self._hook.end(session)


@dataclasses.dataclass(frozen=True)
class Schedule:
    """Where runs end, counted in steps since the training began.

    Attributes:
      steps: where training ends; math.inf where nobody knows.
      saves: steps between checkpoints, or None.
      shown: steps between summaries, between log lines: a run ends with the first step
        and with each that is a multiple of so many later.
    """

    steps: float
    saves: int | None
    shown: tuple[int, ...]

    def longest_run(self, done: int) -> int:
        """How many steps may be made in one run, `done` being done."""
        limits = [self.steps - done, MOST_STEPS]
        if self.saves:
            limits.append(self.saves - done % self.saves)
        limits += [-done % every + 1 for every in self.shown]
        return max(1, min(limits))


class Stepper:
    """Makes the steps of a training, alone or several in one session.run.

    Attributes:
      is_possible: whether there may be runs of several steps. If so, as a run begins:
      last: its last step, counted from 0 when the training began.
      ends_at: the global step when it is over.
    """

    def __init__(self, model: ModelGraph, config: RunConfig, hooks, start: int):
        """Adds the loop to the graph, where there may be runs of several steps.

        Args:
          hooks: those that user and model_fn gave.
          start: the global step that training begins at.
        """
        spec, self._start, self._step, self._done = model.spec, start, start, 0
        train_op = _op_of(spec.train_op, model.graph)
        reads = tf1.get_collection(GLOBAL_STEP_READ)
        self._fetches = [spec.train_op, spec.loss, *reads[:1]]
        self._schedule = _schedule(config, hooks, start)
        self._most, self._seconds = config.steps_per_run, []
        self._automatic = self._most is None
        self._cardinality = model.cardinality if self._automatic else None
        obstacle = _obstacle(model, train_op, config, hooks, self._schedule)
        if obstacle and (self._most or 1) > 1:
            tf1.logging.warning("steps_per_run is 1, since %s.", obstacle)
        self.is_possible = not obstacle and self._most != 1
        self._loop = Loop(train_op) if self.is_possible else None

    def run(self, session, clock=time.perf_counter):
        """The loss of the last step of one more run."""
        if not self.is_possible:
            return session.run(self._fetches[:2])[1]
        steps = self._coming()
        self.last, self.ends_at = self._done + steps - 1, self._step + steps
        begun = clock()
        if steps == 1:
            _, loss, read = session.run(self._fetches)
        else:
            _, loss, read = session.run_step_fn(
                lambda step_context: self._run_several(step_context, steps)
            )
        self._done += steps
        self._step = read + 1
        if self._step != self._start + self._done:
            # A model that counts steps by rules of its own is not looked ahead in.
            self._loop = None
        elif self._loop and self._automatic:
            self._choose(session, steps, clock() - begun)
        return loss

    def _coming(self) -> int:
        """How many steps the coming run makes."""
        # The first two tell whether the model counts them as is usual.
        if not self._loop or self._done < 2:
            return 1
        return min(self._most or 1, self._schedule.longest_run(self._done))

    def _run_several(self, step_context, steps):
        self._loop.run(step_context.session, steps - 1)
        return step_context.run_with_hooks(self._fetches)

    def _choose(self, session, steps, seconds):
        """By the time of the first steps, but for the very first, which sets up.

        Several in one run take less time each, so that more of them may fit.
        """
        if self._most:
            self._most = max(self._most, _fitting(seconds / steps))
            return
        self._seconds.append(seconds)
        if len(self._seconds) <= _TIMED_STEPS:
            return
        self._most = _fitting(min(self._seconds[1:]))
        if self._most == 1 or not self._is_endless(session):
            self._loop = None

    def _is_endless(self, session):
        """In an input that ends, the last step could be one that nobody sees."""
        cardinality = session.run_step_fn(
            lambda step_context: step_context.session.run(self._cardinality)
        )
        return cardinality == tf.data.INFINITE_CARDINALITY


class Loop:
    """Runs a copy of what `train_op` needs, so many times, in the graph."""

    def __init__(self, train_op):
        graph, part = train_op.graph, _needed_by(train_op)
        handles = [op.outputs[0] for op in part if _is_handle(op)]
        copied = _definition([op for op in part if not _is_handle(op)], graph)

        def step(done):
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

    def run(self, session, steps: int) -> None:
        """Makes `steps` steps."""
        session.run(self._loop, {self._count: steps})


def _fitting(seconds) -> int:
    """How many steps of so many seconds make up a run."""
    return min(max(int(RUN_SECS / seconds), 1), MOST_STEPS)


def _schedule(config, hooks, start) -> Schedule:
    ends = [h.steps_from(start) for h in hooks if isinstance(h, StopAtStep)]
    shown = (config.save_summary_steps, config.log_step_count_steps)
    return Schedule(
        steps=min(ends, default=math.inf),
        saves=config.save_checkpoints_steps,
        shown=tuple(every for every in shown if every),
    )


def _op_of(train_op, graph):
    """The op that is run where `train_op` is fetched, which may be a variable."""
    element = graph.as_graph_element(train_op)
    return element.op if tf.is_tensor(element) else element


def _obstacle(model, train_op, config, hooks, schedule) -> str | None:
    """Why each step has to be a run of its own, or None."""
    automatic = config.steps_per_run is None
    if automatic and schedule.steps < MOST_STEPS:
        return "there are few steps to make"
    for hook in hooks:
        if getattr(hook, "every_step", automatic or type(hook) in _STOCK_HOOKS):
            return f"{type(hook).__name__} asks for every step"
    if config.cluster_spec.jobs:
        return "other machines take steps too"
    if config.train_distribute:
        return "several devices make each step"
    if automatic and model.cardinality is None:
        return "its input is no Dataset"
    for op in _needed_by(train_op):
        complaint = _complaint(op)
        if complaint:
            return f"{op.name} ({op.type}) {complaint}"
    return None


def _complaint(op) -> str | None:
    """Why a copy of `op` would not do as `op` does, or None."""
    on_resource = any(tensor.dtype == tf.resource for tensor in op.inputs)
    if op.type in _FED:
        return "is fed"
    if op.type in _REFERENCES:
        return "is no resource variable"
    if op.type in _FRAMES or op.type in _FUNCTIONS:
        return "holds ops that are not looked into"
    if op.op_def.is_stateful and not (on_resource or _is_handle(op)):
        return None if op.type == "Assert" else "keeps a state of its own"
    return None


def _is_handle(op) -> bool:
    """Whether `op` only says which variable, iterator or table is meant."""
    return not op.inputs and any(out.dtype == tf.resource for out in op.outputs)


def _needed_by(train_op) -> list:
    found, waiting = {}, [train_op]
    while waiting:
        op = waiting.pop()
        if op.name not in found:
            found[op.name] = op
            if not _is_handle(op):
                waiting += [tensor.op for tensor in op.inputs] + op.control_inputs
    return list(found.values())


def _definition(ops, graph):
    """A GraphDef of `ops` alone; what they were to be placed beside is not in it."""
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
