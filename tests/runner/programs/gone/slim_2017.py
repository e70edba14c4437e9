import tensorflow as tf
import tensorflow.contrib.slim as slim  # gone

images = tf.placeholder(tf.float32, [None, 28, 28, 1])
net = slim.conv2d(images, 32, [5, 5], scope='conv1')
