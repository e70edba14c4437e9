"""Each Python with each TensorFlow: `python -m tests.matrix`."""
