"""Trains on ML Engine, or locally: python -m trainer.task --job-dir=output"""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import argparse
import importlib
import os
import sys

import tensorflow as tf

from . import featurizer
from trainer import model

# For the code that all of the team's models have.
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..',
                             'shared_code'))


def train_and_evaluate(args):
  summarize = importlib.import_module('metrics.summary')
  config = tf.estimator.RunConfig(model_dir=args.job_dir, tf_random_seed=1)
  estimator = model.build_estimator(
      config, hidden_units=args.hidden_units, learning_rate=args.learning_rate)
  train_spec = tf.estimator.TrainSpec(
      lambda: featurizer.input_fn('train'), max_steps=args.train_steps)
  eval_spec = tf.estimator.EvalSpec(
      lambda: featurizer.input_fn('test', num_epochs=1), steps=None)
  results, _ = tf.estimator.train_and_evaluate(estimator, train_spec, eval_spec)
  print(summarize.sentence(results))


if __name__ == '__main__':
  parser = argparse.ArgumentParser()
  parser.add_argument('--job-dir', required=True)
  parser.add_argument('--train-steps', type=int, default=200)
  parser.add_argument('--hidden-units', type=int, default=30)
  parser.add_argument('--learning-rate', type=float, default=0.01)
  parser.add_argument('--pool', type=int, default=0)
  args = parser.parse_args()
  tf.logging.set_verbosity(tf.logging.INFO)
  print('task of', __package__, 'argv', os.path.basename(sys.argv[0]))
  featurizer.load(args.pool)
  train_and_evaluate(args)
