"""Gives every test of this folder the same initial weights on each run."""

import random

import pytest


@pytest.fixture(autouse=True)
def same_weights():
    """Seeds Python's generator, from which Keras draws the seeds of initializers."""
    random.seed(1)
