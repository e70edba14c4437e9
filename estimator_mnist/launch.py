"""Starts a training of several processes on this machine, as a cluster would.

python -m estimator_mnist.launch --workers=2 --ps=1 --evaluator -- --model=cnn

The flags after `--` are those of `python -m estimator_mnist.main`. The job always has
one chief. Each line of the log begins with the name of its task. When a task fails, the
other tasks are stopped, and its exit code is the exit code of the job.
"""

if __name__ == "__main__":
    from estimator_mnist import import_path

    import_path.leave_out_working_directory()

import argparse
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import types
from collections.abc import Mapping, Sequence
from typing import NoReturn

from absl import flags as absl_flags

from estimator_mnist import errors, modes
from estimator_mnist.commands import argument_parser, flagfiles

PROGRAM = [sys.executable, "-m", "estimator_mnist.main"]
HOST = "127.0.0.1"
# Below the ports of outgoing connections: no such connection takes one between its
# choice and the start of the task.
PORTS = range(15_000, 32_000)
MAX_TASKS = 1000  # of a kind
SECS_TO_SAVE = 60
SECS_TO_END = 10
# A job that is left by its terminal ends, since its tasks would go on unseen.
SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
    if hasattr(signal, name)
]
_HANGUP = getattr(signal, "SIGHUP", None)
_SECS_BETWEEN_POLLS = 0.1


_WHAT = """\
Starts a training of several processes on this machine, as a cluster would: one chief,
and the other tasks that are asked for. The flags after `--` are those of the program.
When a task fails, the others are stopped, and its exit code is that of the job.
"""
_EXAMPLES = (
    ("-- --model=cnn --translate", "a chief, a worker, a parameter server"),
    ("--workers=2 --ps=1 --evaluator -- --model=cnn", "with an evaluator"),
    ("--workers=3 --ps=0 -- --sync_replicas", "steps that all workers make together"),
    ("--workers=0 --ps=0 --evaluator -- --model=mlp", "an evaluator beside the chief"),
    ("-- --flagfile=cnn_fast --model_dir=runs/job", "one of the packaged runs"),
)


class Stopped(KeyboardInterrupt):
    """This process has received a signal.

    Attributes:
      signum: the number of the signal.
    """

    def __init__(self, signum: int) -> None:
        super().__init__()
        self.signum = signum


