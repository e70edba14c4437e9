"""Libraries that only one format needs, and that are installed by its extra."""

import importlib
import importlib.util
from typing import Any

from estimator_mnist import errors


def imported(module: str, extra: str) -> Any:
    """Returns a module of an optional library.

    Args:
      extra: of this package's, which installs it.

    Raises:
      ExperimentError: it is not installed.
    """
    if not is_installed(module):
        raise errors.ExperimentError(
            f"{module.partition('.')[0]} is not installed, which this format needs: "
            f"pip install 'estimator_mnist[{extra}]'."
        )
    return importlib.import_module(module)


def is_installed(module: str) -> bool:
    """Returns whether the library that `module` is of can be imported."""
    return importlib.util.find_spec(module.partition(".")[0]) is not None
