"""Measures the runs of many people, each a model_dir below one folder, as they are.

Nothing is written there and nothing locked, so that who trains goes on. What cannot be
measured is told in words: a damaged folder costs its own row alone.
"""

import dataclasses
import gc
import math
import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.data import datasets
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.estimator.checkpoint.newest import NewestCheckpoint
from estimator_mnist.experiment import early_stopping, run_record, settings
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.report import measures

_MOST_LETTERS = 200  # of a reason
# Of a record: what says which images are meant, and what is in it by itself.
_NOT_SHOWN = ("checksum", "dataset", "translate", "params")


class MeasuredRun(NamedTuple):
    """A folder: what its newest checkpoint reaches, or why that is not known."""

    name: str  # path below the folder that holds all
    settings: Mapping[str, Any]  # recorded ones and hyperparameters; none if not known
    images: str = ""  # as in "mnist, translated"; "" where it is not known
    test_images: int = 0  # how many
    accuracy: float = math.nan  # on these; NaN where it is not known
    low: float = math.nan  # Wilson's 95 % interval of it
    high: float = math.nan
    steps: int = 0
    seconds: float = math.nan  # of training, in all runs
    trouble: str = ""  # what is wrong with the folder

    @property
    def is_measured(self) -> bool:
        """Returns whether there is an accuracy."""
        return not math.isnan(self.accuracy)


def names(folder: str) -> list[str]:
    """Returns the paths of runs in `folder`, or one level below, sorted.

    A folder with no run in it is there by its own name. Files and hidden folders are
    left out; where `folder` is a run itself, its name is "".

    Raises FolderError where it cannot be listed.
    """
    try:
        if _is_run(folder):
            return [""]
        return [run for name in _folders(folder) for run in _runs_of(folder, name)]
    except OSError as error:
        raise errors.FolderError(
            f"--runs={folder}: {error.strerror}: name a folder of model_dirs."
        ) from error


def rank(run: MeasuredRun) -> tuple:
    """Returns a key that sorts by images, the best first, what is not known last."""
    accuracy = -run.accuracy if run.is_measured else 0
    return (not run.is_measured, run.images, accuracy, run.steps, run.name)


class Measurer:
    """Measures one run after the other, all on the same test images."""

    def __init__(self, data_dir: str | None = None, dataset: str | None = None) -> None:
        """Takes what narrows down where images are from.

        Args:
          data_dir: where they are looked for; None for where the first run's were.
          dataset: the only one that counts; None or "auto" for each run's own.
        """
        self._data_dir, self._dataset = data_dir, dataset
        self._loaded: dict[str, datasets.DataSet] = {}
        self._failures: dict[tuple[str, str | None], errors.UserError] = {}

    def measure(self, folder: str, name: str) -> MeasuredRun:
        """Returns what is known of the run `name` in `folder`; raises no Exception."""
        model_dir = os.path.join(folder, name)
        run = MeasuredRun(name or os.path.basename(os.path.abspath(folder)), {})
        try:
            for add in (_with_settings, self._with_accuracy, _with_time):
                run = add(run, model_dir)
        # A damaged file makes its reader raise any kind of error.
        except Exception as error:
            return run._replace(trouble=_reason(error, model_dir))
        return run

    def _with_accuracy(self, run: MeasuredRun, model_dir: str) -> MeasuredRun:
        recorded = _record(model_dir)
        data = self._images(recorded)
        if recorded["checksum"] != data.checksum:
            raise errors.ExperimentError(f"trained on other images than {data.name}'s")
        try:
            results, damaged = _evaluate(experiments.make(model_dir, dataset=data))
        finally:
            # A graph is in cycles, and keeps what its session had open.
            gc.collect()
        count, accuracy = len(data.test.labels), float(results["accuracy"])
        low, high = measures.wilson(round(accuracy * count), count)
        return run._replace(
            test_images=count,
            accuracy=accuracy,
            low=float(low),
            high=float(high),
            steps=int(results["global_step"]),
            trouble=f"{damaged} is damaged, this is an older one" if damaged else "",
        )

    def _images(self, recorded: dict[str, Any]) -> datasets.DataSet:
        """Returns the images that a run is of; the same for all runs of a data set.

        Raises ExperimentError or DataError where they are not to be had.
        """
        name, folder = recorded["dataset"], self._data_dir or recorded.get("data_dir")
        if self._dataset not in (None, "auto", name):
            raise errors.ExperimentError(f"trained on {name}, not on {self._dataset}")
        if name in self._loaded:
            return self._loaded[name]
        if (name, folder) not in self._failures:
            try:
                return self._loaded.setdefault(name, datasets.load(name, folder))
            except errors.UserError as error:
                self._failures[name, folder] = error
        raise self._failures[name, folder]


