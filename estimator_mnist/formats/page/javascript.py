"""Runs the network of a page on images: by Node.js, or else by Chromium."""

from __future__ import annotations

import base64
import functools
import json
import os
import shutil
import subprocess
import tempfile
import typing
from collections.abc import Callable, Sequence
from importlib import resources

import numpy as np

from estimator_mnist import errors

if typing.TYPE_CHECKING:
    from estimator_mnist.formats.artifact import Classifier

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
# With a profile of its own; what it would ask the network for, it does without.
CHROMIUM_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What one sees of a page begins so, and this takes its place.
_SHOWN = '<script id="page-code">'
_SCRIPT = """<script>
const part = (id) => document.getElementById(id).textContent;
const network = readNetwork(JSON.parse(part("program")), part("constants"));
const images = new Float32Array(bytesOf(part("images")).buffer);
document.documentElement.textContent = JSON.stringify(runOnAll(network, images));
</script>"""
_SECONDS = 600

if typing.TYPE_CHECKING:
    # (path of the program, of the page, of a folder, images) -> what is printed
    Run = Callable[[str, str, str, np.ndarray], str]


def loader(
    programs: Sequence[str] = ("node", *CHROMIUM),
) -> Callable[[str], Classifier] | None:
    """Returns what loads a page; None where none of `programs` is on PATH.

    What it loads raises ExportError where the program cannot run the page.
    """
    for name in programs:
        if path := shutil.which(name):
            run = _by_node if name == "node" else _by_chromium
            return functools.partial(_load, run, path)
    return None


def no_sandbox() -> list[str]:
    """Returns the flag without which Chromium does not run for root."""
    is_root = os.name == "posix" and os.geteuid() == 0
    return ["--no-sandbox"] if is_root else []


def _load(run: Run, program: str, page: str) -> Classifier:
    def probabilities(images: np.ndarray) -> np.ndarray:
        with tempfile.TemporaryDirectory() as folder:
            printed = run(program, page, folder, images.astype("<f4"))
        numbers = printed[printed.index("[") : printed.rindex("]") + 1]
        # None, for null, is NaN.
        return np.array(json.loads(numbers), np.float32).reshape(len(images), -1)

    return probabilities


def _by_node(program: str, page: str, folder: str, images: np.ndarray) -> str:
    path = os.path.join(folder, "images")
    images.tofile(path)
    with resources.as_file(resources.files(__package__) / "run.cjs") as script:
        return _output(program, str(script), page, path)


def _by_chromium(program: str, page: str, folder: str, images: np.ndarray) -> str:
    with open(page, encoding="utf-8") as file:
        network, _, _ = file.read().partition(_SHOWN)
    pixels = base64.b64encode(images.tobytes()).decode("ascii")
    path = os.path.join(folder, "images.html")
    with open(path, "w", encoding="utf-8") as file:
        data = f'<script type="text/plain" id="images">{pixels}</script>'
        file.write(network + data + _SCRIPT)
    profile = f"--user-data-dir={os.path.join(folder, 'profile')}"
    return _output(program, *CHROMIUM_FLAGS, *no_sandbox(), profile, "--dump-dom", path)


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    if done.returncode or "[" not in done.stdout:
        *_, last = done.stderr.splitlines() or ["it printed nothing"]
        raise errors.ExportError(
            f"{command[0]} could not run the page, to compare it: {last}. Take a newer "
            "one, or take it off PATH."
        )
    return done.stdout
