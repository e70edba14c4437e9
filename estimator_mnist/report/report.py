"""What goes together into a report: pictures, what they tell, and a summary."""

import contextlib
import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from estimator_mnist import files
from estimator_mnist.report import (
    curves,
    html,
    measures,
    pictures,
    plots,
    style,
    tsne,
    weights,
)
from estimator_mnist.report.source import Source

FILE_NAME = "report.html"
_EXAMPLES, _GRID, _MISTAKES = 9, 50, 20


class _Scene(NamedTuple):
    """What the pictures are drawn from; None where this model has none of it."""

    source: Source
    runs: dict  # curves by run and tag
    right: np.ndarray  # [n] bool
    wrong: np.ndarray  # indices, the most confident first
    table: np.ndarray  # the confusion matrix
    bins: measures.Bins
    maps: weights.Maps | None
    points: np.ndarray | None  # of the t-SNE


class _Part(NamedTuple):
    name: str
    heading: str
    text: str
    draw: Callable  # _Scene -> Figure, or None where there is nothing to draw
    missing: str = ""  # what the page says then; nothing if this is empty


def write(source: Source, folder: str, say: Callable | None = None) -> list[str]:
    """Draws all pictures into `folder`, and report.html with all of them in it.

    Pictures of an earlier report that this one lacks are removed.

    Args:
      say: is told what is at work; None to be quiet.

    Returns:
      paths of the files, report.html first.
    """
    scene = _scene(source, folder, say)
    if say:
        say("Drawing")
    drawn, sections = {}, []
    for part in _PARTS:
        figure = part.draw(scene)
        if figure is not None:
            png, inches = style.png(figure), figure.get_size_inches()[0]
            drawn[part.name] = _picture(folder, part.name)
            files.write_bytes(drawn[part.name], png)
            sections.append(
                html.Section(part.name, part.heading, part.text, png, inches)
            )
        elif part.missing:
            sections.append(html.Section(part.name, part.heading, part.missing))
    page = os.path.join(folder, FILE_NAME)
    files.write_text(page, html.page(source.title, _summary(scene), sections))
    remove_stale(folder, drawn)
    return [page, *drawn.values()]


def remove_stale(folder: str, drawn) -> None:
    """Removes an earlier report's pictures whose names are not in `drawn`."""
    for part in _PARTS:
        if part.name not in drawn:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(_picture(folder, part.name))


def _scene(source, folder, say):
    labels, predicted = source.labels, source.predicted
    count, right = len(source.classes), labels == predicted
    return _Scene(
        source=source,
        runs=curves.of_run(source.model_dir),
        right=right,
        wrong=measures.worst(labels, source.probabilities, predicted),
        table=measures.confusion(labels, predicted, count),
        bins=measures.reliability(source.probabilities.max(axis=1), right),
        maps=weights.of_checkpoint(
            source.checkpoint, source.variables, source.images.shape[1], count
        ),
        points=_embedding(source, folder, say),
    )


def _embedding(source, folder, say):
    if source.features is None:
        return None
    if say:
        say(f"t-SNE of {len(source.features):,} images")
    sign = tsne.checkpoint_sign(source.checkpoint)
    key = {**source.features_key, "checkpoint": sign}
    cache = os.path.join(folder, tsne.FILE_NAME)
    points = tsne.embed(source.features, cache, key, progress=say is not None)
    return points if len(points) else None


def _summary(scene):
    """The rows of the table: what was reached, with its uncertainty, and by what."""
    source, right, total = scene.source, int(scene.right.sum()), len(scene.right)
    low, high = measures.wilson(right, total)
    loss = measures.cross_entropy(source.probabilities, source.labels)
    return [
        ("accuracy", f"{right / total:.4f} (95 % interval {low:.4f} to {high:.4f})"),
        ("mistakes", f"{total - right:,} of {total:,} images"),
        ("cross-entropy", f"{loss:.4f} nats, mean over images"),
        ("calibration error", f"{100 * measures.calibration_error(scene.bins):.1f} %"),
        *source.facts,
    ]


def _picture(folder, name):
    return os.path.join(folder, f"{name}.png")


def _examples(scene):
    source, n = scene.source, _EXAMPLES
    names, _ = _names(source, slice(n))
    return pictures.examples(source.images[:n], names, source.place)


def _predictions(scene):
    source, first = scene.source, slice(_GRID)
    return pictures.predictions(
        source.images[first], *_names(source, first), source.classes
    )


def _mistakes(scene):
    source, shown = scene.source, scene.wrong[:_MISTAKES]
    if not len(shown):
        return None
    confidence = source.probabilities.max(axis=1)[shown]
    return pictures.mistakes(
        source.images[shown], *_names(source, shown), confidence, len(scene.wrong)
    )


def _weights(scene):
    maps = scene.maps
    return None if maps is None else pictures.weight_maps(maps, scene.source.classes)


def _activations(scene):
    maps, images = scene.source.activations, scene.source.images
    return None if maps is None else pictures.activations(maps, images[0])


def _tsne(scene):
    points, source = scene.points, scene.source
    if points is None:
        return None
    n = len(points)
    return plots.embedding(points, source.labels[:n], ~scene.right[:n], source.classes)


def _offsets(scene):
    accuracy, images = scene.source.offsets, scene.source.offset_images
    return None if accuracy is None else plots.offsets(accuracy, images)


def _names(source, which):
    return tuple(
        [source.classes[i] for i in column[which]]
        for column in (source.labels, source.predicted)
    )


_PARTS = (
    _Part(
        "learning_curves",
        "Learning curves",
        "Training is measured on the batch of the step, evaluations on all images of "
        "their split.",
        lambda scene: plots.learning_curves(scene.runs),
        missing="The model_dir holds no event files with a loss or an accuracy.",
    ),
    _Part(
        "examples",
        "Examples",
        "What the network is given, with the labels.",
        _examples,
    ),
    _Part(
        "predictions",
        "Predictions",
        f"The first {_GRID} images of the split, not chosen.",
        _predictions,
    ),
    _Part(
        "mistakes",
        "Most confident mistakes",
        "Where the model is wrong and surest; some labels may be arguable.",
        _mistakes,
        missing="There are none.",
    ),
    _Part(
        "confusion",
        "Confusion matrix",
        "What is off the diagonal is wrong.",
        lambda scene: plots.confusion(scene.table, scene.source.classes),
    ),
    _Part(
        "precision_recall",
        "Precision and recall",
        "Precision: of the images taken for the class, how many are of it. Recall: of "
        "the images of the class, how many are taken for it.",
        lambda scene: plots.precision_recall(scene.table, scene.source.classes),
    ),
    _Part(
        "reliability",
        "Reliability",
        "Below the dashed line the model is surer than it is right, above it less "
        "sure. The bars count the images of each confidence, on a log scale.",
        lambda scene: plots.reliability(scene.bins),
    ),
    _Part(
        "weights",
        "Weights",
        "What the first layer looks for: orange weights count for it, purple ones "
        "against it.",
        _weights,
    ),
    _Part(
        "activations",
        "Activations",
        "What the convolution makes of the first image. All filters share one colour "
        "scale.",
        _activations,
    ),
    _Part(
        "tsne",
        "t-SNE of the penultimate layer",
        "Images that the last layer sees as alike lie together; distances between "
        f"groups mean little. Perplexity {tsne.PERPLEXITY:.0f}.",
        _tsne,
    ),
    _Part(
        "offsets",
        "Accuracy by place",
        "Does the model care where the image is? Each cell is a place of its top-left "
        "corner.",
        _offsets,
    ),
)
