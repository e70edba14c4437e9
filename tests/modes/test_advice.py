"""What the program advises to type works as it stands."""

import os
import shlex
import sys

import pytest

from estimator_mnist import main
from estimator_mnist.experiment import command_line
from tests.fuzz import program


def typed(text):
    """Runs the last command in a text, as a shell would split it."""
    words = shlex.split(
        text.splitlines()[-1].partition(": ")[2].split(": ")[-1].strip()
    )
    module = words.index("-m")
    assert words[module + 1] == "estimator_mnist.main"
    return program.run(words[module + 2 :])


def test_what_next_lines_are_quoted_for_the_shell(tmp_path):
    folder = tmp_path / "it's $HOME; a*"
    flags = [f"--model_dir={folder}", "--dataset=digits", "--max_steps=1"]
    outcome = program.run(["--model=linear", *flags])
    lines = [line for line in outcome.out.splitlines() if "--model_dir" in line]
    assert len(lines) == 4
    inspected = typed(next(line for line in lines if line.startswith("Its variables")))
    assert inspected.code == 0 and "7,850 parameters" in inspected.out, inspected


def test_at_step_0_the_advised_training_has_its_usual_length(tmp_path):
    flags = [f"--model_dir={tmp_path}", "--dataset=digits"]
    program.run(["--model=linear", *flags, "--mode=train", "--max_steps=1"])
    for file in tmp_path.glob("model.ckpt-1.*"):
        file.unlink()
    outcome = program.run([*flags, "--mode=evaluate"])
    assert "at step 0" in outcome.out
    more = next(x for x in outcome.out.splitlines() if x.startswith("More training"))
    assert "--steps" not in more and more.endswith(str(tmp_path))


def test_a_flag_of_another_mode_may_stand_in_a_flagfile(tmp_path):
    flagfile = tmp_path / "all.flags"
    flagfile.write_text("--tsne_points=5\n")
    flags = [f"--model_dir={tmp_path / 'run'}", "--dataset=digits", "--model=linear"]
    outcome = program.run([*flags, f"--flagfile={flagfile}", "--max_steps=1"])
    assert outcome.code == 0, outcome.err


def test_without_a_record_they_name_the_flags_that_it_takes(tmp_path):
    flags = [
        f"--model_dir={tmp_path}",
        "--dataset=digits",
        "--model=mlp",
        "--translate",
    ]
    program.run([*flags, "--hidden_units=3", "--mode=train", "--max_steps=1"])
    (tmp_path / "experiment.json").unlink()
    outcome = program.run([*flags, "--hidden_units=3", "--mode=evaluate"])
    lines = outcome.out.splitlines()
    predicted = typed(next(line for line in lines if line.startswith("Predictions")))
    assert predicted.code == 0, predicted.err


def test_after_nan_the_advised_command_trains(tmp_path):
    flags = ["--dataset=digits", "--model=linear", "--mode=train", "--max_steps=3"]
    outcome = program.run(
        [*flags, f"--model_dir={tmp_path}/a b", "--learning_rate=1e38"]
    )
    assert outcome.code == 1 and "NaN loss" in outcome.err, outcome
    again = typed(outcome.err)
    assert again.code == 0 and "Trained from step 0 to 3" in again.out, again


def test_the_interpreter_is_named_as_one_types_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", f"{tmp_path}/.venv/bin/python")
    assert command_line.program("--mode=doctor") == (
        ".venv/bin/python -m estimator_mnist.main --mode=doctor"
    )
    monkeypatch.setenv("PATH", f"{tmp_path}/.venv/bin{os.pathsep}/usr/bin")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch(mode=0o755)
    assert command_line.interpreter() == "python"
    monkeypatch.setattr(sys, "executable", "/other/bin/python")
    assert command_line.interpreter() == "/other/bin/python"


@pytest.mark.parametrize("mode,words", [("train", "newest"), ("report", "begins anew")])
def test_an_interrupted_command_speaks_of_what_it_does(mode, words, capsys):
    with pytest.raises(SystemExit) as end:
        main.end_by_signal(2, mode)
    assert end.value.code == 130
    out = capsys.readouterr().out
    assert words in out and ("checkpoint" in out) == (mode == "train")
    with pytest.raises(SystemExit):
        main.end_by_signal(2, mode, steps=7)
    assert ("--steps=7" in capsys.readouterr().out) == (mode == "train")
