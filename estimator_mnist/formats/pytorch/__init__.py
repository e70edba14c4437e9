"""Code for PyTorch, generated from a network's steps."""
