"""--mode=compare: models trained on the same data: size, cost, accuracy."""

from __future__ import annotations

import os
import typing
from collections.abc import Callable, Sequence

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

FLAGS = {
    "models": Option(
        list,
        ["cnn_deep", "dense"],
        "compare: which [cnn_deep,dense]; each is trained to its --max_steps where it "
        "has not been, in a folder of its own below --model_dir [runs].",
    ),
}
TABLE, PICTURE = "compare.csv", "compare.png"
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
    """Trains what is not trained, and prints how the models compare."""
    root = flag_values.model_dir

    def experiment_of(model: str) -> Experiment:
        return common.experiment_of_flags(
            flag_values, model=model, model_dir=root and os.path.join(root, model)
        )

    def train_one(experiment: Experiment, estimator: Estimator) -> None:
        from estimator_mnist.experiment import training

        arguments = train.arguments(flag_values)
        trained = training.train(experiment, estimator, **arguments)
        train.print_result(experiment, trained)

    default = os.path.join(root or settings.RUNS_DIR, "compare")
    output = OutputFolder(flag_values.output_dir or default)
    if not flag_values.output_dir:
        output = OutputFolder(default, adopts=TABLE)
    output.check([TABLE, PICTURE])
    rows = measure_each(flag_values.models, experiment_of, train_one)
    print(table(rows))
    for path in write(rows, output):
        print(path)


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
