"""`python -m estimator_mnist.data` copies a data set for machines without a network."""

import gzip

import pytest

from estimator_mnist.data import __main__ as command
from estimator_mnist.data import datasets


def test_a_copy_is_found_by_data_dir_and_made_once(data_dir, tmp_path, capsys):
    arguments = [f"--data_dir={data_dir}", str(tmp_path / "shared")]
    assert command.main(arguments) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"70000 images of mnist: {tmp_path}/shared/mnist\n")
    copied = datasets.load("mnist", tmp_path / "shared", download=False)
    assert copied.source == str(tmp_path / "shared" / "mnist")
    assert command.main(arguments) == 0


def test_a_tilde_is_the_home_folder(data_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert command.main([f"--data_dir={data_dir}", "~/shared"]) == 0
    assert datasets.load("mnist", tmp_path / "shared", download=False)


def test_another_file_is_not_overwritten(data_dir, tmp_path, capsys):
    other = tmp_path / "mnist" / f"{datasets.FILES[0]}.gz"
    other.parent.mkdir()
    other.write_bytes(gzip.compress(b"mine"))
    assert command.main([f"--data_dir={data_dir}", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"error: {other} is another file; name an empty folder, or move it away.\n"
    )
    assert gzip.decompress(other.read_bytes()) == b"mine"


def test_a_data_set_that_is_nowhere_is_an_error(tmp_path, capsys, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert command.main([str(tmp_path / "shared")]) == 1
    assert capsys.readouterr().err.startswith("error: no mnist found.\n")
    assert not (tmp_path / "shared").exists()


def test_a_data_set_of_another_name_is_refused(capsys):
    with pytest.raises(SystemExit) as end:
        command.main(["--dataset=cifar10", "shared"])
    assert end.value.code == 1
    assert "choose from" in capsys.readouterr().err


def test_a_file_in_the_place_of_the_folder_is_named(data_dir, tmp_path, capsys):
    (tmp_path / "a").touch()
    assert command.main([f"--data_dir={data_dir}", str(tmp_path / "a")]) == 1
    assert capsys.readouterr().err == (
        f"error: FOLDER={tmp_path}/a: {tmp_path}/a is no folder: name another folder.\n"
    )
