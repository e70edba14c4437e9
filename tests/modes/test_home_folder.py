"""`~` in a path is the home folder, wherever a path is given."""

import os
import pathlib

import pytest
from absl import flags

from estimator_mnist import main, options, run
from estimator_mnist.experiment import settings
from estimator_mnist.modes import common, doctor


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def program_flags(*given):
    values = flags.FlagValues()
    main.define_flags(values)
    values(["main", *given])
    return values


PATHS = ["model_dir", "data_dir", "output_dir"]


@pytest.mark.parametrize("name", PATHS)
def test_a_flag_that_is_a_path_knows_the_home_folder(name, home):
    assert program_flags(f"--{name}=~/runs")[name].value == f"{home}/runs"
    assert program_flags(f"--{name}", "~")[name].value == str(home)
    assert program_flags(f"--{name}=a~b/~")[name].value == "a~b/~"
    assert program_flags()[name].value is None


def test_every_flag_that_names_a_folder_is_a_path():
    declared = {**settings.SETTINGS, **common.FLAGS}
    named = {name for name in declared if name.endswith("_dir")}
    assert named == set(PATHS)
    assert {declared[name].kind for name in named} == {pathlib.Path}
    assert options.PathParser().flag_type() == "path"


def test_doctor_takes_it_too(home, capsys):
    (home / "run").mkdir()
    doctor.run(program_flags(), ["~/run"])
    assert "Nothing is damaged." in capsys.readouterr().out


def test_a_program_that_is_run_may_lie_there(home, capfd):
    (home / "hello.py").write_text("print('hello')")
    assert run.main(["--check", os.path.join("~", "hello.py")]) == 0
