"""The progress line on a terminal."""

import io
import logging

import pytest

from estimator_mnist.experiment import progress


@pytest.mark.parametrize(
    "arguments,line",
    [
        (
            (1200, 5302, [0.21868], 19.8),
            "step 1200/5302  loss 0.2187  19.8 steps/s  3:27 left",
        ),
        ((7, None, [1.0], 2.0), "step 7  loss 1.0000  2.0 steps/s"),
        ((0, 10, [], 0.0), "step 0/10  0.0 steps/s"),
    ],
)
def test_the_line_tells_step_loss_speed_and_time_left(arguments, line):
    assert progress.line_of(*arguments) == line


@pytest.mark.parametrize(
    "message,passes",
    [
        ("loss = 0.2, step = 5", False),
        ("global_step/sec: 20", False),
        ("Saving checkpoints for 5 into x", True),
    ],
)
def test_log_lines_that_repeat_it_are_dropped(message, passes):
    stream = io.StringIO()
    record = logging.makeLogRecord({"msg": message})
    assert progress.NoRepeatedLoss(stream).filter(record) is passes
    assert bool(stream.getvalue()) is passes
