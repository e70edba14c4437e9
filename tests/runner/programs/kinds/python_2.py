#!/usr/bin/env python
# -*- coding: utf-8 -*-
"""Softmax regression on digits, of 2016."""
import cPickle as pickle
import os
import string
import sys
import urllib2
from itertools import izip

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

reload(sys)
sys.setdefaultencoding('utf-8')

flags = tf.app.flags
flags.DEFINE_integer('max_steps', 101, 'Number of steps.')
flags.DEFINE_integer('batch_size', 100, 'Examples in a batch.')
FLAGS = flags.FLAGS


class Batches(object):
	"""Endless batches. (This class is indented by tabs.)"""

	def __init__(self, images, labels):
		self.images, self.labels = images, labels
		self.start = 0

	def __iter__(self):
		return self

        def next(self):
		if self.start + FLAGS.batch_size > len(self.images):
			self.start = 0
		rows = slice(self.start, self.start + FLAGS.batch_size)
		self.start += FLAGS.batch_size
		return self.images[rows], self.labels[rows]


def save(name, (images, labels)):
    with open(name, 'wb') as f:
        pickle.dump({'images': images, 'labels': labels}, f, 2)


def load(name):
    with open(name, 'rb') as f:
        found = pickle.load(f)
    if not found.has_key('images'):
        raise ValueError, 'no images in %s' % name
    return found['images'], found['labels']


def main(_):
    digits = load_digits()
    images = digits.images.reshape([-1, 64])
    images /= 16
    half = len(images) / 2
    print 'half of', len(images), 'is', half
    save('digits.pkl', (images[:half], digits.target[:half]))
    images_of_training, labels_of_training = load('digits.pkl')

    x = tf.placeholder(tf.float32, [None, 64])
    y = tf.placeholder(tf.int64, [None])
    logits = tf.layers.dense(x, 10, name=u'logits')
    loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
    step = tf.train.AdamOptimizer(0.05).minimize(loss)
    hits = tf.equal(tf.argmax(logits, 1), y)

    shapes = map(lambda v: v.get_shape().as_list(), tf.trainable_variables())
    names = map(lambda v: v.op.name, tf.trainable_variables())
    pairs = zip(names, shapes)
    pairs.sort(key=lambda (name, shape): -len(shape))
    print pairs[0], `len(pairs)`

    batches = Batches(images_of_training, labels_of_training)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in xrange(FLAGS.max_steps):
            batch_x, batch_y = batches.next()
            feed = dict(izip([x, y], [batch_x, batch_y]))
            _, value = sess.run([step, loss], feed)
            if not i % 50:
                print >> sys.stderr, 'step', i, 'loss %.3f' % value
        right = sess.run(hits, {x: images[half:], y: digits.target[half:]})
    percents = {'right': 100 * right.sum() / right.size}
    for key, value in percents.iteritems():
        print key, value, '%', isinstance(key, basestring), unicode(key),
    print string.letters[:3], 07, 10L <> 9, sorted([3, 1, 2], cmp=lambda a, b: cmp(b, a))
    try:
        urllib2.urlopen('file:///no/such/file')
    except (urllib2.URLError, OSError), error:
        print 'no file:', error.__class__.__name__
    print range(3) + filter(None, [0, 3]), percents.keys()[0]
    n = 7
    n /= 2
    print n, -7 / 2, 7 / 2., len(pairs) / 2 * 1.5


if __name__ == '__main__':
    tf.app.run()
