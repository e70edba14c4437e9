"""Programs of TensorFlow 1.x in which the import is changed, and nothing else."""
