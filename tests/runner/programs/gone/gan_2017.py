import tensorflow as tf
import tensorflow.contrib.gan as tfgan  # gone

images = tf.placeholder(tf.float32, [None, 28, 28, 1])
model = tfgan.gan_model(None, None, images, images)
