"""Measures the seconds from the start of a process to an accuracy.

python -m benchmarks.time_to_accuracy --data_dir=FOLDER [--flagfile=FILE --against=FILE]

Trains the flagfile's model with this package, and the same network with Keras's fit, in
turn, each in a process of its own, ours started as the program starts. Keras has the
same batch size, learning rate and precision, or those of the flagfile that `--against`
names. Both evaluate on all 10,000 translated test images at regular steps; the time of
evaluations counts too. Prints what parts the time until the last mark has: the start,
evaluations, checkpoints, and the steps. With --precision=bfloat16 ours trains with
products in it and evaluates in float32, and Keras has its policy mixed_bfloat16, which
counts in evaluations too.
"""

import argparse
import contextlib
import json
import logging
import os
import statistics
import sys
import tempfile
import threading
import time

from benchmarks import processes, processor
from benchmarks.contestants import keras_fit

MARKS = (0.95, 0.965)
NAMES = ("ours", "keras")
PARTS = ("start", "evaluations", "checkpoints")


class Marks:
    """Seconds from `started` until each of MARKS was first reached.

    Attributes:
      parts: seconds of PARTS, of which the steps are what is left.
    """

    def __init__(self, started: float):
        self._started = started
        self._since: dict[str, float] = {}
        self.passed = {}
        self.parts = dict.fromkeys(PARTS, 0.0)

    def start(self) -> None:
        """Records that the first step begins."""
        if not self.parts["start"]:
            self.parts["start"] = time.time() - self._started

    def begin(self, part: str) -> None:
        """Records that an evaluation or a checkpoint begins."""
        self._since[part] = time.time()

    def end(self, part: str) -> None:
        """Records that it is over, unless the last mark was reached before."""
        if len(self.passed) < len(MARKS):
            self.parts[part] += time.time() - self._since[part]

    def result(self) -> dict[str, dict[str, float]]:
        """Returns the seconds until each mark, and of each part until the last."""
        last = max(self.passed.values(), default=0.0)
        steps = last - sum(self.parts.values())
        return {"marks": self.passed, "parts": {**self.parts, "steps": steps}}

    def update(self, accuracy: float) -> bool:
        """Records an evaluation; returns whether all marks are reached."""
        for mark in MARKS:
            if accuracy >= mark:
                self.passed.setdefault(str(mark), time.time() - self._started)
        return len(self.passed) == len(MARKS)


# Lines of the log at which a part begins and ends.
LINES = {
    "Calling checkpoint listeners before saving": (Marks.begin, "checkpoints"),
    "Calling checkpoint listeners after saving": (Marks.end, "checkpoints"),
    "Starting evaluation": (Marks.begin, "evaluations"),
    "Saving dict for global step": (Marks.end, "evaluations"),
}


def ours(experiment, steps: int, every: int, marks: Marks) -> None:
    """Trains as this package's program does, without its flags."""
    import tensorflow as tf

    from estimator_mnist import estimator as tf_estimator
    from estimator_mnist.data import input_fns
    from estimator_mnist.experiment import experiment as experiments

    over = threading.Event()

    class Listener(logging.Handler):
        def emit(self, record):
            for beginning, (note, part) in LINES.items():
                if record.msg.startswith(beginning):
                    note(marks, part)

    class Watch(tf_estimator.FinalExporter):
        def export(
            self, estimator, export_path, checkpoint_path, eval_result, *_, **__
        ):
            if marks.update(eval_result["accuracy"]):
                over.set()

    class Stop(tf.compat.v1.train.SessionRunHook):
        every_step = False

        def before_run(self, run_context):
            marks.start()

        def after_run(self, run_context, run_values):
            if over.is_set():
                run_context.request_stop()

    logger = tf.get_logger()
    logger.setLevel(logging.INFO)
    logger.handlers = [Listener()]
    data = experiment.data
    train = input_fns.train_input_fn(
        data.train, experiment.batch_size, experiment.seed, True
    )
    test = input_fns.eval_input_fn(data.test, experiments.EVAL_BATCH_SIZE, True)
    watch = Watch("watch", lambda: None)
    tf_estimator.train_and_evaluate(
        experiments.build_estimator(experiment),
        tf_estimator.TrainSpec(train, steps, [Stop()]),
        tf_estimator.EvalSpec(test, None, exporters=watch, throttle_secs=0),
    )


