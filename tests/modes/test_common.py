"""What a checkpoint that does not fit asks of the flags."""

import errno
import os

import pytest
import tensorflow as tf

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


def test_of_an_error_of_a_node_the_line_that_tells_the_cause_is_shown():
    text = (
        "Graph execution error:\n\nDetected at node 'save' defined at:\n  File a.py\n"
        "Node: 'save'\na/part-0; File too large\n\t [[{{node save}}]]"
    )
    shown = common.message(tf.errors.OutOfRangeError(None, None, text))
    assert shown.startswith("a/part-0; File too large. ")
    assert "raise the limit (ulimit -f)" in shown and "\n" not in shown


def test_a_full_disk_asks_for_room():
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a")
    assert common.message(error).startswith("a: No space left on device. Make room")
