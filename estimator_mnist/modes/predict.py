"""--mode=predict: writes the newest checkpoint's predictions for a split."""

from __future__ import annotations

import typing
from collections.abc import Sequence

from absl import flags

from estimator_mnist.data import datasets
from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.models import catalog
from estimator_mnist.modes import common, prediction_files
from estimator_mnist.options import Option

if typing.TYPE_CHECKING:
    from estimator_mnist.estimator import Estimator

FLAGS = {
    "activations_limit": Option(
        int, 100, "predict: images with conv activations.", lower_bound=0
    ),
}


def run(flag_values: flags.FlagValues) -> None:
    """Writes the prediction files and lists them."""
    from estimator_mnist.experiment import experiment as experiments

    experiment = common.experiment_of_flags(flag_values)
    estimator = experiments.build_estimator(experiment)
    folder, split = (
        common.output_folder(flag_values, experiment, "predictions"),
        (flag_values.split),
    )
    shapes = predict(
        experiment, estimator, folder, split, flag_values.activations_limit
    )
    print(f"Predictions for {split} images of {experiment.data.name}: {folder}")
    for name, shape in sorted(shapes.items()):
        print(f"  {name:15} {list(shape)}")


def predict(
    experiment: Experiment,
    estimator: Estimator,
    folder: str,
    split: str = "test",
    activations_limit: int = 0,
) -> dict[str, tuple[int, ...]]:
    """Writes predictions, features and the first activations; returns the shapes.

    Args:
      folder: where predictions.npz, features.npy and activations.npy go.
      activations_limit: how many images get activations; 0 for none.

    Returns:
      dict file name, or name in predictions.npz, -> shape.

    Raises ExperimentError where nothing has been trained.
    """
    from estimator_mnist.experiment import experiment as experiments

    experiments.need_checkpoint(estimator)
    data = getattr(experiment.data, split)
    exports = catalog.MODELS[experiment.model].exports
    keys = ["classes", "probabilities", *(key for key in exports if key == "features")]
    shapes = _write(experiment, estimator, folder, data, keys)
    if activations_limit and "activations" in exports:
        first = datasets.Split(*(part[:activations_limit] for part in data))
        shapes |= _write(experiment, estimator, folder, first, ["activations"])
    prediction_files.remove_stale(folder, shapes)
    return shapes


def _write(
    experiment: Experiment,
    estimator: Estimator,
    folder: str,
    data: datasets.Split,
    keys: Sequence[str],
) -> dict[str, tuple[int, ...]]:
    from estimator_mnist.experiment import experiment as experiments

    input_fn = experiments.whole(data, experiment)
    batches = estimator.predict(input_fn, keys, yield_single_examples=False)
    return prediction_files.write(folder, batches, len(data.labels), data.labels)
