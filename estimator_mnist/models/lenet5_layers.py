"""The layers of LeNet-5 that nobody else has: LeCun et al. 1998, section II.B."""

import math

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.models import prototypes

tf1 = tf.compat.v1

# Which of S2's 6 maps each of C3's 16 sees: table I.
C3_SEES = (
    *((i, (i + 1) % 6, (i + 2) % 6) for i in range(6)),
    *((i, (i + 1) % 6, (i + 2) % 6, (i + 3) % 6) for i in range(6)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    range(6),
)
# What fan_in_initializer draws from, for the 25 weights of 60 filters in 16 maps.
C3_LIMIT = math.sqrt(3 / (25 * 60 / 16))
PADDING = 2  # pixels on each side: 32x32 of 28x28
BACKGROUND, FOREGROUND = -0.1, 1.175  # mean about 0, variance about 1
# Squared distance at which an image is as likely to be none of the digits: equation
# 9's j. The paper does not give it; no two prototypes are that close to each other.
RUBBISH = 20.0


def pad(images: tf.Tensor) -> tf.Tensor:
    """Scales images [batch, side, side] in 0..1, with background on all sides."""
    padded = tf.pad(images, [[0, 0], [PADDING, PADDING], [PADDING, PADDING]])
    return padded * (FOREGROUND - BACKGROUND) + BACKGROUND


def conv(maps: tf.Tensor, filters: int, name: str) -> tf.Tensor:
    """Squashes 5x5 convolutions of all maps, without padding."""
    return compat.layers().conv2d(
        maps,
        filters,
        5,
        activation=scaled_tanh,
        kernel_initializer=fan_in_initializer(),
        name=name,
    )


def dense(inputs: tf.Tensor, units: int, name: str) -> tf.Tensor:
    """Squashes a dense layer: [batch, n] -> [batch, units]."""
    return compat.layers().dense(
        inputs,
        units,
        activation=scaled_tanh,
        kernel_initializer=fan_in_initializer(),
        name=name,
    )


def fan_in_initializer() -> tf.compat.v1.keras.initializers.Initializer:
    """Returns that of LeCun et al. 1998, Efficient BackProp: sums keep variance 1."""
    return tf1.variance_scaling_initializer(mode="fan_in", distribution="uniform")


def scaled_tanh(tensor: tf.Tensor) -> tf.Tensor:
    """Squashes: near the identity at 0, +-1 at +-1, greatest curvature there."""
    return 1.7159 * tf.tanh(2 / 3 * tensor)


def subsample(maps: tf.Tensor, name: str) -> tf.Tensor:
    """Squashes means of 2x2, times a coefficient, plus a bias, both one per map.

    Maps [batch, height, width, maps] -> [batch, height // 2, width // 2, maps].
    """
    count = maps.shape[-1]
    with tf1.variable_scope(name):
        coefficient = tf1.get_variable(
            "coefficient", [count], initializer=tf1.ones_initializer()
        )
        bias = tf1.get_variable("bias", [count], initializer=tf1.zeros_initializer())
    means = tf.nn.avg_pool2d(maps, 2, 2, "VALID")
    return scaled_tanh(means * coefficient + bias)


def sparse_conv(maps: tf.Tensor, name: str) -> tf.Tensor:
    """Squashes 5x5 convolutions, each of the maps that C3_SEES names, without padding.

    Maps [batch, height, width, 6] -> [batch, height - 4, width - 4, 16].
    """
    pairs = [(seen, i) for i, all_seen in enumerate(C3_SEES) for seen in all_seen]
    shape = [maps.shape[-1], len(C3_SEES), 5, 5]
    with tf1.variable_scope(name):
        # One filter per connection: every weight is trained.
        kernel = tf1.get_variable(
            "kernel",
            [len(pairs), 5, 5],
            initializer=tf1.random_uniform_initializer(-C3_LIMIT, C3_LIMIT),
        )
        bias = tf1.get_variable(
            "bias", [len(C3_SEES)], initializer=tf1.zeros_initializer()
        )
    filters = tf.transpose(tf.scatter_nd(pairs, kernel, shape), [2, 3, 0, 1])
    return scaled_tanh(tf.nn.conv2d(maps, filters, 1, "VALID") + bias)


def distances(features: tf.Tensor) -> tf.Tensor:
    """Returns squared distances [batch, 10] of [batch, 84] to the prototypes."""
    differences = features[:, tf.newaxis] - prototypes.digits()  # [batch, 10, 84]
    return tf.reduce_sum(tf.square(differences), axis=2)


def map_loss(distances: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Returns the mean of y_D + log(exp(-j) + sum exp(-y_i)), D the right class.

    This is the cross-entropy among ten digits and rubbish, whose distance j is RUBBISH.

    Args:
      distances: float32 [batch, 10], the paper's y.
      labels: int [batch].
    """
    rubbish = tf.fill([tf.shape(distances)[0], 1], -RUBBISH)
    logits = tf.concat([-distances, rubbish], axis=1)
    return tf1.losses.sparse_softmax_cross_entropy(labels, logits)


def mean_distance(distances: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Returns the mean distance to the right prototype; arguments as of map_loss."""
    return tf1.losses.compute_weighted_loss(
        tf.gather(distances, labels, axis=1, batch_dims=1)
    )


# By the name of the head.
LOSSES = {"rbf": map_loss, "rbf_mse": mean_distance}
