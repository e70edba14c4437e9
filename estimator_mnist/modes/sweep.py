"""--mode=sweep: trains a model with every combination of some settings.

The best is chosen by the validation images: the best of many accuracies on the test
images would be too good to be true of new ones.
"""

from __future__ import annotations

import functools
import os
import typing
from collections.abc import Callable, Sequence

from absl import flags

from estimator_mnist import errors
from estimator_mnist.data import datasets
from estimator_mnist.experiment import command_line, settings
from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.modes import common, sweep_grid, train
from estimator_mnist.options import Option
from estimator_mnist.output_folder import OutputFolder

if typing.TYPE_CHECKING:
    from estimator_mnist.estimator import Estimator
    from estimator_mnist.experiment.training import TrainingResult
    from estimator_mnist.modes.sweep_results import Result

FLAGS = {
    "grid": Option(
        str,
        [],
        "sweep: NAME=VALUE,VALUE, a setting and what to try; repeat it for each "
        "setting, the last of a NAME counts "
        f"[{sweep_grid.MODEL}: {' '.join(sweep_grid.EXERCISE)}]. Each combination is "
        "trained to --max_steps where it has not been, in a folder of its own below "
        "--model_dir [runs/sweep-MODEL-DATASET, -translated].",
        repeated=True,
    ),
    "max_runs": Option(
        int, sweep_grid.MAX_RUNS, "sweep: refuse more combinations.", lower_bound=1
    ),
}
TABLE, PICTURE = "sweep.csv", "sweep.png"


def run(flag_values: flags.FlagValues) -> None:
    """Trains what has not been trained of the grid, and prints what does best.

    Raises ExperimentError where the flags contradict each other.
    """
    if flag_values.steps:
        raise errors.ExperimentError(
            "--mode=sweep trains each run to the same step: say to which with "
            "--max_steps instead of --steps."
        )
    model = flag_values.model or sweep_grid.MODEL
    names = settings.varied_by_default(model)
    values = {name: flag_values[name].value for name in names}
    given = {name: value for name, value in values.items() if value is not None}
    parsers = {name: flag_values[name].parser for name in names}
    grid = sweep_grid.parse(flag_values.grid, model, parsers, given)
    points = sweep_grid.points(grid, flag_values.max_runs)
    data = datasets.load(flag_values.dataset or "auto", flag_values.data_dir)
    root = flag_values.model_dir or sweep_grid.default_folder(
        model, data.name, bool(flag_values.translate)
    )
    experiments = [
        common.experiment_of_flags(
            flag_values,
            model=model,
            dataset=data,
            model_dir=os.path.join(root, sweep_grid.folder_name(model, given | point)),
            **point,
        )
        for point in points
    ]
    _train_and_print(flag_values, grid, experiments, flag_values.output_dir or root)


def _train_and_print(
    flag_values: flags.FlagValues,
    grid: sweep_grid.Grid,
    experiments: Sequence[Experiment],
    folder: str,
) -> None:
    """Prints the table and, where more is asked for, a line per run and on the best."""
    from estimator_mnist.experiment import training
    from estimator_mnist.modes import sweep_results

    is_verbose = common.is_verbose(flag_values)
    # Rows are visible at once, in a file too.
    details = functools.partial(print, flush=True) if is_verbose else _ignore
    with common.without_log_lines():
        results = train_grid(
            grid,
            experiments,
            functools.partial(training.train, **train.arguments(flag_values)),
            folder,
            details,
        )
    print(sweep_results.table(results, grid))
    if is_verbose:
        print("\n".join(_summary(results, grid, experiments[0])))


def train_grid(
    grid: sweep_grid.Grid,
    experiments: Sequence[Experiment],
    train: Callable[[Experiment, Estimator], TrainingResult],
    folder: str,
    write_line: Callable[[str], None] = print,
) -> list[Result]:
    """Trains and measures what has not been, and writes the table and the picture.

    Args:
      experiments: one for each point of the grid.
      train: trains an Experiment with its Estimator.
      folder: where the files go.
      write_line: called with a line on the grid, one per run, and the files' paths.

    Returns:
      the results, the best first.

    Raises:
      Interrupted: a signal ended a training, after a save; another call goes on from
        there.
      ForeignFileError: a file that this program has not written is in the way.
    """
    from estimator_mnist.modes import sweep_results

    first = experiments[0]
    results: list[Result] = []
    values = "; ".join(f"{name} {', '.join(map(str, grid[name]))}" for name in grid)
    runs = "1 run" if len(experiments) == 1 else f"{len(experiments)} runs"
    write_line(f"{runs} of {first.model} on {first.data.name}: {values}")
    is_default = folder == os.path.dirname(first.model_dir)
    output = OutputFolder(folder, adopts=TABLE if is_default else None)
    output.check([TABLE, PICTURE])
    for experiment in experiments:
        results.append(sweep_results.result_of(experiment, train))
        write_line(_line(results[-1], grid, len(results), len(experiments)))
        # At once, to be looked at while others train.
        with sweep_results.tolerated():
            table = sweep_results.csv_text(sorted(results, key=sweep_results.rank))
            output.write_text(TABLE, table)
    results.sort(key=sweep_results.rank)
    output.write_text(TABLE, sweep_results.csv_text(results))
    output.write_bytes(PICTURE, sweep_results.picture(results, grid, first))
    write_line("\n".join(output.path_of(name) for name in (TABLE, PICTURE)))
    return results


def _ignore(line: str) -> None:
    del line


def _line(result: Result, grid: sweep_grid.Grid, number: int, count: int) -> str:
    """Returns `[ 3/12] conv_layers=1 activation=relu  validation 0.9712  ...`."""
    measured = result.measured
    widest = {name: max(map(str, values), key=len) for name, values in grid.items()}
    width = len(_named(widest, grid))
    line = (
        f"[{number:{len(str(count))}}/{count}] {_named(result.settings, grid):{width}}"
    )
    if measured.trouble:
        return f"{line}  failed: {measured.trouble}"
    line += (
        f"  validation {result.accuracy:.4f}  test {measured.test_accuracy:.4f}  "
        f"{measured.parameters:,} parameters  step {measured.steps}  "
        f"{measured.seconds:.1f} s"
    )
    return line if result.is_new else f"{line}  (as before)"


def _summary(
    results: Sequence[Result], grid: sweep_grid.Grid, first: Experiment
) -> list[str]:
    """Returns lines on the best: how sure it is, and what to do with it."""
    best, *others = results
    if best.measured.trouble:
        return ["No run could be trained to its end: try smaller learning rates."]
    low, images = best.measured.validation_low, len(first.data.validation.labels)
    near = sum(other.accuracy >= low for other in others)
    lines = [
        f"Best on {images} validation images: {_named(best.settings, grid)}, test "
        f"accuracy {best.measured.test_accuracy:.4f}.",
        "Its pictures: "
        + command_line.program("--mode=report", f"--model_dir={best.folder}"),
    ]
    if near:
        lines.insert(
            1,
            "Others within its 95 % interval, too near to tell which is better: "
            f"{near} of {len(others)}.",
        )
    return lines


def _named(varied: typing.Mapping[str, typing.Any], grid: sweep_grid.Grid) -> str:
    return " ".join(f"{name}={varied[name]}" for name in grid)
