"""Measures what verification and manifests cost.

python -m benchmarks.safety [--steps=1500]

Trains the translated CNN on the embedded digits, a checkpoint every 500 steps, and
prints the share of the time of the calls of train that manifests, flushing to disk, the
search for NaN, and verification before restoring take. All is measured in one run, so
that a busy machine slows both sides.
"""

import argparse
import collections
import contextlib
import functools
import tempfile
import time

import tensorflow as tf

from estimator_mnist.estimator.checkpoint import integrity, save_hooks
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import training

SAVE_STEPS = 500


@contextlib.contextmanager
def timed(owner, name: str, seconds: collections.Counter):
    """Adds the time that calls of owner.name take to seconds[name]."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def call(*args, **kwargs):
        started = time.perf_counter()
        try:
            return original(*args, **kwargs)
        finally:
            seconds[name] += time.perf_counter() - started

    setattr(owner, name, call)
    try:
        yield
    finally:
        setattr(owner, name, original)


def train(model_dir: str, max_steps: int) -> float:
    """Trains to `max_steps`, or resumes; returns the seconds that this takes."""
    cadence = experiments.Cadence(save_checkpoints_steps=SAVE_STEPS)
    experiment = experiments.make(
        model_dir, model="cnn", dataset="digits", translate=True, cadence=cadence
    )
    started = time.perf_counter()
    estimator = experiments.build_estimator(experiment)
    training.train(experiment, estimator, max_steps=max_steps)
    return time.perf_counter() - started


def main() -> None:
    """Trains in two runs, so that one of them resumes, and prints the shares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1500)
    steps = parser.parse_args().steps
    tf.get_logger().setLevel("ERROR")
    seconds = collections.Counter()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        for owner, name in (
            (integrity, "seal"),
            (integrity, "problem"),
            (integrity, "leftovers"),
            (save_hooks.CheckBeforeSave, "before_save"),
        ):
            stack.enter_context(timed(owner, name, seconds))
        whole = train(folder, steps - SAVE_STEPS) + train(folder, steps)
    for name, spent in seconds.items():
        print(f"{name:12} {spent:6.2f} s  {spent / whole:7.2%}")
    print(
        f"{'together':12} {sum(seconds.values()):6.2f} s  of {whole:.1f} s: "
        f"{sum(seconds.values()) / whole:.2%}"
    )


if __name__ == "__main__":
    main()
