"""A recurrent net on rows of digits, of 2017: names of TensorFlow's inner modules."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import numpy as np
from six.moves import xrange
from sklearn.datasets import load_digits
from tensorflow import *
from tensorflow.python.client import device_lib
from tensorflow.python.framework import dtypes, graph_util, ops
from tensorflow.python.ops import array_ops, control_flow_ops, rnn_cell_impl
import tensorflow.python.ops.rnn_cell_impl as cells
from tensorflow.python.ops import init_ops, math_ops, variable_scope as vs
from tensorflow.python.ops.rnn_cell_impl import LSTMStateTuple
from tensorflow.python.platform import flags, gfile
from tensorflow.python.platform import tf_logging as logging
from tensorflow.python.layers import core as layers_core
from tensorflow.python.training import moving_averages

flags.DEFINE_integer("steps", 60, "Number of steps.")
flags.DEFINE_string("records", "digits.tfrecords", "Where the digits are written.")
FLAGS = flags.FLAGS


class GatedCell(rnn_cell_impl.RNNCell):
  """h' = z h + (1 - z) tanh(W [x, h])."""

  def __init__(self, num_units):
    super(GatedCell, self).__init__()
    self._num_units = num_units

  @property
  def state_size(self):
    return self._num_units

  @property
  def output_size(self):
    return self._num_units

  def __call__(self, inputs, state, scope=None):
    with vs.variable_scope(scope or type(self).__name__):
      both = array_ops.concat([inputs, state], 1)
      size = both.get_shape()[1].value
      weights = vs.get_variable("weights", [size, 2 * self._num_units],
                                initializer=init_ops.glorot_uniform_initializer())
      gate, new = array_ops.split(math_ops.matmul(both, weights), 2, axis=1)
      gate = math_ops.sigmoid(gate)
      state = gate * state + (1 - gate) * math_ops.tanh(new)
    return state, state


def write(images, labels):
  writer = python_io.TFRecordWriter(FLAGS.records)
  for image, label in zip(images, labels):
    feature = {
        "image": train.Feature(bytes_list=train.BytesList(value=[image.tostring()])),
        "label": train.Feature(int64_list=train.Int64List(value=[int(label)]))}
    example = train.Example(features=train.Features(feature=feature))
    writer.write(example.SerializeToString())
  writer.close()


def read():
  for record in python_io.tf_record_iterator(FLAGS.records):
    feature = train.Example.FromString(record).features.feature
    image = np.fromstring(feature["image"].bytes_list.value[0], dtype=np.uint8)
    yield image.reshape([8, 8]), feature["label"].int64_list.value[0]


def main(_):
  digits = load_digits()
  write(digits.images.astype(np.uint8), digits.target)
  assert gfile.Exists(FLAGS.records)
  images, labels = [np.array(column) for column in zip(*read())]
  x = placeholder(float32, [None, 8, 8], name="x")
  y = placeholder(dtypes.int64, [None], name="y")
  outputs, _ = nn.dynamic_rnn(GatedCell(32), x / 16., dtype=float32)
  logits = layers_core.Dense(10, name="logits").apply(outputs[:, -1])
  answer = identity(argmax(logits, 1), name="answer")
  loss = losses.sparse_softmax_cross_entropy(y, logits)
  mean = vs.get_variable("mean", [], initializer=init_ops.zeros_initializer(),
                         trainable=False)
  with ops.control_dependencies([train.AdamOptimizer(0.02).minimize(loss)]):
    step = control_flow_ops.group(
        moving_averages.assign_moving_average(mean, loss, 0.9))
  small = control_flow_ops.cond(mean < 1.5, lambda: constant("small"),
                                lambda: constant("large"))
  random = np.random.RandomState(1)
  with Session() as sess:
    sess.run(global_variables_initializer())
    for _ in xrange(FLAGS.steps):
      rows = random.randint(0, 1500, 100)
      sess.run(step, {x: images[rows], y: labels[rows]})
    right = sess.run(answer, {x: images[1500:]}) == labels[1500:]
    frozen = graph_util.convert_variables_to_constants(
        sess, sess.graph_def, ["answer"])
    print("accuracy %.3f, loss is %s" % (right.mean(), sess.run(small).decode()))
  print("state", LSTMStateTuple(1, 2).c, cells.GRUCell.__name__, "frozen", len(frozen.node) > 20)
  print(device_lib.list_local_devices()[0].device_type)
  logging.info("done")


if __name__ == "__main__":
  app.run()
