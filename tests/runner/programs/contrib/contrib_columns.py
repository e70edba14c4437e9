"""Sequences of words as features of an estimator with a recurrent network."""
import sys

import numpy as np
import tensorflow as tf
from tensorflow.contrib.feature_column import (
    sequence_categorical_column_with_vocabulary_list, sequence_input_layer,
    sequence_numeric_column)

rng = np.random.RandomState(0)
sentences = [rng.choice(["good", "bad", "so", "so"], rng.randint(1, 6))
             for _ in range(64)]
places = [[i, j] for i, row in enumerate(sentences) for j in range(len(row))]
words = np.concatenate(sentences)
lengths = np.array([len(word) for word in words], np.float32)
labels = [int((row == "good").sum() > (row == "bad").sum()) for row in sentences]

vocabulary = sequence_categorical_column_with_vocabulary_list("words", ["good", "bad"],
                                                              num_oov_buckets=1)
columns = [tf.feature_column.embedding_column(vocabulary, 4),
           sequence_numeric_column("lengths")]


def input_fn():
    def sparse(values):
        return tf.SparseTensor(places, values, [64, 5])
    return {"words": sparse(words), "lengths": sparse(lengths)}, tf.constant(labels)


def model_fn(features, labels, mode):
    inputs, lengths = sequence_input_layer(features, columns)
    _, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(8), inputs, lengths,
                                 dtype=tf.float32)
    logits = tf.layers.dense(state, 2)
    loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    train_op = tf.train.AdamOptimizer(0.02).minimize(loss, tf.train.get_global_step())
    accuracy = tf.metrics.accuracy(labels, tf.argmax(logits, 1))
    return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=train_op,
                                      eval_metric_ops={"accuracy": accuracy})


config = tf.estimator.RunConfig(tf_random_seed=1)
estimator = tf.estimator.Estimator(model_fn, sys.argv[1], config)
estimator.train(input_fn, steps=100)
print("right %s" % (estimator.evaluate(input_fn, steps=1)["accuracy"] > 0.9))
print([name for name in estimator.get_variable_names()
       if "Adam" not in name and "embedding" in name])
