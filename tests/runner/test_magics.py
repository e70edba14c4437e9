"""Cells of IPython become plain Python, line for line."""

import ast
import sys

import pytest

from estimator_mnist.runner import magics


@pytest.mark.parametrize(
    ("line", "python"),
    [
        ("%matplotlib inline", "get_ipython().run_line_magic('matplotlib', 'inline')"),
        ("    %cd data", "    get_ipython().run_line_magic('cd', 'data')"),
        ("!pip install -q x", "get_ipython().system('pip install -q x')"),
        ("files = !ls *.gz", "files = get_ipython().system('ls *.gz')"),
        ("tf.Session?", "get_ipython().run_line_magic('pinfo', 'tf.Session')"),
        ("??tf.Session", "get_ipython().run_line_magic('pinfo', 'tf.Session')"),
        ("%time x = 3", "x = 3"),
    ],
)
def test_a_line_of_ipython_becomes_a_call(line, python):
    before = "if True:\n    x = 1\n"
    assert magics.to_python(before + line) == before + python


@pytest.mark.parametrize(
    "code",
    [
        'text = """\n%matplotlib inline\n!ls\n"""',
        'print("%d of %d"\n      % (1, 2))',
        "total = 7 \\\n  % 4",
        "text = 'it\\'s \\\n%s'",
        "x = [1,  # (\n     ')', 7\n%pwd\n]",
        "x = y != 3",
        "a %= 3",
    ],
)
def test_python_stays_as_it_is(code):
    assert magics.to_python(code) == code
    # Also in a cell that has a magic elsewhere.
    assert magics.to_python(f"%pwd\n{code}").split("\n", 1)[1] == code


def test_a_bracket_in_a_string_or_comment_is_not_open():
    before = "x = '(' + \"[\"  # it's {\ny = r'\\\\'\n"
    assert magics.to_python(f"{before}%pwd").endswith("run_line_magic('pwd', '')")


@pytest.mark.parametrize("lines", [1000, 10_000])
def test_the_work_on_a_cell_grows_as_its_lines_do(lines):
    cell = '%pwd\nx = (1,\n  2)\ny = """\n"""\n' * (lines // 5)
    calls = []

    def count(frame, event, argument):
        calls.append(event)
        assert len(calls) < 100 * lines

    sys.setprofile(count)
    try:
        magics.to_python(cell)
    finally:
        sys.setprofile(None)


def test_a_cell_magic_takes_its_cell_along():
    assert magics.to_python("\n%%bash -s 3\nls *.py\n") == (
        "\nget_ipython().run_cell_magic('bash', '-s 3', '')"
    )


def test_a_cell_that_is_only_timed_runs():
    python = magics.to_python("%%time\nx = 3\n%pwd")
    assert [type(node) for node in ast.parse(python).body] == [
        ast.Expr,
        ast.Assign,
        ast.Expr,
    ]


def test_pylab_brings_its_names():
    names = {}
    exec(magics.to_python("%pylab inline\nx = np.sum(arange(4))"), names)
    assert names["x"] == 6
    assert "imshow" in names
