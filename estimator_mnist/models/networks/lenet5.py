"""LeNet-5 as published: LeCun, Bottou, Bengio and Haffner 1998, section II.B."""

import math

import tensorflow as tf

from estimator_mnist import compat
from estimator_mnist.models import prototypes
from estimator_mnist.models.layers import CLASSES, Network, flatten, initializer

tf1 = tf.compat.v1

# What takes F6: distances to the prototypes, trained by the maximum a posteriori
# criterion (equation 9) or by their mean (equation 8), or a dense layer as today.
HEADS = ("rbf", "rbf_mse", "softmax")
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
# 9's j. The paper does not tell it; no two prototypes are so near each other.
RUBBISH = 20.0


def network(images: tf.Tensor, params: dict, training: bool) -> Network:
    """Images [batch, side, side] float32 -> Network; shapes below for a side of 28.

    params: head, one of HEADS.
    """
    del training
    layers = compat.layers()
    squashed = {"activation": scaled_tanh, "kernel_initializer": fan_in_initializer()}
    image = tf.pad(images, [[0, 0], [PADDING, PADDING], [PADDING, PADDING]])
    image = image * (FOREGROUND - BACKGROUND) + BACKGROUND  # [batch, 32, 32]
    c1 = layers.conv2d(image[..., tf.newaxis], 6, 5, name="c1", **squashed)
    s2 = subsample(c1, "s2")  # [batch, 14, 14, 6] of [batch, 28, 28, 6]
    c3 = sparse_conv(s2, "c3")  # [batch, 10, 10, 16]
    s4 = subsample(c3, "s4")  # [batch, 5, 5, 16]
    c5 = layers.conv2d(s4, 120, 5, name="c5", **squashed)  # [batch, 1, 1, 120]
    f6 = layers.dense(flatten(c5), 84, name="f6", **squashed)  # [batch, 84]
    if params["head"] == "softmax":
        logits = layers.dense(
            f6, CLASSES, kernel_initializer=initializer(), name="output"
        )
        return Network(logits, penultimate=f6, activations=c1)
    distances = _distances(f6)  # [batch, 10]
    loss = {"rbf": _map_loss, "rbf_mse": _mean_distance}[params["head"]]
    return Network(-distances, f6, c1, loss=lambda labels: loss(distances, labels))


def fan_in_initializer():
    """LeCun et al. 1998, Efficient BackProp: with it sums keep the variance 1."""
    return tf1.variance_scaling_initializer(mode="fan_in", distribution="uniform")


def scaled_tanh(tensor: tf.Tensor) -> tf.Tensor:
    """Near the identity at 0, +-1 at +-1, greatest curvature there."""
    return 1.7159 * tf.tanh(2 / 3 * tensor)


def subsample(maps: tf.Tensor, name: str) -> tf.Tensor:
    """Squashed means of 2x2, times a coefficient, plus a bias, both one per map.

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
    """Squashed 5x5 convolutions, each of the maps that C3_SEES says, without padding.

    Maps [batch, height, width, 6] -> [batch, height - 4, width - 4, 16].
    """
    pairs = [(seen, i) for i, all_seen in enumerate(C3_SEES) for seen in all_seen]
    shape = [maps.shape[-1], len(C3_SEES), 5, 5]
    with tf1.variable_scope(name):
        # One filter per connection, so that none is there that is not trained.
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


def _distances(f6):
    """Squared Euclidean distances to the ten prototypes."""
    differences = f6[:, tf.newaxis] - prototypes.digits()  # [batch, 10, 84]
    return tf.reduce_sum(tf.square(differences), axis=2)


def _map_loss(distances, labels):
    """Mean of y_D + log(exp(-j) + sum exp(-y_i)), D the right class and j RUBBISH.

    Which is the cross-entropy among ten digits and rubbish.
    """
    rubbish = tf.fill([tf.shape(distances)[0], 1], -RUBBISH)
    logits = tf.concat([-distances, rubbish], axis=1)
    return tf1.losses.sparse_softmax_cross_entropy(labels, logits)


def _mean_distance(distances, labels):
    """Mean distance to the right prototype."""
    return tf1.losses.compute_weighted_loss(
        tf.gather(distances, labels, axis=1, batch_dims=1)
    )
