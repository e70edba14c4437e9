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
