"""The flags of the program, in the groups that --help shows, by what they are for."""

from collections.abc import Mapping
from typing import NamedTuple

from estimator_mnist import modes
from estimator_mnist.experiment import settings
from estimator_mnist.models import catalog
from estimator_mnist.modes import common, train
from estimator_mnist.options import Option

# What logging calls by numbers; 1 is what absl calls debugging.
OF_THE_COMMAND = {
    "verbosity": Option(
        int,
        0,
        "1: also what TensorFlow's libraries say when they start; -1: warnings alone.",
        lower_bound=-3,
        upper_bound=1,
    ),
}


class Group(NamedTuple):
    """Flags that are for one purpose, by name."""

    title: str
    options: Mapping[str, Option]


def groups() -> list[Group]:
    """Returns the groups, in the order in which somebody needs them."""
    return [
        Group("What to do", {"mode": modes.MODE}),
        Group(
            "What is trained, on what, and where",
            {name: settings.SETTINGS[name] for name in settings.FLAGS},
        ),
        Group("How long", train.FLAGS),
        Group("The model's own settings", catalog.hyperparameters()),
        Group("When to save, evaluate and log", settings.CADENCE),
        Group("What one mode needs", _of_other_modes()),
        Group("The command itself", OF_THE_COMMAND),
    ]


def _of_other_modes() -> dict[str, Option]:
    others = [mode.FLAGS for mode in modes.MODES.values() if mode is not train]
    return {
        name: one for flags in (common.FLAGS, *others) for name, one in flags.items()
    }
