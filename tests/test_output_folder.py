"""What this program has written is known again; all else in a folder is the user's."""

import json
import os
import pathlib

import pytest

from estimator_mnist import errors
from estimator_mnist.output_folder import LIST, OutputFolder


@pytest.fixture
def output(tmp_path):
    one = OutputFolder(str(tmp_path / "out"))
    one.write_text("a.txt", "ours")
    return one


def path(output, name="a.txt"):
    return pathlib.Path(output.path_of(name))


def names(output):
    return sorted(set(os.listdir(output.path)) - {LIST})


def test_what_was_written_may_be_replaced_and_removed(output):
    OutputFolder(output.path).write_text("a.txt", "again")
    assert path(output).read_text() == "again"
    assert os.stat(output.path_of("a.txt")).st_mode & 0o444 == 0o444
    OutputFolder(output.path).remove("a.txt")
    assert names(output) == []


FOREIGN = {
    "another file": lambda path: path.write_text("mine"),
    "ours, edited": lambda path: path.write_text("ours!"),
    "a link": lambda path: path.symlink_to(path.rename(f"{path}.1")),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


def identity(path):
    """What a write would change; reading changes another time."""
    found = os.lstat(path)
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_foreign_is_neither_replaced_nor_removed(kind, output):
    FOREIGN[kind](path(output))
    before = identity(output.path_of("a.txt"))
    message = "a.txt is not as this program wrote it.*--output_dir"
    for write in (
        lambda: output.check(["a.txt"]),
        lambda: output.write_text("a.txt", "ours"),
    ):
        with pytest.raises(errors.ForeignFileError, match=message):
            write()
    output.remove("a.txt")
    assert identity(output.path_of("a.txt")) == before
    assert not [name for name in names(output) if name.startswith(".")]


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"files": 7}'])
def test_without_a_list_nothing_is_ours(text, output):
    os.unlink(output.path_of(LIST))
    if text is not None:
        path(output, LIST).write_text(text)
    with pytest.raises(errors.ForeignFileError):
        output.write_text("a.txt", "ours")


def test_a_folder_of_a_version_without_a_list_is_adopted(output):
    os.unlink(output.path_of(LIST))
    with pytest.raises(errors.ForeignFileError):
        OutputFolder(output.path, adopts="main.txt").write_text("a.txt", "new")
    adopted = OutputFolder(output.path, adopts="a.txt")
    adopted.write_text("b.txt", "new")
    adopted.write_text("a.txt", "new")
    # Once there is a list, it alone counts.
    path(output, "c.txt").write_text("mine")
    with pytest.raises(errors.ForeignFileError):
        OutputFolder(output.path, adopts="a.txt").write_text("c.txt", "new")


def test_a_kill_between_list_and_file_leaves_what_is_ours(output):
    before = path(output, LIST).read_text()
    output.write_text("a.txt", "newer")
    path(output).write_text("ours")  # as if the kill had come before the rename
    assert output.is_ours("a.txt")
    path(output).write_text("newer")
    assert output.is_ours("a.txt") and len(json.loads(before)["files"]["a.txt"]) == 1


def test_an_error_leaves_neither_a_file_nor_a_folder(tmp_path):
    output = OutputFolder(str(tmp_path / "a" / "b"))
    with pytest.raises(ZeroDivisionError), output.replacing("x"):
        raise ZeroDivisionError
    assert not os.listdir(tmp_path)
