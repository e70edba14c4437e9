"""Asks an experiment's Estimator for what a report shows, and has it drawn."""

import functools

import numpy as np

from estimator_mnist.data import datasets, idx, input_fns, translation
from estimator_mnist.estimator.checkpoint import integrity, paths
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import run_record
from estimator_mnist.report.report_data import ReportData

TSNE_POINTS = 2000
# At each of 144 places: 28,800 predictions are seconds, also for the CNN.
OFFSET_IMAGES = 200


def write(
    experiment: experiments.Experiment,
    runner,
    folder: str,
    split: str = "test",
    tsne_points: int = TSNE_POINTS,
    say=None,
) -> list[str]:
    """Draws what the newest checkpoint makes of `split` into `folder`.

    Args:
      runner: the Estimator that build_estimator made of the experiment.
      tsne_points: how many images the t-SNE is of; 0 for none.
      say: is told, in a few words, what is being done; None to be quiet.

    Returns:
      paths of the files, report.html first.

    Raises ExperimentError where nothing has been trained.
    """
    # Here, because matplotlib takes a second to import, and no other mode draws.
    from estimator_mnist.report import report

    source = source_of(experiment, runner, split, tsne_points, say or _quiet)
    return report.write(source, folder, say)


def source_of(experiment, runner, split: str, tsne_points: int, say) -> ReportData:
    """Everything a report shows; what this model does not predict is None."""
    data, translate = getattr(experiment.data, split), experiment.translate
    # One for all, however long this takes and whoever trains meanwhile.
    path = integrity.newest_intact(experiment.model_dir)
    checkpoint, variables = experiments.inspect(experiment.model_dir, path)
    predict = functools.partial(_predict, runner, checkpoint, translate)
    say(f"Predicting {len(data.labels):,} {split} images")
    answers = predict(data, ["classes", "probabilities"])
    all_of_one = predict(_first(data, 1))
    features = activations = offsets = None
    if tsne_points and "features" in all_of_one:
        features = predict(_first(data, tsne_points), ["features"])["features"]
    if "activations" in all_of_one:
        activations = all_of_one["activations"][0]
    if translate:
        say(
            f"Predicting at {translation.MARGIN**2} places, {OFFSET_IMAGES} images each"
        )
        offsets = accuracy_by_offset(predict, _first(data, OFFSET_IMAGES))
    return ReportData(
        title=f"{experiment.model} on {experiment.data.name}"
        + ", translated" * translate,
        facts=_facts(experiment, split, checkpoint, variables),
        model_dir=experiment.model_dir,
        checkpoint=checkpoint,
        variables=[v.name for v in variables if v.trained],
        classes=experiment.data.class_names,
        place=", at random places" * translate,
        images=_images(data, translate),
        labels=data.labels.astype(np.int32),
        predicted=answers["classes"],
        probabilities=answers["probabilities"],
        features=features,
        features_key={"images": experiment.data.checksum, "split": split},
        activations=activations,
        offsets=offsets,
        offset_images=min(OFFSET_IMAGES, len(data.labels)),
    )


def accuracy_by_offset(predict, data: datasets.Split) -> np.ndarray:
    """Accuracy on all of `data` with the images' corner at each place of the canvas.

    Args:
      predict: (split, keys, corners) -> dict of arrays.

    Returns:
      float64 [12, 12]: row and column of the top-left corner, as in training.
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


def _predict(runner, checkpoint, translate, data, keys=None, corners=None):
    """The predictions for all of `data`, as a dict of arrays."""
    input_fn = input_fns.eval_input_fn(
        data, experiments.EVAL_BATCH_SIZE, translate, corners=corners
    )
    batches = list(
        runner.predict(
            input_fn, keys, checkpoint_path=checkpoint, yield_single_examples=False
        )
    )
    return {key: np.concatenate([b[key] for b in batches]) for key in batches[0]}


def _images(data, translate):
    """As the network sees them: float32 [n, side, side]."""
    batches = input_fns.eval_input_fn(data, experiments.EVAL_BATCH_SIZE, translate)()
    return np.concatenate([x["x"] for x, _ in batches.as_numpy_iterator()])


def _first(data, count):
    return datasets.Split(*(part[:count] for part in data))


def _facts(experiment, split, checkpoint, variables):
    size = f"{idx.SIDE}x{idx.SIDE}"
    if experiment.translate:
        size += f" at random places on {translation.CANVAS}x{translation.CANVAS}"
    facts = [
        ("model", experiment.model),
        ("images", f"{experiment.data.name}, {split}: {size} pixels"),
        ("step", f"{paths.step_of(checkpoint):,}"),
        ("parameters", f"{sum(v.size for v in variables if v.trained):,}"),
        ("checkpoint", checkpoint),
    ]
    recorded = run_record.read(experiment.model_dir)
    return facts + (_how_it_was_trained(recorded) if recorded else [])


def _how_it_was_trained(recorded):
    """Only of a record; without one, the flags' defaults may have been others."""
    of_the_run = ("batch_size", "precision", "seed")
    settings = {k: recorded[k] for k in of_the_run if k in recorded}
    settings |= recorded["params"]
    runs = [
        f"to step {run['to_step'] or '?'}: {run['started'][:10]}, TensorFlow "
        f"{run['tensorflow']}"
        for run in recorded.get("runs", [])
    ]
    return [
        ("settings", ", ".join(f"{k} {v}" for k, v in sorted(settings.items()))),
        ("trained", "; ".join(runs)),
    ]


def _quiet(text):
    del text
