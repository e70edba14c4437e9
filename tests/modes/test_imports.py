"""What importing declarations costs: no TensorFlow, no flag."""

import pkgutil
import subprocess
import sys

import pytest

from estimator_mnist import modes
from estimator_mnist.models import networks

MODES = sorted({module.__name__ for module in modes.MODES.values()})
DECLARATIONS = [
    "estimator_mnist.experiment.settings",
    "estimator_mnist.models.catalog",
    *(
        f"{networks.__name__}.{module.name}"
        for module in pkgutil.iter_modules(networks.__path__)
    ),
]
PROGRAM = """
import importlib, sys
from absl import flags
importlib.import_module(sys.argv[1])
assert "tensorflow" not in sys.modules, "it imports TensorFlow"
known = set(flags.FLAGS) & {"mode", "model", "filters", "steps", "split", "grid"}
assert not known, f"it defines {known}"
"""


@pytest.mark.parametrize("name", [*MODES, *DECLARATIONS])
def test_importing_imports_no_tensorflow_and_defines_no_flag(name):
    command = [sys.executable, "-c", PROGRAM, name]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "flag,code", [("--help", 1), ("--filters=none", 1), ("--modle=cnn", 1)]
)
def test_help_and_a_wrong_flag_import_no_tensorflow(flag, code):
    command = [sys.executable, "-X", "importtime", "-m", "estimator_mnist.main", flag]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == code and "absl.flags" in done.stderr
    assert "| tensorflow" not in done.stderr.replace(" ", "").replace("|", "| ")
