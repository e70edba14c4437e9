"""Measures speed and memory as data, batches, predictions and a process's work grow.

python -m benchmarks.scale --data_dir=FOLDER [--sizes=1,10,100]

Writes MNIST's training images 1, 10 and 100 times in succession to disk (4.7 GB),
trains on them, then predicts and evaluates growing numbers of rows, then trains with
growing batches, then makes growing numbers of Estimators, and of evaluations, in one
process. Each line is a process of its own. Memory is the peak of RssAnon, sampled: it
leaves out the pages of mapped files, which the system can drop.
"""

import argparse
import multiprocessing
import os
import pathlib
import struct
import tempfile
import threading
import time

import numpy as np

from benchmarks import processor
from estimator_mnist.data import datasets

TRAIN_STEPS = 2000
BATCHES = (100, 1000, 5000)
TIMES = (1, 10, 100)
ROWS = (1_000, 10_000, 100_000, 1_000_000)
SAMPLE_SECS = 0.02


class PeakMemory:
    """Samples RssAnon of this process while open; keeps the largest, in MB."""

    def __init__(self):
        self.megabytes = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._over.set()
        self._thread.join()

    def _sample(self):
        while not self._over.wait(SAMPLE_SECS):
            for line in pathlib.Path("/proc/self/status").read_text().splitlines():
                if line.startswith("RssAnon"):
                    self.megabytes = max(self.megabytes, int(line.split()[1]) / 1024)


def replicate(images, labels, times: int, folder: str) -> None:
    """Writes IDX files: training examples `times` in succession, and a test set."""
    for array, suffix in ((images, "images-idx3-ubyte"), (labels, "labels-idx1-ubyte")):
        write_idx(os.path.join(folder, f"train-{suffix}"), array, times)
        write_idx(os.path.join(folder, f"t10k-{suffix}"), array[:1000], 1)


def write_idx(path: str, array, times: int) -> None:
    """Writes a uint8 array `times` in succession as one IDX file."""
    shape = [len(array) * times, *array.shape[1:]]
    with open(path, "wb") as file:
        file.write(bytes((0, 0, 8, array.ndim)))
        file.write(struct.pack(f">{array.ndim}I", *shape))
        for _ in range(times):
            file.write(array.tobytes())


def train(data_dir: str, batch_size: int, steps: int) -> dict:
    """Trains `linear`; returns images per second, start included, and memory."""
    from estimator_mnist.experiment import experiment as experiments
    from estimator_mnist.experiment import training

    with PeakMemory() as memory, tempfile.TemporaryDirectory() as folder:
        experiment = experiments.make(
            folder,
            model="linear",
            dataset="mnist",
            data_dir=data_dir,
            translate=True,
            batch_size=batch_size,
        )
        estimator = experiments.build_estimator(experiment)
        started = time.perf_counter()
        training.train(experiment, estimator, max_steps=steps)
        seconds = time.perf_counter() - started
    return {"per_s": steps * batch_size / seconds, "MB": memory.megabytes}


def trained(folder: str, data_dir: str, rows: int):
    """Trains `linear` for a step; returns Experiment of `rows` images and Estimator."""
    import dataclasses

    from estimator_mnist.experiment import experiment as experiments
    from estimator_mnist.experiment import training

    experiment = experiments.make(
        folder, model="linear", dataset="mnist", data_dir=data_dir, translate=False
    )
    estimator = experiments.build_estimator(experiment)
    training.train(experiment, estimator, max_steps=1)
    first = datasets.Split(*(part[:rows] for part in experiment.data.train))
    data = dataclasses.replace(experiment.data, test=first)
    return dataclasses.replace(experiment, data=data), estimator


def predict(data_dir: str, rows: int) -> dict:
    """Predicts as --mode=predict does; returns rows per second and memory."""
    from estimator_mnist.modes import predict as predict_mode

    with PeakMemory() as memory, tempfile.TemporaryDirectory() as folder:
        experiment, estimator = trained(folder, data_dir, rows)
        started = time.perf_counter()
        predict_mode.predict(experiment, estimator, os.path.join(folder, "out"))
        seconds = time.perf_counter() - started
    return {"per_s": rows / seconds, "MB": memory.megabytes}


