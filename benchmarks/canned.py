"""Measures canned estimators beside the original's, and beside Keras.

python -m benchmarks.canned [--original=PYTHON]

Each contestant trains on made-up census data in a process of its own; they take turns,
so that a machine that is slow for a while slows all. Prints for each model two tables:
on this Python's TensorFlow ours and a Keras model of the same layers; and, with
--original, a Python that has TensorFlow 2.15, ours and `tf.compat.v1.estimator` there.
They have median steps/s, and the median, the smallest and the largest ratio of ours to
each other in a round.
"""

import argparse
import collections
import contextlib
import json
import os
import sys
import tempfile

from benchmarks import canned_models, processes, processor, throughput
from benchmarks.contestants.stopwatch import Stopwatch, stopping_callback, stopping_hook

MANY_STEPS = 100


def ours(model: str, watch: Stopwatch) -> None:
    """Trains with this package."""
    from estimator_mnist import estimator

    _train(estimator, model, watch)


def original(model: str, watch: Stopwatch) -> None:
    """Trains with TensorFlow 2.15's own tf.estimator."""
    from estimator_mnist import compat

    _train(compat.tensorflow_estimator(), model, watch)


def _train(est, model: str, watch: Stopwatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = est.RunConfig(folder, tf_random_seed=canned_models.SEED)
        estimator = canned_models.MODELS[model](est, config)
        estimator.train(canned_models.shuffled_input_fn, [stopping_hook(watch)])


def keras(model: str, watch: Stopwatch, steps_per_execution: int = 1) -> None:
    """Trains with Keras's fit; words become numbers in a map of the input."""
    from benchmarks import canned_keras

    net = canned_keras.net(model, steps_per_execution)
    batches = canned_keras.batches(canned_models.shuffled_input_fn())
    with contextlib.suppress(StopIteration):
        stop = stopping_callback(watch, steps_per_execution)
        net.fit(batches, steps_per_epoch=10**7, callbacks=[stop], verbose=0)


def keras_many(model: str, watch: Stopwatch) -> None:
    """Trains with Keras's fit, MANY_STEPS steps in one execution."""
    keras(model, watch, MANY_STEPS)


CONTESTANTS = {one.__name__: one for one in (ours, keras, keras_many, original)}
NEWEST = ("ours", "keras", "keras_many")
BESIDE_ORIGINAL = ("ours", "original")


def race(python: str, names: tuple, model: str, arguments) -> dict[str, list[float]]:
    """Returns the steps/s of each contestant in each round."""
    rounds = collections.defaultdict(list)
    for _ in range(arguments.rounds):
        for name in names:
            command = [python, "-m", "benchmarks.canned", f"--contestant={name}"]
            command += [f"--models={model}", f"--seconds={arguments.seconds}"]
            found = processes.json_output(*command, timeout=600)
            rounds[name].append(found["steps_per_s"])
    return dict(rounds)


def main() -> None:
    """Measures, prints the tables, and writes all values to a file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default=",".join(canned_models.MODELS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="timed, each time")
    parser.add_argument("--original", help="a Python that has TensorFlow 2.15")
    parser.add_argument("--json", default="canned.json", help="file to write")
    parser.add_argument("--contestant", help="run this one alone, on one model")
    arguments = parser.parse_args()
    if arguments.contestant:
        watch = Stopwatch(arguments.seconds)
        CONTESTANTS[arguments.contestant](arguments.models, watch)
        print(json.dumps({"steps_per_s": watch.steps_per_s}))
        return
    print(processor.this(), flush=True)
    contests = {"newest": (sys.executable, NEWEST)}
    if arguments.original:
        contests["TensorFlow 2.15"] = arguments.original, BESIDE_ORIGINAL
    results = {}
    for model in arguments.models.split(","):
        for where, (python, names) in contests.items():
            rounds = race(python, names, model, arguments)
            results[f"{model}, {where}"] = rounds
            print(throughput.table(f"{model}, {where}", rounds), flush=True)
    processor.write_json(arguments.json, results)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
