"""Kills a command after each of its operations on files, and repeats it each time.

python -m benchmarks.torture --every_operation --command=predict

Operations are system calls that change something below the model_dir, the output
folder or the one of temporary files, so that TensorFlow's C++ is seen too. After each
kill doctor must find no damage, and the same command again must leave what a peaceful
one leaves: the same names, no file more, and the same contents. An export that was
complete may stay beside the next one, as after two peaceful ones.
"""

import dataclasses
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from multiprocessing.process import BaseProcess
from typing import Any

from benchmarks import processes
from benchmarks.kills import file_operations, listing

TIMEOUT_SECS = 300
PROGRESS_POINTS = 20
_CNN = ("--model=cnn", "--filters=2", "--kernel_size=3", "--dense_units=8")
_SMALL = ("--dataset=digits", "--batch_size=8")


class KillError(AssertionError):
    """A command that was killed has left something, or ends differently."""


@dataclasses.dataclass(frozen=True)
class Command:
    """What is killed: flags, with {folder} for where all its files are."""

    flags: Sequence[str]
    before: Sequence[str] = ()  # flags of a training that must be there


_TRAINED = (
    "--mode=train",
    "--model_dir={folder}/run",
    "--max_steps=2",
    *_CNN,
    *_SMALL,
)
COMMANDS = {
    "train": Command(
        (
            "--mode=train",
            "--model_dir={folder}/run",
            "--max_steps=4",
            "--eval_steps_interval=2",
            "--restore_best",
            "--keep_checkpoint_max=1",
            "--save_summary_steps=1",
            "--learning_rate=3",
            *_SMALL,
        )
    ),
    "predict": Command(
        ("--mode=predict", "--model_dir={folder}/run", "--activations_limit=2"),
        _TRAINED,
    ),
    "export": Command(
        (
            "--mode=export",
            "--model_dir={folder}/run",
            "--output_dir={folder}/exports",
        ),
        _TRAINED,
    ),
    "report": Command(
        ("--mode=report", "--model_dir={folder}/run", "--tsne_points=0"), _TRAINED
    ),
    "sweep": Command(
        (
            "--mode=sweep",
            "--model=linear",
            "--model_dir={folder}/sweep",
            "--grid=learning_rate=0.1",
            "--max_steps=1",
            *_SMALL,
        )
    ),
    "compare": Command(
        (
            "--mode=compare",
            "--models=linear",
            "--model_dir={folder}/compare",
            "--max_steps=1",
            *_SMALL,
        )
    ),
}


@dataclasses.dataclass(frozen=True)
class Result:
    """What a series of kills has come to."""

    command: str
    operations: int  # of a peaceful run
    kills: int
    failures: Sequence[str]
    seconds: float


