"""Python 2 is recognized, converted in memory, and keeps its meaning and its lines."""

import json
import textwrap
import warnings

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import run as command
from estimator_mnist.runner import python2, sources
from estimator_mnist.tf1.python2 import cmp, old_div, old_idiv


def part(code):
    return sources.Part("old.py", textwrap.dedent(code))


def converted(code, **options):
    (new,) = python2.converted([part(code)], **options)
    return new


def result_of(code):
    """The namespace of code of Python 2 that was run."""
    names = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(sources.tree(converted(code)), "old.py", "exec"), names)
    return names


@pytest.mark.parametrize(
    "code",
    [
        "print 'step', 3",
        "try:\n    1\nexcept ValueError, error:\n    2",
        "x = 0777",
        "raise ValueError, 'no'",
        "x = `3`",
        "f = lambda (a, b): a",
        "exec 'x = 1' in names",
        "if 1:\n\tx = 1\n        y = 2",  # tabs are 8 columns
        "if 1:\n\tprint 1\n        print 2",
        "if 1:\n        print 1\n\tprint 2",
        "for i in xrange(3): pass",
        "x = unicode(3)",
        "if isinstance(x, basestring): pass",
        "if d.has_key(3): pass",
        "for k, v in d.iteritems(): pass",
        "import cPickle",
        "from urllib2 import urlopen",
        "print >> f, 'x'",
        "x = map(f, y)[0]",
        "x = zip(a, b)\nx.sort()",
        "x = len(filter(None, a))",
        "x = np.array(map(f, y))",
        "import string\nx = string.letters",
        "#!/usr/bin/env python2\nx = 1 / 2",
    ],
)
def test_python_2_is_recognized(code):
    assert python2.is_python_2(part(code))


@pytest.mark.parametrize(
    "code",
    [
        "print('step', 3)",
        "x = 1 / 2",
        "from six.moves import xrange\nxrange(3)",
        "from past.builtins import *\nxrange(3)",
        "try:\n    import cPickle as pickle\nexcept ImportError:\n    import pickle",
        "try:\n    xrange\nexcept NameError:\n    xrange = range",
        "import sys\nif sys.version_info[0] == 2:\n    import urllib2",
        "import six\nfor k, v in six.iteritems(d): pass",
        "import pandas as pd\nfor k, v in pd.Series(x).iteritems(): pass",
        "for x in map(f, y): pass",
        "x = list(zip(a, b))\nx[0]",
        "def f(x):\n    return x[0]\nx = map(g, y)",
        "x = # TODO",  # neither
        "print('a'\nprint 'b'",
    ],
)
def test_what_runs_in_python_3_or_in_neither_is_left_alone(code):
    assert not python2.is_python_2(part(code))
    assert converted(code) == part(code)


def test_one_sign_in_a_program_makes_all_of_it_python_2():
    code = "def half(n):\n    return n / 2\n"
    assert "old_div(n, 2)" in converted(code, python_2=True).code
    # Written for both: its division is that of both.
    for_both = "from __future__ import division\nimport sys\nsys.version_info\n" + code
    assert converted(for_both, python_2=True).code == for_both


@pytest.mark.parametrize(
    ("expression", "meaning"),
    [
        ("a / b", "old_div(a, b)"),
        ("a * b / c", "old_div(a * b, c)"),
        ("a / b / c", "old_div(old_div(a, b), c)"),
        ("a / (b / c)", "old_div(a, (old_div(b, c)))"),
        ("a / 2.", "a / 2."),
        ("2.0 * a / b", "2.0 * a / b"),
        ("(a + 1.) / b", "(a + 1.) / b"),
        ("float(a) / b", "float(a) / b"),
        ("math.sqrt(a) / b", "math.sqrt(a) / b"),
        ("a ** 0.5 / b", "a ** 0.5 / b"),
        ("f(0.5) / b", "old_div(f(0.5), b)"),
        ("x[1.] / b", "old_div(x[1.], b)"),
        ("len(a) / 2", "len(a) // 2"),
        ("7 / 2", "7 // 2"),
        ("a % b / c", "old_div(a % b, c)"),
        ("-a / b", "old_div(-a, b)"),
    ],
)
def test_division_is_of_integers_where_it_may_be(expression, meaning):
    new = converted(f"print 0\nx = {expression}")
    assert new.code.splitlines()[-1] == f"x = {meaning}"
    true = converted(f"from __future__ import division\nprint 0\nx = {expression}")
    assert true.code.splitlines()[-1] == f"x = {expression}"


