"""Writes a report: its pictures, what they show in words, and a summary."""

from collections.abc import Callable, Collection
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from estimator_mnist.output_folder import OutputFolder
from estimator_mnist.report import (
    charts,
    curves,
    figure_style,
    html_page,
    image_panels,
    measures,
    tsne,
    weights,
)
from estimator_mnist.report.report_data import ReportData

FILE_NAME = "report.html"
_EXAMPLES, _PREDICTIONS, _MISTAKES = 9, 50, 20


Progress = Callable[[str], object]  # called with a few words on what is being done


class _Analysis(NamedTuple):
    """What the pictures are drawn from; None is what this model does not have."""

    data: ReportData
    runs: charts.Runs
    right: np.ndarray  # [n] bool
    wrong: np.ndarray  # indices, the most confident first
    table: np.ndarray  # the confusion matrix
    bins: measures.Bins
    maps: weights.WeightMaps | None
    points: np.ndarray | None  # of the t-SNE


class _Topic(NamedTuple):
    """A section of the report that is still to be drawn."""

    name: str  # of the picture's file
    heading: str
    text: str
    draw: Callable[[_Analysis], Figure | None]  # None if there is nothing to draw
    substitute: str = ""  # the section's text in this case; without it, no section

    def section(self, analysis: _Analysis) -> html_page.Section | None:
        """Draws the picture; returns the section, or None if it is left out."""
        figure = self.draw(analysis)
        if figure is not None:
            png, inches = figure_style.png(figure), figure.get_size_inches()[0]
            return html_page.Section(self.name, self.heading, self.text, png, inches)
        if self.substitute:
            return html_page.Section(self.name, self.heading, self.substitute)
        return None


def names() -> list[str]:
    """Returns the names of all files that a report may have."""
    return [FILE_NAME, tsne.FILE_NAME, *(_picture(topic.name) for topic in _TOPICS)]


def write(
    data: ReportData, output: OutputFolder, progress: Progress | None = None
) -> list[str]:
    """Draws all pictures into `output`, and writes report.html, which holds them too.

    Pictures of an earlier report that this one lacks are removed.

    Args:
      progress: called with a few words before each part that takes long; if given,
        scikit-learn prints the progress of the t-SNE.

    Returns:
      The paths of the files, report.html first.
    """
    analysis = _analyse(data, output, progress)
    if progress:
        progress("Drawing")
    found = [topic.section(analysis) for topic in _TOPICS]
    sections = [section for section in found if section is not None]
    drawn = {one.name: one.png for one in sections if one.png is not None}
    for name, png in drawn.items():
        output.write_bytes(_picture(name), png)
    html = html_page.render(data.title, _summary(analysis), sections, data.page)
    output.write_text(FILE_NAME, html)
    remove_stale(output, drawn)
    return [output.path_of(name) for name in (FILE_NAME, *map(_picture, drawn))]


def remove_stale(output: OutputFolder, drawn: Collection[str]) -> None:
    """Removes an earlier report's pictures whose names are not in `drawn`."""
    for topic in _TOPICS:
        if topic.name not in drawn:
            output.remove(_picture(topic.name))


def _analyse(
    data: ReportData, output: OutputFolder, progress: Progress | None
) -> _Analysis:
    labels, predicted = data.labels, data.predicted
    count, right = len(data.classes), labels == predicted
    return _Analysis(
        data=data,
        runs=curves.of_run(data.model_dir),
        right=right,
        wrong=measures.worst(labels, data.probabilities, predicted),
        table=measures.confusion(labels, predicted, count),
        bins=measures.reliability(data.probabilities.max(axis=1), right),
        maps=weights.of_checkpoint(
            data.checkpoint, data.variables, data.images.shape[1], count
        ),
        points=_embedding(data, output, progress),
    )


def _embedding(
    data: ReportData, output: OutputFolder, progress: Progress | None
) -> np.ndarray | None:
    """Returns the t-SNE of the features, [n, 2]; None without or with few of them."""
    if data.features is None:
        return None
    if progress:
        progress(f"t-SNE of {len(data.features):,} images")
    digest = tsne.checkpoint_digest(data.checkpoint)
    key = {**data.features_key, "checkpoint": digest}
    points = tsne.embed(data.features, output, key, progress=progress is not None)
    return points if len(points) else None


