"""Canned estimators of TensorFlow 1.x, as their model_dirs hold them."""
