"""Command lines of the program that its user may copy into a shell."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from typing import Any

from estimator_mnist.experiment import settings
from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.models import catalog


def program(*flags: str) -> str:
    """Returns the command that runs the program with `flags`, quoted for the shell."""
    return shlex.join([interpreter(), "-m", "estimator_mnist.main", *flags])


def interpreter() -> str:
    """Returns what to type for the Python that runs this, such as .venv/bin/python."""
    path = sys.executable
    for name in ("python", "python3"):
        if shutil.which(name) == path:
            return name
    below = os.path.relpath(path)
    return path if below.startswith(os.pardir) else below


def flags_of(experiment: Experiment, **instead: Any) -> list[str]:
    """Returns the flags that make an experiment anew, those of its defaults left out.

    Args:
      instead: settings and hyperparameters that are to have other values.
    """
    model = experiment.model
    default = {**settings.defaults(model), **catalog.MODELS[model].params}
    values = {name: getattr(experiment, name) for name in settings.FLAGS}
    values = {**values, "dataset": experiment.data.name, **experiment.params, **instead}
    return [
        *given({"model": model}),
        *given(
            {k: v for k, v in values.items() if v != default.get(k) and k != "model"}
        ),
    ]


def given(values: Mapping[str, Any]) -> list[str]:
    """Returns a flag for each of `values`, None for none."""
    return [
        (f"--{name}" if value else f"--no{name}")
        if isinstance(value, bool)
        else f"--{name}={value}"
        for name, value in values.items()
        if value is not None
    ]