class Task:
    """A process of the job; its output is printed with its name before each line.

    Attributes:
      job: "chief", "worker", "ps" or "evaluator".
      name: the job and the index, as "worker 0".
    """

    def __init__(
        self,
        job: str,
        index: int,
        cluster: Mapping[str, Sequence[str]],
        command: Sequence[str],
    ) -> None:
        """Starts `command` with the TF_CONFIG of this task.

        Args:
          job: of the task.
          index: of the task in its job.
          cluster: the addresses of all tasks but the evaluator, by job.
          command: the program and its arguments.
        """
        self.job, self.name = job, f"{job} {index}"
        config = {"cluster": cluster, "task": {"type": job, "index": index}}
        self._process = subprocess.Popen(
            command,
            env={
                **os.environ,
                "TF_CONFIG": json.dumps(config),
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Ctrl-C interrupts this process alone, which stops the chief first.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._print_output, daemon=True)
        self._reader.start()

    @property
    def code(self) -> int | None:
        """The exit code, as a shell gives it; None while the task runs."""
        code = self._process.poll()
        return code if code is None or code >= 0 else 128 - code

    def stop(self, secs: float) -> None:
        """Terminates the task, and kills it if it still runs after `secs` seconds."""
        if self.code is None:
            self._process.terminate()
        try:
            self._process.wait(secs)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def flush(self) -> None:
        """Waits until all output of the ended task is printed."""
        self._reader.join(SECS_TO_END)

    def _print_output(self) -> None:
        with self._process.stdout or contextlib.nullcontext(()) as output:
            for line in output:
                text = line.decode(errors="replace").rstrip("\n")
                # Where the terminal is gone, the task must not wait for a reader.
                with contextlib.suppress(OSError):
                    print(f"{self.name:12}| {text}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Runs the job; returns 0, or the exit code of the first task that fails."""
    options = _parser().parse_args(arguments)
    flags = options.flags[1:] if options.flags[:1] == ["--"] else options.flags
    if complaint := _not_of_a_cluster(flags):
        print(f"error: {complaint}", file=sys.stderr)
        return 1
    for number in SIGNALS:
        # nohup, for example, has a process ignore SIGHUP.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _raise_stopped)
    tasks: list[Task] = []
    try:
        start(options.workers, options.ps, options.evaluator, PROGRAM + flags, tasks)
        failed = first_failure(tasks)
    except Stopped as stopped:
        stop(tasks)
        return 128 + stopped.signum
    if failed:
        print(f"{failed.name} failed, exit code {failed.code}: stopping the others.")
        stop(tasks)
    for task in tasks:
        task.flush()
    return (failed.code or 0) if failed else 0


def _not_of_a_cluster(flags: Sequence[str]) -> str | None:
    """Returns why several processes cannot do what the program's flags ask for.

    What else is wrong with them the program says itself.
    """
    try:
        mode = modes.mode_of(flagfiles.resolved(flags))
    except (absl_flags.Error, errors.ExperimentError):
        return None
    if mode in modes.OF_A_CLUSTER:
        return None
    return (
        f"--mode={mode} is nothing that processes do together, each would do all of "
        "it: run it without launch, by python -m estimator_mnist.main."
    )


def start(
    workers: int,
    ps: int,
    evaluator: bool,
    command: list[str],
    started: list[Task] | None = None,
) -> list[Task]:
    """Starts `command` as the tasks of a job, and returns them, the chief first.

    Args:
      started: a list that each task is added to as soon as it runs, for whoever has to
        stop them after an error.
      workers: how many, beside the chief.
      ps: the number of parameter servers.
      evaluator: whether there is one.
      command: the program and its arguments.
    """
    counts = {"chief": 1, "worker": workers, "ps": ps}
    ports = iter(free_ports(sum(counts.values())))
    cluster = {
        job: [f"{HOST}:{next(ports)}" for _ in range(count)]
        for job, count in counts.items()
        if count
    }
    tasks = [(job, i) for job, hosts in cluster.items() for i in range(len(hosts))]
    if evaluator:
        tasks.append(("evaluator", 0))
    started = [] if started is None else started
    for job, i in tasks:
        started.append(Task(job, i, cluster, command))
    return started


def stop(tasks: list[Task]) -> None:
    """Stops the chief first, so that it can save what the parameter servers hold."""
    for task in tasks:
        task.stop(SECS_TO_SAVE if task.job == "chief" else SECS_TO_END)


def free_ports(count: int) -> list[int]:
    """Returns `count` different ports of this machine that no process listens at."""
    found: list[int] = []
    with contextlib.ExitStack() as opened:  # until all are found, so that they differ
        while len(found) < count:
            port, bound = random.choice(PORTS), opened.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                bound.bind((HOST, port))
                found.append(port)
    return found


def first_failure(tasks: Sequence[Task]) -> Task | None:
    """Waits for a task that fails, and returns it; None when all have ended well."""
    while True:
        codes = [task.code for task in tasks]
        failed = [task for task, code in zip(tasks, codes, strict=True) if code]
        if failed:
            return failed[0]
        if None not in codes:
            return None
        time.sleep(_SECS_BETWEEN_POLLS)


def _raise_stopped(signum: int, frame: types.FrameType | None) -> NoReturn:
    del frame
    # A second signal ends this process at once; but a terminal that is closed may send
    # this one twice.
    signal.signal(signum, signal.SIG_IGN if signum == _HANGUP else signal.SIG_DFL)
    raise Stopped(signum)


def _parser() -> argument_parser.ArgumentParser:
    parser = argument_parser.ArgumentParser(
        "estimator-mnist-launch", "estimator_mnist.launch", _WHAT, _EXAMPLES
    )
    tasks = parser.add_argument_group("tasks, beside the chief")
    tasks.add_argument("--workers", type=_count, default=1, help="workers [1]")
    tasks.add_argument("--ps", type=_count, default=1, help="parameter servers [1]")
    tasks.add_argument("--evaluator", action="store_true", help="an evaluator [none]")
    parser.add_argument("flags", nargs="*", help="-- and those of the program")
    return parser


def _count(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
    if count < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    if count > MAX_TASKS:
        raise argparse.ArgumentTypeError(f"{text} is more than {MAX_TASKS}")
    return count


if __name__ == "__main__":
    sys.exit(main())