def _evaluate(experiment: settings.Experiment) -> tuple[dict[str, Any], str]:
    """Returns what Estimator.evaluate would of the test images, and writes no events.

    Returns also the name of a newer checkpoint that is damaged; "" for none.

    Raises ExperimentError where nothing has been trained.
    """
    # What a processor cannot do in training, it need not do here.
    estimator = experiments.build_estimator(
        dataclasses.replace(experiment, precision="float32")
    )
    input_fn = experiments.whole(experiment.data.test, experiment)
    newest = NewestCheckpoint(experiment.model_dir)

    def find() -> str:
        if path := newest.intact():
            return path
        raise errors.ExperimentError("no checkpoint was saved yet")

    def evaluate(path: str) -> dict[str, Any]:
        return estimator.evaluation(input_fn, checkpoint_path=path).run(path)

    _, results = newest.while_it_exists(find, evaluate)
    return results, os.path.basename(newest.damaged[0]) if newest.damaged else ""


def _with_settings(run: MeasuredRun, model_dir: str) -> MeasuredRun:
    recorded = _record(model_dir)
    ending = ", translated" if recorded["translate"] else ""
    shown = {name: recorded[name] for name in settings.RECORDED}
    return run._replace(
        images=f"{recorded['dataset']}{ending}",
        settings={
            name: value
            for name, value in {**shown, **recorded["params"]}.items()
            if name not in _NOT_SHOWN
        },
    )


def _with_time(run: MeasuredRun, model_dir: str) -> MeasuredRun:
    seconds = early_stopping.EarlyStoppingState.load(model_dir).seconds
    return run._replace(seconds=seconds or math.nan)


def _record(model_dir: str) -> dict[str, Any]:
    """Returns the record of a run.

    Raises ExperimentError where there is none, and what run_record.read raises.
    """
    is_run = _is_run(model_dir)
    recorded = run_record.read(model_dir)
    if recorded is None:
        what = "not trained by this program" if is_run else "no run"
        raise errors.ExperimentError(f"{what}: there is no {run_record.FILE_NAME}")
    return recorded


def _is_run(folder: str) -> bool:
    """Returns whether a training has written there; raises OSError if it is unread."""
    found = set(os.listdir(folder))
    return bool(
        found & {run_record.FILE_NAME, paths.STATE_FILE} or paths.on_disk(folder)
    )


def _folders(folder: str) -> Iterator[str]:
    """Yields the names of folders, and of what can be neither a folder nor a file."""
    for name in sorted(os.listdir(folder)):
        if not name.startswith(".") and not os.path.isfile(os.path.join(folder, name)):
            yield name


def _runs_of(folder: str, name: str) -> list[str]:
    """Returns the run `name`, those within, or `name` again where there is none."""
    path = os.path.join(folder, name)
    try:
        if _is_run(path):
            return [name]
        found = [one for one in _folders(path) if _may_be_run(os.path.join(path, one))]
    except OSError:
        return [name]  # whose row says why
    return [os.path.join(name, one) for one in found] or [name]


def _may_be_run(path: str) -> bool:
    try:
        return _is_run(path)
    except OSError:
        return True


def _reason(error: Exception, model_dir: str) -> str:
    """Returns one line on what went wrong, with paths from the run's folder on."""
    text = str(error)
    if isinstance(error, tf.errors.OpError):
        text = error.message
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.strerror}: {error.filename or ''}"
    first = (text.strip().splitlines() or [type(error).__name__])[0]
    for path in (f" in {model_dir}", os.path.join(model_dir, ""), model_dir):
        first = first.replace(path, "")
    return first.strip().rstrip(":. ")[:_MOST_LETTERS]
