"""Pictures turned and moved, as for augmentation in 2018."""
import numpy as np
import tensorflow as tf
from tensorflow.contrib import image
from tensorflow.contrib.image.python.ops import image_ops

picture = np.arange(9, dtype=np.float32).reshape(3, 3)
turned = tf.contrib.image.rotate(picture, np.pi / 2, interpolation="BILINEAR")
moved = image_ops.translate(picture[None, :, :, None], [1, 0])
both = image.transform(picture, image.compose_transforms(
    image.angles_to_projective_transforms(0.3, 3, 3),
    image.angles_to_projective_transforms(-0.3, 3, 3)))

with tf.Session() as sess:
    print("turned %s" % np.allclose(sess.run(turned), np.rot90(picture), atol=1e-4))
    print("moved %s" % sess.run(moved)[0, 0, :, 0].tolist())
    print("back %s" % np.array_equal(sess.run(both), picture))
