"""Trains a model with every combination of some settings, and says which does best.

The best is chosen by the validation images: the best of many accuracies on the test
images would be too good to be true of new ones.
"""

import contextlib
import dataclasses
import hashlib
import itertools
import json
import math
import os
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import tensorflow as tf

from estimator_mnist import errors, files
from estimator_mnist.estimator.hooks import stop_on_signal
from estimator_mnist.experiment import early_stopping, experiment
from estimator_mnist.modes import compare, tables
from estimator_mnist.report import measures

tf1 = tf.compat.v1

# What is swept where nothing is said: the exercise of the notebook with this model.
MODEL = "cnn_same"
EXERCISE = (
    "conv_layers=1,2,3",
    "kernel_size=3,5",
    "filters=16,32",
    "activation=relu,tanh",
)
MAX_RUNS = 50
TABLE, PICTURE, RESULT = "sweep.csv", "sweep.png", "result.json"
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
    seconds: float  # of training, in all runs; NaN where nobody knows
    trouble: str = ""  # why training failed


class Result(NamedTuple):
    """A run of the sweep."""

    settings: dict  # all that could be varied, by name
    folder: str
    measured: Measured
    is_new: bool  # not of an earlier call

    @property
    def accuracy(self) -> float:
        """What runs are chosen by."""
        return self.measured.validation_accuracy


def defaults(model: str) -> dict:
    """The settings of `model` that can be varied, with their values unless given."""
    kind = experiment.MODELS[model]
    others = {"batch_size": kind.batch_size, "seed": experiment.SEED}
    return {**kind.params, **others}


def parse(
    grid: Iterable[str], model: str, parsers: Mapping, given: Mapping
) -> dict[str, list]:
    """The values to try of each setting.

    Args:
      grid: `NAME=VALUE,VALUE` each, the last of a name counts; none for EXERCISE.
      parsers: absl's parser of each setting's flag, which knows its type and bounds.
      given: settings with one value for all runs.

    Raises ExperimentError where one is wrong, or is in `given` too.
    """
    if not grid and model == MODEL:
        grid = [one for one in EXERCISE if one.partition("=")[0] not in given]
    if not grid:
        raise errors.ExperimentError(
            f"--mode=sweep --model={model}: say what to vary with "
            f"--grid=NAME=VALUE,VALUE, once for each of {', '.join(defaults(model))}."
        )
    values = dict(_parse_one(text, model, parsers) for text in grid)
    for name in values:
        if name in given:
            raise errors.ExperimentError(
                f"--{name}={given[name]} and --grid={name}=... exclude each other: "
                "leave one of them out."
            )
    return values


def _parse_one(text, model, parsers):
    name, _, values = (part.strip() for part in text.partition("="))
    if not values:
        raise errors.ExperimentError(
            f"--grid={text} has no values: write --grid=NAME=VALUE,VALUE, for instance "
            f"--grid={EXERCISE[0]}."
        )
    if name not in defaults(model):
        raise errors.ExperimentError(
            f"--grid={text}: --model={model} has no setting {name!r}; vary some of "
            f"{', '.join(defaults(model))}."
        )
    parsed = [
        _value(one.strip(), text, name, parsers[name]) for one in values.split(",")
    ]
    return name, list(dict.fromkeys(parsed))


def _value(one, text, name, parser):
    try:
        return parser.parse(one)
    except ValueError:
        wanted = parser.syntactic_help or f"one of {', '.join(parser.enum_values)}"
        raise errors.ExperimentError(
            f"--grid={text}: {one!r} is not a value of --{name}, which is {wanted}."
        ) from None


