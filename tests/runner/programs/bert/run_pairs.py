"""Fine-tunes an encoder to tell which pairs of sentences belong together."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import collections
import csv
import os

import encoder
import optimization
import tensorflow as tf

flags = tf.flags
FLAGS = flags.FLAGS

flags.DEFINE_string("data_dir", None, "Folder of train.tsv, dev.tsv, test.tsv.")
flags.DEFINE_string("encoder_config_file", None, "JSON file of its sizes.")
flags.DEFINE_string("vocab_file", None, "A word a line.")
flags.DEFINE_string("output_dir", None, "Where checkpoints go.")
flags.DEFINE_string("init_checkpoint", None, "A pre-trained encoder's.")
flags.DEFINE_integer("max_seq_length", 16, "Tokens of an example.")
flags.DEFINE_bool("do_train", False, "Whether to train.")
flags.DEFINE_bool("do_eval", False, "Whether to evaluate on dev.tsv.")
flags.DEFINE_bool("do_predict", False, "Whether to predict for test.tsv.")
flags.DEFINE_bool("do_export", False, "Whether to export a SavedModel.")
flags.DEFINE_integer("train_batch_size", 8, "Examples in a step.")
flags.DEFINE_integer("eval_batch_size", 4, "Examples in a batch.")
flags.DEFINE_integer("predict_batch_size", 4, "Examples in a batch.")
flags.DEFINE_float("learning_rate", 5e-5, "Of Adam.")
flags.DEFINE_float("num_train_epochs", 3.0, "How often examples are seen.")
flags.DEFINE_float("warmup_proportion", 0.1, "Of the steps.")
flags.DEFINE_integer("save_checkpoints_steps", 1000, "Between checkpoints.")
flags.DEFINE_integer("save_summary_steps", 100, "Between summaries.")
flags.DEFINE_integer("iterations_per_loop", 1000, "Steps in a call of a TPU.")
flags.DEFINE_integer("random_seed", 12345, "Of the order of examples.")
flags.DEFINE_bool("use_tpu", False, "Whether to use a TPU.")
tf.flags.DEFINE_string("tpu_name", None, "The TPU.")
tf.flags.DEFINE_string("tpu_zone", None, "Its zone.")
tf.flags.DEFINE_string("gcp_project", None, "Its project.")
tf.flags.DEFINE_string("master", None, "Its address.")
flags.DEFINE_integer("num_tpu_cores", 8, "Its cores.")

LABELS = ["0", "1"]
Example = collections.namedtuple("Example", ["text_a", "text_b", "label"])


def read_examples(name):
  with tf.gfile.Open(os.path.join(FLAGS.data_dir, name), "r") as lines:
    rows = list(csv.reader(lines, delimiter="\t", quotechar=None,
                           quoting=csv.QUOTE_NONE))
  if name == "test.tsv":
    return [Example(a, b, LABELS[0]) for a, b in rows[1:]]
  return [Example(a, b, label) for label, a, b in rows[1:]]


def read_vocabulary():
  with tf.gfile.GFile(FLAGS.vocab_file, "r") as reader:
    words = reader.read().split()
  return collections.OrderedDict((w, n) for n, w in enumerate(words))


def features_of(number, example, vocabulary):
  """Returns ids, mask and segments of one example, of max_seq_length each."""
  half = (FLAGS.max_seq_length - 3) // 2
  a = example.text_a.lower().split()[:half]
  b = example.text_b.lower().split()[:half]
  tokens = ["[CLS]"] + a + ["[SEP]"] + b + ["[SEP]"]
  segments = [0] * (len(a) + 2) + [1] * (len(b) + 1)
  ids = [vocabulary.get(token, vocabulary["[UNK]"]) for token in tokens]
  padding = [0] * (FLAGS.max_seq_length - len(ids))
  if number < 2:
    tf.logging.info("*** Example ***")
    tf.logging.info("tokens: %s" % " ".join(tokens))
    tf.logging.info("input_ids: %s" % " ".join(str(i) for i in ids))
    tf.logging.info("label: %s" % example.label)
  return collections.OrderedDict([
      ("input_ids", ids + padding),
      ("input_mask", [1] * len(ids) + padding),
      ("segment_ids", segments + padding),
      ("label_ids", [LABELS.index(example.label)]),
      ("is_real_example", [1])])


def write_examples(examples, vocabulary, path):
  writer = tf.python_io.TFRecordWriter(path)
  for number, example in enumerate(examples):
    features = collections.OrderedDict()
    for name, values in features_of(number, example, vocabulary).items():
      features[name] = tf.train.Feature(
          int64_list=tf.train.Int64List(value=list(values)))
    row = tf.train.Example(features=tf.train.Features(feature=features))
    writer.write(row.SerializeToString())
  writer.close()


def feature_spec():
  long_ones = ["input_ids", "input_mask", "segment_ids"]
  spec = {
      name: tf.FixedLenFeature([FLAGS.max_seq_length], tf.int64)
      for name in long_ones}
  spec["label_ids"] = tf.FixedLenFeature([], tf.int64)
  spec["is_real_example"] = tf.FixedLenFeature([], tf.int64)
  return spec


def input_fn_builder(path, is_training, drop_remainder):
  spec = feature_spec()

  def decode(record):
    example = tf.parse_single_example(record, spec)
    for name in list(example.keys()):
      if example[name].dtype == tf.int64:
        example[name] = tf.to_int32(example[name])
    return example

  def input_fn(params):
    dataset = tf.data.TFRecordDataset(path)
    if is_training:
      dataset = dataset.repeat()
      dataset = dataset.shuffle(buffer_size=100, seed=FLAGS.random_seed)
    return dataset.apply(
        tf.contrib.data.map_and_batch(
            decode, batch_size=params["batch_size"],
            drop_remainder=drop_remainder))

  return input_fn


def classify(config, is_training, features, labels):
  _, pooled = encoder.encode(
      features["input_ids"], features["input_mask"], features["segment_ids"],
      config, is_training)
  weights = tf.get_variable(
      "output_weights", [len(LABELS), config.hidden_size],
      initializer=tf.truncated_normal_initializer(
          stddev=0.02, seed=FLAGS.random_seed))
  bias = tf.get_variable(
      "output_bias", [len(LABELS)], initializer=tf.zeros_initializer())
  with tf.variable_scope("loss"):
    logits = tf.nn.bias_add(tf.matmul(pooled, weights, transpose_b=True), bias)
    log_probabilities = tf.nn.log_softmax(logits, axis=-1)
    one_hot = tf.one_hot(labels, depth=len(LABELS), dtype=tf.float32)
    each = -tf.reduce_sum(one_hot * log_probabilities, axis=-1)
    return tf.reduce_mean(each), each, logits, tf.nn.softmax(logits, axis=-1)


def initialize(use_tpu):
  """Begins with the pre-trained variables; returns a scaffold_fn or None."""
  variables = tf.trainable_variables()
  initialized, scaffold_fn = set(), None
  if FLAGS.init_checkpoint:
    names, initialized = encoder.map_of_checkpoint(
        variables, FLAGS.init_checkpoint)
    if use_tpu:

      def tpu_scaffold():
        tf.train.init_from_checkpoint(FLAGS.init_checkpoint, names)
        return tf.train.Scaffold()

      scaffold_fn = tpu_scaffold
    else:
      tf.train.init_from_checkpoint(FLAGS.init_checkpoint, names)
  tf.logging.info("**** Trainable Variables ****")
  for variable in variables:
    known = variable.op.name in initialized
    tf.logging.info("  name = %s, shape = %s%s", variable.name,
                    variable.shape, ", *INIT_FROM_CKPT*" if known else "")
  return scaffold_fn


def metric_fn(each, label_ids, logits, is_real):
  predicted = tf.argmax(logits, axis=-1, output_type=tf.int32)
  return {
      "eval_accuracy": tf.metrics.accuracy(
          labels=label_ids, predictions=predicted, weights=is_real),
      "eval_loss": tf.metrics.mean(values=each, weights=is_real)}


def model_fn_builder(config, num_train_steps, num_warmup_steps):

  def model_fn(features, labels, mode, params):
    tf.logging.info("*** Features ***")
    for name in sorted(features.keys()):
      tf.logging.info(
          "  name = %s, shape = %s" % (name, features[name].shape))
    is_training = mode == tf.estimator.ModeKeys.TRAIN
    label_ids = features["label_ids"]
    is_real = tf.cast(features["is_real_example"], tf.float32)
    loss, each, logits, probabilities = classify(
        config, is_training, features, label_ids)

    scaffold_fn = initialize(params["use_tpu"])
    if mode == tf.estimator.ModeKeys.TRAIN:
      train_op = optimization.train_op_of(
          loss, FLAGS.learning_rate, num_train_steps, num_warmup_steps,
          params["use_tpu"])
      return tf.contrib.tpu.TPUEstimatorSpec(
          mode=mode, loss=loss, train_op=train_op, scaffold_fn=scaffold_fn)
    if mode == tf.estimator.ModeKeys.EVAL:
      return tf.contrib.tpu.TPUEstimatorSpec(
          mode=mode, loss=loss, scaffold_fn=scaffold_fn,
          eval_metrics=(metric_fn, [each, label_ids, logits, is_real]))
    return tf.contrib.tpu.TPUEstimatorSpec(
        mode=mode, predictions={"probabilities": probabilities},
        scaffold_fn=scaffold_fn)

  return model_fn


def record(name, examples, vocabulary):
  path = os.path.join(FLAGS.output_dir, name + ".tf_record")
  write_examples(examples, vocabulary, path)
  return path


def evaluate(estimator, vocabulary):
  examples = read_examples("dev.tsv")
  path = record("eval", examples, vocabulary)
  result = estimator.evaluate(
      input_fn=input_fn_builder(path, is_training=False, drop_remainder=False))
  output = os.path.join(FLAGS.output_dir, "eval_results.txt")
  with tf.gfile.GFile(output, "w") as writer:
    tf.logging.info("***** Eval results *****")
    for key in sorted(result.keys()):
      tf.logging.info("  %s = %s", key, str(result[key]))
      writer.write("%s = %s\n" % (key, str(result[key])))


def predict(estimator, vocabulary):
  examples = read_examples("test.tsv")
  path = record("predict", examples, vocabulary)
  result = estimator.predict(
      input_fn=input_fn_builder(path, is_training=False, drop_remainder=False))
  output = os.path.join(FLAGS.output_dir, "test_results.tsv")
  with tf.gfile.GFile(output, "w") as writer:
    for number, prediction in enumerate(result):
      if number >= len(examples):
        break
      values = prediction["probabilities"]
      writer.write("\t".join("%.7f" % value for value in values) + "\n")


def serving_input_fn():
  serialized = tf.placeholder(tf.string, [None], name="examples")
  features = tf.parse_example(serialized, feature_spec())
  features = {name: tf.to_int32(value) for name, value in features.items()}
  return tf.estimator.export.ServingInputReceiver(
      features, {"examples": serialized})


def run_config_of_flags():
  resolver = None
  if FLAGS.use_tpu and FLAGS.tpu_name:
    resolver = tf.contrib.cluster_resolver.TPUClusterResolver(
        FLAGS.tpu_name, zone=FLAGS.tpu_zone, project=FLAGS.gcp_project)
  return tf.contrib.tpu.RunConfig(
      cluster=resolver,
      master=FLAGS.master,
      model_dir=FLAGS.output_dir,
      save_checkpoints_steps=FLAGS.save_checkpoints_steps,
      save_summary_steps=FLAGS.save_summary_steps,
      tpu_config=tf.contrib.tpu.TPUConfig(
          iterations_per_loop=FLAGS.iterations_per_loop,
          num_shards=FLAGS.num_tpu_cores,
          per_host_input_for_training=(
              tf.contrib.tpu.InputPipelineConfig.PER_HOST_V2)))


def main(_):
  tf.logging.set_verbosity(tf.logging.INFO)
  if not (FLAGS.do_train or FLAGS.do_eval or FLAGS.do_predict
          or FLAGS.do_export):
    raise ValueError("At least one of --do_... must be True.")
  config = encoder.EncoderConfig.from_file(FLAGS.encoder_config_file)
  vocabulary = read_vocabulary()
  tf.gfile.MakeDirs(FLAGS.output_dir)

  examples, num_train_steps, num_warmup_steps = None, None, None
  if FLAGS.do_train:
    examples = read_examples("train.tsv")
    num_train_steps = int(
        len(examples) / FLAGS.train_batch_size * FLAGS.num_train_epochs)
    num_warmup_steps = int(num_train_steps * FLAGS.warmup_proportion)
  estimator = tf.contrib.tpu.TPUEstimator(
      use_tpu=FLAGS.use_tpu,
      model_fn=model_fn_builder(config, num_train_steps, num_warmup_steps),
      config=run_config_of_flags(),
      params={},
      train_batch_size=FLAGS.train_batch_size,
      eval_batch_size=FLAGS.eval_batch_size,
      predict_batch_size=FLAGS.predict_batch_size)

  if FLAGS.do_train:
    path = record("train", examples, vocabulary)
    tf.logging.info("***** Running training *****")
    tf.logging.info("  Num steps = %d", num_train_steps)
    estimator.train(
        input_fn=input_fn_builder(path, is_training=True, drop_remainder=True),
        max_steps=num_train_steps)
  if FLAGS.do_eval:
    evaluate(estimator, vocabulary)
  if FLAGS.do_predict:
    predict(estimator, vocabulary)
  if FLAGS.do_export:
    estimator.export_savedmodel(
        os.path.join(FLAGS.output_dir, "exported"), serving_input_fn)


if __name__ == "__main__":
  for required in ("data_dir", "encoder_config_file", "vocab_file",
                   "output_dir"):
    flags.mark_flag_as_required(required)
  tf.app.run()
