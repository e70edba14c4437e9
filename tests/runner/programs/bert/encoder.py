"""A small Transformer encoder of two segments of text."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import json
import math
import re

import tensorflow as tf


class EncoderConfig(object):
  """Sizes of an encoder, from a JSON file."""

  def __init__(self, vocab_size, hidden_size=32, num_layers=2, num_heads=2,
               intermediate_size=64, dropout=0.1, max_positions=64,
               num_segments=2, stddev=0.02, seed=None):
    self.vocab_size = vocab_size
    self.hidden_size = hidden_size
    self.num_layers = num_layers
    self.num_heads = num_heads
    self.intermediate_size = intermediate_size
    self.dropout = dropout
    self.max_positions = max_positions
    self.num_segments = num_segments
    self.stddev = stddev
    self.seed = seed

  @classmethod
  def from_file(cls, path):
    with tf.gfile.GFile(path, "r") as reader:
      return cls(**json.loads(reader.read()))


def initializer(config):
  return tf.truncated_normal_initializer(
      stddev=config.stddev, seed=config.seed)


def gelu(x):
  return 0.5 * x * (1.0 + tf.erf(x / tf.sqrt(2.0)))


def dropout(x, rate, seed=None):
  if not rate:
    return x
  return tf.nn.dropout(x, 1.0 - rate, seed=seed)


def normalize(x):
  return tf.contrib.layers.layer_norm(
      inputs=x, begin_norm_axis=-1, begin_params_axis=-1, scope="LayerNorm")


def dense(x, units, config, name, activation=None):
  return tf.layers.dense(
      x, units, activation=activation, name=name,
      kernel_initializer=initializer(config))


def embed(ids, segments, config, rate):
  with tf.variable_scope("embeddings"):
    words = tf.get_variable(
        "word_embeddings", [config.vocab_size, config.hidden_size],
        initializer=initializer(config))
    kinds = tf.get_variable(
        "token_type_embeddings", [config.num_segments, config.hidden_size],
        initializer=initializer(config))
    places = tf.get_variable(
        "position_embeddings", [config.max_positions, config.hidden_size],
        initializer=initializer(config))
    length = ids.shape[1].value
    one_hot = tf.one_hot(segments, depth=config.num_segments)
    with tf.control_dependencies(
        [tf.assert_less_equal(length, config.max_positions)]):
      of_places = tf.slice(places, [0, 0], [length, -1])
    total = (tf.nn.embedding_lookup(words, ids)
             + tf.tensordot(one_hot, kinds, [[2], [0]])
             + tf.expand_dims(of_places, 0))
    return dropout(normalize(total), rate, config.seed)


def split_heads(x, config):
  size = config.hidden_size // config.num_heads
  length = x.shape[1].value
  x = tf.reshape(x, [-1, length, config.num_heads, size])
  return tf.transpose(x, [0, 2, 1, 3])


def attend(x, mask, config, rate):
  size = config.hidden_size // config.num_heads
  query = split_heads(dense(x, config.hidden_size, config, "query"), config)
  key = split_heads(dense(x, config.hidden_size, config, "key"), config)
  value = split_heads(dense(x, config.hidden_size, config, "value"), config)
  scores = tf.matmul(query, key, transpose_b=True) / math.sqrt(float(size))
  hidden = (1.0 - tf.cast(mask[:, tf.newaxis, tf.newaxis, :], tf.float32))
  weights = dropout(tf.nn.softmax(scores - 10000.0 * hidden), rate, config.seed)
  context = tf.transpose(tf.matmul(weights, value), [0, 2, 1, 3])
  return tf.reshape(context, [-1, x.shape[1].value, config.hidden_size])


def encode(ids, mask, segments, config, is_training, scope="bert"):
  """Returns the sequence [batch, length, hidden] and what is pooled of it."""
  rate = config.dropout if is_training else 0.0
  with tf.variable_scope(scope):
    x = embed(ids, segments, config, rate)
    with tf.variable_scope("encoder"):
      for number in range(config.num_layers):
        with tf.variable_scope("layer_%d" % number):
          with tf.variable_scope("attention"):
            with tf.variable_scope("self"):
              attention = attend(x, mask, config, rate)
            with tf.variable_scope("output"):
              attention = dense(attention, config.hidden_size, config, "dense")
              attention = dropout(attention, rate, config.seed)
              x = normalize(attention + x)
          with tf.variable_scope("intermediate"):
            wide = dense(x, config.intermediate_size, config, "dense", gelu)
          with tf.variable_scope("output"):
            narrow = dense(wide, config.hidden_size, config, "dense")
            x = normalize(dropout(narrow, rate, config.seed) + x)
    with tf.variable_scope("pooler"):
      first = tf.squeeze(x[:, 0:1, :], axis=1)
      pooled = dense(first, config.hidden_size, config, "dense", tf.tanh)
  return x, pooled


def map_of_checkpoint(variables, checkpoint):
  """Returns names in the checkpoint -> names of variables, and the latter."""
  names = [re.sub(r":\d+$", "", v.name) for v in variables]
  saved = [name for name, _ in tf.train.list_variables(checkpoint)]
  mapped = {name: name for name in saved if name in names}
  return mapped, set(mapped.values())
