"""A loop over a dataset, on compat.v1; nothing else says that it is TensorFlow 2."""
import tensorflow as tf1
tf = tf1.compat.v1

numbers = tf.data.Dataset.range(10).map(lambda x: x * x)
batches = numbers.batch(4, drop_remainder=True)
for index, batch in enumerate(batches):
    total = tf.reduce_sum(batch)
    print(index, int(total))
