"""Random programs give the same on our runtime and on the original one."""

import collections
import os
import pathlib
import secrets
import tempfile
import time

import hypothesis
import pytest
import tensorflow as tf

import estimator_mnist.estimator as ours
from tests.contract.fuzz import better, compare, programs, run, strategies
from tests.contract.fuzz.records import Failure

tf1 = tf.compat.v1

needs_the_original = pytest.mark.skipif(
    not hasattr(tf1, "estimator"),
    reason=f"TensorFlow {tf.__version__} has no tf.compat.v1.estimator",
)
SETTINGS = hypothesis.settings(
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
BUILD = pathlib.Path(__file__).resolve().parents[3] / "BUILD.md"


def check(program, counts):
    """Run a program on both runtimes, and fail with what differs."""
    with tempfile.TemporaryDirectory() as folder:
        sides = [
            counted(run.Run(est, program, os.path.join(folder, name)).steps(), tally)
            for est, name, tally in (
                (ours, "ours", None),
                (tf1.estimator, "original", counts),
            )
        ]
        found = list(compare.differences(program, *sides))
        tf1.summary.FileWriterCache.clear()
    counts["programs"] += 1
    assert not found, "\n".join([repr(program), *map(str, found)])


def counted(steps, counts):
    """Yield the steps, and count the calls, and those that fail, by name."""
    for step in steps:
        name = type(step.call).__name__
        if counts is not None:
            counts[name + " fails" * isinstance(step.outcome, Failure)] += 1
        yield step


@needs_the_original
@hypothesis.settings(SETTINGS, max_examples=15, derandomize=True)
@hypothesis.given(strategies.all_programs(calls=2))
def test_both_runtimes_agree(program):
    check(program, collections.Counter())


@needs_the_original
@pytest.mark.slow
def test_both_runtimes_agree_for_an_hour():
    """Take ESTIMATOR_MNIST_FUZZ_MINUTES instead, from ESTIMATOR_MNIST_FUZZ_SEED on."""
    minutes = float(os.environ.get("ESTIMATOR_MNIST_FUZZ_MINUTES", 60))
    seed = int(os.environ.get("ESTIMATOR_MNIST_FUZZ_SEED", secrets.randbelow(10**6)))
    counts, end = collections.Counter(), time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        print(f"seed {seed}: {dict(counts)}", flush=True)
        round_of(seed, counts)
        seed += 1
    print(f"until seed {seed}: {dict(counts)}")


def round_of(seed, counts):
    """Draw and check some programs; what fails is made as small as it can be."""

    @hypothesis.seed(seed)
    @hypothesis.settings(SETTINGS, max_examples=10)
    @hypothesis.given(strategies.all_programs())
    def agree(program):
        check(program, counts)

    agree()


def test_plain_programs_take_the_quick_path_of_predict(tmp_path, caplog):
    """So that what it gives is compared with the original's, too."""
    calls = (programs.Train(), programs.Predict(), programs.Predict())
    with caplog.at_level("DEBUG", logger="tensorflow"):
        list(run.Run(ours, programs.Program(calls=calls), str(tmp_path)).steps())
    assert "builds its graph in each call" not in caplog.text


@pytest.mark.parametrize("row", better.TABLE, ids=lambda row: row.build)
def test_what_differs_is_in_the_table_of_what_is_better(row):
    assert row.build in " ".join(BUILD.read_text().split())
