"""The tutorial's network with its projector, dropout for SELU, the cloud's hook, a cross."""
import os
import tempfile
import numpy as np
import tensorflow as tf
from tensorflow.contrib import cloud
from tensorflow.contrib.tensorboard.plugins import projector
from tensorflow.examples.tutorials.mnist import mnist

rng = np.random.RandomState(0)
images = rng.rand(10, mnist.IMAGE_PIXELS).astype(np.float32)
labels = np.arange(10)
logits = mnist.inference(tf.constant(images), 16, 16)
loss = mnist.loss(logits, tf.constant(labels))
train_op = mnist.training(loss, 0.1)
right = mnist.evaluation(logits, tf.constant(labels))
dropped = tf.contrib.nn.alpha_dropout(tf.random_normal([20000], seed=1), 0.5, seed=2)

hook = cloud.ConfigureGcsHook()
with tf.train.MonitoredSession(hooks=[hook]) as sess:
    tf.contrib.cloud.configure_gcs(sess, block_cache=tf.contrib.cloud.BlockCacheParams())
    before = sess.run(loss)
    for _ in range(200):
        sess.run(train_op)
    print("fell %s right %d" % (sess.run(loss) < before, sess.run(right)))
    values = sess.run(dropped)
    print("mean %.1f variance %.1f" % (abs(values.mean()), values.var()))
folder = tempfile.mkdtemp()
config = projector.ProjectorConfig()
config.embeddings.add().tensor_name = "hidden1/weights"
projector.visualize_embeddings(tf.summary.FileWriter(folder), config)
print("written %s" % os.path.exists(os.path.join(folder, "projector_config.pbtxt")))
policies = getattr(tf.keras, "mixed_precision", None)  # since TF 2.1
if policies:
    print(policies.experimental.Policy("mixed_float16").compute_dtype)

layers = tf.contrib.layers
words = [layers.sparse_column_with_keys(name, ["no", "yes"]) for name in ("rain", "sun")]
cross = layers.crossed_column(words, hash_bucket_size=100)
with tf.Graph().as_default(), tf.Session() as sess:
    features = {"rain": tf.constant(["no", "no", "yes", "yes"]),
                "sun": tf.constant(["no", "yes", "no", "yes"])}
    either = tf.constant([[0.0], [1.0], [1.0], [0.0]])
    wide, _, _ = layers.weighted_sum_from_feature_columns(features, words + [cross], 1)
    loss = tf.losses.sigmoid_cross_entropy(either, wide)
    train_op = tf.train.GradientDescentOptimizer(1.0).minimize(loss)
    sess.run([tf.global_variables_initializer(), tf.tables_initializer()])
    for _ in range(30):
        sess.run(train_op)
    print("crossed right %d" % sess.run(tf.reduce_sum(tf.to_int32(tf.equal(wide > 0, either > 0)))))