def test_cells_share_what_one_of_them_imports_from_the_future():
    codes = [
        "from __future__ import division, print_function",
        "x = unicode(3)",
        "print('a', x / 2)",
        "import cPickle",
    ]
    cells = [sources.Part(f"cell {n}", code, n) for n, code in enumerate(codes, 1)]
    new = [part.code.strip() for part in python2.converted(cells)]
    assert new[1:3] == ["x = str(3)", "print('a', x / 2)"]
    assert new[3].startswith("import pickle")


def test_division_in_place():
    new = converted("print 0\nx /= 2\na.b /= c\nd[k][0] /= n\nf(0).x /= 2\ny /= 2.\n")
    assert new.code.splitlines()[-5:] == [
        "x = old_idiv(x, 2)",
        "a.b = old_idiv(a.b, c)",
        "d[k][0] = old_idiv(d[k][0], n)",
        "f(0).x /= 2",  # to call it twice would be worse
        "y /= 2.",
    ]


def test_integers_are_divided_as_they_were():
    with pytest.warns(UserWarning, match="rounds down, as in Python 2") as told:
        assert (old_div(7, 2), old_div(-7, 2), old_div(np.int64(7), 2)) == (3, -4, 3)
    assert {warning.filename for warning in told} == {__file__}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing is said where nothing is rounded
        assert (old_div(6, 2), old_div(7, 2.0), old_div(7.0, 2)) == (3, 3.5, 3.5)
        x = y = np.array([1.0, 3.0])
        y = old_idiv(y, 2)
        assert y is x and x.tolist() == [0.5, 1.5]
        assert old_div(x, np.array([1, 2])).tolist() == [0.5, 0.75]
    with pytest.warns(UserWarning, match="rounds down"):
        assert old_div(np.array([7, 8]), 2).tolist() == [3, 4]
        assert old_div(tf.constant([7, 8]), 2).numpy().tolist() == [3, 4]
        assert old_idiv(7, 2) == 3
        assert old_div(tf.compat.v1.Dimension(7), 2) == 3
    assert (cmp(1, 2), cmp(2, 2), cmp(3, 2)) == (-1, 0, 1)


def test_code_means_what_it_meant():
    names = result_of(
        """\
        import cPickle, string
        from itertools import izip
        print 'x',
        pairs = map(lambda (a, b): a + b, zip([1, 2], [3, 4]))
        total = reduce(lambda a, b: a + b, pairs)
        keys = {'a': 1}.keys() + ['b']
        numbers = range(3)
        numbers[0] = 010
        rest = [a for a, b in izip('ab', 'cd')]
        half = total / 4
        data = cPickle.loads(cPickle.dumps({'k': 'v'}, 2))
        old = cPickle.loads(b'\\x80\\x02U\\x03a\\xffbq\\x00.')
        in_order = sorted([3, 1], cmp=lambda a, b: cmp(a, b))
        letters = string.letters[:2]
        text = u'\\u00e9'
        is_less = 3 <> 4
        """
    )
    assert names["pairs"] == [4, 6] and names["total"] == 10 and names["half"] == 2
    assert names["keys"] == ["a", "b"] and names["numbers"] == [8, 1, 2]
    assert names["rest"] == ["a", "b"] and names["data"] == {"k": "v"}
    assert names["old"] == "a\xffb" and names["in_order"] == [1, 3]
    assert names["letters"] == "ab" and names["text"] == "é" and names["is_less"]


def test_what_is_imported_for_the_code_comes_after_its_docstring():
    code = "#!/usr/bin/python\n# comment\n'Of the module.'\nprint 1 / x\n"
    new = converted(code)
    assert new.code.splitlines()[:4] == [
        "#!/usr/bin/python",
        "# comment",
        "'Of the module.'",
        "from estimator_mnist.tf1.python2 import old_div",
    ]
    assert new.lines[3:] == (3, 4, 5)


def test_code_that_is_moved_compiles_at_lines_of_the_original():
    code = """\
        def f(a,
              (b,
               c)):
            if a.has_key(
                    b
            ) and a[b] / (
                    c): print >> b, (
                        c), \\
                        a
            raise ValueError, (
                'no'), None
        """
    new = converted(code)
    assert list(new.lines) == sorted(new.lines)
    assert max(new.lines) <= code.count("\n") + 1
    compile(sources.tree(new), "old.py", "exec")


