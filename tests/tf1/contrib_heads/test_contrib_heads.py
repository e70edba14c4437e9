"""Heads of tf.contrib.estimator do what those of TensorFlow 1.15.5 did."""

import json
import pathlib

import pytest

from estimator_mnist.tf1 import contrib
from tests.contract.canned import runs
from tests.tf1.contrib_heads import cases

RECORDED = json.loads((pathlib.Path(__file__).parent / "recorded.json").read_text())


@pytest.mark.parametrize("name", cases.CASES)
def test_a_head_does_what_it_did(name):
    outcome = cases.outcome(contrib.estimator, name)
    runs.check(outcome, RECORDED[name], tolerance=1e-6)