def points(grid: dict[str, list], max_runs: int = MAX_RUNS) -> list[dict]:
    """Each combination of the grid's values, by name.

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
    """`runs/sweep-cnn_same-mnist`: where runs go unless a folder is given."""
    parent, name = os.path.split(
        experiment.default_model_dir(model, dataset, translate)
    )
    return os.path.join(parent, f"sweep-{name}")


def folder_name(model: str, settings: Mapping) -> str:
    """`conv_layers=2,activation=tanh`: what differs from the model's defaults.

    Whatever else is swept: so a larger grid finds what a smaller one has trained.
    """
    changed = [
        f"{name}={settings[name]}"
        for name, default in defaults(model).items()
        if settings.get(name, default) != default
    ]
    return ",".join(changed) or "defaults"


def run(
    grid: dict[str, list],
    experiments: list[experiment.Experiment],
    train: Callable,
    folder: str,
    say: Callable = print,
) -> list[Result]:
    """Trains and measures what has not been, and writes the table and the picture.

    Args:
      grid: what `parse` returned; experiments: one for each of its points.
      train: called with an Experiment and its Estimator, returns a Training.
      folder: where the files go.
      say: is told a line per run, then the table.

    Returns:
      the results, the best first.

    Raises signals.Interrupted: a signal ended a training, after a save; another call
    goes on from there.
    """
    first, results = experiments[0], []
    values = "; ".join(f"{name} {', '.join(map(str, grid[name]))}" for name in grid)
    runs = f"{len(experiments)} run" + "s" * (len(experiments) > 1)
    say(f"{runs} of {first.model} on {first.data.name}: {values}")
    paths = [os.path.join(folder, name) for name in (TABLE, PICTURE)]
    for chosen in experiments:
        results.append(result_of(chosen, train))
        say(_line(results[-1], grid, len(results), len(experiments)))
        # At once, to be looked at while others train.
        write_table(paths[0], sorted(results, key=_rank))
    results.sort(key=_rank)
    say(f"\n{table(results, grid)}\n")
    for line in _summary(results, grid, first):
        say(line)
    write_picture(paths[1], results, grid, first)
    say("\n".join(paths))
    return results


def result_of(chosen: experiment.Experiment, train: Callable) -> Result:
    """Trains one run if it needs training, measures it if it has not been."""
    runner = experiment.build_estimator(chosen)
    known = _recall(runner)
    # It would fail again, since a run is a function of its settings.
    if not (known and known.trouble):
        try:
            training = train(chosen, runner)
        except tf1.train.NanLossDuringTrainingError as error:
            known, measured = None, _failed(chosen, runner, error)
        else:
            if training.signum:
                raise stop_on_signal.Interrupted(training.signum)
            known = _recall(runner)
            measured = known or measure(chosen, runner)
    if not known:
        mark = _mark(runner.latest_checkpoint())
        content = {"checkpoint": mark, "measured": dataclasses.asdict(measured)}
        files.write_json(os.path.join(chosen.model_dir, RESULT), content)
    settings = {**chosen.params, "batch_size": chosen.batch_size, "seed": chosen.seed}
    return Result(settings, chosen.model_dir, known or measured, not known)


def measure(chosen: experiment.Experiment, runner) -> Measured:
    """Evaluates the newest checkpoint on the validation and the test images."""
    split = experiment.VALIDATION
    accuracy = float(experiment.evaluate(chosen, runner, split, split)["accuracy"])
    images = len(chosen.data.validation.labels)
    low, high = measures.wilson(round(accuracy * images), images)
    row = compare.measure(chosen, runner)
    return Measured(
        accuracy,
        float(low),
        float(high),
        row.accuracy,
        row.low,
        row.high,
        row.parameters,
        row.multiply_adds,
        row.steps,
        row.seconds,
    )


def table(results: list[Result], names: Iterable[str]) -> str:
    """The results in columns: the settings of these names, then what was reached."""
    return tables.aligned(
        [*names, *_HEADINGS.values()],
        [
            [*(str(one.settings[name]) for name in names), *_numbers(one.measured)]
            for one in results
        ],
    )


def write_table(path: str, results: list[Result]) -> None:
    """Writes all settings of each run, what it has reached, and its folder, as CSV."""
    rows = [
        {**one.settings, **dataclasses.asdict(one.measured), "folder": one.folder}
        for one in results
    ]
    tables.write_csv(path, list(rows[0]), [list(row.values()) for row in rows])


def write_picture(path: str, results, grid, first: experiment.Experiment) -> None:
    """Draws what each setting of the grid does to the accuracy.

    Args:
      first: any of the experiments.
    """
    # Here, because matplotlib takes a second to import, and no other mode draws.
    from estimator_mnist.report import figure_style, sweep_figure

    title = f"{first.model} on {first.data.name}: accuracy by setting"
    images = len(first.data.validation.labels)
    figure = sweep_figure.draw(results, grid, title, images)
    files.write_bytes(path, figure_style.png(figure))


@contextlib.contextmanager
def quiet():
    """Leaves TensorFlow's warnings, without the log lines of each training."""
    verbosity = tf1.logging.get_verbosity()
    tf1.logging.set_verbosity(tf1.logging.WARN)
    try:
        yield
    finally:
        tf1.logging.set_verbosity(verbosity)


