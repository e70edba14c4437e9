from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import multiprocessing

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

NUM_TEST = 300


def scale(image):
  """Runs in a pool: a graph of its own in each process."""
  with tf.Graph().as_default(), tf.Session() as sess:
    pixels = tf.placeholder(tf.float32, [8, 8])
    return sess.run(tf.reshape(pixels / 16., [64]), {pixels: image})


def load(pool_size=0):
  digits = load_digits()
  images = digits.images.reshape([-1, 64]).astype(np.float32) / 16
  if pool_size:
    pool = multiprocessing.get_context('spawn').Pool(pool_size)
    first = pool.map(scale, list(digits.images[:4]))
    pool.close()
    pool.join()
    np.testing.assert_allclose(first, images[:4])
  return images, digits.target.astype(np.int32)


def input_fn(split, batch_size=50, num_epochs=None):
  images, labels = load()
  part = slice(None, -NUM_TEST) if split == 'train' else slice(-NUM_TEST, None)
  dataset = tf.data.Dataset.from_tensor_slices(
      ({'pixels': images[part]}, labels[part]))
  if split == 'train':
    dataset = dataset.shuffle(2000, seed=1)
  dataset = dataset.repeat(num_epochs).batch(batch_size)
  return dataset.make_one_shot_iterator().get_next()
