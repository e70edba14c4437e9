"""The modes that --mode names: a module each, with its flags as plain data and run().

Importing a mode imports neither TensorFlow nor defines a flag.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from absl import flags

from estimator_mnist import errors, options
from estimator_mnist.modes import (
    common,
    compare,
    doctor,
    evaluate,
    export,
    inspect,
    predict,
    report,
    sweep,
    train,
)


class Mode(Protocol):
    """What a module is if it is a mode."""

    @property
    def FLAGS(self) -> Mapping[str, options.Option]:
        """What only this mode declares, by name."""

    def run(self, flag_values: flags.FlagValues) -> None:
        """Runs the mode on the flags; raises a UserError where it cannot."""


MODES: dict[str, Mode] = {
    "train_and_evaluate": train,
    "train": train,
    "evaluate": evaluate,
    "predict": predict,
    "inspect": inspect,
    "export": export,
    "report": report,
    "compare": compare,
    "sweep": sweep,
    "doctor": doctor,
}
THAT_TRAIN = ("train_and_evaluate", "train", "compare", "sweep")
MODE = options.Option(str, "train_and_evaluate", "What to do.", choices=MODES)


def define_flags(flag_values: flags.FlagValues) -> None:
    """Defines --mode, and the flags of all modes."""
    options.define_flags(flag_values, {"mode": MODE, **common.FLAGS})
    for mode in dict.fromkeys(MODES.values()):
        options.define_flags(flag_values, mode.FLAGS)
    flags.mark_flags_as_mutual_exclusive(
        ["steps", "max_steps"], flag_values=flag_values
    )


def run_of(
    flag_values: flags.FlagValues, arguments: Sequence[str] = ()
) -> Callable[[], None]:
    """Returns the function that does what --mode says.

    Args:
      arguments: what follows the flags.

    Raises:
      ExperimentError: the mode takes no arguments.
    """
    if flag_values.mode == "doctor":
        return functools.partial(doctor.run, flag_values, arguments)
    if arguments:
        raise errors.ExperimentError(
            f"unknown argument {arguments[0]!r}: flags begin with two dashes, --help "
            "lists them."
        )
    return functools.partial(MODES[flag_values.mode].run, flag_values)
