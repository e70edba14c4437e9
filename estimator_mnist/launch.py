"""Starts a training of several processes on this machine, as a cluster would.

python -m estimator_mnist.launch --workers=2 --ps=1 --evaluator -- --model=cnn

What follows `--` are the flags of `python -m estimator_mnist.main`. One chief is always
there. Each line of the log begins with the task it is of. When a task fails, the others
are stopped, and its exit code is this one's.
"""

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

PROGRAM = [sys.executable, "-m", "estimator_mnist.main"]
HOST = "127.0.0.1"
# Below those that systems give to outgoing connections, which would take them away.
PORTS = range(15_000, 32_000)
SECS_TO_SAVE = 60
SECS_TO_END = 10
_SECS_BETWEEN_LOOKS = 0.1


class Stopped(KeyboardInterrupt):
    """A signal has come; `signum` is its number."""

    def __init__(self, signum: int, frame=None):
        super().__init__()
        self.signum = signum


class Task:
    """One process of the job, its output passed on with its name before each line."""

    def __init__(self, job: str, index: int, cluster: dict, command: list[str]):
        """Starts `command` with the TF_CONFIG of this task."""
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
            # Ctrl-C is for this process, which stops the chief first.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._pass_on, daemon=True)
        self._reader.start()

    @property
    def code(self) -> int | None:
        """Its exit code as a shell would give it, None while it runs."""
        code = self._process.poll()
        return code if code is None or code >= 0 else 128 - code

    def stop(self, secs: float) -> None:
        """Asks it to end, and makes it after `secs` seconds."""
        if self.code is None:
            self._process.terminate()
        try:
            self._process.wait(secs)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def flush(self) -> None:
        """Waits until all it has said is passed on."""
        self._reader.join(SECS_TO_END)

    def _pass_on(self):
        for line in self._process.stdout:
            text = line.decode(errors="replace").rstrip("\n")
            print(f"{self.name:12}| {text}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Runs the job; returns 0 when all tasks have ended well."""
    asked = _parser().parse_args(arguments)
    flags = asked.flags[1:] if asked.flags[:1] == ["--"] else asked.flags
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, _raise_stopped)
    tasks = start(asked.workers, asked.ps, asked.evaluator, PROGRAM + flags)
    try:
        failed = first_failure(tasks)
    except Stopped as stopped:
        stop(tasks)
        return 128 + stopped.signum
    if failed:
        print(f"{failed.name} failed, exit code {failed.code}: stopping the others.")
        stop(tasks)
    for task in tasks:
        task.flush()
    return failed.code if failed else 0


def start(workers: int, ps: int, evaluator: bool, command: list[str]) -> list[Task]:
    """Starts `command` as a chief and so many others; the chief is the first."""
    counts = {"chief": 1, "worker": workers, "ps": ps}
    ports = iter(free_ports(sum(counts.values())))
    cluster = {
        job: [f"{HOST}:{next(ports)}" for _ in range(count)]
        for job, count in counts.items()
        if count
    }
    tasks = [(job, i) for job, there in cluster.items() for i in range(len(there))]
    tasks += [("evaluator", 0)] * evaluator
    return [Task(job, i, cluster, command) for job, i in tasks]


def stop(tasks: list[Task]) -> None:
    """The chief first, so that it can save what the parameter servers hold."""
    for task in tasks:
        task.stop(SECS_TO_SAVE if task.job == "chief" else SECS_TO_END)


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens at, all different."""
    found, held = [], []
    try:
        while len(found) < count:
            one, port = socket.socket(), random.choice(PORTS)
            held.append(one)
            try:
                one.bind((HOST, port))
                found.append(port)
            except OSError:
                continue
    finally:
        for one in held:
            one.close()
    return found


def first_failure(tasks) -> Task | None:
    """The first that fails; None when all have ended well."""
    while True:
        codes = [task.code for task in tasks]
        failed = [task for task, code in zip(tasks, codes, strict=True) if code]
        if failed:
            return failed[0]
        if None not in codes:
            return None
        time.sleep(_SECS_BETWEEN_LOOKS)


def _raise_stopped(signum, frame):
    # A second signal ends this process at once.
    signal.signal(signum, signal.SIG_DFL)
    raise Stopped(signum)


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m estimator_mnist.launch", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--workers", type=_count, default=1, help="beside the chief")
    parser.add_argument("--ps", type=_count, default=1, help="parameter servers")
    parser.add_argument("--evaluator", action="store_true", help="one that evaluates")
    parser.add_argument("flags", nargs="*", help="-- and those of the program")
    return parser


def _count(text):
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return count


if __name__ == "__main__":
    sys.exit(main())
