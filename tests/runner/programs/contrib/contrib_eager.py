"""Eager execution as of 2018, with summaries of tf.contrib.summary."""
import glob
import sys

import numpy as np
import tensorflow as tf
import tensorflow.contrib.eager as tfe

tf.enable_eager_execution()
FOLDER = sys.argv[1]
rng = np.random.RandomState(0)
data = rng.randn(32, 2).astype(np.float32)
target = data.dot([2.0, -1.0]).astype(np.float32)
w = tfe.Variable(tf.zeros([2]), name="w")
step = tf.train.get_or_create_global_step()
optimizer = tf.train.GradientDescentOptimizer(0.2)
mean = tfe.metrics.Mean("loss")
accuracy = tfe.metrics.Accuracy()


def loss_fn(x, y):
    return tf.reduce_mean(tf.square(tf.reduce_sum(x * w, 1) - y))


grads = tfe.implicit_value_and_gradients(loss_fn)
dataset = tf.data.Dataset.from_tensor_slices((data, target)).batch(16)
writer = tf.contrib.summary.create_file_writer(FOLDER)
with writer.as_default(), tf.contrib.summary.always_record_summaries():
    for epoch in range(15):
        for x, y in tfe.Iterator(dataset):
            loss, grads_and_vars = grads(x, y)
            optimizer.apply_gradients(grads_and_vars, global_step=step)
            mean(loss)
            tf.contrib.summary.scalar("loss", loss)
accuracy(tf.constant([1, 2]), tf.constant([1, 3]))
print("eager", tf.executing_eagerly(), "steps", int(step.numpy()))
print("weights %.3f %.3f" % tuple(w.numpy()))
print("accuracy %.2f" % accuracy.result().numpy())
print("square %.1f" % tfe.gradients_function(lambda a: a * a)(3.0)[0].numpy())
events = [event for path in glob.glob(FOLDER + "/events*")
          for event in tf.train.summary_iterator(path) if event.summary.value]
print("written", len(events), events[-1].summary.value[0].tag)
print("saved", tfe.Saver([w]).save(FOLDER + "/model.ckpt", step).endswith("-30"))
