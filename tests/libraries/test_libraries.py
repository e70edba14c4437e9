"""Libraries that say tf.estimator train, evaluate and export on the newest TensorFlow.

Each has an environment of its own: what it needs, beside this one's packages. Theirs
pin older TensorFlows, so that nothing is installed for them that is not listed here.
"""

import os
import pathlib
import subprocess
import sys
import sysconfig
import time
from typing import NamedTuple

import pytest
import tensorflow as tf

PROGRAMS = pathlib.Path(__file__).with_name("programs")
ROOT = pathlib.Path(__file__).resolve().parents[2]
_PROBABILITY = (
    "tensorflow_probability==0.25.0",
    "cloudpickle==3.1.0",
    "decorator==5.1.1",
    "dm-tree==0.1.8",
)


class Library(NamedTuple):
    """A library, the program of its kind, and what ends it where something does."""

    program: str
    packages: tuple[str, ...]
    # The first error that is not about Estimators.
    ends_with: str | None = None


LIBRARIES = (
    Library("ranking", ("tensorflow-ranking==0.5.5",)),
    Library("structured", ("neural-structured-learning==1.4.0",)),
    Library(
        "lattice",
        (
            "tensorflow-lattice==2.0.11",
            "dm-sonnet==2.0.2",
            "tabulate==0.9.0",
            "dm-tree==0.1.8",
            "sortedcontainers==2.4.0",
        ),
    ),
    Library(
        "gan",
        ("tensorflow-gan==2.1.0", "tensorflow-hub==0.16.1", *_PROBABILITY),
        "AttributeError: module 'inspect' has no attribute 'getargspec'"
        if sys.version_info >= (3, 11)
        else None,
    ),
    Library(
        "ensemble",
        (
            "adanet==0.9.0",
            "nose==1.3.7",
            "tensorboard==2.20.0",
            "markdown==3.7",
            "werkzeug==3.1.3",
            "markupsafe==3.0.2",
        ),
        "ModuleNotFoundError: No module named 'tensorflow.python.training.tracking'",
    ),
    Library(
        "click_through",
        ("deepctr==0.9.3",),
        "ImportError: cannot import name 'LSTM' from 'tensorflow.python.keras.layers'",
    ),
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        hasattr(tf.compat.v1, "estimator"), reason="these libraries run on 2.15 anyway"
    ),
]


def environment(folder, packages):
    """Makes an environment in `folder`; returns its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    (site,) = folder.glob("lib/python*/site-packages")
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps"]
    subprocess.run([*install, "--target", site, *packages], check=True)
    # After its own: what is not there is looked for in this environment.
    (site / "outer.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    return python


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.program)
def test_a_library_trains_evaluates_and_exports(library, tmp_path):
    python = environment(tmp_path / "environment", library.packages)
    script = PROGRAMS / f"{library.program}.py"
    started = time.monotonic()
    done = subprocess.run(
        [python, "-m", "estimator_mnist.run", "--only_estimator", script, "model"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "TF_USE_LEGACY_KERAS": "1", "PYTHONPATH": str(ROOT)},
    )
    print(f"{library.packages[0]}: {time.monotonic() - started:.0f} s")
    if library.ends_with:
        assert library.ends_with in done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert "exported model/export/" in done.stdout
    (exported,) = (tmp_path / "model" / "export").iterdir()
    assert (exported / "saved_model.pb").exists()
