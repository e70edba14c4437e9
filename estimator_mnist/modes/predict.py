"""--mode=predict: the newest checkpoint's predictions for a split, or for pictures."""

from __future__ import annotations

import typing
from collections.abc import Sequence

from absl import flags

from estimator_mnist.data import datasets
from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.models import catalog
from estimator_mnist.modes import common, prediction_files
from estimator_mnist.modes.pictures import answers
from estimator_mnist.options import Option

if typing.TYPE_CHECKING:
    from estimator_mnist.estimator import Estimator

DEFAULT_FOLDER = answers.DEFAULT_FOLDER
FLAGS = {
    "activations_limit": Option(
        int, 100, "predict: images with conv activations.", lower_bound=0
    ),
    "images": Option(
        list,
        None,
        "predict: pictures of your own, instead of a split: files, folders, and - for "
        "one on standard input, apart by commas.",
    ),
}


def run(flag_values: flags.FlagValues) -> None:
    """Writes the prediction files and lists them; with --images, the answers."""
    from estimator_mnist.experiment import experiment as experiments

    if flag_values.images is not None:
        return answers.run(flag_values)
    experiment = common.experiment_of_flags(flag_values)
    estimator = experiments.build_estimator(experiment)
    folder = common.output_folder(flag_values, experiment, DEFAULT_FOLDER)
    split = flag_values.split
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

    All are of one checkpoint, also while a trainer saves and deletes others.

    Args:
      folder: where predictions.npz, features.npy and activations.npy go.
      activations_limit: how many images get activations; 0 for none.

    Returns:
      dict file name, or name in predictions.npz, -> shape.

    Raises:
      ExperimentError: nothing has been trained.
      ForeignFileError: a file that this program has not written is in the way.
    """
    from estimator_mnist.estimator.checkpoint import snapshot
    from estimator_mnist.experiment import experiment as experiments

    experiments.need_checkpoint(estimator)
    data = getattr(experiment.data, split)
    exports = catalog.MODELS[experiment.model].exports
    keys = ["classes", "probabilities", *(key for key in exports if key == "features")]
    first = ["activations"] if activations_limit and "activations" in exports else []
    output = common.opened(
        experiment, folder, DEFAULT_FOLDER, prediction_files.PREDICTIONS
    )
    output.check(prediction_files.names([*keys, *first]))
    with (
        output.temporary("predictions") as temporary,
        snapshot.newest(experiment.model_dir, temporary) as checkpoint,
    ):
        one = experiments.some(checkpoint, experiment)
        reader = _Reader(experiment, estimator, one.path, temporary)
        shapes = reader.write(data, keys)
        if first:
            part = datasets.Split(*(part[:activations_limit] for part in data))
            shapes |= reader.write(part, first)
        prediction_files.publish(temporary, output, shapes, data.labels)
    return {**shapes, "labels": data.labels.shape}


class _Reader:
    """Predicts with one checkpoint, however often it is asked."""

    def __init__(
        self,
        experiment: Experiment,
        estimator: Estimator,
        checkpoint: str,
        folder: str,
    ) -> None:
        self._experiment, self._estimator = experiment, estimator
        self._checkpoint, self._folder = checkpoint, folder

    def write(
        self, data: datasets.Split, keys: Sequence[str]
    ) -> dict[str, tuple[int, ...]]:
        """Writes the columns `keys` for all of `data`; returns their shapes."""
        from estimator_mnist.experiment import experiment as experiments

        batches = self._estimator.predict(
            experiments.whole(data, self._experiment),
            keys,
            checkpoint_path=self._checkpoint,
            yield_single_examples=False,
        )
        return prediction_files.write_columns(self._folder, batches, len(data.labels))
