"""The program's log: the lines of 2018, and of the config only what is its own."""

import logging
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from estimator_mnist import compat

_CONFIG = "Using config: %s"
# By the numbers that absl counts by, as TensorFlow 1.x did.
_LEVELS = {
    1: logging.DEBUG,
    0: logging.INFO,
    -1: logging.WARNING,
    -2: logging.ERROR,
    -3: logging.FATAL,
}


def set_up(verbosity: int) -> None:
    """Sets how much of TensorFlow's log is shown, each line once."""
    compat.quieten()
    tf.get_logger().addFilter(shorten)
    tf.compat.v1.logging.set_verbosity(_LEVELS[verbosity])


def shorten(record: logging.LogRecord) -> bool:
    """Leaves of an Estimator's line about its RunConfig what is not the default.

    A library's user sees all of it, as the original logs it, over many lines.
    """
    if record.msg == _CONFIG and isinstance(record.args, Mapping):
        own = _without_defaults(record.args)
        record.msg, record.args = _CONFIG.replace("%s", "{%s}"), (own,)
    return True


def _without_defaults(config: Mapping[str, Any]) -> str:
    from estimator_mnist.estimator import run_config

    # Of the same TF_CONFIG, which has a line of its own.
    default = vars(run_config.checked_config(run_config.RunConfig(), None))
    return ", ".join(
        f"{name.lstrip('_')}: {' '.join(str(value).split())}"
        for name, value in config.items()
        if name in default and value != default[name]
    )
