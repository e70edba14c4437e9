"""experiment.json: what a model_dir was trained on, and in which runs."""

import dataclasses
import datetime
import os
import platform
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from estimator_mnist import errors, files, json_files, options
from estimator_mnist.experiment import settings
from estimator_mnist.models import catalog

FILE_NAME = "experiment.json"
_DATA_DIR = options.Option(str, None, "")


@dataclasses.dataclass(frozen=True)
class Run:
    """A run in the record."""

    started: str  # time, as ISO 8601 has it
    from_step: int
    to_step: int | None  # None while it runs, and still so after it was killed
    engine: str
    tensorflow: str  # versions
    numpy: str
    python: str


def read(model_dir: str) -> dict[str, Any] | None:
    """Returns the record of `model_dir`; None without one, as those of TF 1.x.

    Raises RunRecordError where it is damaged.
    """
    path = os.path.join(model_dir, FILE_NAME)
    if not os.path.exists(path):
        return None
    try:
        content = json_files.read(path)
        if not isinstance(content, dict):
            raise ValueError(f"it is no object, but {errors.sample(content)}")
        record = {**_not_yet_known(), **content}
        _check(record)
    except ValueError as error:
        if not isinstance(error, errors.DamagedFileError):
            error = errors.DamagedFileError(path, str(error))
        raise errors.RunRecordError(f"{error}. Delete or restore it.") from error
    return record


def _check(record: Mapping[str, Any]) -> None:
    """Checks that what a record holds is what the program has once written.

    Raises:
      ValueError: something is missing, or of another type.
    """
    missing = [name for name in settings.RECORDED if name not in record]
    if missing:
        raise ValueError(f"it lacks {missing}")
    recorded = {name: record[name] for name in settings.RECORDED}
    params = recorded.pop("params")
    if not isinstance(params, dict):
        raise ValueError(f"its params are {errors.sample(params)}")
    _check_options(settings.RECORDED, recorded)
    _check_options(catalog.hyperparameters(), params)
    _check_options({"data_dir": _DATA_DIR}, {"data_dir": record.get("data_dir") or ""})
    runs = record.get("runs", [])
    if not isinstance(runs, list):
        raise ValueError(f"its runs are {errors.sample(runs)}")
    for run in runs:
        json_files.checked(Run, run)


def _check_options(
    known: Mapping[str, options.Option], values: Mapping[str, Any]
) -> None:
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"it has {errors.sample(name)}, which nothing here has")
        try:
            known[name].check(value)
        except ValueError as error:
            raise ValueError(f"its {name}: {error}") from None


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
    run = Run(
        started=datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        from_step=step,
        to_step=None,
        engine=engine,
        tensorflow=tf.__version__,
        numpy=np.__version__,
        python=platform.python_version(),
    )
    runs = [*(recorded or {}).get("runs", []), dataclasses.asdict(run)]
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
