"""The hooks and listeners that programs name."""

import os

import tensorflow as tf

tf1 = tf.compat.v1


class Recorder(tf1.train.SessionRunHook):
    """Notes its calls, and stops or fails where it is told to."""

    def __init__(self, note, name, stop_after=None, fail_in=None, fetches=None):
        self._note, self._name = note, name
        self._stop_after, self._fail_in, self._fetches = stop_after, fail_in, fetches
        self._runs = 0

    def _noted(self, what, *details):
        self._note("hook", self._name, what, *details)
        if what == self._fail_in:
            raise ValueError(f"failed in {what}")

    def begin(self):
        self._noted("begin", tf1.get_default_graph().finalized)

    def after_create_session(self, session, coord):
        self._noted("after_create_session")

    def before_run(self, run_context):
        self._noted("before_run")
        if self._fetches:
            return tf1.train.SessionRunArgs(self._fetches)
        return None

    def after_run(self, run_context, run_values):
        self._noted("after_run", run_values.results)
        self._runs += 1
        if self._runs == self._stop_after:
            run_context.request_stop()

    def end(self, session):
        self._noted("end")


class Listener(tf1.train.CheckpointSaverListener):
    """Notes its calls, and asks to stop where it is told to."""

    def __init__(self, note, stops=False):
        self._note, self._stops = note, stops

    def begin(self):
        self._note("listener", "begin")

    def before_save(self, session, step):
        self._note("listener", "before_save", step)

    def after_save(self, session, step):
        self._note("listener", "after_save", step)
        return self._stops and step >= 2

    def end(self, session, step):
        self._note("listener", "end", step)


def _saver(note, where, folder):
    return tf1.train.CheckpointSaverHook(folder, save_steps=2)


def _summaries(note, where, folder):
    own = os.path.join(folder, "own_summaries")
    op = tf1.summary.merge_all() if where != "call" else None
    op = op if op is not None else tf.constant(b"")
    return tf1.train.SummarySaverHook(save_steps=1, output_dir=own, summary_op=op)


# form -> function of (note, the field or "call" it is for, model_dir).
HOOKS = {
    "recorder": lambda note, where, folder: Recorder(note, where),
    "stop": lambda note, where, folder: Recorder(note, where, stop_after=2),
    "fetch": lambda note, where, folder: Recorder(note, where, fetches="x_sum:0"),
    "fail begin": lambda note, where, folder: Recorder(note, where, fail_in="begin"),
    "fail before": lambda note, where, folder: Recorder(
        note, where, fail_in="before_run"
    ),
    "fail after": lambda note, where, folder: Recorder(
        note, where, fail_in="after_run"
    ),
    "fail end": lambda note, where, folder: Recorder(note, where, fail_in="end"),
    "logging": lambda note, where, folder: tf1.train.LoggingTensorHook(
        ["x_sum:0"], every_n_iter=1
    ),
    "stop at 3": lambda note, where, folder: tf1.train.StopAtStepHook(last_step=3),
    "step counter": lambda note, where, folder: tf1.train.StepCounterHook(
        every_n_steps=1, output_dir=os.path.join(folder, "own_counter")
    ),
    "saver": _saver,
    "summaries": _summaries,
    "no hook": lambda note, where, folder: "no hook",
}


def make(forms, note, where, folder):
    """Gives the hooks of these forms; None where there are none."""
    return [HOOKS[form](note, where, folder) for form in forms] or None


def listeners(forms, note):
    """Gives the CheckpointSaverListeners of these forms; None where there are none."""
    made = {"recorder": lambda: Listener(note), "stop": lambda: Listener(note, True)}
    return [made[form]() for form in forms] or None
