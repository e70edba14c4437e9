import tensorflow as tf


def sentence(results):
  with tf.Session(graph=tf.Graph()) as sess:
    percent = sess.run(tf.placeholder_with_default(100., []) * results['accuracy'])
  return 'accuracy %.1f%% at step %d' % (percent, results['global_step'])
