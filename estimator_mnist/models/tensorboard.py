"""What TensorBoard shows of a model: pictures, histograms, curves of precision."""

import math
from collections.abc import Mapping, Sequence

import tensorflow as tf

from estimator_mnist.models import confusion_image
from estimator_mnist.models.layers import CLASSES, Network

tf1 = tf.compat.v1

# Name of the param that is True where histograms are wanted.
HISTOGRAMS = "histograms"
_INPUTS = 8  # images of a batch that are shown
_COLUMNS = 8  # filters in a row
_THRESHOLDS = 51  # of confidence: 0, 0.02, ... 1
_LINE = math.nan  # drawn white in any range of numbers
_WHITE = 1.0  # of images in 0..1


def summarise(
    images: tf.Tensor, net: Network, train_op: tf.Operation, histograms: bool
) -> None:
    """Adds the summaries of training to a graph that is otherwise complete.

    They come last, because initial values depend on the ops made before them.

    Args:
      images: float32 [batch, side, side] in 0..1.
      histograms: whether to add those of the weights and of the network's layers.
    """
    weights = tf1.trainable_variables()
    kernels = [w for w in weights if w.shape.rank == 4 and w.shape[2] == 1][:1]
    # Without it, values from before or after the step would be read by chance.
    with tf1.name_scope("trained"), tf.control_dependencies([train_op]):
        read = {w.op.name: w.read_value() for w in (weights if histograms else kernels)}
    with tf1.name_scope("network"):
        tf1.summary.image("inputs", _side_by_side(images[:_INPUTS]), max_outputs=1)
        for kernel in kernels:
            tf1.summary.image("filters", _filters(read[kernel.op.name]), max_outputs=1)
    if histograms:
        for name, values in read.items():
            tf1.summary.histogram(f"weights/{name}", values)
        for name, values in _layers(net).items():
            tf1.summary.histogram(f"activations/{name}", values)


def metrics(
    labels: tf.Tensor, predictions: Mapping[str, tf.Tensor]
) -> dict[str, tuple[tf.Tensor, tf.Operation]]:
    """Returns metrics whose value is a Summary, for an evaluation's events.

    A picture of the confusion matrix, and curves of precision over recall: of each
    class against the others, and of all ten as one.

    Args:
      labels: int [batch].
      predictions: `classes` int [batch], `probabilities` float32 [batch, 10].
    """
    labels = tf.cast(labels, tf.int32)
    with tf1.variable_scope("board"):
        return {
            "confusion_matrix": _confusion(labels, predictions["classes"]),
            **_curves(labels, predictions["probabilities"]),
        }


def _side_by_side(images: tf.Tensor) -> tf.Tensor:
    """Lines up images [n, side, side] in one, uint8 [1, side, width, 1]."""
    side = images.shape[1]
    lined = tf.pad(images, [[0, 0], [0, 0], [0, 1]], constant_values=_WHITE)
    line = tf.reshape(tf.transpose(lined, [1, 0, 2]), [1, side, -1, 1])
    # As uint8 it is drawn in half the time: no range of numbers is looked for.
    return tf.saturate_cast(tf.round(line * 255), tf.uint8)


