"""Heads: loss, predictions, metrics and exports of the usual kinds of model.

A head is one file with one subclass of `base_head.Head`, whose docstring says what
the subclass has to define, and one import line in `estimator_mnist/estimator/__init__`.
"""
