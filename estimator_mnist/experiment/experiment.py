"""An experiment: a model on a data set in a model_dir, and what can be done with it."""

import dataclasses
import functools
import math
import os
from typing import NamedTuple

import tensorflow as tf

from estimator_mnist import compat, errors, estimator
from estimator_mnist.data import datasets, input_fns, statistics
from estimator_mnist.estimator.checkpoint import integrity, paths
from estimator_mnist.estimator.session import precision as precisions
from estimator_mnist.experiment import (
    cluster,
    run_record,
    tensorboard_hparams,
)
from estimator_mnist.formats import artifact
from estimator_mnist.formats import export as formats
from estimator_mnist.models import model_fn, normalize, tensorboard
from estimator_mnist.models.catalog import MODELS
from estimator_mnist.modes import prediction_files

ENGINES = {"ours": lambda: estimator, "tensorflow": compat.tensorflow_estimator}
RUNS_DIR = "runs"
VALIDATION = "validation"
SEED = 0  # where none is given
# numpy_input_fn's in TF 1.x. The loss, a mean over batches, depends on it.
EVAL_BATCH_SIZE = 128
SAVE_CHECKPOINTS_SECS = 60
# An export is compared on so many test images, and calibrated with so many others.
EXPORT_TEST_IMAGES = 1000
CALIBRATION_IMAGES = 300
NO_CHECKPOINT = (
    "there is no checkpoint in {}: train first with --mode=train, or name another "
    "--model_dir."
)


class Variable(NamedTuple):
    """A variable of a checkpoint."""

    name: str
    shape: tuple
    trained: bool  # False for global_step and an optimizer's own

    @property
    def size(self) -> int:
        """Count of its numbers."""
        return math.prod(self.shape)


@dataclasses.dataclass(frozen=True)
class Cadence:
    """How often a run saves, summarises and logs."""

    save_checkpoints_steps: int | None = None
    save_checkpoints_secs: int | None = None
    keep_checkpoint_max: int = 3
    save_summary_steps: int = 100
    log_step_count_steps: int = 100
    eval_steps_interval: int | None = None  # each evaluation needs a checkpoint
    steps_per_run: int | None = None  # in one session.run; None: as fits
    histograms: bool = False  # of weights and activations, with each summary


@dataclasses.dataclass(frozen=True)
class Experiment:
    """What is trained, on what, and where; a run is a function of this."""

    model: str
    data: datasets.DataSet
    translate: bool
    seed: int
    batch_size: int
    params: dict
    model_dir: str
    data_dir: str | None = None
    engine: str = "ours"
    cadence: Cadence = Cadence()
    precision: str = precisions.FLOAT32  # of training
    sync_replicas: bool = False  # the workers of a cluster make each step together

    @property
    def settings(self) -> dict:
        """What experiment.json keeps, and a later run must agree with."""
        return {
            "model": self.model,
            "dataset": self.data.name,
            "checksum": self.data.checksum,
            "translate": self.translate,
            "seed": self.seed,
            "batch_size": self.batch_size,
            "precision": self.precision,
            "params": self.params,
        }


def make(
    model_dir: str | None = None,
    model: str | None = None,
    dataset: str | datasets.DataSet | None = None,
    data_dir: str | None = None,
    translate: bool | None = None,
    seed: int | None = None,
    batch_size: int | None = None,
    params: dict | None = None,
    engine: str = "ours",
    cadence: Cadence = Cadence(),
    precision: str | None = None,
    sync_replicas: bool = False,
) -> Experiment:
    """Completes what is None: from the record in model_dir, else by defaults.

    Args:
      dataset: name of the data set, or one that is loaded already.
      params: those of the model's params that differ from its defaults.

    Raises:
      ExperimentError, DataError, RunRecordError: with what to do.
    """
    known = (model_dir and run_record.read(model_dir)) or {}
    model = model or known.get("model", "linear")
    if translate is None:
        translate = known.get("translate", False)
    data_dir = data_dir or _recorded_folder(known)
    data = _loaded(dataset or known.get("dataset", "auto"), data_dir)
    model_dir = model_dir or default_model_dir(model, data.name, translate)
    known = run_record.read(model_dir) or {}
    defaults = MODELS[model]
    experiment = Experiment(
        model=model,
        data=data,
        translate=translate,
        seed=known.get("seed", SEED) if seed is None else seed,
        batch_size=batch_size or known.get("batch_size", defaults.batch_size),
        params=_complete_params(model, known.get("params", {}), params or {}),
        model_dir=model_dir,
        data_dir=data_dir and os.path.abspath(data_dir),
        engine=engine,
        cadence=cadence,
        precision=precision or known.get("precision", precisions.FLOAT32),
        sync_replicas=sync_replicas,
    )
    recorded = known and _with_new_params(known, defaults)
    run_record.refuse_differences(model_dir, recorded or None, experiment.settings)
    return experiment