def evaluate(data_dir: str, rows: int) -> dict:
    """Evaluates as --mode=evaluate does; returns rows per second and memory."""
    from estimator_mnist.experiment import experiment as experiments

    with PeakMemory() as memory, tempfile.TemporaryDirectory() as folder:
        experiment, estimator = trained(folder, data_dir, rows)
        started = time.perf_counter()
        experiments.evaluate(experiment, estimator)
        seconds = time.perf_counter() - started
    return {"per_s": rows / seconds, "MB": memory.megabytes}


def estimators(count: int) -> dict:
    """Trains and evaluates so many Estimators, all kept; returns what they hold."""
    return _cycles(count, 1)


def evaluations(count: int) -> dict:
    """Evaluates one Estimator so many times; returns what the process holds."""
    return _cycles(1, count)


def _cycles(estimators: int, evaluations: int) -> dict:
    from estimator_mnist import estimator as tf_estimator
    from estimator_mnist.models import catalog, model_fn

    images = np.zeros([100, 28, 28], np.float32)
    labels, kept = np.zeros(100, np.int32), []
    settings = catalog.MODELS["linear"]
    input_fn = tf_estimator.inputs.numpy_input_fn({"x": images}, labels, shuffle=False)
    with PeakMemory() as memory, tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        for number in range(estimators):
            estimator = tf_estimator.Estimator(
                model_fn.make_model_fn(settings.network, tf_estimator),
                os.path.join(folder, str(number)),
                params={**settings.params, "seed": 0},
            )
            estimator.train(input_fn, steps=1)
            for _ in range(evaluations):
                estimator.evaluate(input_fn)
            kept.append(estimator)
        seconds = time.perf_counter() - started
        held = {
            name: len(os.listdir(f"/proc/self/{folder}"))
            for name, folder in (("files", "fd"), ("threads", "task"))
        }
    done = {"per_s": estimators * evaluations / seconds, "MB": memory.megabytes}
    return done | held


def in_process(measure, *arguments) -> dict:
    """Calls `measure` in a process of its own; returns what it returns."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, arguments)


def report(what: str, found: dict) -> dict:
    """Prints a line; returns it for the JSON file."""
    line = f"{what:34} {found['per_s']:12,.0f} /s {found['MB']:8.0f} MB"
    if "files" in found:
        line += f" {found['files']:5} open files {found['threads']:5} threads"
    print(line, flush=True)
    return {"what": what, **found}


def measure(source: str, sizes: list[int]) -> list[dict]:
    """Measures and prints all lines; returns them."""
    data = datasets.load("mnist", source)
    images, labels = data.train
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            replicate(images, labels, size, folder)
            what = f"train, {size * len(images):,} images"
            lines.append(report(what, in_process(train, folder, 100, TRAIN_STEPS)))
        for rows in ROWS:
            if rows <= max(sizes) * len(images):
                for work in (predict, evaluate):
                    what = f"{work.__name__}, {rows:,} rows"
                    lines.append(report(what, in_process(work, folder, rows)))
        for batch in BATCHES:
            steps = max(TRAIN_STEPS * 100 // batch, 20)
            what = f"train, batches of {batch:,}"
            lines.append(report(what, in_process(train, source, batch, steps)))
    for count in TIMES:
        for grown in (estimators, evaluations):
            what = f"{count} {grown.__name__} in a process"
            lines.append(report(what, in_process(grown, count)))
    return lines


def main() -> None:
    """Measures, prints, and writes the lines to a file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data_dir", required=True, help="folder with MNIST")
    parser.add_argument("--sizes", default="1,10,100", help="times the training set")
    parser.add_argument("--json", default="scale.json", help="file to write")
    arguments = parser.parse_args()
    print(processor.this(), flush=True)
    sizes = [int(size) for size in arguments.sizes.split(",")]
    lines = measure(arguments.data_dir, sizes)
    processor.write_json(arguments.json, lines)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
