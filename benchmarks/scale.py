"""Speed and memory as data, batches and predictions grow.

python -m benchmarks.scale --data_dir=FOLDER [--sizes=1,10,100]

Lays MNIST's training images 1, 10 and 100 times one behind the other on disk (4.7 GB),
trains on them, then predicts growing numbers of rows, then trains with growing batches.
Each line is a process of its own. Memory is the peak of what the system cannot take
back (RssAnon, sampled): pages of mapped files are not in it.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import struct
import tempfile
import threading
import time

from estimator_mnist.data import datasets

TRAIN_STEPS = 2000
BATCHES = (100, 1000, 5000)
ROWS = (1_000, 10_000, 100_000, 1_000_000)
SAMPLE_SECS = 0.02


class PeakMemory:
    """The largest RssAnon of this process while it was open, in MB."""

    def __enter__(self):
        self.megabytes, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._sample)
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
    """IDX files of `times` times these images in folder/train..., and a test set."""
    for name, kind in (("train", times), ("t10k", 1)):
        few = slice(None) if name == "train" else slice(1000)
        for array, suffix in (
            (images[few], "images-idx3"),
            (labels[few], "labels-idx1"),
        ):
            shape = [len(array) * kind, *array.shape[1:]]
            with open(os.path.join(folder, f"{name}-{suffix}-ubyte"), "wb") as file:
                file.write(bytes((0, 0, 8, array.ndim)))
                file.write(struct.pack(f">{array.ndim}I", *shape))
                for _ in range(kind):
                    file.write(array.tobytes())


def train(data_dir: str, batch_size: int, steps: int) -> dict:
    """Images per second, start included, and memory of a training of `linear`."""
    from estimator_mnist.experiment import experiment, training

    with PeakMemory() as memory, tempfile.TemporaryDirectory() as folder:
        chosen = experiment.make(
            folder,
            model="linear",
            dataset="mnist",
            data_dir=data_dir,
            translate=True,
            batch_size=batch_size,
        )
        runner = experiment.build_estimator(chosen)
        started = time.perf_counter()
        training.train(chosen, runner, max_steps=steps)
        seconds = time.perf_counter() - started
    return {"per_s": steps * batch_size / seconds, "MB": memory.megabytes}


def predict(data_dir: str, rows: int) -> dict:
    """Rows per second and memory of --mode=predict with so many images."""
    import dataclasses

    from estimator_mnist.experiment import experiment, training
    from estimator_mnist.modes import predict as predict_mode

    with PeakMemory() as memory, tempfile.TemporaryDirectory() as folder:
        chosen = experiment.make(
            folder, model="linear", dataset="mnist", data_dir=data_dir, translate=False
        )
        runner = experiment.build_estimator(chosen)
        training.train(chosen, runner, max_steps=1)
        first = datasets.Split(*(part[:rows] for part in chosen.data.train))
        chosen = dataclasses.replace(
            chosen, data=dataclasses.replace(chosen.data, test=first)
        )
        started = time.perf_counter()
        predict_mode.predict(chosen, runner, os.path.join(folder, "out"))
        seconds = time.perf_counter() - started
    return {"per_s": rows / seconds, "MB": memory.megabytes}


def alone(measure, *arguments) -> dict:
    """What `measure` returns, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, arguments)


def report(what: str, found: dict) -> dict:
    """Prints a line, and returns it for the JSON file."""
    print(f"{what:34} {found['per_s']:12,.0f} /s {found['MB']:8.0f} MB", flush=True)
    return {"what": what, **found}


def measure(source: str, sizes: list[int]) -> list[dict]:
    """All lines."""
    data = datasets.load("mnist", source)
    images, labels = data.train
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            replicate(images, labels, size, folder)
            what = f"train, {size * len(images):,} images"
            lines.append(report(what, alone(train, folder, 100, TRAIN_STEPS)))
        for rows in ROWS:
            if rows <= max(sizes) * len(images):
                what = f"predict, {rows:,} rows"
                lines.append(report(what, alone(predict, folder, rows)))
        for batch in BATCHES:
            steps = max(TRAIN_STEPS * 100 // batch, 20)
            what = f"train, batches of {batch:,}"
            lines.append(report(what, alone(train, source, batch, steps)))
    return lines


def main() -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data_dir", required=True, help="folder with MNIST")
    parser.add_argument("--sizes", default="1,10,100", help="times the training set")
    parser.add_argument("--json", default="scale.json", help="file to write")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    lines = measure(arguments.data_dir, sizes)
    with open(arguments.json, "w", encoding="utf-8") as file:
        json.dump(lines, file, indent=2)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
