"""Notebooks of 2015 to 2019 run unedited, and are saved with their outputs."""

import base64
import io
import shutil

import matplotlib.image
import nbformat
import pytest

from estimator_mnist import run as command
from tests.runner import test_programs

NOTEBOOKS = test_programs.PROGRAMS / "notebooks"


@pytest.fixture
def run_notebook(run, small_mnist, tmp_path):
    """Runs one of NOTEBOOKS; returns what it printed, and its saved code cells."""

    def run_it(name):
        path = tmp_path / NOTEBOOKS.joinpath(name).name
        shutil.copy(NOTEBOOKS / name, path)
        options = ["--keep_going", "--save=out.ipynb", f"--data_dir={small_mnist}"]
        outcome = run(tmp_path, *options, path)
        assert path.read_bytes() == (NOTEBOOKS / name).read_bytes()
        saved = nbformat.read(tmp_path / "out.ipynb", as_version=4)
        nbformat.validate(saved)
        return outcome, [cell for cell in saved.cells if cell.cell_type == "code"]

    return run_it


def pictures(cell):
    """The pixels of the pictures that a cell shows."""
    datas = [output.get("data", {}) for output in cell.outputs]
    pngs = [base64.b64decode(d["image/png"]) for d in datas if "image/png" in d]
    return [matplotlib.image.imread(io.BytesIO(png)) for png in pngs]


def texts(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def test_python_2_of_2015_with_pickled_digits_by_url(run_notebook):
    outcome, cells = run_notebook("logistic_regression_2015.ipynb")
    assert outcome.code == 0, outcome.err
    assert "logistic_regression_2015.ipynb: 5 of 5 cells ran.\n" in outcome.err
    assert "7485 digits of 784 pixels, brightest 0.9961\n" in texts(cells[1])
    assert float(texts(cells[3]).split()[-1]) > 0.8
    (weights,) = pictures(cells[4])
    assert weights.shape[0] > 300
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4, 5]


def test_a_course_of_2017_that_reads_mnist_from_its_home_page(run_notebook, tmp_path):
    outcome, cells = run_notebook("course/week1.ipynb")
    assert outcome.code == 0, outcome.err
    assert "skipped: !ls -l MNIST_data\n" in texts(cells[1])
    assert cells[2].outputs[-1].data["text/plain"] == "((8982, 784), (300, 784))"
    assert len(pictures(cells[3])) == len(pictures(cells[6])) == 1
    assert "shape=(?, 10)" in cells[4].outputs[0].data["text/plain"]
    assert "Wall time: " in texts(cells[5])
    assert cells[7].outputs[0].data["text/plain"] == "True"
    saved = (tmp_path / "week1_figures" / "cell04.png").read_bytes()
    assert base64.b64decode(cells[3].outputs[0].data["image/png"]) == saved


def test_an_exercise_of_2018_with_blanks_runs_around_them(run_notebook):
    outcome, cells = run_notebook("course/week2.ipynb")
    assert outcome.code == 1
    assert "week2.ipynb: 5 of 8 cells ran.\n" in outcome.err
    assert texts(cells[3]) == "sigmoid(0) = 0.5\nsigmoid(12) = 0.999994\n"
    enames = {n: c.outputs[0].get("ename") for n, c in enumerate(cells, 1) if c.outputs}
    assert {n: ename for n, ename in enames.items() if ename} == {
        2: "SyntaxError",
        3: "NameError",
        7: "ModuleNotFoundError",
    }


def test_an_estimator_of_2019_in_colab(run_notebook, tmp_path):
    outcome, cells = run_notebook("course/week3.ipynb")
    assert outcome.code == 0, outcome.err
    assert "accuracy above 0.75: True\n" in texts(cells[3])
    # TensorFlow's log is in the notebook, as Jupyter's is.
    assert "INFO:tensorflow:Saving checkpoints for 60 into" in texts(cells[3])
    assert cells[4].outputs[0].data["text/html"] == "<b>trained</b>"
    assert not (tmp_path / "my_model.py").exists()


def test_check_finds_what_running_does(capsys):
    paths = [
        NOTEBOOKS / "logistic_regression_2015.ipynb",
        NOTEBOOKS / "course" / "week1.ipynb",
        NOTEBOOKS / "course" / "week3.ipynb",
    ]
    for path in paths:
        assert command.main(["--check", str(path)]) == 0, capsys.readouterr().out
    capsys.readouterr()
    assert command.main(["--check", str(NOTEBOOKS / "course" / "week2.ipynb")]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "week2.ipynb, cell 2, line 3: not Python: invalid syntax",
        "    C = # TODO: a tf.constant (1 line)",
        "week2.ipynb, cell 7, line 1: solution_utils: neither beside the program nor "
        "installed: put its file there, or install the library that the program's "
        "author means",
    ]