class Workplace:
    """A folder in which one command is run, killed and run again."""

    def __init__(self, command: Command, folder: str):
        """Compiles the killer, and makes what must be there before the command.

        Raises file_operations.UnavailableError.
        """
        self._root = os.path.realpath(folder)
        self.folder = os.path.join(self._root, "work")
        self._template = os.path.join(self._root, "template")
        self.operations = os.path.join(self._root, "operations")
        self.log = os.path.join(self._root, "log")
        self._library = file_operations.build(self._root)
        self._flags = self._filled(command.flags)
        os.makedirs(_temporary(self.folder))
        if command.before:
            self._expect(self._run(self._filled(command.before)), 0)
        os.rename(self.folder, self._template)

    def reset(self) -> None:
        """Brings the folder back to what it was before the command."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self._template, self.folder, symlinks=True)

    def run(self) -> None:
        """Runs the command to its end; `operations` then lists what it did."""
        self._expect(self._run(self._flags, 0), 0)

    def kill(self, number: int, signum: int) -> bool:
        """Runs the command, and sends `signum` after operation `number`.

        Returns whether it ended by that.
        """
        code = self._run(self._flags, number, signum)
        self._expect(code, 0, -signum, 128 + signum)
        return code != 0

    def repeat(self) -> None:
        """Runs the command again; raises KillError where doctor finds damage before."""
        process = _fork(_examine_and_run, self.folder, self._flags, self.log)
        self._expect(process.exitcode, 0)

    def describe(self) -> dict[str, Any]:
        """Returns what is to agree of all that is in the folder."""
        return {**listing.describe(self.folder), **listing.gaps(self.folder)}

    def _filled(self, flags: Iterable[str]) -> list[str]:
        return [flag.format(folder=self.folder) for flag in flags]

    def _run(self, flags: Sequence[str], number: int | None = None, signum: int = 0):
        watched = (self._library, self.folder, self.operations, number, signum)
        options = watched if number is not None else None
        process = _fork(_main, self.folder, flags, self.log, options)
        return process.exitcode

    def _expect(self, code: int, *expected: int) -> None:
        if code not in expected:
            last = pathlib.Path(self.log).read_text(errors="replace")[-1500:]
            raise KillError(f"ended with code {code}:\n{last}")


def kill_everywhere(
    name: str,
    folder: str,
    signum: int = signal.SIGKILL,
    points: int | None = None,
    where: str = "",
    is_thorough: bool = True,
) -> Result:
    """Kills a command after each operation; returns what this has come to.

    Args:
      name: one of COMMANDS.
      folder: an empty one.
      points: after how many of the operations, evenly spread; None for all.
      where: a pattern of the operations that count, as the log names them.
      is_thorough: whether runs without a kill are compared with each other first.

    Raises:
      UnavailableError: this machine has no way to.
      KillError: without a kill, runs differ already.
    """
    started = time.monotonic()
    work = Workplace(COMMANDS[name], folder)
    work.reset()
    work.run()
    expected = [work.describe()]
    lines = file_operations.logged(work.operations)
    if is_thorough:
        expected.append(_twice(work, expected))
    failures, kills = [], 0
    numbers = _spread([line for line in lines if re.search(where, line)], points)
    for i, number in enumerate(numbers):
        if i % PROGRESS_POINTS == 0:
            print(f"{name}: {i} of {len(numbers)}, {len(failures)} differ", flush=True)
        try:
            kills += _kill_and_repeat(work, number, signum, expected)
        except KillError as error:
            failures.append(f"{name}, after operation {error}")
            print(failures[-1], flush=True)
    seconds = time.monotonic() - started
    return Result(name, len(lines), kills, failures, seconds)


def _kill_and_repeat(
    work: Workplace, number: int, signum: int, expected: Sequence[dict]
) -> bool:
    """Returns whether the command ended by the signal.

    Raises KillError where it has left something, or ends differently.
    """
    work.reset()
    try:
        is_killed = work.kill(number, signum)
        work.repeat()
        _compare(work, expected)
    except KillError as error:
        last = file_operations.logged(work.operations)[number - 1 : number]
        raise KillError(f"{''.join(last).replace(work.folder, '')}: {error}") from error
    return is_killed


def _twice(work: Workplace, once: Sequence[dict]) -> dict:
    """Returns what two runs leave.

    Raises KillError where one of them, from the beginning, leaves something else.
    """
    work.run()
    twice = work.describe()
    work.reset()
    work.run()
    _compare(work, once)
    return twice


def _compare(work: Workplace, expected: Sequence[dict]) -> None:
    found = work.describe()
    if found not in expected:
        raise KillError("; ".join(listing.difference(found, expected[0])))


def _spread(lines: Sequence[str], points: int | None) -> list[int]:
    """Returns the numbers of so many of the operations, evenly spread."""
    numbers = [int(line.split()[0]) for line in lines]
    if points is None or points >= len(numbers):
        return numbers
    step = (len(numbers) - 1) / max(points - 1, 1)
    return [numbers[round(i * step)] for i in range(points)]


def _fork(target, *arguments) -> BaseProcess:
    """Calls `target` in a process of its own, which has TensorFlow from the start."""
    process = processes.forked(target, *arguments)
    process.join(TIMEOUT_SECS)
    if process.exitcode is None:
        process.kill()
        process.join()
    return process


def _temporary(folder: str) -> str:
    """Returns the folder of temporary files of what is run in `folder`."""
    return os.path.join(folder, "temporary")


def _main(folder: str, flags: Sequence[str], log: str, watched: tuple | None) -> None:
    """Runs the program in its process."""
    from estimator_mnist import main

    _redirect(log)
    # Python has looked for one before the fork; C++ reads the environment.
    os.environ["TMPDIR"] = tempfile.tempdir = _temporary(folder)
    if watched:
        file_operations.watch(watched[0], watched[1], *watched[2:])
    sys.argv = ["estimator_mnist.main", *flags]
    main.console()


def _examine_and_run(folder: str, flags: Sequence[str], log: str) -> None:
    """Runs the program; exits with code 1 where doctor finds damage before."""
    from estimator_mnist.experiment import examination

    _redirect(log)
    bad = [
        finding
        for lock in sorted(pathlib.Path(folder).rglob(".trainer.lock"))
        for finding in examination.examine(str(lock.parent))
        if finding.state == examination.BAD
    ]
    if bad:
        sys.exit(f"doctor: {bad}")
    _main(folder, flags, log, None)


def _redirect(log: str) -> None:
    with open(log, "wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
