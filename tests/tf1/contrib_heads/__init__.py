"""Heads of tf.contrib.estimator, against what TensorFlow 1.15.5 gave."""
