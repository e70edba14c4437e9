"""The tables of names that work, and names that stay advice, are true."""

import pathlib
import re

import pytest

from estimator_mnist import tf1
from tests.tf1.public_names import families

README = pathlib.Path(tf1.__file__).with_name("README.md").read_text()
PROGRAMS = pathlib.Path(__file__).parents[2] / "runner" / "programs"
# A name, with a star for its beginning or end.
_NAME = re.compile(r"`([\w.*]+)`")


def rows():
    """Yields families of TF 1.15, works, advice and programs of the README's table."""
    lines = README.partition("| Family |")[2].splitlines()[2:]
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        named = _NAME.findall("".join(cells[:1]))
        known = [name for name in named if name in families.NAMES]
        if known:
            yield known, *cells[1:4]


def matching(known, pattern):
    """Returns pairs of family and name."""
    expression = re.compile(pattern.replace("*", r"\w*"))
    return [
        (family, name)
        for family in known
        for name in families.NAMES[family]
        if expression.fullmatch(name)
    ]


@pytest.mark.parametrize("row", list(rows()), ids=lambda row: "-".join(row[0]))
def test_the_table_of_families_is_true(row):
    known, working, advice, programs = row
    for column, is_there in ((working, True), (advice, False)):
        for pattern in _NAME.findall(column):
            for family, name in matching(known, pattern):
                assert families.works(family, name) == is_there, f"{family}.{name}"
    for program in _NAME.findall(programs):
        found = [path.read_text() for path in PROGRAMS.rglob(f"{program}.py")]
        if program.startswith("contrib_"):
            assert found, program
            assert any(family.partition(".")[0] in found[0] for family in known)


def test_the_list_of_names_is_what_is_there():
    message = "Write it again: python -m tests.tf1.public_names.families"
    assert families.TABLE.read_text() == families.text(), message
