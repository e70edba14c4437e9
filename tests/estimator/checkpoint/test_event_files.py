"""What an evaluation adds to events that know its step already."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import event_files

tf1 = tf.compat.v1


def write(folder, step, accuracy):
    results = {"accuracy": np.float32(accuracy), "global_step": np.int64(step)}
    event_files.write_results(str(folder), results, "model.ckpt")


def restart(folder):
    """The next process has a writer of its own, and a file of another name."""
    tf1.summary.FileWriterCache.clear()
    for number, path in enumerate(sorted(folder.glob("*.tfevents.*"))):
        path.rename(folder / f"events.out.tfevents.{number}")


def accuracies(folder):
    return [
        (step, round(value.simple_value, 3))
        for step, summary in event_files.summaries(str(folder))
        for value in summary.value
        if value.tag == "accuracy"
    ]


@pytest.fixture
def folder(tmp_path):
    """Evaluations of the steps 10, 20 and 30."""
    for step in (10, 20, 30):
        write(tmp_path, step, step / 100)
    restart(tmp_path)
    return tmp_path


def test_the_same_results_are_not_written_again(folder):
    write(folder, 20, 0.2)
    assert len(list(folder.iterdir())) == 1
    assert accuracies(folder) == [(10, 0.1), (20, 0.2), (30, 0.3)]


def test_the_first_checkpoint_of_a_step_is_named_once(tmp_path):
    results = {"accuracy": 0.2, "global_step": 0}
    for path in (None, "model.ckpt-0", "moved/model.ckpt-0"):
        event_files.write_results(str(tmp_path), results, path)
    found = event_files.summaries(str(tmp_path))
    tags = [value.tag for _, summary in found for value in summary.value]
    assert tags == ["accuracy", "checkpoint_path"]


def test_other_results_take_the_place_of_what_is_there_from_their_step_on(folder):
    write(folder, 20, 0.5)
    assert accuracies(folder) == [(10, 0.1), (20, 0.5)]
    write(folder, 30, 0.6)
    restart(folder)
    write(folder, 30, 0.3)  # what is void does not count
    assert accuracies(folder) == [(10, 0.1), (20, 0.5), (30, 0.3)]


def test_an_evaluation_of_an_older_step_leaves_the_later_ones(folder):
    write(folder, 15, 0.4)
    assert sorted(accuracies(folder)) == [(10, 0.1), (15, 0.4), (20, 0.2), (30, 0.3)]


@pytest.mark.parametrize("keep", [0, 7, -5])
def test_events_that_were_cut_short_do_not_stop_an_evaluation(folder, keep):
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:keep])
    write(folder, 40, 0.4)
    assert accuracies(folder)[-1] == (40, 0.4)


def test_a_changed_byte_ends_the_reading_of_its_file(folder):
    (path,) = folder.iterdir()
    data = path.read_bytes()
    value = np.float32(0.2).tobytes()
    assert data.count(value) == 1
    path.write_bytes(data.replace(value, np.float32(0.9).tobytes()))
    assert accuracies(folder) == [(10, 0.1)]


def test_damaged_events_do_not_stop_an_evaluation(folder):
    (path,) = folder.iterdir()
    data = bytearray(path.read_bytes())
    data[60:400] = bytes(255 for _ in range(340))
    path.write_bytes(data)
    write(folder, 30, 0.3)
    assert accuracies(folder)[-1] == (30, 0.3)


START, CHECKPOINT = tf1.SessionLog.START, tf1.SessionLog.CHECKPOINT


def write_session(folder, time, start, values, saved=None):
    """Writes a file that is named by `time`, as of a session that began at `start`."""
    with tf.Graph().as_default():
        writer = tf1.summary.FileWriter(str(folder))
        if start is not None:
            writer.add_session_log(tf1.SessionLog(status=START), start)
        for step, value in values.items():
            summary = tf1.Summary(
                value=[tf1.Summary.Value(tag="loss", simple_value=value)]
            )
            writer.add_summary(summary, step)
        if saved is not None:
            writer.add_session_log(tf1.SessionLog(status=CHECKPOINT), saved)
        writer.close()
    (path,) = folder.glob("events.out.*")
    path.rename(folder / f"{time}.tfevents.host")


SESSIONS = {
    "clock set back": [
        (2000, 0, {1: 1.0, 101: 2.0, 140: 3.0}, 120),
        (1000, 120, {121: 4.0, 221: 5.0}, 240),
        (1500, 240, {241: 6.0}, 240),
    ],
    "resumed twice at one step": [
        (1000, 0, {1: 1.0, 101: 9.0}, 100),
        (2000, 100, {121: 9.0, 221: 9.0}, 200),
        (3000, 100, {101: 2.0, 121: 4.0, 221: 5.0, 241: 6.0}, None),
    ],
    "trained anew": [
        (1000, 0, {1: 9.0, 101: 9.0}, 120),
        (2000, 0, {1: 1.0, 101: 2.0, 121: 4.0, 221: 5.0, 241: 6.0}, None),
    ],
    "evaluations, clock set back": [
        (2000, 1, {1: 1.0, 101: 2.0}, None),
        (1000, None, {121: 4.0, 221: 5.0, 241: 6.0}, None),
    ],
}


@pytest.mark.parametrize("case", SESSIONS)
def test_files_follow_one_another_by_the_steps_in_them(case, tmp_path):
    for session in SESSIONS[case]:
        write_session(tmp_path, *session)
    found = {
        at: one.value[0].simple_value for at, one in event_files.summaries(tmp_path)
    }
    assert found == {1: 1.0, 101: 2.0, 121: 4.0, 221: 5.0, 241: 6.0}
