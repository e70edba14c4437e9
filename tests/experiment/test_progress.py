"""The progress line on a terminal."""

import fcntl
import io
import logging
import os
import pty
import struct
import termios

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


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, "step 1200/5302  loss 0.2187  19.8 steps/s  3:27 left"),
        (53, "step 1200/5302  loss 0.2187  19.8 steps/s  3:27 left"),
        (52, "step 1200/5302  loss 0.2187  3:27 left"),
        (38, "step 1200/5302  3:27 left"),
        (25, "step 1200/5302"),
        (9, "step 120"),
    ],
)
def test_the_line_is_shorter_than_the_terminal_is_wide(width, line):
    assert progress.line_of(1200, 5302, [0.21868], 19.8, width) == line


def test_a_terminal_is_asked_how_wide_it_is_each_time():
    reading, writing = pty.openpty()
    with open(reading, "rb", buffering=0), open(writing, "w") as terminal:
        shown = []
        for columns in (20, 40):
            size = struct.pack("HHHH", 24, columns, 0, 0)
            fcntl.ioctl(writing, termios.TIOCSWINSZ, size)
            progress.Line(terminal).show("x" * 60)
            shown.append(os.read(reading, 1000).count(b"x"))
    assert shown == [19, 39]
