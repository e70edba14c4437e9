"""Asks an experiment's Estimator for what a report shows."""

import functools
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.data import datasets, idx, input_fns, translation
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.estimator.checkpoint.snapshot import Snapshot
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import run_record, settings, variables
from estimator_mnist.experiment.settings import Experiment
from estimator_mnist.models import catalog
from estimator_mnist.report.report_data import ReportData

# At each of 144 places: 28,800 predictions are seconds, also for the CNN.
OFFSET_IMAGES = 200
# Settings that a report shows elsewhere.
_SHOWN_ELSEWHERE = ("model", "dataset", "checksum", "translate", "params")

# (images, names of predictions, corners) -> array by name.
Predict = Callable[..., dict[str, np.ndarray]]


def source_of(
    experiment: Experiment,
    estimator: tf_estimator.Estimator,
    checkpoint: Snapshot,
    split: str,
    tsne_points: int,
    on_progress: Callable[[str], None],
) -> ReportData:
    """Returns all that a report shows; what this model does not predict is None.

    Args:
      checkpoint: the one that the report is about, also where a training saves others
        meanwhile.
      tsne_points: how many images the t-SNE is of; 0 for none.
      on_progress: called with a few words on what is being done.
    """
    data, translate = getattr(experiment.data, split), experiment.translate
    path, found = variables.inspect(experiment.model_dir, checkpoint.path)
    predict = functools.partial(_predict, estimator, path, translate)
    on_progress(f"Predicting {len(data.labels):,} {split} images")
    exports = catalog.MODELS[experiment.model].exports
    has_features = bool(tsne_points) and "features" in exports
    features = ["features"] if has_features else []
    answers = predict(
        data, ["classes", "probabilities", *features], most={"features": tsne_points}
    )
    activations = None
    if "activations" in exports:
        activations = predict(_first(data, 1), ["activations"])["activations"][0]
    offsets = _offsets(predict, data, on_progress) if translate else None
    return ReportData(
        title=_title(experiment),
        facts=_facts(experiment, split, checkpoint, found),
        model_dir=experiment.model_dir,
        checkpoint=path,
        variables=[v.name for v in found if v.trained],
        classes=experiment.data.class_names,
        place=", at random places" if translate else "",
        images=_images(data, translate),
        labels=data.labels.astype(np.int32),
        predicted=answers["classes"],
        probabilities=answers["probabilities"],
        features=answers.get("features"),
        features_key={"images": experiment.data.checksum, "split": split},
        activations=activations,
        offsets=offsets,
        offset_images=min(OFFSET_IMAGES, len(data.labels)),
    )


def _title(experiment: Experiment) -> str:
    ending = ", translated" if experiment.translate else ""
    return f"{experiment.model} on {experiment.data.name}{ending}"


def _offsets(
    predict: Predict, data: datasets.Split, on_progress: Callable[[str], None]
) -> np.ndarray:
    on_progress(
        f"Predicting at {translation.MARGIN**2} places, {OFFSET_IMAGES} images each"
    )
    return accuracy_by_offset(predict, _first(data, OFFSET_IMAGES))


def accuracy_by_offset(predict: Predict, data: datasets.Split) -> np.ndarray:
    """Returns the accuracy on all of `data` at each place of the canvas.

    Args:
      predict: (split, keys, corners) -> dict of arrays.

    Returns:
      float64 [12, 12], by row and column of the images' top-left corner.
    """
    room, n = translation.MARGIN, len(data.labels)
    corners = np.indices((room, room)).reshape(2, -1).T
    everywhere = datasets.Split(
        np.tile(data.images, (len(corners), 1, 1)), np.tile(data.labels, len(corners))
    )
    places = np.repeat(corners, n, axis=0)
    classes = predict(everywhere, ["classes"], places)["classes"]
    right = classes == everywhere.labels
    return right.reshape(room, room, n).mean(axis=2)


def _predict(
    estimator: tf_estimator.Estimator,
    checkpoint: str,
    translate: bool,
    data: datasets.Split,
    keys: Sequence[str] | None = None,
    corners: np.ndarray | None = None,
    most: Mapping[str, int] = types.MappingProxyType({}),
) -> dict[str, np.ndarray]:
    """Returns the predictions for all of `data`.

    Args:
      keys: which; None for all.
      corners: places of the images, int [n, 2]; None for those of evaluations.
      most: how many examples are kept of those that are large, by key.
    """
    input_fn = input_fns.eval_input_fn(
        data, experiments.EVAL_BATCH_SIZE, translate, corners=corners
    )
    found: dict[str, list[np.ndarray]] = {}
    batches = estimator.predict(
        input_fn, keys, checkpoint_path=checkpoint, yield_single_examples=False
    )
    for number, batch in enumerate(batches):
        first = number * experiments.EVAL_BATCH_SIZE
        for key, values in batch.items():
            left = max(0, most.get(key, len(data.labels)) - first)
            found.setdefault(key, []).append(values[:left].copy())
    return {key: np.concatenate(parts) for key, parts in found.items()}


def _images(data: datasets.Split, translate: bool) -> np.ndarray:
    """Returns images as the network sees them: float32 [n, side, side]."""
    batches = input_fns.eval_input_fn(data, experiments.EVAL_BATCH_SIZE, translate)()
    return np.concatenate([x["x"] for x, _ in batches.as_numpy_iterator()])


def _first(data: datasets.Split, count: int) -> datasets.Split:
    return datasets.Split(*(part[:count] for part in data))


def _facts(
    experiment: Experiment,
    split: str,
    checkpoint: Snapshot,
    found: Sequence[variables.Variable],
) -> list[tuple[str, str]]:
    size = f"{idx.SIDE}x{idx.SIDE}"
    if experiment.translate:
        size += f" at random places on {translation.CANVAS}x{translation.CANVAS}"
    facts = [
        ("model", experiment.model),
        ("images", f"{experiment.data.name}, {split}: {size} pixels"),
        ("step", f"{paths.step_of(checkpoint.path):,}"),
        ("parameters", f"{sum(v.size for v in found if v.trained):,}"),
        ("checkpoint", checkpoint.origin),
    ]
    recorded = run_record.read(experiment.model_dir)
    return facts + (_how_it_was_trained(recorded) if recorded else [])


def _how_it_was_trained(recorded: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Returns facts of a record; without one, other defaults may have been in force."""
    names = [name for name in settings.RECORDED if name not in _SHOWN_ELSEWHERE]
    shown = {name: recorded[name] for name in names} | recorded["params"]
    runs = [
        f"to step {run['to_step'] or '?'}: {run['started'][:10]}, TensorFlow "
        f"{run['tensorflow']}"
        for run in recorded.get("runs", [])
    ]
    return [
        ("settings", ", ".join(f"{k} {v}" for k, v in sorted(shown.items()))),
        ("trained", "; ".join(runs)),
    ]
