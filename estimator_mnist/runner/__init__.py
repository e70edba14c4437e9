"""Runs programs and notebooks written for TensorFlow 1.x; `estimator_mnist.run`."""
