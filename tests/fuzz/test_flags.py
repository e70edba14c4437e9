"""Each flag that there is refuses each value that it cannot have, in one line."""

import os

import pytest
from absl import flags

from estimator_mnist import options
from tests.fuzz import cases, program

_TEXT = ["", "x", "\0", "a\nb", "\udcff", "é" * 10_000]
# By what a flag takes; the first kind that fits is a flag's.
BAD = {
    flags.IntegerParser: ["2147483648", str(2**40), str(2**70), f"-{2**70}", "nan"],
    flags.FloatParser: ["nan", "inf", "-inf", "1e400", "-1e400", "-1"],
    flags.EnumParser: _TEXT,
    options.PathParser: ["a\0b", "\udcff", "é/\udcff", "~/\0", "a\nb", "x/" * 900],
    flags.BooleanParser: [*_TEXT[1:], "2"],
}
# Counts of what takes no room.
LARGE = {
    "steps": {"2147483648", str(2**40)},
    "max_steps": {"2147483648", str(2**40)},
    "max_minutes": set(),
}


def bad_values():
    for name, flag in sorted(cases.FLAGS.items()):
        kinds = [kind for kind in BAD if isinstance(flag.parser, kind)]
        if kinds:
            yield name, [v for v in BAD[kinds[0]] if v not in LARGE.get(name, ())]


def _name(parameter):
    return parameter if isinstance(parameter, str) else ""


@pytest.mark.parametrize("name,values", list(bad_values()), ids=_name)
def test_a_flag_refuses_what_it_cannot_be(name, values, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for value in values:
        outcome = program.run([f"--{name}={value}", "--mode=doctor", "."])
        assert outcome.code == 1, value
        assert program.complaint(outcome, [f"--{name}"]) is None, outcome
        assert os.listdir(tmp_path) == []
