"""What the runs of a sweep have reached: measured once, and kept beside each run."""

import contextlib
import dataclasses
import hashlib
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist import files, json_files
from estimator_mnist.estimator.checkpoint import save_hooks
from estimator_mnist.estimator.hooks import stop_on_signal
from estimator_mnist.experiment import early_stopping, measurement
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.experiment.training import TrainingResult
from estimator_mnist.modes import tables
from estimator_mnist.modes.sweep_grid import Grid
from estimator_mnist.report import measures

tf1 = tf.compat.v1

RESULT = "result.json"
_HEADINGS = {
    "validation_accuracy": "validation",
    "validation_low": "95 % from",
    "validation_high": "to",
    "test_accuracy": "test",
    "test_low": "95 % from",
    "test_high": "to",
    "parameters": "parameters",
    "multiply_adds": "multiply-adds/image",
    "steps": "steps",
    "seconds": "training, s",
}


@dataclasses.dataclass(frozen=True)
class Measured:
    """What a run has reached; accuracies are NaN where its training failed."""

    validation_accuracy: float
    validation_low: float  # Wilson's 95 % interval of it
    validation_high: float
    test_accuracy: float
    test_low: float
    test_high: float
    parameters: int
    multiply_adds: int
    steps: int
    seconds: float  # of training, in all runs; NaN where it is unknown
    trouble: str = ""  # why training failed


class Result(NamedTuple):
    """A run of the sweep."""

    settings: dict[str, Any]  # all that could be varied, by name
    folder: str
    measured: Measured
    is_new: bool  # not of an earlier call

    @property
    def accuracy(self) -> float:
        """The accuracy that ranks the runs."""
        return self.measured.validation_accuracy


def result_of(
    experiment: Experiment,
    train: Callable[[Experiment, tf_estimator.Estimator], TrainingResult],
) -> Result:
    """Trains one run if it needs training, measures it if it has not been.

    Raises Interrupted where a signal ended the training.
    """
    estimator = experiments.build_estimator(experiment)
    known = _recall(estimator)
    # A failed run would fail again, since a run is a function of its settings.
    if known and known.trouble:
        return Result(experiment.varied, experiment.model_dir, known, is_new=False)
    try:
        training = train(experiment, estimator)
    except tf1.train.NanLossDuringTrainingError as error:
        measured = _failed(experiment, estimator, error)
    else:
        if training.signum:
            raise stop_on_signal.Interrupted(training.signum)
        known = _recall(estimator)
        if known:
            return Result(experiment.varied, experiment.model_dir, known, is_new=False)
        measured = measure(experiment, estimator)
    _keep(estimator, experiment.model_dir, measured)
    return Result(experiment.varied, experiment.model_dir, measured, is_new=True)


def measure(experiment: Experiment, estimator: tf_estimator.Estimator) -> Measured:
    """Evaluates the newest checkpoint on the validation and the test images."""
    split = experiments.VALIDATION
    results = experiments.evaluate(experiment, estimator, split, split)
    accuracy = float(results["accuracy"])
    images = len(experiment.data.validation.labels)
    low, high = measures.wilson(round(accuracy * images), images)
    on_test = measurement.measure(experiment, estimator)
    return Measured(
        accuracy,
        float(low),
        float(high),
        on_test.accuracy,
        on_test.low,
        on_test.high,
        on_test.parameters,
        on_test.multiply_adds,
        on_test.steps,
        on_test.seconds,
    )


def _failed(
    experiment: Experiment, estimator: tf_estimator.Estimator, error: Exception
) -> Measured:
    step = experiments.step_reached(estimator)
    if isinstance(error, save_hooks.NanLossError):  # which the original's is not
        step = error.step
    cost, nan = measurement.cost(experiment), math.nan
    return Measured(
        nan,
        nan,
        nan,
        nan,
        nan,
        nan,
        cost.parameters,
        cost.multiply_adds,
        step,
        early_stopping.EarlyStoppingState.load(experiment.model_dir).seconds or nan,
        str(error).partition(". ")[0],
    )


def _recall(estimator: tf_estimator.Estimator) -> Measured | None:
    """Returns what is known of the newest checkpoint, or None."""
    path = os.path.join(estimator.model_dir, RESULT)
    try:
        content = json_files.read(path)
        if content["checkpoint"] != _mark(estimator.latest_checkpoint()):
            return None
        return json_files.checked(Measured, content["measured"], nan=True)
    # Absent, damaged, or of another version: to be measured again.
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _keep(
    estimator: tf_estimator.Estimator, model_dir: str, measured: Measured
) -> None:
    mark = _mark(estimator.latest_checkpoint())
    content = {"checkpoint": mark, "measured": dataclasses.asdict(measured)}
    with tolerated():
        files.write_json(os.path.join(model_dir, RESULT), content)


@contextlib.contextmanager
def tolerated() -> Iterator[None]:
    """Logs that a file was not written, which is no reason to end a sweep."""
    try:
        yield
    except OSError as error:
        tf1.logging.warning("%s", error)


def _mark(checkpoint: str | None) -> str | None:
    """Returns a mark that a checkpoint shares with its copies alone; None for none.

    The index holds the checksum of each tensor.
    """
    if not checkpoint:
        return None
    with open(checkpoint + ".index", "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return f"{os.path.basename(checkpoint)} {digest}"


def rank(result: Result) -> tuple[float, ...]:
    """Returns a key that sorts the best first; of equals the smallest."""
    measured = result.measured
    if measured.trouble:
        return (1, measured.parameters)
    return (0, -result.accuracy, measured.parameters)


def table(results: Sequence[Result], names: Iterable[str]) -> str:
    """Returns columns: the settings of these names, then what was reached.

    A last one says why a training failed, where one has.
    """
    names = list(names)
    headings = [*names, *_HEADINGS.values()]
    rows = [
        [*(str(one.settings[name]) for name in names), *_numbers(one.measured)]
        for one in results
    ]
    if any(one.measured.trouble for one in results):
        headings.append("failed")
        rows = [
            [*row, one.measured.trouble] for row, one in zip(rows, results, strict=True)
        ]
    return tables.aligned(headings, rows)


def _numbers(measured: Measured) -> list[int | float]:
    values = dataclasses.asdict(measured)
    return [values[name] for name in _HEADINGS]


def csv_text(results: Sequence[Result]) -> str:
    """Returns all settings of each run, what it has reached, and its folder, as CSV."""
    rows = [
        {**one.settings, **dataclasses.asdict(one.measured), "folder": one.folder}
        for one in results
    ]
    return tables.csv_text(list(rows[0]), [list(row.values()) for row in rows])


def picture(results: Sequence[Result], grid: Grid, first: Experiment) -> bytes:
    """Draws what each setting of the grid does to the accuracy; returns the PNG.

    Args:
      first: any of the experiments.
    """
    # Here, because matplotlib takes a second to import, and few modes draw.
    from estimator_mnist.report import figure_style, sweep_figure

    title = f"{first.model} on {first.data.name}: accuracy by setting"
    images = len(first.data.validation.labels)
    figure = sweep_figure.draw(list(results), grid, title, images)
    return figure_style.png(figure)
