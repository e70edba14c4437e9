"""Each raise of the runtime is reached by a bad call of a table, or is ours alone."""

import ast
import pathlib
import traceback

import pytest
import tensorflow as tf

import estimator_mnist.estimator as ours
from tests.contract.words import ours_alone
from tests.contract.words.test_words import THEMES

RUNTIME = pathlib.Path(ours.__file__).parent


def raises_in(path):
    """Yields (function, first line, last line) of each raise of something in a file."""
    tree = ast.parse(path.read_text())
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Raise) and node.exc:
                    yield function.name, node.lineno, node.end_lineno


def lines_reached():
    """Returns (file, line) of what each bad call has raised, in this runtime."""
    reached = set()
    for theme in THEMES:
        for bad in theme.BAD_CALLS.values():
            with tf.Graph().as_default(), pytest.raises(bad.kind) as caught:
                bad.call(ours)
            for frame in traceback.extract_tb(caught.value.__traceback__):
                reached.add((frame.filename, frame.lineno))
    return reached


def test_each_raise_is_in_a_table_or_ours_alone():
    reached, unknown, known = lines_reached(), set(), set()
    for path in sorted(RUNTIME.rglob("*.py")):
        name = str(path.relative_to(RUNTIME))
        if path.parent.name in ours_alone.FOLDERS_WITH_TESTS_OF_THEIR_OWN:
            continue
        for function, first, last in raises_in(path):
            if any((str(path), line) in reached for line in range(first, last + 1)):
                continue
            place = f"{name}: {function}"
            if name in ours_alone.FILES or place in ours_alone.FUNCTIONS:
                known.add(name if name in ours_alone.FILES else place)
            else:
                unknown.add(place)
    assert not unknown, sorted(unknown)
    assert known == ours_alone.FILES.keys() | ours_alone.FUNCTIONS.keys()
