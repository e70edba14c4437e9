"""Commands that are killed after any operation on files leave nothing behind."""

import signal

import pytest

from benchmarks.kills import every_operation, file_operations, listing

COMMANDS = sorted(every_operation.COMMANDS)


def killed(command, folder, **options):
    try:
        result = every_operation.kill_everywhere(command, str(folder), **options)
    except file_operations.UnavailableError as error:
        pytest.skip(str(error))
    print(result)
    assert not result.failures
    return result


# TensorFlow's C++ makes the first.
ONE = {
    "train": r"openat .*/run/model.ckpt-4.index$",
    "predict": r"write .*/predictions.npz$",
}


@pytest.mark.parametrize(
    "command", ["predict", pytest.param("train", marks=pytest.mark.slow)]
)
def test_what_a_killed_command_left_the_next_one_removes(command, tmp_path):
    where = ONE[command]
    result = killed(command, tmp_path, points=1, where=where, is_thorough=False)
    assert result.kills == 1


def test_names_and_contents_that_differ_are_told(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder / "best").mkdir(parents=True)
        (tmp_path / folder / "best" / "x.index").write_text(folder)
        (tmp_path / folder / f".{folder}").touch()
        (tmp_path / folder / f"events.out.tfevents.{folder}").touch()
    found, expected = (listing.describe(str(tmp_path / one)) for one in "ab")
    lacks, has, differs = listing.difference(found, expected)
    assert (lacks, has) == ("lacks .b", "has .a too")
    assert differs.startswith("differs in best/x.index")


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_is_killed_anywhere_is_made_up_for(command, tmp_path):
    """Takes 4 (predict) to 20 minutes (train)."""
    result = killed(command, tmp_path)
    # Which the last ones are depends on TensorFlow's threads.
    assert result.kills > 0.9 * result.operations


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "where"),
    [
        ("train", r"unlink .*/best/model.ckpt-2.data"),
        ("compare", r"early_stopping.json.*-tmp$"),
    ],
)
def test_a_training_that_a_signal_ends_has_the_same_files(command, where, tmp_path):
    killed(command, tmp_path, signum=signal.SIGTERM, where=where, is_thorough=False)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["predict", "export", "report"])
def test_a_command_that_is_terminated_is_made_up_for(command, tmp_path):
    killed(command, tmp_path, signum=signal.SIGTERM, points=8)
