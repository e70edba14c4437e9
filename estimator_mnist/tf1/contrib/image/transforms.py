"""Projective transforms of images.

A transform is (a0, a1, a2, b0, b1, b2, c0, c1): the pixel (x, y) of the output is that
at ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) of the input, k = c0 x + c1 y + 1.
Angles are in radians, counterclockwise; translations in pixels, right and down.
"""

from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1


def rotate(
    images: tf.Tensor,
    angles: Any,
    interpolation: str = "NEAREST",
    name: str | None = None,
) -> tf.Tensor:
    """Returns images rotated about their centres, as large as before.

    Args:
      images: [n, height, width, channels], [height, width, channels] or
        [height, width].
      angles: one, or [n].
      interpolation: "NEAREST" or "BILINEAR".
      name: of the scope.
    """
    with tf1.name_scope(name, "rotate"):
        images = tf.convert_to_tensor(images)
        shape = tf.shape(_batch(images))
        turns = angles_to_projective_transforms(
            angles, tf.cast(shape[1], tf.float32), tf.cast(shape[2], tf.float32)
        )
        return transform(images, turns, interpolation)


def translate(
    images: tf.Tensor,
    translations: Any,
    interpolation: str = "NEAREST",
    name: str | None = None,
) -> tf.Tensor:
    """Returns images moved by [dx, dy], or by [n, 2]; zeros come in."""
    with tf1.name_scope(name, "translate"):
        moves = translations_to_projective_transforms(translations)
        return transform(images, moves, interpolation)


def transform(
    images: tf.Tensor,
    transforms: Any,
    interpolation: str = "NEAREST",
    output_shape: Any = None,
    name: str | None = None,
) -> tf.Tensor:
    """Returns images transformed; what comes from outside is 0.

    Args:
      images: as of `rotate`.
      transforms: [8] or [n, 8].
      interpolation: "NEAREST" or "BILINEAR".
      output_shape: int [2], height and width; None: those of the images.
      name: of the scope.

    Raises:
      ValueError: images or transforms have another rank.
    """
    with tf1.name_scope(name, "transform"):
        images = tf.convert_to_tensor(images)
        batch = _batch(images)
        size = tf.shape(batch)[1:3] if output_shape is None else output_shape
        made = tf.raw_ops.ImageProjectiveTransformV3(
            images=batch,
            transforms=_matrix(transforms, 8, "Transforms"),
            output_shape=tf.cast(size, tf.int32),
            fill_value=0.0,
            interpolation=interpolation.upper(),
            fill_mode="CONSTANT",
        )
        static = tf.get_static_value(tf.convert_to_tensor(size))
        if static is not None:
            made.set_shape([None, *map(int, static), None])
        if output_shape is None:
            made.set_shape(batch.shape)
        if images.shape.rank == 2:
            return made[0, :, :, 0]
        return made[0] if images.shape.rank == 3 else made


def angles_to_projective_transforms(
    angles: Any, image_height: Any, image_width: Any, name: str | None = None
) -> tf.Tensor:
    """Returns transforms [n, 8] that rotate images of that size by [n] angles."""
    with tf1.name_scope(name, "angles_to_projective_transforms"):
        angles = tf.reshape(tf.convert_to_tensor(angles, tf.float32), [-1])
        cos, sin = tf.cos(angles), tf.sin(angles)
        x = (tf.cast(image_width, tf.float32) - 1.0) / 2.0
        y = (tf.cast(image_height, tf.float32) - 1.0) / 2.0
        zero = tf.zeros_like(angles)
        across, down = x - (x * cos - y * sin), y - (x * sin + y * cos)
        return tf.stack([cos, -sin, across, sin, cos, down, zero, zero], 1)


def translations_to_projective_transforms(
    translations: Any, name: str | None = None
) -> tf.Tensor:
    """Returns transforms [n, 8] of translations [2] or [n, 2]."""
    with tf1.name_scope(name, "translations_to_projective_transforms"):
        dx, dy = tf.unstack(_matrix(translations, 2, "Translations"), axis=1)
        one, zero = tf.ones_like(dx), tf.zeros_like(dx)
        return tf.stack([one, zero, -dx, zero, one, -dy, zero, zero], 1)


def compose_transforms(*transforms: Any) -> tf.Tensor:
    """Returns the transforms [n, 8] that do the given ones, the first of them first.

    Raises:
      ValueError: none is given.
    """
    if not transforms:
        raise ValueError("compose_transforms needs at least one transform")
    made = _square(transforms[0])
    for each in transforms[1:]:
        made = tf.matmul(made, _square(each))
    flat = tf.reshape(made, [-1, 9])
    return flat[:, :8] / flat[:, 8:]


def _square(transforms: Any) -> tf.Tensor:
    """Returns matrices [n, 3, 3]."""
    flat = _matrix(transforms, 8, "Transforms")
    return tf.reshape(tf.concat([flat, tf.ones_like(flat[:, :1])], 1), [-1, 3, 3])


def _matrix(given: Any, size: int, what: str) -> tf.Tensor:
    tensor = tf.convert_to_tensor(given, tf.float32)
    if tensor.shape.rank not in (1, 2):
        raise ValueError(
            f"{what} should have rank 1 or 2, [{size}] or [n, {size}], but got rank "
            f"{tensor.shape.rank}."
        )
    return tf.reshape(tensor, [-1, size])


def _batch(images: tf.Tensor) -> tf.Tensor:
    """Returns images [n, height, width, channels]."""
    if images.shape.rank == 2:
        return images[None, :, :, None]
    if images.shape.rank == 3:
        return images[None]
    if images.shape.rank == 4:
        return images
    raise ValueError(f"Images should have rank between 2 and 4, not {images.shape}.")
