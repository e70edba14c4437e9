"""The same import in TensorFlow 1.15, where it made graphs unless told otherwise."""
import tensorflow.compat.v1 as tf

tf.logging.set_verbosity(tf.logging.ERROR)
x = tf.placeholder(tf.float32, [None, 2])
total = tf.reduce_sum(x, 1)
print(total.shape[0].value, tf.executing_eagerly())
with tf.Session() as sess:
    print(sess.run(total, {x: [[1, 2], [3, 4]]}))
