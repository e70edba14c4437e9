"""--mode=export: writes the newest checkpoint in a form that others open."""

from __future__ import annotations

import os
import typing

from absl import flags

from estimator_mnist import errors, formats
from estimator_mnist.data import datasets
from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.models import catalog
from estimator_mnist.modes import common
from estimator_mnist.options import Option
from estimator_mnist.output_folder import OutputFolder

if typing.TYPE_CHECKING:
    from estimator_mnist.estimator import Estimator
    from estimator_mnist.estimator.checkpoint.snapshot import Snapshot
    from estimator_mnist.formats.artifact import Source
    from estimator_mnist.formats.export import Export

DEFAULT_FOLDER = "export"
FLAGS = {
    "format": Option(
        str,
        "saved_model",
        "export: as what; safetensors and npz are of any model's checkpoint.",
        choices=(*formats.FORMATS, *formats.WEIGHTS),
    ),
    "slots": Option(
        bool, False, "export as safetensors or npz: the optimizer's variables too."
    ),
}
# An export is compared on as many test images, and calibrated with as many others.
TEST_IMAGES = 1000
CALIBRATION_IMAGES = 300


def run(flag_values: flags.FlagValues) -> None:
    """Writes --format, and prints how it compares with what predict gives."""
    from estimator_mnist.experiment import experiment as experiments
    from estimator_mnist.formats.export import REPORT

    if flag_values.format in formats.WEIGHTS:
        _export_weights(flag_values)
        return
    experiment = common.experiment_of_flags(flag_values)
    estimator = experiments.build_estimator(experiment)
    folder = common.output_folder(flag_values, experiment, DEFAULT_FOLDER)
    for one in export(experiment, estimator, flag_values.format, folder):
        note = f", {one.note}" if one.note else ""
        print(f"Exported {one.path} ({one.size / 1e6:.2f} MB{note})")
        print(f"  {_comparison(one, experiment.data.name)}")
    print(f"Report: {os.path.join(folder, REPORT)}")


def _export_weights(flag_values: flags.FlagValues) -> None:
    """Writes the variables that --model_dir has: a folder, or a checkpoint's prefix."""
    from estimator_mnist.experiment import variables
    from estimator_mnist.formats import weights

    model_dir = flag_values.model_dir
    if not model_dir:
        model_dir = common.experiment_of_flags(flag_values).model_dir
    checkpoint = variables.opened(model_dir)
    # A prefix has no folder of its own.
    home = model_dir if os.path.isdir(model_dir) else os.path.dirname(checkpoint.path)
    folder = common.output_folder_of(flag_values, home, DEFAULT_FOLDER)
    written = weights.write(
        checkpoint, flag_values.format, OutputFolder(folder), flag_values.slots
    )
    print(f"Exported {written.path} ({written.size / 1e6:.2f} MB)")
    print(f"  {written.variables} variables with the bits of {checkpoint.path}")
    for remark in written.remarks:
        print(f"  {remark}")


def _comparison(one: Export, data: str) -> str:
    if one.not_compared:
        return f"not compared with predict: {one.not_compared}"
    return (
        f"on {one.images} test images of {data}: accuracy {one.accuracy:.4f}, "
        f"predict's {one.predict_accuracy:.4f}; probabilities differ by at most "
        f"{one.max_abs_difference:.2g}"
    )


def export(
    experiment: Experiment, estimator: Estimator, form: str, folder: str
) -> list[Export]:
    """Writes the newest checkpoint in `form`, one of formats.FORMATS, to `folder`.

    Raises:
      ExportError: where it predicts something else than `estimator`.
      ExperimentError: where the model has no such form, or nothing has been trained.
      ForeignFileError: where a file that this program has not written is in the way.
    """
    from estimator_mnist.estimator.checkpoint import snapshot
    from estimator_mnist.experiment import experiment as experiments
    from estimator_mnist.formats.export import REPORT
    from estimator_mnist.formats.export import export as write

    if form == "keras" and not catalog.MODELS[experiment.model].keras:
        raise errors.ExperimentError(
            f"--format=keras is not there for --model={experiment.model}: export it as "
            "html, saved_model or tflite."
        )
    experiments.need_checkpoint(estimator)
    output = common.opened(experiment, folder, DEFAULT_FOLDER, REPORT)
    output.check([REPORT])
    with (
        output.temporary("export") as temporary,
        snapshot.newest(experiment.model_dir, temporary) as checkpoint,
    ):
        one = experiments.some(checkpoint, experiment)
        return write(form, export_source(experiment, estimator, one), output)


def export_source(
    experiment: Experiment, estimator: Estimator, checkpoint: Snapshot
) -> Source:
    """Returns what is exported, test images to check it and others to calibrate it."""
    import tensorflow as tf

    from estimator_mnist.data import input_fns
    from estimator_mnist.estimator.checkpoint import paths
    from estimator_mnist.experiment import experiment as experiments
    from estimator_mnist.formats import artifact

    data, seed, translate = experiment.data, experiment.seed, experiment.translate
    size = min(CALIBRATION_IMAGES, len(data.train.labels))
    batches = input_fns.train_input_fn(data.train, size, seed, translate)()
    calibration = next(batches.as_numpy_iterator())[0]["x"]
    receivers = experiments.ENGINES[experiment.engine]().export
    first = datasets.Split(*(part[:TEST_IMAGES] for part in data.test))
    return artifact.Source(
        model=experiment.model,
        params=experiment.params,
        estimator=estimator,
        receiver_fn=receivers.build_raw_serving_input_receiver_fn(
            {"x": tf.constant(calibration)}
        ),
        checkpoint=checkpoint.path,
        step=paths.step_of(checkpoint.path),
        origin=checkpoint.origin,
        test_input_fn=experiments.whole(first, experiment),
        classes=data.class_names,
        calibration=calibration,
    )
