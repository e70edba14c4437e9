"""Wide & deep: who clicks? By flags, from examples in a file (1.4)."""
from __future__ import print_function

import numpy as np
import tensorflow as tf

tf.app.flags.DEFINE_string("file", "clicks.tfrecord", "Examples.")
tf.app.flags.DEFINE_integer("steps", 60, "Steps to train.")
FLAGS = tf.app.flags.FLAGS

user = tf.feature_column.categorical_column_with_identity(
    "user", num_buckets=20, default_value=0)
item = tf.feature_column.categorical_column_with_hash_bucket(
    "item", 30, dtype=tf.int64)
tags = tf.feature_column.weighted_categorical_column(
    tf.feature_column.categorical_column_with_vocabulary_list(
        "tags", ("new", "sale", "old")), "tag_weight")
WIDE = [user, item, tags, tf.feature_column.crossed_column(
    [user, "tags"], hash_bucket_size=100)]
DEEP = [tf.feature_column.embedding_column(user, 4),
        tf.feature_column.embedding_column(item, 4),
        tf.feature_column.indicator_column(tags),
        tf.feature_column.numeric_column("age", default_value=30.0)]


def write(path):
    rng = np.random.RandomState(1)
    with tf.python_io.TFRecordWriter(path) as writer:
        for _ in range(200):
            user, item = int(rng.randint(25)), int(rng.randint(15))
            example = tf.train.Example()
            feature = example.features.feature
            feature["user"].int64_list.value.append(user)
            feature["item"].int64_list.value.append(item)
            feature["clicked"].int64_list.value.append((user + item) % 2)
            if item % 3:
                feature["tags"].bytes_list.value.extend([b"new", b"sale"])
                feature["tag_weight"].float_list.value.extend([1.0, 0.5])
            if user % 2:
                feature["age"].float_list.value.append(20.0 + user)
            writer.write(example.SerializeToString())


def main(unused_argv):
    write(FLAGS.file)
    spec = tf.estimator.classifier_parse_example_spec(
        WIDE + DEEP, label_key="clicked")

    def input_fn():
        features = tf.contrib.data.make_batched_features_dataset(
            FLAGS.file, 50, spec, num_epochs=None, shuffle_seed=3) \
            .make_one_shot_iterator().get_next()
        return features, features.pop("clicked")

    classifier = tf.estimator.DNNLinearCombinedClassifier(
        linear_feature_columns=WIDE,
        linear_optimizer=tf.train.FtrlOptimizer(0.5),
        dnn_feature_columns=DEEP,
        dnn_optimizer=tf.train.AdagradOptimizer(0.1),
        dnn_hidden_units=[20, 10],
        dnn_dropout=0.1)
    classifier.train(input_fn, steps=FLAGS.steps)
    metrics = classifier.evaluate(input_fn, steps=4)
    print("accuracy %.2f over %.2f" % (
        metrics["accuracy"], metrics["accuracy_baseline"]))
    del spec["clicked"]
    classifier.export_savedmodel(
        "clicks",
        tf.estimator.export.build_parsing_serving_input_receiver_fn(spec),
        as_text=True)


if __name__ == "__main__":
    tf.app.run()
