"""Seconds from the start of a process to an accuracy on translated test images.

python -m benchmarks.time_to_accuracy --data_dir=FOLDER [--flagfile=FILE --against=FILE]

Trains the flagfile's model with this package, and the same net with Keras's fit, in
turn, each in a process of its own. Keras has the same batch size and learning rate, or
those of the flagfile it is to be `--against`. Both evaluate on all 10,000 translated
test images every so many steps; evaluations count too.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time

from benchmarks import contestants, processes

MARKS = (0.95, 0.965)
NAMES = ("ours", "keras")


class Marks:
    """Seconds from `started` until each of MARKS was first reached."""

    def __init__(self, started: float):
        self._started, self.passed = started, {}

    def note(self, accuracy: float) -> bool:
        """Notes an evaluation; True once all marks are reached."""
        for mark in MARKS:
            if accuracy >= mark:
                self.passed.setdefault(str(mark), time.time() - self._started)
        return len(self.passed) == len(MARKS)


def ours(chosen, steps: int, every: int, marks: Marks) -> None:
    """This package's program, but for its flags."""
    import tensorflow as tf

    from estimator_mnist import estimator
    from estimator_mnist.data import input_fns
    from estimator_mnist.experiment import experiment

    over = []

    class Watch(estimator.FinalExporter):
        def export(
            self, estimator, export_path, checkpoint_path, eval_result, *_, **__
        ):
            if marks.note(eval_result["accuracy"]):
                over.append(True)

    class Stop(tf.compat.v1.train.SessionRunHook):
        every_step = False

        def after_run(self, run_context, run_values):
            if over:
                run_context.request_stop()

    train = input_fns.train_input_fn(
        chosen.data.train, chosen.batch_size, chosen.seed, True
    )
    test = input_fns.eval_input_fn(chosen.data.test, experiment.EVAL_BATCH_SIZE, True)
    estimator.train_and_evaluate(
        experiment.build_estimator(chosen),
        estimator.TrainSpec(train, steps, [Stop()]),
        estimator.EvalSpec(
            test, None, exporters=Watch("watch", lambda: None), throttle_secs=0
        ),
    )


def keras(chosen, steps: int, every: int, marks: Marks) -> None:
    """Keras's fit, which evaluates after each so-called epoch."""
    import tensorflow as tf

    from estimator_mnist.data import input_fns
    from estimator_mnist.experiment import experiment

    class Watch(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            self.model.stop_training = marks.note(logs["val_accuracy"])

    batches = contestants.translated_batches(chosen.data.train, chosen.batch_size)
    images = input_fns.eval_input_fn(chosen.data.test, experiment.EVAL_BATCH_SIZE, True)
    contestants.keras_net(chosen.model, chosen.params).fit(
        batches,
        epochs=steps // every,
        steps_per_epoch=every,
        validation_data=images().map(lambda features, labels: (features["x"], labels)),
        callbacks=[Watch()],
        verbose=0,
    )


def run_one(name: str, arguments) -> None:
    """One contestant, in this process; prints what it reached."""
    from absl import flags

    from estimator_mnist import main
    from estimator_mnist.modes import common

    marks = Marks(arguments.started)
    flagfile, every = arguments.flagfile, arguments.every
    if name == "keras" and arguments.against:
        flagfile, every = arguments.against, arguments.against_every
    with tempfile.TemporaryDirectory() as folder:
        flags.FLAGS(
            [
                sys.argv[0],
                f"--flagfile={flagfile}",
                "--dataset=mnist",
                f"--data_dir={arguments.data_dir}",
                f"--model_dir={folder}",
                f"--eval_steps_interval={every}",
                f"--precision={arguments.precision}",
            ]
        )
        chosen = common.experiment_of_flags(main.FLAGS)
        steps = flags.FLAGS.max_steps
        {"ours": ours, "keras": keras}[name](chosen, steps, every, marks)
    print(json.dumps(marks.passed))


def race(name: str, given: list[str]) -> dict:
    """Runs a contestant in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.time_to_accuracy", *given]
    command += [f"--one={name}", f"--started={time.time()}"]
    return processes.answer(*command)


def main() -> None:
    """Races, prints, writes."""
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
    parser.add_argument("--precision", default="float32", help="of this package's")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", default="time_to_accuracy.json", help="file to write")
    parser.add_argument("--one", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        run_one(arguments.one, arguments)
        return
    rounds = {name: [] for name in NAMES}
    for _ in range(arguments.rounds):
        for name, reached in rounds.items():
            reached.append(race(name, sys.argv[1:]))
            print(name, reached[-1], flush=True)
    for mark in map(str, MARKS):
        ratios = [
            a[mark] / b[mark]
            for a, b in zip(rounds["ours"], rounds["keras"], strict=True)
            if mark in a and mark in b
        ]
        if ratios:
            print(f"{mark}: ours takes {statistics.median(ratios):.2f} of Keras's time")
    with open(arguments.json, "w", encoding="utf-8") as file:
        json.dump(rounds, file, indent=2)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
