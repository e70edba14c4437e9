"""A tf.keras model trained by the Estimator API, in the manner of 2018 and 2019."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import os
import shutil

import numpy as np
import tensorflow as tf
from tensorflow import keras

tf.logging.set_verbosity(tf.logging.INFO)

tf.app.flags.DEFINE_string('model_dir', '/tmp/keras_estimator', 'Where to save.')
tf.app.flags.DEFINE_integer('steps', 200, 'Steps to train.')
FLAGS = tf.app.flags.FLAGS


def build_model():
  model = keras.models.Sequential()
  model.add(keras.layers.Dense(64, activation='relu', input_shape=(784,),
                               name='image'))
  model.add(keras.layers.Dropout(0.2))
  model.add(keras.layers.Dense(10, activation='softmax', name='digit'))
  model.compile(loss='categorical_crossentropy',
                optimizer=tf.train.AdamOptimizer(learning_rate=0.001),
                metrics=['accuracy'])
  return model


def input_fn(images, labels, epochs, batch_size):
  dataset = tf.data.Dataset.from_tensor_slices(({'image_input': images}, labels))
  dataset = dataset.repeat(epochs).batch(batch_size)
  return dataset.make_one_shot_iterator().get_next()


def serving_input_receiver_fn():
  images = tf.placeholder(tf.float32, [None, 784], name='images')
  return tf.estimator.export.ServingInputReceiver(
      {'image_input': images}, {'images': images})


def main(_):
  (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
  x_train = x_train.reshape(-1, 784).astype(np.float32) / 255
  x_test = x_test.reshape(-1, 784).astype(np.float32) / 255
  y_train = keras.utils.to_categorical(y_train, 10)
  y_test = keras.utils.to_categorical(y_test, 10)

  shutil.rmtree(FLAGS.model_dir, ignore_errors=True)
  config = tf.estimator.RunConfig(tf_random_seed=1, save_checkpoints_steps=100,
                                  model_dir=FLAGS.model_dir)
  estimator = keras.estimator.model_to_estimator(
      keras_model=build_model(), config=config)

  train_spec = tf.estimator.TrainSpec(
      input_fn=lambda: input_fn(x_train, y_train, None, 64),
      max_steps=FLAGS.steps)
  exporter = tf.estimator.LatestExporter('latest', serving_input_receiver_fn)
  eval_spec = tf.estimator.EvalSpec(
      input_fn=lambda: input_fn(x_test, y_test, 1, 100), steps=None,
      exporters=exporter, throttle_secs=0)
  tf.estimator.train_and_evaluate(estimator, train_spec, eval_spec)

  # The same folder goes on with a model made anew.
  estimator = tf.keras.estimator.model_to_estimator(
      keras_model=build_model(), model_dir=FLAGS.model_dir)
  scores = estimator.evaluate(lambda: input_fn(x_test, y_test, 1, 100))
  print('Eval:', sorted(scores))
  print('step {:d}, accuracy {:.3f}'.format(scores['global_step'], scores['acc']))

  predictions = estimator.predict(lambda: input_fn(x_test, y_test, 1, 100))
  digits = [np.argmax(p['digit']) for p in predictions]
  print('predicted {:.3f}'.format(np.mean(digits == np.argmax(y_test, axis=1))))
  print(sorted(os.listdir(os.path.join(FLAGS.model_dir, 'export'))))


if __name__ == '__main__':
  tf.app.run()
