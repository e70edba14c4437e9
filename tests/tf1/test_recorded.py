"""tf.contrib computes what TensorFlow 1.15 did, and names its variables as it did."""

import json
import pathlib

import numpy as np
import pytest

from estimator_mnist import tf1 as tf
from tests.tf1 import evaluate

RECORDED = json.loads(pathlib.Path(__file__).with_name("recorded.json").read_text())
CASES = evaluate.all_cases("tests.tf1.cases.")

# Their graphs are large, or they train several times.
SLOW = (
    "optimizers.another",
    "optimizers.momentum",
    "steps.buckets",
    "steps.recurrent",
)


def marks(name):
    return [pytest.mark.slow] if name.startswith(SLOW) else []


@pytest.mark.filterwarnings("ignore:`tf.nn.rnn_cell", "ignore:`Model.state_updates")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=marks(name)) for name in sorted(CASES)]
)
def test_a_case_is_what_tensorflow_1_15_made_of_it(name):
    found, expected = evaluate.outcome(tf, CASES[name]), RECORDED[name]
    assert found["variables"] == expected["variables"]
    assert len(found["values"]) == len(expected["values"])
    for value, wanted in zip(found["values"], expected["values"], strict=True):
        if wanted is None or np.asarray(wanted).dtype.kind not in "fi":
            assert value == wanted
        else:
            np.testing.assert_allclose(value, wanted, rtol=2e-4, atol=2e-6)
