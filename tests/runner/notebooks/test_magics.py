"""Cells of IPython become plain Python, line for line."""

import sys

import pytest

from estimator_mnist.runner.notebooks import magics


@pytest.mark.parametrize(
    ("line", "python"),
    [
        ("%matplotlib inline", "get_ipython().run_line_magic('matplotlib', 'inline')"),
        ("    %cd data", "    get_ipython().run_line_magic('cd', 'data')"),
        ("!pip install -q x", "get_ipython().system('pip install -q x')"),
        ("files = !ls *.gz", "files = get_ipython().getoutput('ls *.gz')"),
        ("df['a'] = !!ls", "df['a'] = get_ipython().getoutput('ls')"),
        (
            "!wget -q \\\n  URL \\\n  -O x",
            "get_ipython().system('wget -q URL -O x')\n\n",
        ),
        ("tf.Session?", "get_ipython().run_line_magic('pinfo', 'tf.Session')"),
        ("??tf.Session", "get_ipython().run_line_magic('pinfo', 'tf.Session')"),
        ("np.rand*?", "get_ipython().run_line_magic('pinfo', 'np.rand*')"),
        ("pip install x", "get_ipython().run_line_magic('pip', 'install x')"),
        ("%time f(x)  # it", "get_ipython().measure('time', '', lambda: f(x))"),
        ("%time x, y = 3, 4", "x, y = get_ipython().measure('time', '', lambda: 3, 4)"),
        ("x = %time (a + b)", "x = get_ipython().measure('time', '', lambda: a + b)"),
        (
            "% timeit -n 3 x = f()",
            "get_ipython().measure('timeit', '-n 3', lambda: f())",
        ),
        ("%time a = 1; b = 2", "a = 1; b = 2"),
        ("%prun f()", "get_ipython().measure('prun', '', lambda: f())"),
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


@pytest.mark.parametrize(
    "cell", ["%%bash -s 3\nls *.py\n", "# list\n%%bash -s 3\nls *.py"]
)
def test_a_cell_magic_takes_its_cell_along(cell):
    *before, call = magics.to_python(f"\n{cell}").split("\n")
    assert call == "get_ipython().run_cell_magic('bash', '-s 3', 'ls *.py\\n')"
    assert before == ["", *cell.splitlines()[:-2]]


def test_a_line_that_names_a_shell_makes_the_cell_its_own():
    assert magics.to_python("%bash\nls -l") == (
        "get_ipython().run_cell_magic('bash', '', 'ls -l\\n')"
    )


def test_a_cell_that_is_only_measured_or_captured_runs():
    python = magics.to_python("%%capture out\n%%time\nx = 3\n%pwd")
    assert python.split("\n") == [
        "get_ipython().begin_cell_magic('capture', 'out')",
        "get_ipython().begin_cell_magic('time', '')",
        "x = 3",
        "get_ipython().run_line_magic('pwd', '')",
    ]
    assert magics.to_python("%%timeit -n 10 x = 3\nx").endswith("; x = 3\nx")


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("  a = 1\n  b = 2", "a = 1\nb = 2"),
        (">>> if a:\n...     b", "if a:\n    b"),
        ("In [3]: a = 1", "a = 1"),
    ],
)
def test_what_a_cell_has_in_front_of_its_lines_is_taken_off(cell, python):
    assert magics.to_python(cell) == python


def test_brackets_within_brackets_are_no_python():
    assert not magics.is_python("(" * 5000)


def test_pylab_brings_its_names():
    names = {}
    exec(magics.to_python("%pylab inline\nx = np.sum(arange(4))"), names)
    assert names["x"] == 6
    assert "imshow" in names
