"""--help and --version of the three commands, and mistakes in their flags."""

import os
import re
import subprocess
import sys

import pytest
from absl import flags

import estimator_mnist
from estimator_mnist import launch, main, run

COMMANDS = {
    "main": main.console,
    "run": run.main,
    "launch": launch.main,
}
NAMES = {"main": "estimator-mnist", "run": "estimator-mnist-run"}


@pytest.fixture
def typed(monkeypatch, capsys):
    """`typed(command, *flags)`: exit code, stdout and stderr of an installed script."""

    def call(command, *arguments):
        program = NAMES.get(command, "estimator-mnist-launch")
        monkeypatch.setattr(sys, "argv", [f"/somewhere/bin/{program}", *arguments])
        with pytest.raises(SystemExit) as end:
            sys.exit(COMMANDS[command]())
        return end.value.code, *capsys.readouterr()

    return call


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_says_what_it_does_with_five_examples(typed, command, flag):
    code, out, err = typed(command, flag)
    assert (code, err) == (0, "")
    before, after = out.split("Examples:\n")
    # Its three lines stand between the usage and the examples.
    assert len(before.strip().split("\n\n")[-1].splitlines()) == 3
    examples = after.partition("\n\n")[0].splitlines()
    assert len(examples) == 10
    for line in examples[::2]:
        assert line.startswith(f"  {NAMES.get(command, 'estimator-mnist-launch')} ")


def test_examples_of_the_program_are_flags_that_there_are(typed):
    _, out, _ = typed("main", "--help")
    lines = re.findall(r"^  estimator-mnist (.+)$", out, re.MULTILINE)
    assert len(lines) == 5
    for line in lines:
        main.parsed(["main", *line.split()])


def test_help_shows_each_flag_once_in_a_group_and_with_its_default(typed):
    _, out, _ = typed("main", "--help")
    flag_values, _ = main.parsed(["main"])
    shown = re.findall(r"^  --(?:\[no\])?(\w+)", out, re.MULTILINE)
    assert sorted(shown) == sorted([*flag_values, "version", "flagfile"])
    text = " ".join(out.split())
    for words in (
        "--keep_checkpoint_max=INTEGER (at least 0) Newest checkpoints to keep; 0 for",
        "--[no]restore_best End with the best evaluated weights, not the last [false].",
        "in all runs together [linear: ",
        "--filters=INTEGER (1 to 65536) cnn, cnn_same: filters [32].",
        "Its learning rate [linear: 0.5; mlp cnn: 0.0001;",
    ):
        assert words in text, words


def test_help_ends_quietly_where_its_reader_ends_first():
    line = f"set -o pipefail; '{sys.executable}' -m estimator_mnist --help | :"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_version_is_that_of_the_package(typed, command):
    code, out, _ = typed(command, "--version")
    assert code == 0
    assert out.startswith(f"estimator_mnist {estimator_mnist.__version__} (Python 3.")
    assert re.search(r"TensorFlow 2\.\d+\.\d+", out)


@pytest.mark.parametrize(
    ("command", "wrong", "meant"),
    [
        ("main", ["--modle=cnn"], "model"),
        ("main", ["--translte"], "translate"),
        ("run", ["--chek", "x.py"], "--check"),
        ("launch", ["--wrkers=2"], "--workers"),
    ],
)
def test_a_typo_names_the_nearest_flag(typed, command, wrong, meant):
    code, out, err = typed(command, *wrong)
    assert (code, out) == (1, "")
    assert err.startswith("error: ") and err.count("\n") == 1
    assert re.search(rf"Did you mean:? .*{meant}\b", err), err


def test_what_is_no_number_is_told_in_words(typed):
    _, _, err = typed("launch", "--workers=x")
    assert "'x' is no whole number" in err and "_count" not in err


ASKED = """
import contextlib, io, runpy, sys
for module, *arguments in {asked}:
    sys.argv = [module, *arguments]
    with contextlib.redirect_stderr(io.StringIO()) as err, \\
            contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            runpy.run_module("estimator_mnist." + module, run_name="__main__")
        except SystemExit as end:
            code = end.code
    assert code == int(out.getvalue() == ""), (sys.argv, code, err.getvalue())
    for name in ("tensorflow", "tf_keras", "matplotlib", "sklearn"):
        assert name not in sys.modules, (sys.argv, name)
"""


def test_answers_that_need_no_tensorflow_import_none(tmp_path):
    (tmp_path / "old.ipynb").write_text("{")
    asked = [
        ("main", "--help"),
        ("main", "--version"),
        ("main", "--modle=cnn"),
        ("main", "--filters=none"),
        ("main", "--flagfile=none"),
        ("main", "cnn"),
        ("__main__", "--help"),
        ("run", "--help"),
        ("run", "--version"),
        ("run", "--chek", "x.py"),
        ("run", "none.py"),
        ("run", "--data_dir=none", "none.py"),
        ("run", "--save=x.ipynb", "none.py"),
        ("run", "--check", "old.ipynb"),
        ("launch", "--help"),
        ("launch", "--version"),
        ("launch", "--wrkers=2"),
        ("launch", "--workers=-1"),
    ]
    command = [sys.executable, "-W", "ignore", "-c", ASKED.format(asked=asked)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_program_with_flags_of_the_same_names_keeps_them():
    """The program's are no flags of the process."""
    theirs = flags.FlagValues()
    flags.DEFINE_string("mode", "theirs", "", flag_values=theirs)
    flags.DEFINE_integer("batch_size", 3, "", flag_values=theirs)
    theirs(["program"])
    before = set(flags.FLAGS)
    ours, _ = main.parsed(["main", "--mode=evaluate", "--batch_size=7"])
    assert (ours.mode, ours.batch_size) == ("evaluate", 7)
    assert (theirs.mode, theirs.batch_size) == ("theirs", 3)
    assert set(flags.FLAGS) == before and "batch_size" not in before
    again, _ = main.parsed(["main"])
    assert (again.mode, again.batch_size) == ("train_and_evaluate", None)


@pytest.mark.parametrize(
    "command", [["main", "--mode=doctor", "."], ["run", "--check", "a.py"]]
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_who_ends_first_is_no_error(command, unbuffered, tmp_path):
    (tmp_path / "a.py").write_text("import tensorflow as tf\ntf.contrib.nothing\n")
    name, *flags = command
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", f"estimator_mnist.{name}", *flags],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.getcwd(),
            "PYTHONUNBUFFERED": unbuffered,
        },
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    assert ended.returncode == 0, ended.stderr
    assert "Broken" not in ended.stderr


def test_an_output_that_lacks_a_letter_gets_an_escape(tmp_path):
    (tmp_path / "ä.json").write_text("{}")
    ended = subprocess.run(
        [sys.executable, "-m", "estimator_mnist.main", "--mode=doctor", str(tmp_path)],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\\xe4.json" in ended.stdout


@pytest.mark.parametrize("flag", ["--convert=", "--figures=", "--save=", "--data_dir="])
def test_an_empty_path_is_no_flag_left_out(typed, flag):
    code, out, err = typed("run", flag, "a.py")
    name = flag.rstrip("=")
    assert (code, out) == (1, "")
    assert err.startswith(f"error: argument {name}: it is empty: give a path")


def test_json_is_of_check(typed):
    code, out, err = typed("run", "--json", "a.py")
    assert (code, out) == (1, "")
    assert err == "error: --json is of --check: add that, or leave it out.\n"