def keras(experiment, steps: int, every: int, marks: Marks) -> None:
    """Trains with Keras's fit, which evaluates after `every` steps, an epoch to it."""
    import tensorflow as tf

    from estimator_mnist.data import input_fns
    from estimator_mnist.experiment import experiment as experiments

    class Watch(tf.keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            marks.start()

        def on_test_begin(self, logs=None):
            marks.begin("evaluations")

        def on_test_end(self, logs=None):
            marks.end("evaluations")

        def on_epoch_end(self, epoch, logs):
            self.model.stop_training = marks.update(logs["val_accuracy"])

    if experiment.precision == "bfloat16":
        tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    data = experiment.data
    test = input_fns.eval_input_fn(data.test, experiments.EVAL_BATCH_SIZE, True)
    keras_fit.keras_net(experiment.model, experiment.params).fit(
        keras_fit.translated_batches(data.train, experiment.batch_size),
        epochs=steps // every,
        steps_per_epoch=every,
        validation_data=test().map(lambda features, labels: (features["x"], labels)),
        callbacks=[Watch()],
        verbose=0,
    )


def run_one(name: str, arguments) -> None:
    """Runs one contestant in this process; prints its marks and parts."""
    from estimator_mnist.commands import quiet

    with quiet.imported() if name == "ours" else contextlib.nullcontext():
        marks = marks_of(name, arguments)
    print(json.dumps(marks.result()))


def marks_of(name: str, arguments) -> Marks:
    """Trains until all marks are reached, or to the flagfile's last step."""
    from estimator_mnist import main as program
    from estimator_mnist.modes import common

    marks = Marks(arguments.started)
    flagfile, every = arguments.flagfile, arguments.every
    if name == "keras" and arguments.against:
        flagfile, every = arguments.against, arguments.against_every
    train = {"ours": ours, "keras": keras}[name]
    with tempfile.TemporaryDirectory() as folder:
        flags = program_flags(arguments, flagfile, every, folder)
        flag_values, _ = program.parsed([sys.argv[0], *flags])
        experiment = common.experiment_of_flags(flag_values)
        train(experiment, flag_values.max_steps, every, marks)
    return marks


def program_flags(arguments, flagfile: str, every: int, model_dir: str) -> list[str]:
    """Returns flags of the program that describe the experiment."""
    return [
        f"--flagfile={flagfile}",
        "--dataset=mnist",
        f"--data_dir={arguments.data_dir}",
        f"--model_dir={model_dir}",
        f"--eval_steps_interval={every}",
        f"--precision={arguments.precision}",
    ]


def race(name: str, given: list[str]) -> dict:
    """Runs a contestant in a process of its own; returns its marks and parts."""
    command = [sys.executable, "-m", "benchmarks.time_to_accuracy", *given]
    command += [f"--one={name}", f"--started={time.time()}"]
    return processes.json_output(*command)


def summary(rounds: dict[str, list[dict]]) -> str:
    """Returns the ratios of the times to each mark, and the medians of the parts."""
    lines = []
    for mark in map(str, MARKS):
        ratios = [
            a["marks"][mark] / b["marks"][mark]
            for a, b in zip(rounds["ours"], rounds["keras"], strict=True)
            if mark in a["marks"] and mark in b["marks"]
        ]
        if ratios:
            share = statistics.median(ratios)
            lines.append(f"{mark}: ours takes {share:.2f} of Keras's time")
    for part in (*PARTS, "steps"):
        both = [statistics.median(r["parts"][part] for r in rounds[n]) for n in NAMES]
        lines.append(f"{part:11} {both[0]:6.1f} s, Keras {both[1]:6.1f} s")
    return "\n".join(lines)


def main() -> None:
    """Measures, prints, and writes all values to a file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data_dir", required=True, help="folder with MNIST")
    parser.add_argument("--flagfile", default="flags/cnn_fast.flags")
    parser.add_argument(
        "--every", type=int, default=100, help="steps to evaluate after"
    )
    parser.add_argument("--against", help="flagfile for Keras; default: the same")
    parser.add_argument(
        "--against_every", type=int, default=500, help="steps to evaluate it after"
    )
    parser.add_argument("--precision", default="float32", help="of both")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", default="time_to_accuracy.json", help="file to write")
    parser.add_argument("--one", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        run_one(arguments.one, arguments)
        return
    print(processor.this(), flush=True)
    rounds = {name: [] for name in NAMES}
    for _ in range(arguments.rounds):
        for name, reached in rounds.items():
            reached.append(race(name, sys.argv[1:]))
            print(name, reached[-1], flush=True)
    print(summary(rounds))
    processor.write_json(arguments.json, rounds)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
