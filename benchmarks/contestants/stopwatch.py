"""Measures the steps per second of a contestant, by a hook or a callback."""

import time

WARM_UP = 2.0
SEED = 0
SIDE, ROOM = 40, 12  # of the canvas, and beside an image of 28x28; pixels


class Stopwatch:
    """Measures steps per second for `seconds`, from WARM_UP seconds after the first."""

    def __init__(self, seconds: float, clock=time.perf_counter):
        self._clock = clock
        self._seconds = seconds
        self._first = None  # time of the first step
        self._start = None  # time and step at the end of the warm-up
        self.steps_per_s = 0

    def is_over(self, step: int) -> bool:
        """Records that `step` is done; returns whether the measurement is complete."""
        now = self._clock()
        if self._first is None:
            self._first = now
        if self._start is None and now - self._first >= WARM_UP:
            self._start = now, step
        if self._start is None or now - self._start[0] < self._seconds:
            return False
        self.steps_per_s = (step - self._start[1]) / (now - self._start[0])
        return True


def stopping_hook(watch: Stopwatch):
    """Returns a SessionRunHook, content with several steps per run, that stops it."""
    import tensorflow as tf

    tf1 = tf.compat.v1

    class Timer(tf1.train.SessionRunHook):
        every_step = False

        def __init__(self):
            self._step = None

        def begin(self):
            self._step = tf1.train.get_global_step()

        def before_run(self, run_context):
            return tf1.train.SessionRunArgs(self._step)

        def after_run(self, run_context, run_values):
            if watch.is_over(int(run_values.results)):
                run_context.request_stop()

    return Timer()


def stopping_callback(watch: Stopwatch, steps_per_execution: int = 1):
    """Returns a callback of Keras that ends `fit` by StopIteration."""
    import tensorflow as tf

    class Timer(tf.keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self._steps = 0

        def on_train_batch_end(self, batch, logs=None):
            self._steps += steps_per_execution
            if watch.is_over(self._steps):
                raise StopIteration

    return Timer()
