"""Random programs give the same on our runtime and on the original one."""

import collections
import contextlib
import os
import pathlib
import secrets
import time

import hypothesis
import pytest
import tensorflow as tf

import estimator_mnist.estimator as ours
from tests.contract.fuzz import better, programs, run, strategies, worker

tf1 = tf.compat.v1

needs_the_original = pytest.mark.skipif(
    not hasattr(tf1, "estimator"),
    reason=f"TensorFlow {tf.__version__} has no tf.compat.v1.estimator",
)
SETTINGS = hypothesis.settings(
    suppress_health_check=list(hypothesis.HealthCheck),
)
PROGRAM_SECONDS = 60  # most take less than 3
SHRINK_SECONDS = 60
BUILD = pathlib.Path(__file__).resolve().parents[3] / "BUILD.md"


@needs_the_original
@hypothesis.settings(SETTINGS, max_examples=15)
@hypothesis.given(strategies.all_programs(calls=2))
def test_both_runtimes_agree(program):
    found = worker.check(program).differences
    assert not found, shown(program, found)


def shown(program, differences):
    return "\n".join([repr(program), *(text for _, text in differences)])


@needs_the_original
@pytest.mark.slow
def test_both_runtimes_agree_for_an_hour(tmp_path):
    """Takes ESTIMATOR_MNIST_FUZZ_MINUTES instead, from ESTIMATOR_MNIST_FUZZ_SEED on."""
    minutes = float(os.environ.get("ESTIMATOR_MNIST_FUZZ_MINUTES", 60))
    seed = int(os.environ.get("ESTIMATOR_MNIST_FUZZ_SEED", secrets.randbelow(10**6)))
    search = Search(tmp_path, 60 * minutes)
    while not search.is_over():
        search.round_of(seed)
        seed += 1
    search.worker.close()
    print(f"until seed {seed}: {dict(search.counts)}", flush=True)
    assert not search.found, "\n\n".join(search.found.values())


class _TimeIsUpError(BaseException):
    """Ends hypothesis at once, which goes on for minutes after an Exception."""


class Search:
    """A search for programs that differ, which ends in time and goes on after a find.

    Attributes:
      counts: of programs, calls, and programs that differ as one before does.
      found: kind of difference -> the smallest program seen that shows it, and how.
    """

    def __init__(self, folder, seconds):
        self.worker = worker.Worker(folder, PROGRAM_SECONDS)
        self.counts, self.found = collections.Counter(), {}
        self._end = time.monotonic() + seconds

    def is_over(self):
        return time.monotonic() >= self._end

    def round_of(self, seed):
        """Draws and checks some programs; what fails is made smaller for a while."""
        print(f"seed {seed}: {dict(self.counts)}", flush=True)
        known, failed = set(self.found), {}
        ends = [self._end]

        @hypothesis.seed(seed)
        @hypothesis.settings(
            SETTINGS, max_examples=10, derandomize=False, report_multiple_bugs=False
        )
        @hypothesis.given(strategies.all_programs())
        def agree(program):
            if time.monotonic() >= min(ends):
                raise _TimeIsUpError
            if program not in failed:
                kinds = self._check(program)
                if not kinds <= known:
                    failed[program] = kinds
                    ends.append(time.monotonic() + SHRINK_SECONDS)
            assert program not in failed

        with contextlib.suppress(AssertionError, _TimeIsUpError):
            agree()

    def _check(self, program):
        """Returns the kinds of differences of a program, which is logged first."""
        print(program, flush=True)
        verdict = self.worker.check(program)
        self.counts.update(verdict.counts)
        kinds = {kind for kind, _ in verdict.differences}
        self.counts["programs that differ"] += bool(kinds)
        for kind in kinds:
            text = shown(program, verdict.differences)
            if kind not in self.found:
                print(f"DIFFERS in {kind}: {text}", flush=True)
            self.found[kind] = min(self.found.get(kind, text), text, key=len)
        return kinds


def test_plain_programs_take_the_quick_path_of_predict(tmp_path, caplog):
    """So that what it gives is compared with the original's, too."""
    calls = (programs.Train(), programs.Predict(), programs.Predict())
    with caplog.at_level("DEBUG", logger="tensorflow"):
        list(run.Run(ours, programs.Program(calls=calls), str(tmp_path)).steps())
    assert "builds its graph in each call" not in caplog.text


@pytest.mark.parametrize("row", better.TABLE, ids=lambda row: row.build)
def test_what_differs_is_in_the_table_of_what_is_better(row):
    assert row.build in " ".join(BUILD.read_text().split())
