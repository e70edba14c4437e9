"""Cells run one by one; what they show is what Jupyter shows and saves."""

import sys

import nbformat
import pytest

_OBJECT = "<IPython.core.display.{} object>"


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def result(number, text, **data):
    plain = {"text/plain": text} | data
    return {"output_type": "execute_result", "execution_count": number, "data": plain}


def display(text, **data):
    return {"output_type": "display_data", "data": {"text/plain": text} | data}


def error(name, value):
    return {"output_type": "error", "ename": name, "evalue": value}


def test_values_streams_and_displays_are_kept_as_jupyter_keeps_them(run_here):
    # The outputs are those of `jupyter nbconvert --execute`.
    ran = run_here(
        "import sys\nx = 3\nx",
        "print('a')\nprint('b')\nprint('e', file=sys.stderr)\n"
        "sys.stdout.writelines('c')",
        "{'a' * 30: 1, 'b' * 30: 2, 'c' * 30: 3}",
        "5;  # quiet",
        "class A:\n"
        "  _repr_html_ = lambda self: 'hh'\n  __repr__ = lambda self: 'AA'\nA()",
        "A",
        "def f(x, *y): pass\nf",
        "Out[1], _1, __ is f, type(_)",
        "None",
    )
    assert ran.code == 0
    long = ",\n ".join(f"'{letter * 30}': {n}" for n, letter in enumerate("abc", 1))
    assert ran.outputs == [
        [result(1, "3")],
        [stream("a\nb\n"), stream("e\n", "stderr"), stream("c")],
        [result(3, f"{{{long}}}")],
        [],
        [result(5, "AA", **{"text/html": "hh"})],
        [result(6, "__main__.A")],
        [result(7, "<function __main__.f(x, *y)>")],
        [result(8, "(3, 3, False, <class 'function'>)")],
        [],
    ]
    assert "Out[1]: 3\n" in ran.out
    assert ran.err.startswith("e\n")


def test_a_failed_cell_is_told_by_its_number_and_the_others_run(run_here):
    ran = run_here("a = 1", "b = # TODO", "a / 0", "return", "print(a)")
    assert ran.code == 1
    assert ran.out == "1\n"
    assert ran.err.splitlines()[-5:-1] == [
        "old.ipynb: 2 of 5 cells ran.",
        "  cell 2: is not Python, line 1: invalid syntax",
        "  cell 3: ZeroDivisionError: division by zero",
        "  cell 4: SyntaxError: 'return' outside function (old.ipynb, cell 4, line 1)",
    ]
    assert [kept[0]["output_type"] for kept in ran.outputs if kept] == [
        *["error"] * 3,
        "stream",
    ]
    assert ran.outputs[2] == [error("ZeroDivisionError", "division by zero")]


def test_the_first_failure_ends_a_run_that_does_not_keep_going(run_here):
    ran = run_here("a = 1\na", "a / 0", "a", keep_going=False)
    assert ran.code == 1
    assert "old.ipynb: 1 of 3 cells ran.\n" in ran.err
    assert "  1 more not tried: --keep_going runs them, too.\n" in ran.err
    assert ran.outputs == [
        [result(1, "1")],
        [error("ZeroDivisionError", "division by zero")],
        [],
    ]


def test_sys_exit_ends_a_cell(run_here):
    ran = run_here("import sys\nsys.exit(0)", "sys.exit()", "print(1)", "sys.exit(3)")
    assert (ran.code, ran.out) == (1, "1\n")
    assert "3 of 4 cells ran.\n  cell 4: SystemExit: 3\n" in ran.err


def test_an_interrupt_saves_what_has_been_shown(run_here, tmp_path):
    streams = sys.stdout, sys.stderr
    with pytest.raises(KeyboardInterrupt):
        run_here("%%capture\n1", "print(1)", "%%capture\nraise KeyboardInterrupt")
    saved = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert [cell.outputs for cell in saved.cells] == [[], [stream("1\n")], []]
    assert (sys.stdout, sys.stderr) == streams


def test_future_imports_may_come_after_a_magic(run_here):
    assert run_here("%matplotlib inline\nfrom __future__ import division").code == 0


def test_objects_of_ipython_show_themselves(run_here):
    png = b"\x89PNG\r\n\x1a\n"
    ran = run_here(
        "shown = modules['IPython.display']\n"
        "vars().update({n: getattr(shown, n) for n in 'HTML Image Math'.split()})\n"
        "display(HTML('<b>x</b>'), 3)\n"
        "h = display('one', display_id='k')\nh.update('two')",
        "print('gone'); shown.clear_output(); print('kept')",
        "print('gone'); shown.clear_output(wait=True); print('kept')",
        "Math('x')",
        f"Image({png!r})",
        "Image('no_such.png')",
        "Image('http://host/x.png')",
        "shown.YouTubeVideo('x')",
        "%%html\n<i>y</i>",
    )
    assert ran.code == 0, ran.err
    object_ = _OBJECT.format
    assert ran.outputs == [
        [
            display(object_("HTML"), **{"text/html": "<b>x</b>"}),
            display("3"),
            display("'two'"),
        ],
        [stream("kept\n")],
        [stream("kept\n")],
        [result(4, object_("Math"), **{"text/latex": "$\\displaystyle x$"})],
        [result(5, object_("Image"), **{"image/png": "iVBORw0KGgo="})],
        [result(6, object_("Image"))],
        [
            result(
                7, object_("Image"), **{"text/html": '<img src="http://host/x.png"/>'}
            )
        ],
        [result(8, object_("YouTubeVideo"))],
        [display(object_("HTML"), **{"text/html": "<i>y</i>\n"})],
    ]


def test_json_and_raw_forms_are_shown(run_here):
    ran = run_here(
        "modules['IPython.display'].JSON({'a': 1})",
        "display({'text/plain': 'x', 'text/html': '<b>'}, raw=True)",
    )
    assert ran.code == 0, ran.err
    assert ran.outputs == [
        [result(1, _OBJECT.format("JSON"), **{"application/json": {"a": 1}})],
        [display("x", **{"text/html": "<b>"})],
    ]


def test_the_program_chooses_which_values_are_shown(run_here):
    ran = run_here(
        "Shell = modules['IPython.core.interactiveshell'].InteractiveShell\n"
        "Shell.ast_node_interactivity = 'all'",
        "1\nNone\n2",
        "Shell.instance().ast_node_interactivity = 'none'",
        "3",
    )
    assert ran.outputs[1:] == [[result(2, "1"), result(2, "2")], [], []]
