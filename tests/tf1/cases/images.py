"""tf.contrib.image and tf.contrib.nn."""

import numpy as np

IMAGES = np.sin(np.arange(2 * 4 * 5 * 2)).reshape(2, 4, 5, 2).astype(np.float32)


def rotations(tf):
    image, images = tf.contrib.image, tf.constant(IMAGES)
    return [
        image.rotate(images, 0.7),
        image.rotate(images, [0.5, -1.1], interpolation="BILINEAR"),
        image.rotate(images[0], np.pi / 2),
        image.rotate(images[0, :, :, 0], 2.0, "BILINEAR"),
        image.angles_to_projective_transforms([0.3, 1.0], 4, 5),
    ]


def translations(tf):
    image, images = tf.contrib.image, tf.constant(IMAGES)
    moves = image.translations_to_projective_transforms([[1, 2], [0, -1]])
    turns = image.angles_to_projective_transforms([0.3], 4, 5)
    return [
        image.translate(images, [1, -2]),
        image.translate(images, [[0.5, 1], [1, 0]], "BILINEAR"),
        moves,
        image.compose_transforms(turns, moves[:1]),
    ]


def transforms(tf):
    image, images = tf.contrib.image, tf.constant(IMAGES)
    sheared = [1, 0.5, 0.2, 0.1, 1, -0.3, 0.01, 0.02]
    bilinear = image.transform(images, sheared, "BILINEAR")
    return [
        image.transform(images, sheared, output_shape=[3, 6]),
        bilinear,
        tf.gradients(bilinear, images),
        image.transform(tf.cast(images * 100, tf.int32), [sheared, sheared]),
    ]


def functions(tf):
    nn, images = tf.contrib.nn, tf.constant(IMAGES)
    ids = np.zeros([2, 4, 5], np.int32)
    return [
        nn.alpha_dropout(images, 0.7, seed=3),
        nn.alpha_dropout(images, 0.5, noise_shape=[2, 1, 5, 2], seed=3),
        nn.scaled_softplus(images, 0.5),
        nn.scaled_softplus(images, 2.0, clip=1.5),
        nn.nth_element(images, 1),
        nn.nth_element(images[..., 0], 1, reverse=True),
        nn.deprecated_flipped_softmax_cross_entropy_with_logits(images, images**2),
        nn.deprecated_flipped_sparse_softmax_cross_entropy_with_logits(images, ids),
        nn.deprecated_flipped_sigmoid_cross_entropy_with_logits(images, images**2),
        nn.conv1d_transpose(images[0], tf.ones([3, 2, 2]), [4, 10, 2], 2),
    ]
