"""Who earns more than 50K? Wide, deep, and wide & deep models (TensorFlow 1.8)."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import os
import random
import shutil

from absl import app as absl_app
from absl import flags
import tensorflow as tf  # pylint: disable=g-bad-import-order

_CSV_COLUMNS = [
    'age', 'workclass', 'fnlwgt', 'education', 'education_num',
    'marital_status', 'occupation', 'relationship', 'race', 'gender',
    'capital_gain', 'capital_loss', 'hours_per_week', 'native_country',
    'income_bracket'
]
_CSV_COLUMN_DEFAULTS = [[0], [''], [0], [''], [0], [''], [''], [''], [''], [''],
                        [0], [0], [0], [''], ['']]
_NUM_EXAMPLES = {'train': 1200, 'validation': 300}

_EDUCATION = ['11th', 'HS-grad', 'Some-college', 'Bachelors', 'Masters',
              'Doctorate']
_WORKCLASS = ['Private', 'Self-emp-not-inc', 'Federal-gov', '?']
_RELATIONSHIP = ['Husband', 'Wife', 'Own-child', 'Not-in-family', 'Unmarried']
_MARITAL = ['Married-civ-spouse', 'Never-married', 'Divorced']
_OCCUPATION = ['Sales', 'Craft-repair', 'Exec-managerial', 'Prof-specialty',
               'Armed-Forces', '?']

flags.DEFINE_string('data_dir', 'census_data', 'Where the CSV files are.')
flags.DEFINE_string('model_dir', 'census_model', 'Where the model goes.')
flags.DEFINE_string('export_dir', None, 'Where to export a SavedModel.')
flags.DEFINE_enum('model_type', 'wide_deep', ['wide', 'deep', 'wide_deep'], '')
flags.DEFINE_integer('train_epochs', 2, 'Epochs in all.')
flags.DEFINE_integer('epochs_between_evals', 1, 'Epochs between evaluations.')
flags.DEFINE_integer('batch_size', 40, 'Rows in a batch.')
FLAGS = flags.FLAGS


def make_file(path, rows, seed):
  """Writes people whose income hangs on age, education and hours."""
  rng = random.Random(seed)
  with tf.gfile.Open(path, 'w') as csv:
    for _ in range(rows):
      age, hours = rng.randint(17, 80), rng.randint(10, 70)
      schooling = rng.randrange(len(_EDUCATION))
      job = rng.choice(_OCCUPATION)
      score = (min(age, 50) - 35) / 10 + schooling - 2.5 + (hours - 40) / 15
      score += {'Exec-managerial': 1, 'Armed-Forces': -1}.get(job, 0)
      csv.write(','.join(str(value) for value in [
          age, rng.choice(_WORKCLASS), rng.randint(10000, 500000),
          _EDUCATION[schooling], schooling + 7, rng.choice(_MARITAL), job,
          rng.choice(_RELATIONSHIP), 'White', rng.choice(['Male', 'Female']),
          rng.choice([0, 0, 0, 5000]), 0, hours, 'United-States',
          '>50K' if score + rng.gauss(0, 0.7) > 0 else '<=50K']) + '\n')


def build_model_columns():
  """Builds a set of wide and deep feature columns."""
  age = tf.feature_column.numeric_column('age')
  education_num = tf.feature_column.numeric_column('education_num')
  capital_gain = tf.feature_column.numeric_column('capital_gain')
  capital_loss = tf.feature_column.numeric_column('capital_loss')
  hours_per_week = tf.feature_column.numeric_column('hours_per_week')

  education = tf.feature_column.categorical_column_with_vocabulary_list(
      'education', _EDUCATION)
  marital_status = tf.feature_column.categorical_column_with_vocabulary_list(
      'marital_status', _MARITAL)
  relationship = tf.feature_column.categorical_column_with_vocabulary_list(
      'relationship', _RELATIONSHIP[:4])
  workclass = tf.feature_column.categorical_column_with_vocabulary_list(
      'workclass', _WORKCLASS)
  occupation = tf.feature_column.categorical_column_with_hash_bucket(
      'occupation', hash_bucket_size=1000)
  age_buckets = tf.feature_column.bucketized_column(
      age, boundaries=[18, 25, 30, 35, 40, 45, 50, 55, 60, 65])

  base_columns = [
      education, marital_status, relationship, workclass, occupation,
      age_buckets,
  ]
  crossed_columns = [
      tf.feature_column.crossed_column(
          ['education', 'occupation'], hash_bucket_size=1000),
      tf.feature_column.crossed_column(
          [age_buckets, 'education', 'occupation'], hash_bucket_size=1000),
  ]
  wide_columns = base_columns + crossed_columns
  deep_columns = [
      age,
      education_num,
      capital_gain,
      capital_loss,
      hours_per_week,
      tf.feature_column.indicator_column(workclass),
      tf.feature_column.indicator_column(education),
      tf.feature_column.indicator_column(marital_status),
      tf.feature_column.indicator_column(relationship),
      tf.feature_column.embedding_column(occupation, dimension=8),
  ]
  return wide_columns, deep_columns


def build_estimator(model_dir, model_type):
  wide_columns, deep_columns = build_model_columns()
  hidden_units = [100, 75, 50, 25]
  run_config = tf.estimator.RunConfig().replace(
      session_config=tf.ConfigProto(device_count={'GPU': 0}))

  if model_type == 'wide':
    return tf.estimator.LinearClassifier(
        model_dir=model_dir,
        feature_columns=wide_columns,
        config=run_config)
  elif model_type == 'deep':
    return tf.estimator.DNNClassifier(
        model_dir=model_dir,
        feature_columns=deep_columns,
        hidden_units=hidden_units,
        config=run_config)
  else:
    return tf.estimator.DNNLinearCombinedClassifier(
        model_dir=model_dir,
        linear_feature_columns=wide_columns,
        dnn_feature_columns=deep_columns,
        dnn_hidden_units=hidden_units,
        config=run_config)


def input_fn(data_file, num_epochs, shuffle, batch_size):
  assert tf.gfile.Exists(data_file), '%s not found.' % data_file

  def parse_csv(value):
    tf.logging.info('Parsing {}'.format(data_file))
    columns = tf.decode_csv(value, record_defaults=_CSV_COLUMN_DEFAULTS)
    features = dict(zip(_CSV_COLUMNS, columns))
    labels = features.pop('income_bracket')
    return features, tf.equal(labels, '>50K')

  dataset = tf.data.TextLineDataset(data_file)
  if shuffle:
    dataset = dataset.shuffle(buffer_size=_NUM_EXAMPLES['train'])
  dataset = dataset.map(parse_csv, num_parallel_calls=5)
  dataset = dataset.repeat(num_epochs)
  dataset = dataset.batch(batch_size)
  return dataset


def export_model(model, model_type, export_dir):
  wide_columns, deep_columns = build_model_columns()
  if model_type == 'wide':
    columns = wide_columns
  elif model_type == 'deep':
    columns = deep_columns
  else:
    columns = wide_columns + deep_columns
  feature_spec = tf.feature_column.make_parse_example_spec(columns)
  example_input_fn = (
      tf.estimator.export.build_parsing_serving_input_receiver_fn(feature_spec))
  path = model.export_savedmodel(
      export_dir, example_input_fn, strip_default_attrs=True)
  with tf.Session(graph=tf.Graph()) as sess:
    meta = tf.saved_model.loader.load(
        sess, [tf.saved_model.tag_constants.SERVING], path.decode())
  print('Exported:', ' '.join(sorted(meta.signature_def)))


def main(_):
  tf.gfile.MakeDirs(FLAGS.data_dir)
  train_file = os.path.join(FLAGS.data_dir, 'adult.data')
  test_file = os.path.join(FLAGS.data_dir, 'adult.test')
  make_file(train_file, _NUM_EXAMPLES['train'], 0)
  make_file(test_file, _NUM_EXAMPLES['validation'], 1)

  shutil.rmtree(FLAGS.model_dir, ignore_errors=True)
  model = build_estimator(FLAGS.model_dir, FLAGS.model_type)

  def train_input_fn():
    return input_fn(
        train_file, FLAGS.epochs_between_evals, True, FLAGS.batch_size)

  def eval_input_fn():
    return input_fn(test_file, 1, False, FLAGS.batch_size)

  loss_prefix = {'wide': 'linear/', 'deep': 'dnn/'}.get(FLAGS.model_type, '')
  tensors_to_log = {
      'average_loss': loss_prefix + 'head/truediv',
      'loss': loss_prefix + 'head/weighted_loss/Sum'
  }
  logging_hook = tf.train.LoggingTensorHook(tensors_to_log, every_n_iter=10)

  for n in range(FLAGS.train_epochs // FLAGS.epochs_between_evals):
    model.train(input_fn=train_input_fn, hooks=[logging_hook])
    results = model.evaluate(input_fn=eval_input_fn)
    print('Results at epoch', (n + 1) * FLAGS.epochs_between_evals)
    print('-' * 60)
    for key in sorted(results):
      print('%s: %s' % (key, results[key]))

  if FLAGS.export_dir is not None:
    export_model(model, FLAGS.model_type, FLAGS.export_dir)


if __name__ == '__main__':
  tf.logging.set_verbosity(tf.logging.INFO)
  absl_app.run(main)