def _recall(runner):
    """What is known of the newest checkpoint, or None."""
    path = os.path.join(runner.model_dir, RESULT)
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if content["checkpoint"] != _mark(runner.latest_checkpoint()):
            return None
        return Measured(**content["measured"])
    # Not there, damaged, or of another version: to be measured again.
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _mark(checkpoint):
    """Tells checkpoints apart, wherever they are copied; None for no checkpoint.

    The index holds the checksum of each tensor.
    """
    if not checkpoint:
        return None
    with open(checkpoint + ".index", "rb") as file:
        return (
            f"{os.path.basename(checkpoint)} {hashlib.sha256(file.read()).hexdigest()}"
        )


def _failed(chosen, runner, error):
    parameters, _, multiply_adds = compare.cost(chosen)
    return Measured(
        *[math.nan] * 6,
        parameters,
        multiply_adds,
        getattr(error, "step", experiment.step_reached(runner)),
        early_stopping.Course.load(chosen.model_dir).seconds or math.nan,
        str(error).partition(". ")[0],
    )


def _rank(result):
    """The best first; of equals the smallest."""
    measured = result.measured
    if measured.trouble:
        return (1, measured.parameters)
    return (0, -result.accuracy, measured.parameters)


def _numbers(measured):
    return [getattr(measured, name) for name in _HEADINGS]


def _named(settings, names):
    return " ".join(f"{name}={settings[name]}" for name in names)


def _line(result, grid, number, count):
    """`[ 3/12] conv_layers=1 activation=relu  validation 0.9712  ...`."""
    measured = result.measured
    widest = {name: max(map(str, values), key=len) for name, values in grid.items()}
    named = f"{_named(result.settings, grid):{len(_named(widest, grid))}}"
    line = f"[{number:{len(str(count))}}/{count}] {named}"
    if measured.trouble:
        return f"{line}  failed: {measured.trouble}"
    return (
        f"{line}  validation {result.accuracy:.4f}  test {measured.test_accuracy:.4f}  "
        f"{measured.parameters:,} parameters  step {measured.steps}  "
        f"{measured.seconds:.1f} s" + "  (as before)" * (not result.is_new)
    )


def _summary(results, names, first):
    """Which is the best, how sure that is, and what to do with it."""
    best, *others = results
    if best.measured.trouble:
        return ["No run could be trained to its end: try smaller learning rates."]
    low, images = best.measured.validation_low, len(first.data.validation.labels)
    near = sum(other.accuracy >= low for other in others)
    lines = [
        f"Best on {images} validation images: {_named(best.settings, names)}, test "
        f"accuracy {best.measured.test_accuracy:.4f}.",
        "Its pictures: python -m estimator_mnist.main --mode=report "
        f"--model_dir={best.folder}",
    ]
    if near:
        lines.insert(
            1,
            "Others within its 95 % interval, too near to tell which is better: "
            f"{near} of {len(others)}.",
        )
    return lines
