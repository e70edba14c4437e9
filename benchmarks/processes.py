"""Runs what is measured in a process of its own."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def output(*command: str, timeout: float | None = None) -> str:
    """What `command`, run at the top of the project, prints; exits where it fails.

    Raises subprocess.TimeoutExpired after `timeout` seconds.
    """
    done = subprocess.run(
        command, cwd=HERE, capture_output=True, text=True, timeout=timeout, check=False
    )
    if done.returncode:
        sys.exit(f"error: {' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def answer(*command: str, timeout: float | None = None) -> dict:
    """The JSON object that `command` prints last."""
    return json.loads(output(*command, timeout=timeout).splitlines()[-1])
