"""Runs programs in a process of its own, so that one that never ends can be ended."""

import collections
import faulthandler
import multiprocessing
import os
import pathlib
import tempfile
import time

import tensorflow as tf

import estimator_mnist.estimator as ours
from tests.contract.fuzz import compare, run
from tests.contract.fuzz.records import Failure

tf1 = tf.compat.v1


class Verdict(collections.namedtuple("Verdict", ["differences", "counts"])):
    """What a program has shown.

    Attributes:
      differences: list of (kind, text), where `kind` is the same for like differences.
      counts: Counter of the calls on the original runtime, and of those that failed.
    """


def check(program):
    """Runs a program on both runtimes, call by call, and returns the Verdict."""
    counts = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        sides = [
            counted(run.Run(est, program, os.path.join(folder, name)).steps(), tally)
            for est, name, tally in (
                (ours, "ours", collections.Counter()),
                (tf1.estimator, "original", counts),
            )
        ]
        found = list(compare.differences(program, *sides))
        tf1.summary.FileWriterCache.clear()
    counts["programs"] += 1
    return Verdict([(_kind(one), str(one)) for one in found], counts)


def counted(steps, counts):
    """Yields the steps, and count the calls, and those that fail, by name."""
    for step in steps:
        name = type(step.call).__name__
        counts[f"{name} fails" if isinstance(step.outcome, Failure) else name] += 1
        yield step


def _kind(difference):
    """Returns the call, the words of the place, and the class on each side."""
    sides = difference.ours, difference.original
    classes = [getattr(side, "kind", type(side)).__name__ for side in sides]
    words = [word for word in difference.where if isinstance(word, str)][:2]
    return (type(difference.call).__name__, *words, *classes)


class Worker:
    """A process that checks one program after the other.

    A program that takes too long, or that ends the process, is a difference; the next
    one gets a new process.

    Args:
      folder: where the stacks of a program that takes too long are written.
      seconds: how long a program may take.
    """

    def __init__(self, folder, seconds):
        self._stacks = pathlib.Path(folder) / "stacks.txt"
        self._seconds = seconds
        self._process, self._connection = None, None

    def check(self, program):
        """Returns the Verdict of a program."""
        if self._process is None:
            self._start()
        begun = time.monotonic()
        self._connection.send(program)
        try:
            return self._connection.recv()
        except EOFError:
            self._process.join()
            code, self._process = self._process.exitcode, None
        took = f"ended its process ({code}) after {time.monotonic() - begun:.0f} s"
        text = f"{took}\n{self._stacks.read_text()}"
        return Verdict([(("ended",), text)], collections.Counter(programs=1))

    def close(self):
        """Ends the process."""
        if self._process is not None:
            self._connection.close()
            self._process.join()
            self._process = None

    def _start(self):
        spawn = multiprocessing.get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        given = (theirs, str(self._stacks), self._seconds)
        self._process = spawn.Process(target=_serve, args=given, daemon=True)
        self._process.start()
        theirs.close()


def _serve(connection, stacks, seconds):
    """Checks the programs that come, until no more do."""
    with open(stacks, "w") as file:
        while True:
            try:
                program = connection.recv()
            except EOFError:
                return
            # Ends the process even where it waits in TensorFlow.
            faulthandler.dump_traceback_later(seconds, exit=True, file=file)
            verdict = check(program)
            faulthandler.cancel_dump_traceback_later()
            connection.send(verdict)
