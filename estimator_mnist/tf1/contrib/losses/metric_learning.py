"""Losses that put what belongs together side by side."""

import tensorflow as tf

from estimator_mnist.tf1 import replacements

tf1 = tf.compat.v1

# The file of TF 1.x that had them.
_SAME = {"metric_loss_ops": "contrib.losses.metric_learning"}
__all__ = ["contrastive_loss", "npairs_loss", "triplet_semihard_loss"]


def contrastive_loss(
    labels: tf.Tensor,
    embeddings_anchor: tf.Tensor,
    embeddings_positive: tf.Tensor,
    margin: float = 1.0,
) -> tf.Tensor:
    """Returns the loss of pairs, a scalar.

    Hadsell, Chopra and LeCun, "Dimensionality Reduction by Learning an Invariant
    Mapping", 2006.

    Args:
      labels: 1 for a pair that belongs together, else 0, int32 [batch].
      embeddings_anchor, embeddings_positive: [batch, units].
      margin: distance at which others cost nothing.
    """
    squares = tf.reduce_sum((embeddings_anchor - embeddings_positive) ** 2, 1)
    distances = tf.sqrt(squares)
    same = tf.cast(labels, squares.dtype)
    apart = tf.maximum(margin - distances, 0.0) ** 2
    return tf.reduce_mean(same * squares + (1 - same) * apart, name="contrastive_loss")


def npairs_loss(
    labels: tf.Tensor,
    embeddings_anchor: tf.Tensor,
    embeddings_positive: tf.Tensor,
    reg_lambda: float = 0.002,
    print_losses: bool = False,
) -> tf.Tensor:
    """Returns the N-pair loss with a penalty of the embeddings' sizes, a scalar.

    Sohn, "Improved Deep Metric Learning with Multi-class N-pair Loss Objective", 2016.

    Args:
      labels: classes, int32 [batch].
      embeddings_anchor, embeddings_positive: [batch, units].
      reg_lambda: weight of the penalty.
      print_losses: not used.
    """
    del print_losses
    sizes = [
        tf.reduce_mean(tf.reduce_sum(each**2, 1))
        for each in (embeddings_anchor, embeddings_positive)
    ]
    similar = tf.matmul(embeddings_anchor, embeddings_positive, transpose_b=True)
    labels = tf.convert_to_tensor(labels)
    same = tf.cast(tf.equal(labels[:, None], labels), similar.dtype)
    same /= tf.reduce_sum(same, 1, keepdims=True)
    crossed = tf.nn.softmax_cross_entropy_with_logits(labels=same, logits=similar)
    return tf.reduce_mean(crossed) + 0.25 * reg_lambda * tf.add_n(sizes)


def triplet_semihard_loss(
    labels: tf.Tensor, embeddings: tf.Tensor, margin: float = 1.0
) -> tf.Tensor:
    """Returns the loss of triplets with semi-hard negatives, a scalar.

    The negative of a pair is the nearest that is farther than the pair; where there is
    none, the farthest. Schroff, Kalenichenko and Philbin, "FaceNet: A Unified Embedding
    for Face Recognition and Clustering", 2015.

    Args:
      labels: classes, int32 [batch].
      embeddings: of length 1, [batch, units].
      margin: by which a negative is to be farther, as squared distance.
    """
    labels = tf.reshape(tf.convert_to_tensor(labels), [-1])
    same = tf.equal(labels[:, None], labels)
    squares = _squared_distances(embeddings)
    # [anchor, positive, negative]
    farther = ~same[:, None, :] & (squares[:, None, :] > squares[:, :, None])
    infinite = tf.fill(tf.shape(farther), squares.dtype.max)
    every = tf.broadcast_to(squares[:, None, :], tf.shape(farther))
    nearest = tf.reduce_min(tf.where(farther, every, infinite), 2)
    negative = tf.where(same, tf.zeros_like(squares), squares)
    farthest = tf.reduce_max(negative, 1, keepdims=True) + tf.zeros_like(squares)
    chosen = tf.where(tf.reduce_any(farther, 2), nearest, farthest)
    pairs = tf.cast(same, squares.dtype) - tf.eye(tf.size(labels), dtype=squares.dtype)
    losses = pairs * tf.maximum(margin + squares - chosen, 0.0)
    return tf.math.divide(
        tf.reduce_sum(losses), tf.reduce_sum(pairs), name="triplet_semihard_loss"
    )


def _squared_distances(embeddings: tf.Tensor) -> tf.Tensor:
    """Returns the squared distances of rows, exactly 0 of each from itself."""
    products = tf.matmul(embeddings, embeddings, transpose_b=True)
    squares = tf.linalg.diag_part(products)
    found = tf.maximum(squares[:, None] - 2.0 * products + squares, 0.0)
    return tf.linalg.set_diag(found, tf.zeros_like(squares))


__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr(
    "tf.contrib.losses.metric_learning", names=_SAME
)
