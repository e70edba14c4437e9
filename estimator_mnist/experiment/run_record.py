"""experiment.json: what a model_dir was trained on, and in which runs."""

import datetime
import json
import os
import platform
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from estimator_mnist import errors, files
from estimator_mnist.experiment import settings

FILE_NAME = "experiment.json"


def read(model_dir: str) -> dict[str, Any] | None:
    """Returns the record of `model_dir`; None without one, as those of TF 1.x.

    Raises RunRecordError where it is damaged.
    """
    path = os.path.join(model_dir, FILE_NAME)
    if not os.path.exists(path):
        return None
    try:
        with open(path, encoding="utf-8") as file:
            record = {**_not_yet_known(), **json.load(file)}
        missing = [key for key in settings.RECORDED if key not in record]
    except (ValueError, TypeError) as error:
        raise errors.RunRecordError(
            f"{path} cannot be read: {error}. Delete or restore it."
        ) from error
    if missing:
        raise errors.RunRecordError(f"{path} lacks {missing}. Delete or restore it.")
    return record


def _not_yet_known() -> dict[str, Any]:
    """Returns what a record means that was written before these settings were."""
    recorded = settings.RECORDED.items()
    return {name: one.default for name, one in recorded if one.added_later}


def refuse_differences(
    model_dir: str, recorded: Mapping[str, Any] | None, now: Mapping[str, Any]
) -> None:
    """Raises RunRecordError with a line per setting in which the two differ.

    Args:
      recorded: what `read` returned.
      now: the settings of an Experiment.
    """
    if recorded is None:
        return
    lines = [
        f"  {name}: recorded {old!r}, now {new!r}"
        for name, old, new in _pairs(recorded, now)
        if old != new
    ]
    if lines:
        raise errors.RunRecordError(
            "\n".join(
                [
                    f"{model_dir} was trained with other settings:",
                    *lines,
                    "Leave the differing flags out to go on with the recorded ones, or "
                    "name a new --model_dir.",
                ]
            )
        )


def _pairs(
    recorded: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """Yields name, old and new value of each setting that may not change."""
    for name, setting in settings.RECORDED.items():
        if name != "params" and not setting.may_change:
            yield name, recorded.get(name), now.get(name)
    old, new = recorded["params"], now["params"]
    for name in sorted(old | new):
        yield name, old.get(name), new.get(name)


def begin_run(
    model_dir: str, now: Mapping[str, Any], data_dir: str | None, engine: str, step: int
) -> None:
    """Adds a run that begins at `step` to the record, or begins a record.

    Args:
      now: the settings of the Experiment that is trained.
      data_dir: where the data was found; kept for later runs, not compared.
    """
    recorded = read(model_dir)
    run = {
        "started": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "from_step": step,
        "to_step": None,  # while it runs, and still so after it was killed
        "engine": engine,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    runs = [*(recorded or {}).get("runs", []), run]
    path = os.path.join(model_dir, FILE_NAME)
    files.write_json(path, {**now, "data_dir": data_dir, "runs": runs})


def end_run(model_dir: str, step: int) -> None:
    """Writes the step that the last run has reached.

    Raises RunRecordError where begin_run has not begun one.
    """
    recorded = read(model_dir)
    if recorded is None:
        raise errors.RunRecordError(f"{model_dir} lacks {FILE_NAME}.")
    recorded["runs"][-1]["to_step"] = step
    files.write_json(os.path.join(model_dir, FILE_NAME), recorded)
