"""Linear regression on compat.v1 with eager execution, as TensorFlow 2 left it on."""
import numpy as np
import tensorflow.compat.v1 as tf

rng = np.random.RandomState(0)
data = rng.randn(32, 2).astype(np.float32)
target = data.dot([2.0, -1.0]).astype(np.float32)
w = tf.Variable(tf.zeros([2]))
optimizer = tf.train.GradientDescentOptimizer(0.2)


@tf.function
def loss_fn(x, y):
    return tf.reduce_mean(tf.square(tf.reduce_sum(x * w, 1) - y))


for _ in range(40):
    with tf.GradientTape() as tape:
        loss = loss_fn(data, target)
    optimizer.apply_gradients([(tape.gradient(loss, w), w)])
print("weights %.2f %.2f" % tuple(w.numpy()))
print("rows", tf.shape(data)[0].numpy(), data.shape[0], tf.zeros([2]).shape[0] + 1)
print("loss", float(loss_fn(data, target)) < 1e-3, tf.executing_eagerly())