def _summary(analysis: _Analysis) -> list[tuple[str, str]]:
    """Returns name and value of what was measured and of the given facts."""
    data = analysis.data
    right, total = int(analysis.right.sum()), len(analysis.right)
    low, high = measures.wilson(right, total)
    loss = measures.cross_entropy(data.probabilities, data.labels)
    error = 100 * measures.calibration_error(analysis.bins)
    return [
        ("accuracy", f"{right / total:.4f} (95 % interval {low:.4f} to {high:.4f})"),
        ("mistakes", f"{total - right:,} of {total:,} images"),
        # Not evaluate's figure: a mean of batches' means, of what the model minimizes.
        (
            "cross-entropy",
            f"{loss:.4f} nats, mean over images; the loss that --mode=evaluate prints "
            "is the model's own, a mean over batches",
        ),
        ("calibration error", f"{error:.1f} %"),
        *data.facts,
    ]


def _picture(name: str) -> str:
    return f"{name}.png"


def _examples(analysis: _Analysis) -> Figure:
    data, first = analysis.data, slice(_EXAMPLES)
    names = _class_names(data, data.labels[first])
    return image_panels.examples(data.images[first], names, data.place)


def _predictions(analysis: _Analysis) -> Figure:
    data, first = analysis.data, slice(_PREDICTIONS)
    return image_panels.predictions(
        data.images[first],
        _class_names(data, data.labels[first]),
        _class_names(data, data.predicted[first]),
        data.classes,
    )


def _mistakes(analysis: _Analysis) -> Figure | None:
    data, shown = analysis.data, analysis.wrong[:_MISTAKES]
    if not len(shown):
        return None
    return image_panels.mistakes(
        data.images[shown],
        _class_names(data, data.labels[shown]),
        _class_names(data, data.predicted[shown]),
        data.probabilities.max(axis=1)[shown],
        len(analysis.wrong),
    )


def _weights(analysis: _Analysis) -> Figure | None:
    if analysis.maps is None:
        return None
    return image_panels.weight_maps(analysis.maps, analysis.data.classes)


def _activations(analysis: _Analysis) -> Figure | None:
    data = analysis.data
    if data.activations is None:
        return None
    return image_panels.activations(data.activations, data.images[0])


def _tsne(analysis: _Analysis) -> Figure | None:
    data, points = analysis.data, analysis.points
    if points is None:
        return None
    first = slice(len(points))
    wrong = ~analysis.right[first]
    return charts.embedding(points, data.labels[first], wrong, data.classes)


def _reliability(analysis: _Analysis) -> Figure | None:
    return charts.reliability(analysis.bins) if len(analysis.bins.count) else None


def _offsets(analysis: _Analysis) -> Figure | None:
    data = analysis.data
    if data.offsets is None:
        return None
    return charts.offsets(data.offsets, data.offset_images)


def _class_names(data: ReportData, classes: np.ndarray) -> list[str]:
    return [data.classes[i] for i in classes]


_TOPICS = (
    _Topic(
        "learning_curves",
        "Learning curves",
        "Training is measured on the batch of the step, before it is learnt from; "
        "evaluations on all images of their split.",
        lambda analysis: charts.learning_curves(analysis.runs),
        substitute="The model_dir holds no event files with a loss or an accuracy.",
    ),
    _Topic(
        "examples",
        "Examples",
        "What the network is given, with the labels.",
        _examples,
    ),
    _Topic(
        "predictions",
        "Predictions",
        f"The first {_PREDICTIONS} images of the split, not chosen.",
        _predictions,
    ),
    _Topic(
        "mistakes",
        "Most confident mistakes",
        "Where the model is wrong and surest; some labels may be arguable.",
        _mistakes,
        substitute="There are none.",
    ),
    _Topic(
        "confusion",
        "Confusion matrix",
        "What is off the diagonal is wrong.",
        lambda analysis: charts.confusion(analysis.table, analysis.data.classes),
    ),
    _Topic(
        "precision_recall",
        "Precision and recall",
        "Precision: of the images taken for the class, how many are of it. Recall: of "
        "the images of the class, how many are taken for it.",
        lambda analysis: charts.precision_recall(analysis.table, analysis.data.classes),
    ),
    _Topic(
        "reliability",
        "Reliability",
        "Below the dashed line the model is surer than it is right, above it less "
        "sure. The bars count the images of each confidence, on a log scale.",
        _reliability,
        substitute="No probability that the model gives is a number.",
    ),
    _Topic(
        "weights",
        "Weights",
        "What the first layer looks for: orange weights count for it, purple ones "
        "against it.",
        _weights,
    ),
    _Topic(
        "activations",
        "Activations",
        "What the convolution makes of the first image. All filters share one colour "
        "scale.",
        _activations,
    ),
    _Topic(
        "tsne",
        "t-SNE of the penultimate layer",
        "Images that the last layer sees as alike lie together; distances between "
        f"groups mean little. Perplexity {tsne.PERPLEXITY:.0f}.",
        _tsne,
    ),
    _Topic(
        "offsets",
        "Accuracy by place",
        "Does the model care where the image is? Each cell is a place of its top-left "
        "corner.",
        _offsets,
    ),
)
