"""experiment.json: what a model_dir was trained on, and in which runs."""

import datetime
import json
import os
import platform

import numpy as np
import tensorflow as tf

from estimator_mnist import errors, files
from estimator_mnist.estimator.session import precision

FILE_NAME = "experiment.json"
SETTINGS = (
    "model",
    "dataset",
    "checksum",
    "translate",
    "seed",
    "batch_size",
    "precision",
    "params",
)
# A later run may do otherwise, as on a machine that cannot.
_FREE = ("precision",)
# What records had no word of when they were written.
_SINCE = {"precision": precision.FLOAT32}


def read(model_dir: str) -> dict | None:
    """The record of `model_dir`; None where it has none, as those of TF 1.x."""
    path = os.path.join(model_dir, FILE_NAME)
    if not os.path.exists(path):
        return None
    try:
        with open(path, encoding="utf-8") as file:
            record = {**_SINCE, **json.load(file)}
        missing = [key for key in SETTINGS if key not in record]
    except (ValueError, TypeError) as error:
        raise errors.RunRecordError(
            f"{path} cannot be read: {error}. Delete or restore it."
        ) from error
    if missing:
        raise errors.RunRecordError(f"{path} lacks {missing}. Delete or restore it.")
    return record


def refuse_differences(model_dir: str, recorded: dict | None, settings: dict) -> None:
    """Raises RunRecordError with a line per setting in which the two differ."""
    if recorded is None:
        return
    lines = [
        f"  {key}: recorded {old!r}, now {new!r}"
        for key, old, new in _pairs(recorded, settings)
        if old != new and key not in _FREE
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


def _pairs(recorded, settings):
    old = {**recorded, **recorded["params"]}
    new = {**settings, **settings["params"]}
    names = [*SETTINGS[:-1], *sorted(recorded["params"] | settings["params"])]
    return [(name, old.get(name), new.get(name)) for name in names]


def begin_run(
    model_dir: str, settings: dict, data_dir: str | None, engine: str, step: int
) -> None:
    """Adds a run that begins at `step` to the record, or makes one.

    Args:
      data_dir: where the data was found; kept for later runs, not compared.
    """
    recorded = read(model_dir)
    run = {
        "started": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "from_step": step,
        "to_step": None,  # as long as it runs, and for ever if it is killed
        "engine": engine,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    runs = [*(recorded or {}).get("runs", []), run]
    path = os.path.join(model_dir, FILE_NAME)
    files.write_json(path, {**settings, "data_dir": data_dir, "runs": runs})


def end_run(model_dir: str, step: int) -> None:
    """Notes the step that the run begun last has reached."""
    recorded = read(model_dir)
    recorded["runs"][-1]["to_step"] = step
    files.write_json(os.path.join(model_dir, FILE_NAME), recorded)
