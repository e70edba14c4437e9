"""Makes an Experiment of what flags and record give, and its Estimator."""

import functools
import os
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from estimator_mnist import compat, errors, files
from estimator_mnist import estimator as tf_estimator
from estimator_mnist.data import datasets, input_fns, statistics
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.estimator.checkpoint.snapshot import Snapshot
from estimator_mnist.experiment import (
    cluster,
    run_record,
    settings,
    tensorboard_hparams,
)
from estimator_mnist.experiment.settings import Cadence, Experiment
from estimator_mnist.models import model_fn, normalize, tensorboard
from estimator_mnist.models.catalog import MODELS

ENGINES: dict[str, Callable[[], types.ModuleType]] = {
    "ours": lambda: tf_estimator,
    "tensorflow": compat.tensorflow_estimator,
}
VALIDATION = "validation"
_AUTO = ("mnist", "digits")  # what --dataset=auto may become
# numpy_input_fn's in TF 1.x. The loss, a mean over batches, depends on it.
EVAL_BATCH_SIZE = 128
NO_CHECKPOINT = (
    "there is no checkpoint in {}: train first with --mode=train, or name another "
    "--model_dir."
)


def make(model_dir: str | None = None, **given: Any) -> Experiment:
    """Completes what is None or left out: from the record in model_dir, or by defaults.

    Args:
      model_dir: None for settings.default_model_dir.
      given: fields of Experiment; `dataset` is the name of a data set or one that is
        loaded already, `params` those of the model's that differ from its defaults.

    Raises:
      ExperimentError, DataError, RunRecordError: with what to do.
    """
    given = {name: value for name, value in given.items() if value is not None}
    located = _located(model_dir or None, given)
    model, model_dir = located["model"], located["model_dir"]
    _check_folder(model_dir)
    known = run_record.read(model_dir) or {}
    params = _complete_params(model, known.get("params", {}), given.pop("params", {}))
    recorded = {name: known[name] for name in settings.RECORDED if name in known}
    values = {**settings.defaults(model), **recorded, **given, **located}
    experiment = Experiment(**{**values, "params": params})
    if known:
        known = _with_new_params(known, model)
        run_record.refuse_differences(model_dir, known, experiment.settings)
    return experiment


def make_without_examples(model_dir: str | None = None, **given: Any) -> Experiment:
    """Does what `make` does, but reads no data set: to predict for other images.

    A data set that is neither given nor recorded is the one after which a default
    model_dir is named, else MNIST.

    Raises ExperimentError and RunRecordError, with what to do.
    """
    given = {name: value for name, value in given.items() if value is not None}
    name = given.get("dataset", "auto")
    if not model_dir:
        model_dir = _default_folder(given, name)
    known = run_record.read(model_dir) or {}
    if name == "auto":
        name = known.get("dataset", _dataset_of_folder(model_dir))
    data = datasets.without_examples(name, known.get("checksum", ""))
    return make(model_dir, **{**given, "dataset": data})


def _default_folder(given: Mapping[str, Any], dataset: str) -> str:
    """Returns the default model_dir; of data sets that `auto` may be, one that exists.

    MNIST's comes first.
    """
    model, translate = (
        given.get(name, settings.SETTINGS[name].default)
        for name in ("model", "translate")
    )
    names = _AUTO if dataset == "auto" else [dataset]
    folders = [settings.default_model_dir(model, name, translate) for name in names]
    return next(filter(os.path.isdir, folders), folders[0])


def _dataset_of_folder(model_dir: str) -> str:
    name = os.path.basename(model_dir).removesuffix("-translated")
    return next((one for one in _AUTO if name.endswith(f"-{one}")), _AUTO[0])


def _check_folder(model_dir: str) -> None:
    """Raises ExperimentError where something else is in the place of model_dir."""
    if not paths.is_local(model_dir) or os.path.isdir(model_dir):
        return
    obstacle = files.obstacle(model_dir)
    if obstacle:
        raise errors.ExperimentError(
            f"--model_dir={model_dir}: {obstacle}: name another folder."
        )


