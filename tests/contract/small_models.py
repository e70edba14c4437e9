"""Models and inputs so small that every expected number is worked out by hand."""

import contextlib
import pathlib

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1


MODES = ("train", "eval", "infer")


def run(estimator, mode, input_fn, hooks=None):
    """Call train, evaluate or predict for one step."""
    if mode == "train":
        return estimator.train(input_fn, hooks, steps=1)
    if mode == "eval":
        return estimator.evaluate(input_fn, steps=1, hooks=hooks)
    return next(estimator.predict(input_fn, hooks=hooks))


def numbers(count=4, batch_size=2, epochs=None):
    """Give an input_fn of x = 1..count and labels 2x, endless without `epochs`."""

    def input_fn():
        x = np.arange(1, count + 1, dtype=np.float32)
        examples = tf.data.Dataset.from_tensor_slices(({"x": x}, 2 * x))
        return examples.batch(batch_size).repeat(epochs)

    return input_fn


def step_reads():
    """List the ops that read the step for the hooks.

    What adds to the step must wait for them: in a model this small, a hook would
    otherwise see the step of before or after the run by chance.
    """
    readers = ("ReadVariableOp", "Identity", "AddV2")
    operations = tf1.get_default_graph().get_operations()
    about_the_step = (op for op in operations if op.name.startswith("global_step"))
    return [op for op in about_the_step if op.type in readers]


def count_step(loss, by=1):
    """Give a train_op that only counts, and not before the loss is known."""
    with tf.control_dependencies([loss, *step_reads()]):
        return tf1.assign_add(tf1.train.get_global_step(), by)


def any_spec(est, mode):
    """Give a spec for `mode` that needs neither features nor labels."""
    if mode == est.ModeKeys.PREDICT:
        return est.EstimatorSpec(mode, predictions=tf.constant([1.0]))
    loss = tf.constant(1.0)
    return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss))


def averager(est, **fields):
    """Give a model_fn without variables: loss = mean(x), y = 2x, `fields` for the spec.

    On `numbers()` the batches' losses are 1.5 and 3.5 in turns.
    """

    def model_fn(features, labels, mode):
        x = features["x"]
        if mode == est.ModeKeys.PREDICT:
            return est.EstimatorSpec(mode, predictions={"x": x, "y": 2 * x}, **fields)
        loss = tf.reduce_mean(x)
        return est.EstimatorSpec(mode, loss=loss, train_op=count_step(loss), **fields)

    return model_fn


def line(est, **fields):
    """Give a model_fn for y = w x from w = 0 by gradient descent at rate 0.1.

    On `numbers(batch_size=4)` w is 0, 3, 1.5, 2.25 after 0, 1, 2, 3 steps.
    """

    def model_fn(features, labels, mode):
        weight = tf1.get_variable("w", [], initializer=tf1.zeros_initializer())
        y = weight * features["x"]
        if mode == est.ModeKeys.PREDICT:
            return est.EstimatorSpec(mode, predictions={"y": y}, **fields)
        with tf.control_dependencies(step_reads()):
            loss = tf.reduce_mean((y - labels) ** 2)
        optimizer = tf1.train.GradientDescentOptimizer(0.1)
        train_op = optimizer.minimize(loss, tf1.train.get_global_step())
        return est.EstimatorSpec(mode, loss=loss, train_op=train_op, **fields)

    return model_fn


def predictor(est, predictions, **fields):
    """Give a model_fn that predicts `predictions(x)` and needs no training."""

    def model_fn(features):
        return est.EstimatorSpec(
            est.ModeKeys.PREDICT, predictions=predictions(features["x"]), **fields
        )

    return model_fn


class Recorder(tf1.train.SessionRunHook):
    """A hook that notes each of its calls in a list shared with other hooks."""

    def __init__(self, calls, name="hook", stop_after=None, fail_in=None):
        self.calls = calls
        self.name = name
        self.stop_after = stop_after
        self.fail_in = fail_in
        self.runs = 0

    def note(self, what):
        """Add 'name.what' to the list, and fail here if the test wants that."""
        self.calls.append(f"{self.name}.{what}")
        if what == self.fail_in:
            raise ValueError(f"failed in {what}")

    def begin(self):
        self.note("begin")

    def after_create_session(self, session, coord):
        self.note("after_create_session")

    def before_run(self, run_context):
        self.note("before_run")

    def after_run(self, run_context, run_values):
        self.note("after_run")
        self.runs += 1
        if self.runs == self.stop_after:
            run_context.request_stop()

    def end(self, session):
        self.note("end")


class Fetch(tf1.train.SessionRunHook):
    """A hook that keeps what one tensor was in each run."""

    def __init__(self, name):
        self.name = name
        self.values = []

    def before_run(self, run_context):
        return tf1.train.SessionRunArgs(self.name)

    def after_run(self, run_context, run_values):
        self.values.append(run_values.results)


def files(folder):
    """List visible files below `folder`, event files without their time and host."""
    found = []
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            name = "events" if path.name.startswith("events.") else path.name
            found.append(str(path.relative_to(folder).with_name(name)))
    return sorted(found)


def checkpoint_steps(folder):
    """List the steps of the checkpoints in `folder`."""
    return sorted(
        int(path.stem.split("-")[1])
        for path in pathlib.Path(folder).glob("model.ckpt-*.index")
    )


def event_list(folder):
    """Read the events directly in `folder`, in the order they were written."""
    read = []
    for path in sorted(pathlib.Path(folder).glob("events.*")):
        # An open writer may hold back its tail, and with it half of an event.
        with contextlib.suppress(tf.errors.DataLossError):
            read.extend(tf1.train.summary_iterator(str(path)))
    return read


def scalars(folder):
    """List the (step, tag, value) of all scalars in the events of `folder`."""
    return [
        (event.step, value.tag, value.simple_value)
        for event in event_list(folder)
        for value in event.summary.value
        if value.WhichOneof("value") == "simple_value"
    ]


def scalar_steps(folder, tag):
    """List the steps at which the scalar `tag` was written."""
    return [step for step, name, _ in scalars(folder) if name == tag]


def log_of(caplog, call):
    """Run `call` and give the messages that TensorFlow's logger passed on."""
    caplog.clear()
    with caplog.at_level("INFO", logger="tensorflow"):
        call()
    return [record.getMessage() for record in caplog.records]