def _loaded(dataset, data_dir):
    if isinstance(dataset, datasets.DataSet):
        return dataset
    return datasets.load(dataset, data_dir)


def _recorded_folder(known):
    """The recorded data_dir, unless it has moved since."""
    folder = known.get("data_dir")
    return folder if folder and os.path.isdir(folder) else None


def default_model_dir(model: str, dataset: str, translate: bool) -> str:
    """`runs/cnn-mnist-translated`: a folder that tells what is in it."""
    parts = [model, dataset] + ["translated"] * translate
    return os.path.join(RUNS_DIR, "-".join(parts))


def build_estimator(experiment: Experiment):
    """The Estimator, of this package or the real one, of the experiment."""
    runtime, cadence = ENGINES[experiment.engine](), experiment.cadence
    config = runtime.RunConfig(
        model_dir=cluster.folder(experiment.model_dir),
        tf_random_seed=experiment.seed,
        keep_checkpoint_max=cadence.keep_checkpoint_max,
        save_summary_steps=cadence.save_summary_steps,
        log_step_count_steps=cadence.log_step_count_steps,
        **_saving(cadence),
        **_speed(experiment),
    )
    return runtime.Estimator(
        model_fn.around(MODELS[experiment.model].network, runtime),
        config=config,
        params={
            **experiment.params,
            "seed": experiment.seed,
            normalize.STATISTICS: _image_statistics(experiment),
            tensorboard.HISTOGRAMS: cadence.histograms,
            model_fn.SYNC_REPLICAS: experiment.sync_replicas,
        },
    )


def _image_statistics(experiment):
    """A function, because an Estimator copies its params, and the images are many."""

    @functools.cache
    def of_kind(kind):
        data, seed = experiment.data.train, experiment.seed
        return statistics.image_statistics(data, kind, experiment.translate, seed)

    return of_kind


def evaluate(experiment: Experiment, runner, split: str = "test", name=None) -> dict:
    """Accuracy, loss and global_step on all images of `split`.

    Raises ExperimentError where nothing has been trained.
    """
    _need_checkpoint(runner)
    data = getattr(experiment.data, split)
    results = runner.evaluate(whole(data, experiment), name=name)
    if not name:
        tensorboard_hparams.write(runner.eval_dir(), _shown(experiment))
    # What is bytes is drawn by TensorBoard.
    return {key: value for key, value in results.items() if type(value) is not bytes}


def predict(
    experiment: Experiment,
    runner,
    folder: str,
    split: str = "test",
    activations_limit: int = 0,
) -> dict[str, tuple]:
    """Writes predictions, features and the first activations; returns the shapes."""
    _need_checkpoint(runner)
    data, exports = getattr(experiment.data, split), MODELS[experiment.model].exports
    keys = ["classes", "probabilities"] + ["features"] * ("features" in exports)
    shapes = _write(runner, experiment, folder, data, keys)
    if activations_limit and "activations" in exports:
        first = datasets.Split(*(part[:activations_limit] for part in data))
        shapes |= _write(runner, experiment, folder, first, ["activations"])
    prediction_files.remove_stale(folder, shapes)
    return shapes


def export(experiment: Experiment, runner, form: str, folder: str) -> list:
    """Writes the newest checkpoint in `form`; returns formats.export.Exports.

    Raises formats.export.ExportError where it predicts something else than `runner`,
    ExperimentError where the model has no such form.
    """
    if form == "keras" and not MODELS[experiment.model].keras:
        raise errors.ExperimentError(
            f"--format=keras is not there for --model={experiment.model}: export it as "
            "saved_model or tflite."
        )
    return formats.export(form, export_source(experiment, runner), folder)


