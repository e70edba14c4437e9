"""What a killed process leaves half-written is known, and nothing else is touched."""

import os
import pathlib
import signal
import subprocess
import sys

import pytest

from estimator_mnist import files, temporary_files
from estimator_mnist.output_folder import OutputFolder

# Prints the paths of a file and a folder that it holds, and waits.
PROGRAM = """
import sys, time
from estimator_mnist import temporary_files
with temporary_files.file(sys.argv[1], "a.json") as file:
    with temporary_files.folder(sys.argv[1], "export") as folder:
        open(folder + "/half", "w").close()
        print(file, folder, flush=True)
        time.sleep(99)
"""


@pytest.fixture
def other(tmp_path):
    """Another process, which holds a file and a folder in tmp_path."""
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.paths = process.stdout.readline().split()
        yield process
        process.kill()


def kill(process, signum=signal.SIGKILL):
    process.send_signal(signum)
    process.wait()


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_killed_process_was_writing_is_removed(other, tmp_path, signum):
    assert temporary_files.abandoned(str(tmp_path)) == []
    assert temporary_files.remove_abandoned(str(tmp_path)) == []
    kill(other, signum)
    assert sorted(temporary_files.abandoned(str(tmp_path))) == sorted(other.paths)
    assert sorted(temporary_files.remove_abandoned(str(tmp_path))) == sorted(
        other.paths
    )
    assert list(tmp_path.iterdir()) == []


def test_writing_into_a_folder_of_output_removes_it_too(other, tmp_path):
    kill(other)
    OutputFolder(str(tmp_path)).write_text("b.txt", "b")
    assert not [path for path in other.paths if os.path.exists(path)]
    assert (tmp_path / "b.txt").read_text() == "b"


FOREIGN = (
    ".a.json.0123456789abcdef",
    ".a.json.backup01",
    "a.json.0123456789abcdef.estimator_mnist-tmp",
    ".a.json.0123456789abcdeg.estimator_mnist-tmp",
    ".export.abcd1234",
)


def test_what_is_only_called_similarly_stays(tmp_path):
    for name in FOREIGN:
        (tmp_path / name).write_text("mine")
    link = tmp_path / ".a.0123456789abcdef.estimator_mnist-tmp"
    link.symlink_to(tmp_path / FOREIGN[0])
    os.mkfifo(tmp_path / ".f.0123456789abcdef.estimator_mnist-tmp")
    temporary_files.remove_abandoned(str(tmp_path))
    assert {*FOREIGN, link.name} <= set(os.listdir(tmp_path))
    assert (tmp_path / FOREIGN[0]).read_text() == "mine"


def test_a_write_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(KeyError), files.replacing(str(tmp_path / "a")) as path:
        pathlib.Path(path).write_text("half")
        raise KeyError
    with pytest.raises(KeyError), temporary_files.folder(str(tmp_path), "x") as path:
        (pathlib.Path(path) / "half").touch()
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_file_has_the_rights_that_the_umask_gives(tmp_path):
    before = os.umask(0o027)
    try:
        files.write_text(str(tmp_path / "a"), "a")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_where_there_are_no_locks_nothing_is_taken_for_abandoned(tmp_path, monkeypatch):
    def refuse(descriptor, operation):
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    files.write_text(str(tmp_path / "a"), "a")
    left = tmp_path / ".a.0123456789abcdef.estimator_mnist-tmp"
    left.touch()
    assert temporary_files.abandoned(str(tmp_path)) == []
    assert temporary_files.remove_abandoned(str(tmp_path)) == []
    assert left.exists() and (tmp_path / "a").read_text() == "a"


def test_one_that_was_taken_for_abandoned_before_it_was_locked_is_made_again(
    tmp_path, monkeypatch
):
    import fcntl

    lock, first = fcntl.flock, []

    def too_late(descriptor, operation):
        if not first:
            first.extend(tmp_path.iterdir())
            first[0].unlink()
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", too_late)
    files.write_text(str(tmp_path / "a"), "a")
    assert (tmp_path / "a").read_text() == "a"
    assert not first[0].exists()
