"""--mode=compare: models trained on the same data, or the runs of many people."""

from __future__ import annotations

import contextlib
import math
import os
import pathlib
import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from absl import flags

from estimator_mnist import errors
from estimator_mnist.experiment import settings
from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.models import catalog
from estimator_mnist.modes import common, tables, train
from estimator_mnist.options import Option
from estimator_mnist.output_folder import OutputFolder

if typing.TYPE_CHECKING:
    from estimator_mnist.estimator import Estimator
    from estimator_mnist.experiment.measurement import Measurement
    from estimator_mnist.experiment.run_folders import MeasuredRun

FLAGS = {
    "models": Option(
        list,
        ["cnn_deep", "dense"],
        "compare: which [cnn_deep,dense]; each is trained to its --max_steps where it "
        "has not been, in a folder of its own below --model_dir [runs].",
    ),
    "runs": Option(
        pathlib.Path,
        None,
        "compare: trains nothing, but evaluates each run in this folder (NAME, or "
        "NAME/RUN) on the test images, changes none, and prints the best first; "
        "--output_dir also gets a table.",
    ),
}
TABLE, PICTURE = "compare.csv", "compare.png"
RUNS_TABLE = "runs.csv"
_SETTINGS = "settings (not default)"
_WIDTH = 80  # letters in a line of the table of runs
_OF_OTHER_USES = ("models", "model_dir", "steps", "max_steps")
_HEADINGS = {
    "model": "model",
    "parameters": "parameters",
    "trainable": "trainable",
    "multiply_adds": "multiply-adds/image",
    "steps": "steps",
    "seconds": "training, s",
    "images_per_second": "images/s",
    "accuracy": "accuracy",
    "low": "95 % from",
    "high": "to",
    "bytes": "on disk, bytes",
}


def run(flag_values: flags.FlagValues) -> None:
    """Trains what is not trained, and prints how the models compare.

    With --runs it trains nothing, and compares what is in that folder.
    """
    if flag_values.runs:
        compare_runs(flag_values)
        return
    root, is_verbose = flag_values.model_dir, common.is_verbose(flag_values)

    def experiment_of(model: str) -> Experiment:
        return common.experiment_of_flags(
            flag_values, model=model, model_dir=root and os.path.join(root, model)
        )

    def train_one(experiment: Experiment, estimator: Estimator) -> None:
        from estimator_mnist.experiment import training

        arguments = train.arguments(flag_values)
        trained = training.train(experiment, estimator, **arguments)
        if is_verbose:
            train.print_result(experiment, trained)
        train.check_not_interrupted(trained)

    default = os.path.join(root or settings.RUNS_DIR, "compare")
    output = OutputFolder(flag_values.output_dir or default)
    if not flag_values.output_dir:
        output = OutputFolder(default, adopts=TABLE)
    output.check([TABLE, PICTURE])
    quiet = contextlib.nullcontext() if is_verbose else common.without_log_lines()
    with quiet:
        rows = measure_each(flag_values.models, experiment_of, train_one)
    print(table(rows))
    paths = write(rows, output)
    if is_verbose:
        print("\n".join(paths))


def measure_each(
    models: Sequence[str],
    experiment_of: Callable[[str], Experiment],
    train: Callable[[Experiment, Estimator], None],
) -> list[Measurement]:
    """Trains and measures each model.

    Args:
      experiment_of: name of a model -> Experiment.
      train: called with the Experiment and its Estimator; returns at once where
        nothing is left to train.

    Raises ExperimentError where a name is no model's, or none is given.
    """
    if not models or set(models) - set(catalog.MODELS):
        raise errors.ExperimentError(
            f"--models={','.join(models)}: name one or more of "
            f"{', '.join(catalog.MODELS)}."
        )
    from estimator_mnist.experiment import experiment as experiments
    from estimator_mnist.experiment import measurement

    rows = []
    for model in models:
        experiment = experiment_of(model)
        estimator = experiments.build_estimator(experiment)
        train(experiment, estimator)
        rows.append(measurement.measure(experiment, estimator))
    return rows


def table(rows: Sequence[Measurement]) -> str:
    """Returns the rows in columns, under headings."""
    return tables.aligned(list(_HEADINGS.values()), rows)


def write(rows: Sequence[Measurement], output: OutputFolder) -> list[str]:
    """Writes compare.csv and compare.png to `output`; returns their paths."""
    # Here, because matplotlib takes a second to import, and few modes draw.
    from estimator_mnist.report import compare_figure, figure_style

    output.write_text(TABLE, tables.csv_text(list(_HEADINGS), rows))
    output.write_bytes(PICTURE, figure_style.png(compare_figure.draw(list(rows))))
    return [output.path_of(name) for name in (TABLE, PICTURE)]