def export_source(experiment: Experiment, runner) -> artifact.Source:
    """What is to be exported, with test images to check it and others to calibrate."""
    _need_checkpoint(runner)
    checkpoint = integrity.newest_intact(experiment.model_dir)
    data, seed, translate = experiment.data, experiment.seed, experiment.translate
    size = min(CALIBRATION_IMAGES, len(data.train.labels))
    batches = input_fns.train_input_fn(data.train, size, seed, translate)()
    calibration = next(batches.as_numpy_iterator())[0]["x"]
    receivers = ENGINES[experiment.engine]().export
    first = datasets.Split(*(part[:EXPORT_TEST_IMAGES] for part in data.test))
    return artifact.Source(
        model=experiment.model,
        params=experiment.params,
        estimator=runner,
        receiver_fn=receivers.build_raw_serving_input_receiver_fn(
            {"x": tf.constant(calibration)}
        ),
        checkpoint=checkpoint,
        step=paths.step_of(checkpoint),
        test_input_fn=whole(first, experiment),
        calibration=calibration,
    )


def inspect(model_dir: str, path: str | None = None) -> tuple[str, list[Variable]]:
    """Path of a checkpoint, and its variables by name.

    Args:
      path: prefix of the checkpoint; None for the newest in `model_dir`.

    Raises ExperimentError where there is none.
    """
    path = path or paths.latest(model_dir)
    if not path:
        raise errors.ExperimentError(NO_CHECKPOINT.format(model_dir))
    shapes = dict(tf.train.list_variables(path))
    return path, [
        Variable(name, tuple(shape), _is_trained(name, shapes))
        for name, shape in shapes.items()
    ]


def _is_trained(name, names):
    """An optimizer's slot is named after the variable it belongs to."""
    slot_of = name.rpartition("/")[0]
    powers = ("beta1_power", "beta2_power", "global_step")
    if name in powers or slot_of == normalize.SCOPE:
        return False
    return slot_of not in names


def step_reached(runner) -> int:
    """Global step of the newest checkpoint; 0 where there is none."""
    return paths.step_of(runner.latest_checkpoint())


def _shown(experiment):
    """The settings, side by side, that tell runs apart."""
    shown = {**experiment.settings, **experiment.params}
    return {k: v for k, v in shown.items() if k not in ("params", "checksum")}


def _with_new_params(known, defaults):
    """The record as if it was written with params that were not known then."""
    return {**known, "params": {**defaults.params, **known["params"]}}


def _complete_params(model, known, given):
    """Defaults, under what was recorded, under what was given."""
    defaults = MODELS[model].params
    unknown = sorted(set(given) - set(defaults))
    if unknown:
        raise errors.ExperimentError(
            f"--model={model} has no {unknown[0]}: leave --{unknown[0]} out; it has "
            f"{', '.join(sorted(defaults))}."
        )
    return {**defaults, **known, **given}


def _saving(cadence):
    """RunConfig takes one of the two, and has a default of its own for neither."""
    steps = cadence.eval_steps_interval or cadence.save_checkpoints_steps
    if steps:
        return {"save_checkpoints_steps": steps}
    return {
        "save_checkpoints_secs": cadence.save_checkpoints_secs or SAVE_CHECKPOINTS_SECS
    }


def _speed(experiment):
    """RunConfig's arguments that the original does not know."""
    given = {
        "steps_per_run": experiment.cadence.steps_per_run,
        "precision": experiment.precision,
    }
    if experiment.engine == "ours":
        return given
    if given != {"steps_per_run": None, "precision": precisions.FLOAT32}:
        raise errors.ExperimentError(
            f"--engine={experiment.engine} knows neither --steps_per_run nor another "
            "--precision than float32: leave them out, or take --engine=ours."
        )
    return {}


def _need_checkpoint(runner):
    if not runner.latest_checkpoint():
        raise errors.ExperimentError(NO_CHECKPOINT.format(runner.model_dir))


def whole(data, experiment):
    return input_fns.eval_input_fn(data, EVAL_BATCH_SIZE, experiment.translate)


def _write(runner, experiment, folder, data, keys):
    batches = runner.predict(whole(data, experiment), keys, yield_single_examples=False)
    return prediction_files.write(folder, batches, len(data.labels), data.labels)