def _filters(kernel: tf.Tensor) -> tf.Tensor:
    """Draws a kernel [height, width, 1, filters] as an image, [1, height, width, 1]."""
    height, width, _, count = kernel.shape
    columns = min(count, _COLUMNS)
    rows = -(-count // columns)
    empty = rows * columns - count
    padding = [[0, 1], [0, 1], [0, 0], [0, empty]]
    lined = tf.pad(kernel, padding, constant_values=_LINE)
    cells = tf.reshape(lined, [height + 1, width + 1, rows, columns])
    lines = tf.transpose(cells, [2, 0, 3, 1])
    return tf.reshape(lines, [1, rows * (height + 1), columns * (width + 1), 1])


def _layers(net: Network) -> dict[str, tf.Tensor]:
    layers = {
        "first_convolution": net.activations,
        "penultimate": net.penultimate,
        "logits": net.logits,
    }
    return {name: values for name, values in layers.items() if values is not None}


def _confusion(labels: tf.Tensor, classes: tf.Tensor) -> tuple[tf.Tensor, tf.Operation]:
    """Returns the metric of the confusion matrix: rows are the right classes."""
    cells = labels * CLASSES + tf.cast(classes, tf.int32)
    counts, update = _counter("confusion_matrix", cells, [CLASSES, CLASSES])
    picture = confusion_image.picture(counts)
    _, height, width, _ = picture.shape
    png = tf.io.encode_png(picture[0])
    data = tf.stack([str(width), str(height), png])  # as the Images tab reads it
    text = "Rows are the right classes, columns the predicted ones."
    return _summary(data, "images", b"", text), update


def _curves(
    labels: tf.Tensor, probabilities: tf.Tensor
) -> dict[str, tuple[tf.Tensor, tf.Operation]]:
    """Returns a metric per curve; a confidence counts in each threshold it reaches."""
    reached = tf.cast(probabilities * (_THRESHOLDS - 1), tf.int32)
    reached = tf.clip_by_value(reached, 0, _THRESHOLDS - 1)  # NaN is anywhere
    right = tf.one_hot(labels, CLASSES, 0, 1)  # [batch, 10]: 0 where it is the class
    cells = (right * CLASSES + tf.range(CLASSES)) * _THRESHOLDS + reached
    counts, update = _counter("confidences", cells, [2, CLASSES, _THRESHOLDS])
    ten = tf.cumsum(tf.cast(counts, tf.float32), axis=2, reverse=True)
    eleven = tf.concat([tf.reduce_sum(ten, axis=1, keepdims=True), ten], axis=1)
    names = ["all_classes", *(f"class_{i}" for i in range(CLASSES))]
    # The message PrCurvePluginData, whose field 2 is the number of thresholds. Its
    # class comes with TensorBoard, which need not be installed.
    content = bytes([2 << 3, _THRESHOLDS])
    text = "Precision over recall, as the confidence that is asked for falls."
    return {
        f"pr_curves/{name}": (_summary(data, "pr_curves", content, text), update)
        for name, data in zip(
            names, tf.unstack(_rows(*tf.unstack(eleven))), strict=True
        )
    }


def _rows(hits: tf.Tensor, false_alarms: tf.Tensor) -> tf.Tensor:
    """Returns what the PR Curves tab reads, float32 [curves, 6, thresholds].

    Args:
      hits: float32 [curves, thresholds], how many of the class are above a threshold.
      false_alarms: how many others are.
    """
    misses, passed = hits[:, :1] - hits, false_alarms[:, :1] - false_alarms
    precision = tf.math.divide_no_nan(hits, hits + false_alarms)
    recall = tf.math.divide_no_nan(hits, hits[:, :1])
    return tf.stack([hits, false_alarms, passed, misses, precision, recall], axis=1)


def _summary(data: tf.Tensor, plugin: str, content: bytes, text: str) -> tf.Tensor:
    """Returns a serialized Summary of `data` for a tab of TensorBoard."""
    metadata = tf1.SummaryMetadata(summary_description=text)
    metadata.plugin_data.plugin_name = plugin
    metadata.plugin_data.content = content
    return tf1.summary.tensor_summary(
        plugin, data, summary_metadata=metadata, collections=[]
    )


def _counter(
    name: str, cells: tf.Tensor, shape: Sequence[int]
) -> tuple[tf.Variable, tf.Operation]:
    """Returns counts of all examples, and the op that adds the batch's.

    Args:
      cells: int32, where in the flattened counts each falls.
    """
    total = tf1.get_variable(
        name,
        shape,
        tf.int32,
        initializer=tf1.zeros_initializer(),
        trainable=False,
        collections=[tf1.GraphKeys.LOCAL_VARIABLES, tf1.GraphKeys.METRIC_VARIABLES],
    )
    size = math.prod(shape)
    seen = tf.math.bincount(tf.reshape(cells, [-1]), minlength=size, maxlength=size)
    return total, total.assign_add(tf.reshape(seen, shape), read_value=False)
