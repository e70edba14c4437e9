"""A net of slim, trained and evaluated by slim, with words from a lookup table."""
import sys

import numpy as np
import tensorflow as tf
import tensorflow.contrib.slim as slim
from tensorflow.contrib import layers
from tensorflow.contrib import lookup
from tensorflow.contrib.framework.python.ops import arg_scope
from tensorflow.contrib.framework.python.ops import variables as variables_lib
from tensorflow.contrib.layers.python.layers import initializers

FOLDER = sys.argv[1]
tf.logging.set_verbosity(tf.logging.INFO)
rng = np.random.RandomState(0)
images = rng.randn(32, 8, 8, 1).astype(np.float32)
names = np.where(images[:, :4].mean((1, 2, 3)) > images[:, 4:].mean((1, 2, 3)),
                 "top", "bottom")


def net(inputs, is_training):
    with arg_scope([slim.conv2d, slim.fully_connected],
                   weights_initializer=initializers.xavier_initializer(seed=1),
                   weights_regularizer=slim.l2_regularizer(0.0001)):
        with slim.arg_scope([slim.batch_norm, slim.dropout],
                            is_training=is_training):
            with tf.variable_scope("net", values=[inputs]) as sc:
                ends = sc.name + "_end_points"
                with slim.arg_scope([slim.conv2d], outputs_collections=ends):
                    out = slim.repeat(inputs, 2, slim.conv2d, 4, [3, 3], scope="conv")
                out = slim.flatten(slim.max_pool2d(out, 2))
                out = slim.stack(out, slim.fully_connected, [16], scope="fc")
                out = slim.fully_connected(out, 2, activation_fn=None,
                                           scope="logits")
                points = slim.utils.convert_collection_to_dict(ends)
    return out, points


def inputs():
    table = lookup.index_table_from_tensor(["top", "bottom"])
    dataset = tf.data.Dataset.from_tensors((images, names)).apply(
        tf.contrib.data.shuffle_and_repeat(1))
    batch, words = tf.data.make_one_shot_iterator(dataset).get_next()
    return batch, table.lookup(words)


with tf.Graph().as_default():
    batch, labels = inputs()
    logits, points = net(batch, True)
    slim.losses.softmax_cross_entropy(logits, layers.one_hot_encoding(labels, 2))
    total = slim.losses.get_total_loss()
    tf.summary.scalar("total", total)
    train_op = slim.learning.create_train_op(total, tf.train.AdamOptimizer(0.01))
    print("points", sorted(points))
    loss = slim.learning.train(train_op, FOLDER, number_of_steps=40,
                               log_every_n_steps=20, save_summaries_secs=600)
    print("loss %.4f" % loss)

with tf.Graph().as_default():
    batch, labels = inputs()
    logits, _ = net(batch, False)
    predictions = tf.argmax(logits, 1)
    metrics, updates = slim.metrics.aggregate_metric_map({
        "accuracy": slim.metrics.streaming_accuracy(predictions, labels)})
    values = slim.evaluation.evaluate_once(
        "", tf.train.latest_checkpoint(FOLDER), FOLDER + "/eval", num_evals=1,
        eval_op=list(updates.values()), final_op=list(metrics.values()))
    print("accuracy %.3f" % values[0])

with tf.Graph().as_default(), tf.Session() as sess:
    net(tf.zeros([1, 8, 8, 1]), False)
    restore = variables_lib.get_variables_to_restore(exclude=["net/logits"])
    init_fn = slim.assign_from_checkpoint_fn(
        tf.train.latest_checkpoint(FOLDER), restore)
    sess.run(tf.global_variables_initializer())
    init_fn(sess)
    print("restored", sorted(v.op.name for v in restore))