def compare_runs(flag_values: flags.FlagValues) -> None:
    """Prints what the runs in --runs have reached, and writes it to --output_dir.

    Raises:
      ExperimentError: a flag contradicts --runs.
      FolderError: that is no folder, or there is none in it.
      ForeignFileError: a file that this program has not written is in the way.
    """
    _check_flags(flag_values)
    from estimator_mnist.experiment import progress, run_folders

    folder = flag_values.runs
    output = flag_values.output_dir and OutputFolder(flag_values.output_dir)
    if output:
        output.check([RUNS_TABLE])
    names = run_folders.names(folder)
    measurer = run_folders.Measurer(flag_values.data_dir, flag_values.dataset)
    line = progress.Line(train.terminal())
    runs = []
    with common.without_log_lines():
        for number, name in enumerate(names, 1):
            line.show(f"run {number}/{len(names)}  {tables.printable(name)}")
            runs.append(measurer.measure(folder, name))
    line.clear()
    runs.sort(key=run_folders.rank)
    print(runs_table(runs))
    if output:
        output.write_text(RUNS_TABLE, runs_csv(runs))


def _check_flags(flag_values: flags.FlagValues) -> None:
    """Raises ExperimentError for a flag that --runs makes meaningless or dangerous."""
    folder = flag_values.runs
    for name in _OF_OTHER_USES:
        if flag_values[name].present:
            raise errors.ExperimentError(
                f"--runs={folder} trains nothing: leave --{name} out."
            )
    output = flag_values.output_dir
    if output and _is_within(output, folder):
        raise errors.ExperimentError(
            f"--output_dir={output} is in --runs={folder}, where nothing is written: "
            "name a folder elsewhere."
        )


def _is_within(path: str, folder: str) -> bool:
    inner, outer = os.path.realpath(path), os.path.realpath(folder)
    return os.path.commonpath([inner, outer]) == outer


def runs_table(runs: Sequence[MeasuredRun]) -> str:
    """Returns a table for each kind of images, then what could not be measured.

    Args:
      runs: sorted by run_folders.rank.
    """
    differing = _differing([run.settings for run in runs if run.is_measured])
    parts = []
    for images in dict.fromkeys(run.images for run in runs if run.is_measured):
        group = [run for run in runs if run.is_measured and run.images == images]
        parts.append(f"On the same {group[0].test_images:,} test images of {images}:")
        headings = ["run", "accuracy", "95 %", "steps", "time", _SETTINGS]
        rows = [_row(run, differing) for run in group]
        parts.append(tables.wrapped(headings, rows, _WIDTH))
    others = [run for run in runs if not run.is_measured]
    if others:
        rows = [[tables.printable(one) for one in (r.name, r.trouble)] for r in others]
        parts += ["Not measured:", tables.wrapped(["run", "reason"], rows, _WIDTH)]
    return "\n".join(parts)


def _row(run: MeasuredRun, differing: Collection[str]) -> list[str]:
    usual = settings.varied_by_default(run.settings["model"])
    shown = " ".join(
        f"{name}={value}"
        for name, value in run.settings.items()
        if name in differing and value != usual.get(name)
    )
    return [
        tables.printable(run.name),
        f"{run.accuracy:.4f}",
        f"±{(run.high - run.low) / 2:.4f}",
        f"{run.steps:,}",
        _time(run.seconds),
        f"{shown} ({tables.printable(run.trouble)})" if run.trouble else shown,
    ]


def _time(seconds: float) -> str:
    """Returns `4.1 s` or, from a minute on, `12:04`; of what is not known a dash."""
    if math.isnan(seconds):
        return "-"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    return f"{round(seconds) // 60:,}:{round(seconds) % 60:02d}"


def _differing(runs: Sequence[Mapping[str, Any]]) -> set[str]:
    """Returns the names of settings that do not have one value in all runs."""
    names = {name for one in runs for name in one}
    return {name for name in names if len({str(one.get(name)) for one in runs}) > 1}


def runs_csv(runs: Sequence[MeasuredRun]) -> str:
    """Returns what is known of each run, all its settings too, as CSV."""
    names = list(dict.fromkeys(name for run in runs for name in run.settings))
    numbers = ["accuracy", "low", "high", "steps", "seconds"]
    headings = ["run", "images", "test_images", *numbers, *names, "trouble"]
    return tables.csv_text(headings, [list(_cells(run, names)) for run in runs])


def _cells(run: MeasuredRun, names: Sequence[str]) -> Iterator[Any]:
    yield tables.printable(run.name)
    yield from (run.images, run.test_images or "")
    steps = run.steps if run.is_measured else math.nan
    for value in (run.accuracy, run.low, run.high, steps, run.seconds):
        yield "" if math.isnan(value) else value
    yield from (run.settings.get(name, "") for name in names)
    yield tables.printable(run.trouble)
