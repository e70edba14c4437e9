"""Kinds of old programs, each as of its year; and that --check knows which run."""

import json
import pathlib
import re

import pytest

from estimator_mnist import run as command

PROGRAMS = pathlib.Path(__file__).with_name("programs")
FAIL = sorted((PROGRAMS / "gone").glob("*.py"))
# All others run: tests here and beside this file run each of them.
RUN = sorted(path for path in PROGRAMS.rglob("*.py") if path not in FAIL)


@pytest.fixture
def run_kind(run_unedited):
    """Runs one of the kinds and returns what it printed."""

    def run_it(name):
        return run_unedited(PROGRAMS / "kinds" / f"{name}.py")

    return run_it


def test_python_2(run_kind, tmp_path):
    outcome = run_kind("python_2")
    lines = outcome.out.splitlines()
    right = re.match(r"right (\d+) % True right", lines[2])
    assert int(right[1]) > 80
    assert lines[:2] == ["half of 1797 is 898", "('logits/kernel', [64, 10]) 2"]
    assert lines[2].endswith(" abc 7 True [3, 2, 1]")
    assert lines[3:] == ["no file: URLError", "[0, 1, 2, 3] right", "3 -4 3.5 1.5"]
    # Divisions that have rounded are told, at the lines of the original.
    told = re.findall(r"python_2.py:(\d+): UserWarning: a division", outcome.err)
    source = (PROGRAMS / "kinds" / "python_2.py").read_text().splitlines()
    assert [source[int(line) - 1].strip()[:9] for line in told] == [
        "percents ",
        "n /= 2",
        "print n, ",
    ]
    assert "step 50 loss" in outcome.err


def test_standalone_keras(run_kind):
    outcome = run_kind("standalone_keras")
    lines = outcome.out.splitlines()
    assert lines[6] == "['acc', 'loss', 'val_acc', 'val_loss']"
    assert float(lines[7].rpartition(" ")[2]) > 0.7
    assert lines[8:] == ["features (297, 72)", "in the graph: True", "again"]
    assert outcome.err == ""


def test_names_of_tensorflows_inner_modules(run_kind):
    outcome = run_kind("inner_names")
    accuracy, *rest = outcome.out.splitlines()
    assert float(accuracy.split()[1].rstrip(",")) > 0.7
    assert accuracy.endswith("loss is small")
    assert rest == ["state 1 GRUCell frozen True", "CPU"]
    assert outcome.err == ""


@pytest.mark.parametrize("path", RUN, ids=lambda path: path.stem)
def test_check_finds_nothing_in_what_runs(path, capsys, monkeypatch):
    monkeypatch.chdir(path.parent.parent)  # modules beside or above it
    assert command.main(["--check", str(path)]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("path", FAIL, ids=lambda path: path.stem)
def test_check_finds_the_line_at_which_a_program_fails(run, tmp_path, capsys, path):
    line = next(
        number
        for number, text in enumerate(path.read_text().splitlines(), 1)
        if "# gone" in text
    )
    outcome = run(tmp_path, path)
    assert outcome.code == 1
    assert f'File "{path}", line {line}, in <module>\n' in outcome.err
    assert command.main(["--check", str(path)]) == 1
    place = f"{path}:{line}: "
    found = capsys.readouterr().out.splitlines()
    (finding,) = [text.removeprefix(place) for text in found if text.startswith(place)]
    name, _, replacement = finding.partition(": ")
    assert replacement in outcome.err, name


def test_files_of_a_folder_that_cannot_be_checked_are_findings(capsys, tmp_path):
    cells = [{"cell_type": "code", "source": "import tensorflow as tf\ntf.contrib.gan"}]
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "old.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "bad.ipynb").write_text("{")
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    (tmp_path / "venv" / "of_venv.py").write_text("import no_such_package")
    (tmp_path / ".hidden.py").write_text("import no_such_package")
    assert command.main(["--check", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    bad, gan = captured.out.splitlines()
    assert bad.startswith(f"{tmp_path}/bad.ipynb:1: not Python 3: ")
    place = f"{tmp_path}/sub/old.ipynb, cell 1, line 2"
    assert gan == f"{place}: tf.contrib.gan: the tensorflow_gan package"
    assert captured.err.startswith("2 files: 2 findings of 2 kinds: ")


def test_a_folder_is_checked_as_a_whole(capsys):
    assert command.main(["--check", str(PROGRAMS / "gone")]) == 1
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) >= len(FAIL)
    assert re.fullmatch(
        rf"{len(FAIL)} files: \d+ findings of \d+ kinds: tf.contrib.gan \d.*\n",
        captured.err,
    )
    assert command.main(["--check", "--json", str(PROGRAMS / "gone")]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["files"] == len(FAIL)
    assert sum(report["kinds"].values()) == len(report["findings"])
    lines = [f for f in report["findings"] if "python_2" in f["part"]]
    assert [(f["name"], f["first"], f["last"]) for f in lines] == [
        ("tf.contrib.gan", 6, 6)
    ]
