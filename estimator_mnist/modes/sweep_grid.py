"""What --grid gives: values of settings, and the runs that they make."""

import itertools
import math
import os
from collections.abc import Iterable, Mapping
from typing import Any

from absl import flags

from estimator_mnist import errors
from estimator_mnist.experiment import settings

# What is swept where nothing is given: the exercise of the notebook with this model.
MODEL = "cnn_same"
EXERCISE = (
    "conv_layers=1,2,3",
    "kernel_size=3,5",
    "filters=16,32",
    "activation=relu,tanh",
)
MAX_RUNS = 50
Grid = dict[str, list[Any]]  # the values to try of each setting
Parsers = Mapping[str, flags.ArgumentParser]


def parse(
    grid: Iterable[str], model: str, parsers: Parsers, given: Mapping[str, Any]
) -> Grid:
    """Returns the values to try of each setting.

    Args:
      grid: `NAME=VALUE,VALUE` each, the last of a name counts; none for EXERCISE.
      parsers: absl's parser of each setting's flag, which has its type and bounds.
      given: settings with one value for all runs.

    Raises ExperimentError where one is wrong, or is in `given` too.
    """
    if not grid and model == MODEL:
        grid = [one for one in EXERCISE if one.partition("=")[0] not in given]
    if not grid:
        names = settings.varied_by_default(model)
        raise errors.ExperimentError(
            f"--mode=sweep --model={model}: say what to vary with "
            f"--grid=NAME=VALUE,VALUE, once for each of {', '.join(names)}."
        )
    values = dict(_parse_one(text, model, parsers) for text in grid)
    for name in values:
        if name in given:
            raise errors.ExperimentError(
                f"--{name}={given[name]} and --grid={name}=... exclude each other: "
                "leave one of them out."
            )
    return values


def _parse_one(text: str, model: str, parsers: Parsers) -> tuple[str, list[Any]]:
    name, _, values = (part.strip() for part in text.partition("="))
    if not values:
        raise errors.ExperimentError(
            f"--grid={text} has no values: write --grid=NAME=VALUE,VALUE, for instance "
            f"--grid={EXERCISE[0]}."
        )
    names = settings.varied_by_default(model)
    if name not in names:
        raise errors.ExperimentError(
            f"--grid={text}: --model={model} has no setting {name!r}; vary some of "
            f"{', '.join(names)}."
        )
    parsed = [
        _value(one.strip(), text, name, parsers[name]) for one in values.split(",")
    ]
    return name, list(dict.fromkeys(parsed))


def _value(one: str, text: str, name: str, parser: flags.ArgumentParser) -> Any:
    try:
        return parser.parse(one)
    except ValueError:
        wanted = parser.syntactic_help
        if isinstance(parser, flags.EnumParser):
            wanted = f"one of {', '.join(parser.enum_values)}"
        raise errors.ExperimentError(
            f"--grid={text}: {one!r} is not a value of --{name}, which is {wanted}."
        ) from None


def points(grid: Grid, max_runs: int = MAX_RUNS) -> list[dict[str, Any]]:
    """Returns each combination of the grid's values, by name.

    Raises ExperimentError where there are more than `max_runs`.
    """
    count = math.prod(map(len, grid.values()))
    if count > max_runs:
        product = " x ".join(f"{len(values)} {name}" for name, values in grid.items())
        raise errors.ExperimentError(
            f"--grid: {product} are {count:,} runs, more than --max_runs={max_runs}: "
            f"leave values out, or allow as many with --max_runs={count}."
        )
    return [
        dict(zip(grid, one, strict=True)) for one in itertools.product(*grid.values())
    ]


def default_folder(model: str, dataset: str, translate: bool) -> str:
    """Returns `runs/sweep-cnn_same-mnist`, where runs go unless a folder is given."""
    parent, name = os.path.split(settings.default_model_dir(model, dataset, translate))
    return os.path.join(parent, f"sweep-{name}")


def folder_name(model: str, varied: Mapping[str, Any]) -> str:
    """Returns `conv_layers=2,activation=tanh`: what differs from the model's defaults.

    It is the same in every grid, so that a larger one finds what a smaller one has
    trained.
    """
    changed = [
        f"{name}={varied[name]}"
        for name, default in settings.varied_by_default(model).items()
        if varied.get(name, default) != default
    ]
    return ",".join(changed) or "defaults"