def test_lines_in_messages_are_the_originals(run, tmp_path):
    (tmp_path / "old.py").write_text(
        textwrap.dedent(
            """\
            '''Of Python 2.'''
            from net import f
            import tensorflow as tf
            import urllib2

            def main(_):
                print 'half', 7 / 2, 3 / f(2)
                f('x')

            tf.app.run()
            """
        )
    )
    (tmp_path / "net.py").write_text(
        "def f(x, (a, b)=(1, 2)):\n    n = 7\n    n /= 2\n    return 1 + x\n"
    )
    outcome = run(tmp_path, "old.py")
    assert (outcome.code, outcome.out) == (1, "half 3 1\n")
    assert f"{tmp_path}/net.py:3: UserWarning: a division" in outcome.err
    lines = outcome.err[outcome.err.index("Traceback") :].splitlines()
    assert lines == [
        "Traceback (most recent call last):",
        '  File "old.py", line 10, in <module>',
        "    tf.app.run()",
        '  File "old.py", line 8, in main',
        "    f('x')",
        f'  File "{tmp_path}/net.py", line 4, in f',
        "    return 1 + x",
        lines[-1],
    ]
    assert lines[-1].startswith("TypeError: ")


def test_a_module_of_python_2_with_a_mistake_is_told(run, tmp_path):
    (tmp_path / "old.py").write_text("import net\n")
    (tmp_path / "net.py").write_text("print 'net'\nx = = 4\n")
    outcome = run(tmp_path, "old.py")
    assert outcome.code == 1
    assert f'File "{tmp_path}/net.py", line 1' in outcome.err
    assert "This is Python 2, and could not be converted" in outcome.err


def test_a_notebook_of_python_2_says_so_in_its_metadata(run, tmp_path):
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
        for source in ("%matplotlib inline\nx = 7", "x / 2")
    ]
    kernel = {"name": "python2", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4}
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(notebook))
    outcome = run(tmp_path, "old.ipynb")
    assert (outcome.code, outcome.out) == (0, "Out[2]: 3\n"), outcome.err
    assert command.main([f"--convert={tmp_path / 'new'}", str(path)]) == 0
    new = json.loads((tmp_path / "new" / "old.ipynb").read_text())
    assert new["metadata"]["kernelspec"]["name"] == "python3"
    assert "old_div(x, 2)" in new["cells"][1]["source"]


def test_convert_writes_the_program_as_it_runs(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pack" / "inner").mkdir(parents=True)
    (tmp_path / "pack" / "__init__.py").write_text("")
    (tmp_path / "pack" / "task.py").write_text(
        "import beside\nfrom inner import deep\nprint beside.half(7), deep.x\n"
    )
    (tmp_path / "pack" / "beside.py").write_bytes(
        b"# -*- coding: latin-1 -*-\ndef half(n):\n    return n / 2, '\xe9'\n"
    )
    (tmp_path / "pack" / "inner" / "__init__.py").write_text("")
    (tmp_path / "pack" / "inner" / "deep.py").write_text("x = range(2) + [5]\n")
    assert command.main(["--convert=new", "-m", "pack.task"]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/new: 5 of 5 files were converted.\n"
    beside = (tmp_path / "new/pack/beside.py").read_text("utf-8").splitlines()
    assert beside[0] == "# -*- coding: utf-8 -*-"
    assert beside[-1].endswith(", 'é'")
    assert "from . import beside" in (tmp_path / "new/pack/task.py").read_text()
    assert command.main(["--convert=new", "-m", "pack.task"]) == 1
    assert "is there already" in capsys.readouterr().err
    (tmp_path / "of_3.py").write_text("print(1)\n")
    assert command.main(["--convert=no", "of_3.py"]) == 0
    assert not (tmp_path / "no").exists()


def test_a_python_2_package_runs_and_so_does_what_convert_has_written(run, tmp_path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("")
    (tmp_path / "pack" / "task.py").write_text(
        "import beside\nprint beside.half(7), type(beside.data.map(beside.plus))\n"
    )
    (tmp_path / "pack" / "beside.py").write_text(
        "import tensorflow as tf\n"
        "def half(n):\n    return n / 2\n"
        "def plus(x):\n    return x + 1 / 2\n"
        "data = tf.data.Dataset.range(3)\n"
    )
    first = run(tmp_path, "-m", "pack.task")
    assert first.out.startswith("3 <class"), first.err
    assert "AutoGraph" not in first.err
    run(tmp_path, "--convert=new", "-m", "pack.task")
    second = run(tmp_path / "new", "-m", "pack.task")
    assert second.out == first.out
