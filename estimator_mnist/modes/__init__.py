"""The modes that --mode names: a module each, with its flags as plain data and run().

Importing a mode imports neither TensorFlow nor defines a flag.
"""

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
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
OF_A_CLUSTER = ("train_and_evaluate", "train")  # the only ones that heed TF_CONFIG
MODE = options.Option(str, "train_and_evaluate", "What to do.", choices=MODES)


def define_flags(flag_values: flags.FlagValues) -> None:
    """Defines --mode, and the flags of all modes."""
    options.define_flags(flag_values, {"mode": MODE, **common.FLAGS})
    for mode in dict.fromkeys(MODES.values()):
        options.define_flags(flag_values, mode.FLAGS)
    flags.register_multi_flags_validator(
        ["steps", "max_steps"],
        lambda given: None in given.values(),
        "--max_steps is the total, --steps is additional: give one of them",
        flag_values,
    )


def mode_of(arguments: Sequence[str]) -> str:
    """Returns which mode flags ask for, whatever else is among them.

    Raises absl.flags.Error where there is no such mode.
    """
    flag_values = flags.FlagValues()
    flag_values.set_gnu_getopt()
    options.define_flags(flag_values, {"mode": MODE})
    flag_values(["", *arguments], known_only=True)
    return flag_values.mode


def run_of(
    flag_values: flags.FlagValues,
    arguments: Sequence[str] = (),
    typed: Collection[str] = (),
) -> Callable[[], None]:
    """Returns the function that does what --mode says.

    Args:
      arguments: what follows the flags.
      typed: names of flags that are to be the mode's, if any mode's alone.

    Raises:
      ExperimentError: the mode takes no arguments, or a flag is another mode's.
    """
    _check_typed(flag_values, typed)
    if flag_values.mode == "doctor":
        return functools.partial(doctor.run, flag_values, arguments)
    if arguments:
        raise errors.ExperimentError(
            f"unknown argument {arguments[0]!r}: flags begin with two dashes, --help "
            "lists them."
        )
    return functools.partial(MODES[flag_values.mode].run, flag_values)


def _check_typed(flag_values: flags.FlagValues, typed: Collection[str]) -> None:
    """Raises ExperimentError where one of `typed` means nothing in this mode.

    How long a training goes on may stay in the command that then evaluates, say.
    """
    mode_of = {flag: name for name, mode in MODES.items() for flag in mode.FLAGS}
    known = {*MODES[flag_values.mode].FLAGS, *train.FLAGS}
    for flag in sorted(mode_of.keys() & set(typed) - known):
        raise errors.ExperimentError(
            f"--{flag} is of --mode={mode_of[flag]}: add that, or leave --{flag} "
            f"out of --mode={flag_values.mode}."
        )
