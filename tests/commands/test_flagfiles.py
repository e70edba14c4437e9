"""Flagfiles: the package's by their names, the user's in whatever form they come."""

import pytest

from estimator_mnist import main
from estimator_mnist.commands import flagfiles


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Returns the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_packaged_flagfile_is_found_by_its_name(folder):
    for given in (["--flagfile=cnn_fast"], ["-flagfile", "cnn_fast.flags"]):
        flag_values, _ = main.parsed(["main", *given])
        assert (flag_values.model, flag_values.max_steps) == ("cnn", 600)
    # A file of one's own goes first.
    (folder / "cnn_fast").write_text("--model=mlp\n")
    flag_values, _ = main.parsed(["main", "--flagfile=cnn_fast"])
    assert (flag_values.model, flag_values.max_steps) == ("mlp", None)


def test_what_follows_two_dashes_is_no_flagfile():
    arguments = ["main", "--", "--flagfile=none"]
    assert flagfiles.resolved(arguments) == arguments


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_flagfile_may_come_from_any_system(encoding, end, folder):
    lines = ["--model=mlp", "", "  # Größer", "// as in C", "--model_dir=Läufe/1"]
    (folder / "my.flags").write_bytes(end.join(lines).encode(encoding))
    flag_values, _ = main.parsed(["main", "--flagfile=my.flags"])
    assert (flag_values.model, flag_values.model_dir) == ("mlp", "Läufe/1")


def test_a_flagfile_stands_where_it_is_named_and_may_name_others(folder):
    (folder / "inner").write_text("--seed=1\n--max_steps=7\n")
    (folder / "outer").write_text("--seed=2\n--flagfile=cnn_fast\n--flagfile=inner\n")
    (folder / "twice").write_text("--flagfile=inner\n--flagfile=inner\n")
    flag_values, _ = main.parsed(["main", "--seed=3", "--flagfile=outer"])
    assert (flag_values.model, flag_values.seed) == ("cnn", 1)
    assert flag_values.max_steps == 7
    flag_values, _ = main.parsed(["main", "--flagfile=twice", "--seed=3"])
    assert flag_values.seed == 3


def error_of(capsys, *flags):
    with pytest.raises(SystemExit) as end:
        main.parsed(["main", *flags])
    assert end.value.code == 1
    return capsys.readouterr().err


NO_FILES = ("", "cnn", "a\0b", "~none/x", "x" * 300)
NONE = [["--flagfile"], *([f"--flagfile={name}"] for name in NO_FILES)]


@pytest.mark.parametrize("flags", NONE)
def test_a_flagfile_that_is_none_names_those_there_are(flags, capsys):
    said = error_of(capsys, *flags)
    assert "--flagfile=" in said and "no such file" in said and "cnn_fast, " in said


def test_a_flagfile_within_itself_is_told(folder, capsys):
    (folder / "a").write_text("--flagfile=b\n")
    (folder / "b").write_text("--seed=1\n--flagfile=a\n")
    said = error_of(capsys, "--flagfile=a")
    assert "--flagfile=a is within itself: a -> b -> a." in said


@pytest.mark.parametrize(
    "content", ["--model_dir=ä".encode("latin-1"), bytes([0, 255])]
)
def test_a_flagfile_that_is_no_text_is_told(content, folder, capsys):
    (folder / "a").write_bytes(content)
    assert "--flagfile=a is no text in UTF-8: save it" in error_of(
        capsys, "--flagfile=a"
    )


def test_a_folder_is_no_flagfile(folder, capsys):
    (folder / "a").mkdir()
    said = error_of(capsys, "--flagfile=a")
    assert "--flagfile=a cannot be read: Is a directory" in said
