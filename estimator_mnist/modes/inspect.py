"""--mode=inspect: what is in a checkpoint of any program's, or how two differ."""

from __future__ import annotations

import json
import math
import pathlib
import typing
from collections.abc import Iterable, Sequence
from typing import Any

from absl import flags

from estimator_mnist.modes import common, tables
from estimator_mnist.options import Option

if typing.TYPE_CHECKING:
    from estimator_mnist.estimator.checkpoint.contents import Contents
    from estimator_mnist.experiment.variables import Difference, Summary

FLAGS = {
    "against": Option(
        pathlib.Path,
        None,
        "inspect: another checkpoint, model_dir or SavedModel; shows what differs.",
    ),
    "json": Option(bool, False, "inspect: prints JSON."),
}
_HEADINGS = ("", "shape", "dtype", "size", "mean", "deviation", "NaN", "infinite")


def run(flag_values: flags.FlagValues) -> None:
    """Prints what --model_dir has: a folder, a checkpoint's prefix, or a SavedModel."""
    from estimator_mnist.experiment import variables

    model_dir = flag_values.model_dir
    if not model_dir:
        model_dir = common.experiment_of_flags(flag_values).model_dir
    checkpoint = variables.opened(model_dir)
    if flag_values.against:
        other = variables.opened(flag_values.against)
        found = list(variables.differences(checkpoint, other))
        show = _difference_json if flag_values.json else _difference_text
        print(show(checkpoint, other, found))
        return
    show_one = _json if flag_values.json else _text
    print(show_one(checkpoint, list(variables.summaries(checkpoint))))


def _text(checkpoint: Contents, found: Sequence[Summary]) -> str:
    """Returns a table of the variables, one of an optimizer's own, and the sums."""
    from estimator_mnist.experiment.variables import OPTIMIZER

    own = [one for one in found if one.role == OPTIMIZER]
    parts = [f"{checkpoint.path}:", _table([one for one in found if one not in own])]
    if own:
        parts += ["", "Of the optimizer:", _table(own)]
    step = checkpoint.step
    ending = "No global step." if step is None else f"Global step {step:,}."
    count = f"{len(found)} variables, {_parameters(found):,} parameters. {ending}"
    return "\n".join([*parts, "", count])


def _table(found: Iterable[Summary]) -> str:
    """Returns rows under headings, without the columns that are empty."""
    rows = [_row(one) for one in found]
    kept = [
        place
        for place, heading in enumerate(_HEADINGS)
        if heading != "infinite" or any(row[place] not in ("", "0") for row in rows)
    ]
    lines = [[row[place] for place in kept] for row in [_HEADINGS, *rows]]
    return tables.aligned(lines[0], lines[1:])


def _row(one: Summary) -> list[str]:
    from estimator_mnist.experiment.variables import OTHER

    name = f"{one.name}  (not a parameter)" if one.role == OTHER else one.name
    counts = ("" if one.nan is None else f"{one.nan}", f"{one.infinite or 0}")
    figures = map(_figure, (one.mean, one.deviation))
    return [name, str(list(one.shape)), one.dtype, f"{one.size:,}", *figures, *counts]


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _parameters(found: Iterable[Summary]) -> int:
    from estimator_mnist.experiment.variables import PARAMETER

    return sum(one.size for one in found if one.role == PARAMETER)


def _json(checkpoint: Contents, found: Sequence[Summary]) -> str:
    return _dumped(
        {
            "checkpoint": checkpoint.path,
            "global_step": checkpoint.step,
            "parameters": _parameters(found),
            "variables": [one._asdict() for one in found],
        }
    )


def _difference_text(one: Contents, other: Contents, found: list[Difference]) -> str:
    rows = [(d.name, d.what, _figure(d.largest)) for d in found]
    table = [tables.aligned(("", "differ", "by at most"), rows), ""] if rows else []
    steps = " and ".join("none" if s is None else f"{s:,}" for s in _steps(one, other))
    names = {entry.name for side in (one, other) for entry in side.entries}
    return "\n".join(
        [
            f"{one.path} against {other.path}:",
            *table,
            f"{len(found)} of {len(names)} variables differ. Global steps: {steps}.",
        ]
    )


def _difference_json(one: Contents, other: Contents, found: list[Difference]) -> str:
    return _dumped(
        {
            "checkpoint": one.path,
            "against": other.path,
            "global_steps": _steps(one, other),
            "differences": [d._asdict() for d in found],
        }
    )


def _steps(one: Contents, other: Contents) -> list[int | None]:
    return [one.step, other.step]


def _dumped(content: dict[str, Any]) -> str:
    """Returns JSON as its standard has it, which knows no infinite numbers."""
    return json.dumps(_finite(content), indent=1, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
