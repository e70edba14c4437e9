"""What a checkpoint that does not fit asks of the flags."""

import pytest

from estimator_mnist import errors
from estimator_mnist.estimator.checkpoint import compatibility
from estimator_mnist.modes import common

LINES = {
    compatibility.OPTIMIZER: "\nFlags to match: --optimizer",
    compatibility.SHAPE: "\nFlags to match: --hidden_units, --filters, --kernel_size, "
    "--dense_units",
    compatibility.OTHER: "\nFlags to match: --model",
    compatibility.RENAMED: "\nNo flag matches: the layers' names are in the code.",
}


@pytest.mark.parametrize("kind", LINES)
def test_flags_to_match_are_named_by_what_differs(kind):
    diagnosis = compatibility.Diagnosis(kind, "text", "warm start")
    error = errors.CheckpointMismatchError("path", [], diagnosis)
    assert common.flags_to_match(error) == LINES[kind]


def test_no_error_controls_the_terminal():
    error = errors.ExperimentError("--grid=\x1e\x1b[2J, \udcff and é")
    assert common.message(error) == r"--grid=\x1e\x1b[2J, \udcff and é"


def test_any_other_error_has_no_flags_to_match():
    assert common.flags_to_match(OSError("disk full")) == ""
