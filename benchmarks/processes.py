"""Runs commands, each in a process of its own."""

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def output(*command: str, timeout: float | None = None, code: int = 0) -> str:
    """Runs `command` at the top of the project; returns what it prints.

    Exits unless it ends with `code`. Raises subprocess.TimeoutExpired after `timeout`
    seconds.
    """
    done = subprocess.run(
        command,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode != code:
        sys.exit(f"error: {' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def forked(target: Callable[..., None], *arguments: object) -> BaseProcess:
    """Starts `target` in a process that has imported TensorFlow, and returns it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.preloaded"])
    process = context.Process(target=target, args=arguments)
    process.start()
    return process


def json_output(*command: str, timeout: float | None = None) -> dict:
    """Runs `command`; returns the JSON object on the last line that it prints."""
    return json.loads(output(*command, timeout=timeout).splitlines()[-1])