def _located(model_dir: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what model_dir is found by, and where the data is that it was made of."""
    known = (model_dir and run_record.read(model_dir)) or {}
    model, dataset, translate = (
        given.get(name, known.get(name, settings.SETTINGS[name].default))
        for name in ("model", "dataset", "translate")
    )
    data_dir = given.get("data_dir") or _recorded_folder(known)
    data = _loaded(dataset, data_dir)
    return {
        "model": model,
        "dataset": data.name,
        "checksum": data.checksum,
        "translate": translate,
        "data": data,
        "data_dir": data_dir and os.path.abspath(data_dir),
        "model_dir": model_dir
        or settings.default_model_dir(model, data.name, translate),
    }


def _loaded(dataset: str | datasets.DataSet, data_dir: str | None) -> datasets.DataSet:
    if isinstance(dataset, datasets.DataSet):
        return dataset
    return datasets.load(dataset, data_dir)


def _recorded_folder(known: Mapping[str, Any]) -> str | None:
    """Returns the recorded data_dir, unless it has moved since."""
    folder = known.get("data_dir")
    return folder if folder and os.path.isdir(folder) else None


def _with_new_params(known: Mapping[str, Any], model: str) -> dict[str, Any]:
    """Returns the record as if the model had had all its hyperparameters then."""
    return {**known, "params": {**MODELS[model].params, **known["params"]}}


def _complete_params(
    model: str, known: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns defaults, under what was recorded, under what was given."""
    defaults = MODELS[model].params
    unknown = sorted(set(given) - set(defaults))
    if unknown:
        raise errors.ExperimentError(
            f"--model={model} has no {unknown[0]}: leave --{unknown[0]} out; it has "
            f"{', '.join(sorted(defaults))}."
        )
    return {**defaults, **known, **given}


def build_estimator(experiment: Experiment) -> tf_estimator.Estimator:
    """Returns the experiment's Estimator, of this package or, by engine, the real one.

    Raises:
      ExperimentError: where the engine lacks what is asked for.
      MissingRuntimeError: where this TensorFlow lacks the engine.
    """
    runtime, cadence = ENGINES[experiment.engine](), experiment.cadence
    if experiment.engine != "ours" and paths.is_pattern(experiment.model_dir):
        raise errors.ExperimentError(
            f"--model_dir={experiment.model_dir} has a character of patterns in its "
            f"name (*, ?, [ or a backslash), by which --engine={experiment.engine} "
            "would delete checkpoints of other folders: name another, or take "
            "--engine=ours."
        )
    model_dir, speed = cluster.folder(experiment.model_dir), _speed(experiment)
    with cluster.naming_tf_config():  # which may name another model_dir
        config = runtime.RunConfig(
            model_dir=model_dir,
            tf_random_seed=experiment.seed,
            keep_checkpoint_max=cadence.keep_checkpoint_max,
            save_summary_steps=cadence.save_summary_steps,
            log_step_count_steps=cadence.log_step_count_steps,
            **_saving(cadence),
            **speed,
        )
    return runtime.Estimator(
        model_fn.make_model_fn(MODELS[experiment.model].network, runtime),
        config=config,
        params={
            **experiment.params,
            "seed": experiment.seed,
            normalize.STATISTICS: _image_statistics(experiment),
            tensorboard.HISTOGRAMS: cadence.histograms,
            model_fn.SYNC_REPLICAS: experiment.sync_replicas,
        },
    )


def _saving(cadence: Cadence) -> dict[str, int]:
    """Returns one of two arguments: RunConfig takes no more, and fills in no other."""
    steps = cadence.eval_steps_interval or cadence.save_checkpoints_steps
    if steps:
        return {"save_checkpoints_steps": steps}
    secs = cadence.save_checkpoints_secs or settings.SAVE_CHECKPOINTS_SECS
    return {"save_checkpoints_secs": secs}


def _speed(experiment: Experiment) -> dict[str, Any]:
    """Returns the arguments of RunConfig that the original lacks."""
    given = {
        "steps_per_run": experiment.cadence.steps_per_run,
        "precision": experiment.precision,
    }
    if experiment.engine == "ours":
        return given
    if given != {
        "steps_per_run": None,
        "precision": settings.SETTINGS["precision"].default,
    }:
        raise errors.ExperimentError(
            f"--engine={experiment.engine} knows neither --steps_per_run nor another "
            "--precision than float32: leave them out, or take --engine=ours."
        )
    return {}


def _image_statistics(
    experiment: Experiment,
) -> Callable[[str], tuple[np.ndarray, np.ndarray]]:
    """Returns a function, because an Estimator would copy arrays in its params."""

    @functools.cache
    def of_kind(kind: str) -> tuple[np.ndarray, np.ndarray]:
        data, seed = experiment.data.train, experiment.seed
        return statistics.image_statistics(data, kind, experiment.translate, seed)

    return of_kind


def evaluate(
    experiment: Experiment,
    estimator: tf_estimator.Estimator,
    split: str = "test",
    name: str | None = None,
) -> dict[str, Any]:
    """Returns accuracy, loss and global_step on all images of `split`.

    Args:
      name: of the evaluation's folder of events; None for the main one.

    Raises ExperimentError where nothing has been trained.
    """
    need_checkpoint(estimator)
    input_fn = whole(getattr(experiment.data, split), experiment)
    results = estimator.evaluate(input_fn, name=name)
    if not name:
        tensorboard_hparams.write(estimator.eval_dir(), _shown(experiment))
    # What is bytes is drawn by TensorBoard.
    return {key: value for key, value in results.items() if type(value) is not bytes}


def _shown(experiment: Experiment) -> dict[str, Any]:
    """Returns the settings, side by side, that tell runs apart."""
    shown = {**experiment.settings, **experiment.params}
    return {k: v for k, v in shown.items() if k not in ("params", "checksum")}


def need_checkpoint(estimator: tf_estimator.Estimator) -> None:
    """Raises ExperimentError where nothing has been trained."""
    if not estimator.latest_checkpoint():
        raise errors.ExperimentError(NO_CHECKPOINT.format(estimator.model_dir))


def some(checkpoint: Snapshot | None, experiment: Experiment) -> Snapshot:
    """Returns `checkpoint`; raises ExperimentError where there is none."""
    if not checkpoint:
        raise errors.ExperimentError(NO_CHECKPOINT.format(experiment.model_dir))
    return checkpoint


def step_reached(estimator: tf_estimator.Estimator) -> int:
    """Returns the global step of the newest checkpoint; 0 without one."""
    return paths.step_of(estimator.latest_checkpoint())


def whole(
    data: datasets.Split, experiment: Experiment
) -> Callable[[], tf.data.Dataset]:
    """Returns an input_fn of all of `data`, in its order."""
    return input_fns.eval_input_fn(data, EVAL_BATCH_SIZE, experiment.translate)
