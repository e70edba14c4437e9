"""tf.data, a Keras model inside a model_fn, train_and_evaluate and exporters."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import os

import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

tf.flags.DEFINE_string('model_dir', '/tmp/mnist_model', 'Model directory.')
tf.flags.DEFINE_integer('train_steps', 2000, 'Steps to train.')
FLAGS = tf.flags.FLAGS


def create_model():
  l = tf.keras.layers
  return tf.keras.Sequential([
      l.Reshape((28, 28, 1), input_shape=(28 * 28,)),
      l.Conv2D(8, 5, padding='same', activation=tf.nn.relu),
      l.MaxPooling2D((2, 2), (2, 2), padding='same'),
      l.Flatten(),
      l.Dense(64, activation=tf.nn.relu),
      l.Dropout(0.4),
      l.Dense(10),
  ])


def model_fn(features, labels, mode, params):
  image = features['image'] if isinstance(features, dict) else features
  logits = create_model()(image, training=mode == tf.estimator.ModeKeys.TRAIN)
  predictions = {
      'classes': tf.argmax(logits, axis=1),
      'probabilities': tf.nn.softmax(logits),
  }
  if mode == tf.estimator.ModeKeys.PREDICT:
    return tf.estimator.EstimatorSpec(
        mode=mode, predictions=predictions,
        export_outputs={
            'classify': tf.estimator.export.PredictOutput(predictions)})

  loss = tf.losses.sparse_softmax_cross_entropy(labels=labels, logits=logits)
  accuracy = tf.metrics.accuracy(labels, predictions['classes'])
  tf.identity(accuracy[1], name='train_accuracy')
  tf.summary.scalar('train_accuracy', accuracy[1])
  optimizer = tf.train.AdamOptimizer(params['learning_rate'])
  train_op = optimizer.minimize(loss, tf.train.get_or_create_global_step())
  return tf.estimator.EstimatorSpec(
      mode=mode, loss=loss, train_op=train_op,
      eval_metric_ops={'accuracy': accuracy})


def dataset(data):
  return tf.data.Dataset.from_tensor_slices(
      (data.images, data.labels.astype('int32')))


def main(_):
  mnist = input_data.read_data_sets('/tmp/mnist_data')

  def train_input_fn():
    ds = dataset(mnist.train).apply(
        tf.contrib.data.shuffle_and_repeat(buffer_size=1000))
    return ds.batch(100).prefetch(1)

  def eval_input_fn():
    ds = dataset(mnist.test).batch(100)
    return ds.make_one_shot_iterator().get_next()

  serving_input_fn = tf.estimator.export.build_raw_serving_input_receiver_fn(
      {'image': tf.placeholder(tf.float32, [None, 784])})
  config = tf.estimator.RunConfig(
      model_dir=FLAGS.model_dir, save_checkpoints_steps=FLAGS.train_steps // 2)
  classifier = tf.estimator.Estimator(
      model_fn, config=config, params={'learning_rate': 1e-3})
  metrics, exported = tf.estimator.train_and_evaluate(
      classifier,
      tf.estimator.TrainSpec(train_input_fn, max_steps=FLAGS.train_steps),
      tf.estimator.EvalSpec(
          eval_input_fn, steps=None, start_delay_secs=0, throttle_secs=0,
          exporters=[
              tf.estimator.LatestExporter('latest', serving_input_fn),
              tf.estimator.FinalExporter('final', serving_input_fn)]))
  print('Accuracy: %.4f' % metrics['accuracy'])
  for name in ('latest', 'final'):
    folder = os.path.join(FLAGS.model_dir, 'export', name)
    print(name, len(os.listdir(folder)))


if __name__ == '__main__':
  tf.logging.set_verbosity(tf.logging.INFO)
  tf.app.run()
