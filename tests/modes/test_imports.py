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
from absl import app, flags, logging
before = set(flags.FLAGS)
importlib.import_module(sys.argv[1])
assert "tensorflow" not in sys.modules, "it imports TensorFlow"
assert set(flags.FLAGS) == before, "it defines flags"
"""


@pytest.mark.parametrize("name", [*MODES, *DECLARATIONS])
def test_importing_imports_no_tensorflow_and_defines_no_flag(name):
    command = [sys.executable, "-c", PROGRAM, name]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
