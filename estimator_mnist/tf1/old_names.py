"""Names that TensorFlow 1.0 removed, for programs of 2016."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1

# Old name below tf -> where tf1 has it.
SAME: Mapping[str, str] = {
    "all_candidate_sampler": "random.all_candidate_sampler",
    "batch_cholesky": "linalg.cholesky",
    "batch_cholesky_solve": "linalg.cholesky_solve",
    "batch_matmul": "linalg.matmul",
    "batch_matrix_band_part": "linalg.band_part",
    "batch_matrix_determinant": "linalg.det",
    "batch_matrix_diag": "linalg.diag",
    "batch_matrix_diag_part": "linalg.diag_part",
    "batch_matrix_inverse": "linalg.inv",
    "batch_matrix_set_diag": "linalg.set_diag",
    "batch_matrix_solve": "linalg.solve",
    "batch_matrix_solve_ls": "linalg.lstsq",
    "batch_matrix_transpose": "linalg.matrix_transpose",
    "batch_matrix_triangular_solve": "linalg.triangular_solve",
    "batch_self_adjoint_eig": "linalg.eigh",
    "batch_svd": "linalg.svd",
    "batch_fft": "signal.fft",
    "batch_fft2d": "signal.fft2d",
    "batch_ifft": "signal.ifft",
    "batch_ifft2d": "signal.ifft2d",
    "complex_abs": "abs",
    "inv": "reciprocal",
    "listdiff": "setdiff1d",
    "list_diff": "setdiff1d",
    "merge_all_summaries": "summary.merge_all",
    "merge_summary": "summary.merge",
    "mul": "multiply",
    "neg": "negative",
    "pack": "stack",
    "select": "where",
    "sub": "subtract",
    "image.per_image_whitening": "image.per_image_standardization",
    "nn.bidirectional_rnn": "contrib.rnn.static_bidirectional_rnn",
    "nn.rnn": "contrib.rnn.static_rnn",
    "nn.seq2seq": "contrib.legacy_seq2seq",
    "nn.state_saving_rnn": "nn.static_state_saving_rnn",
    "train.SummaryWriter": "summary.FileWriter",
}


def scalar_summary(
    tags: str | tf.Tensor,
    values: tf.Tensor,
    collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tf.Tensor:
    """Returns a summary of `values` under the tag `tags`, both scalars or [n].

    As before TF 1.0, the tag is not prefixed with a name scope.
    """
    return _summary("ScalarSummary", collections, tags=tags, values=values, name=name)


def histogram_summary(
    tag: str | tf.Tensor,
    values: tf.Tensor,
    collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tf.Tensor:
    """Returns a histogram of `values`, under a tag that is not prefixed."""
    return _summary("HistogramSummary", collections, tag=tag, values=values, name=name)


def image_summary(
    tag: str | tf.Tensor,
    tensor: tf.Tensor,
    max_images: int = 3,
    collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tf.Tensor:
    """Returns pictures of `tensor` [batch, height, width, channels]."""
    return _summary(
        "ImageSummary",
        collections,
        tag=tag,
        tensor=tensor,
        max_images=max_images,
        name=name,
    )


def audio_summary(
    tag: str | tf.Tensor,
    tensor: tf.Tensor,
    sample_rate: float,
    max_outputs: int = 3,
    collections: Sequence[str] | None = None,
    name: str | None = None,
) -> tf.Tensor:
    """Returns sounds of `tensor` [batch, frames] or [batch, frames, channels]."""
    return _summary(
        "AudioSummaryV2",
        collections,
        tag=tag,
        tensor=tensor,
        sample_rate=float(sample_rate),
        max_outputs=max_outputs,
        name=name,
    )


def unpack(
    value: tf.Tensor, num: int | None = None, axis: int = 0, name: str = "unpack"
) -> list[tf.Tensor]:
    """Returns tf.unstack."""
    return tf.unstack(value, num, axis, name)


def concat(values: Any, axis: Any, name: str = "concat") -> tf.Tensor:
    """Returns tf.concat, also for `concat(axis, values)` of 2016."""
    if isinstance(values, int) and not isinstance(axis, int):
        values, axis = axis, values
    return tf1.concat(values, axis, name)


def split(
    value: Any = None,
    num_or_size_splits: Any = None,
    axis: Any = 0,
    num: int | None = None,
    name: str = "split",
    **old: Any,
) -> list[tf.Tensor]:
    """Returns tf.split, also for `split(split_dim, num_split, value)` of 2016."""
    axis = old.pop("split_dim", axis)
    num_or_size_splits = old.pop("num_split", num_or_size_splits)
    if isinstance(value, int) and not isinstance(axis, int):
        value, axis = axis, value
    return tf1.split(value, num_or_size_splits, axis, num, name, **old)


def sparse_softmax_cross_entropy_with_logits(
    *args: Any, labels: Any = None, logits: Any = None, name: str | None = None
) -> tf.Tensor:
    """Returns the original, also for the arguments (logits, labels) of 2016."""
    labels, logits, name = _flipped(args, labels, logits, name)
    return tf1.nn.sparse_softmax_cross_entropy_with_logits(
        labels=labels, logits=logits, name=name
    )


def sigmoid_cross_entropy_with_logits(
    *args: Any, labels: Any = None, logits: Any = None, name: str | None = None
) -> tf.Tensor:
    """Returns the original, also for the arguments (logits, targets) of 2016."""
    labels, logits, name = _flipped(args, labels, logits, name)
    return tf1.nn.sigmoid_cross_entropy_with_logits(
        labels=labels, logits=logits, name=name
    )


def softmax_cross_entropy_with_logits(
    *args: Any,
    labels: Any = None,
    logits: Any = None,
    name: str | None = None,
    **options: Any,
) -> tf.Tensor:
    """Returns the original, also for the arguments (logits, labels) of 2016."""
    labels, logits, name = _flipped(args, labels, logits, name)
    return tf1.nn.softmax_cross_entropy_with_logits(
        labels=labels, logits=logits, name=name, **options
    )


# Name below tf -> what takes its place; the old order of arguments works there, too.
OLD_ARGUMENTS: Mapping[str, Callable[..., Any]] = {
    "audio_summary": audio_summary,
    "concat": concat,
    "histogram_summary": histogram_summary,
    "image_summary": image_summary,
    "nn.sigmoid_cross_entropy_with_logits": sigmoid_cross_entropy_with_logits,
    "nn.softmax_cross_entropy_with_logits": softmax_cross_entropy_with_logits,
    "nn.sparse_softmax_cross_entropy_with_logits": (
        sparse_softmax_cross_entropy_with_logits
    ),
    "scalar_summary": scalar_summary,
    "split": split,
    "unpack": unpack,
}


def _summary(op: str, collections: Sequence[str] | None, **arguments: Any) -> tf.Tensor:
    made = getattr(tf.raw_ops, op)(**arguments)
    for collection in collections or [tf1.GraphKeys.SUMMARIES]:
        tf1.add_to_collection(collection, made)
    return made


def _flipped(
    args: Sequence[Any], labels: Any, logits: Any, name: str | None
) -> tuple[Any, Any, str | None]:
    """Returns labels, logits and name, where the first two may come the other way."""
    given = [*args, None, None, None]
    logits = given[0] if logits is None else logits
    labels = given[1] if labels is None else labels
    return labels, logits, name or given[2]
