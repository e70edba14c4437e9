"""Curves of runs that were resumed, killed, or never wrote a loss."""

import numpy as np
import tensorflow as tf

from estimator_mnist.report import curves

tf1 = tf.compat.v1
START = tf1.SessionLog(status=tf1.SessionLog.START)


def write(folder, name, points, start=None, tag="loss"):
    """Writes an event file, `name` being its place; `start` is its session's start."""
    with tf.Graph().as_default():
        writer = tf1.summary.FileWriter(str(folder), filename_suffix=f".{name}")
        if start is not None:
            writer.add_session_log(START, start)
        for step, value in points:
            one = tf1.Summary.Value(tag=tag, simple_value=value)
            writer.add_summary(tf1.Summary(value=[one]), step)
        writer.close()
    (path,) = folder.glob(f"events*.{name}")
    return path.rename(folder / f"events.out.tfevents.{name}")


def test_a_resumed_run_is_one_curve_without_doubled_points(tmp_path):
    write(tmp_path, "1", [(1, 9.0), (101, 8.0), (201, 7.0)], start=1)
    write(tmp_path, "2", [(101, 6.0), (301, 5.0)], start=101)
    loss = curves.read(str(tmp_path))["loss"]
    # 201 was never reached again: the run that wrote it was killed.
    assert loss.steps.tolist() == [1, 101, 301]
    assert loss.values.tolist() == [9.0, 6.0, 5.0]


def test_the_last_of_two_evaluations_at_a_step_counts(tmp_path):
    write(tmp_path, "1", [(100, 0.5), (200, 0.6)], tag="accuracy")
    write(tmp_path, "2", [(100, 0.7)], tag="accuracy")
    accuracy = curves.read(str(tmp_path))["accuracy"]
    assert accuracy.steps.tolist() == [100, 200]
    np.testing.assert_allclose(accuracy.values, [0.7, 0.6], rtol=1e-6)


def test_a_file_cut_short_by_a_kill_is_read_to_there(tmp_path):
    path = write(tmp_path, "1", [(1, 9.0), (2, 8.0)])
    path.write_bytes(path.read_bytes()[:-5])
    assert curves.read(str(tmp_path))["loss"].steps.tolist() == [1]


def test_scalars_of_newer_writers_are_read_too(tmp_path):
    with tf.Graph().as_default():
        writer = tf1.summary.FileWriter(str(tmp_path))
        for tag, content in (("loss", 0.5), ("note", "words"), ("many", [1.0, 2.0])):
            tensor = tf.make_tensor_proto(content)
            value = tf1.Summary.Value(tag=tag, tensor=tensor)
            writer.add_summary(tf1.Summary(value=[value]), 3)
        writer.close()
    found = curves.read(str(tmp_path))
    assert list(found) == ["loss"] and found["loss"].values.tolist() == [0.5]


def test_a_run_has_curves_of_training_and_of_each_evaluation(tmp_path):
    for name in ("eval", "eval_validation", "export"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, "1", [(5, 1.0)])
    assert list(curves.of_run(str(tmp_path))) == ["eval", "eval_validation"]
    write(tmp_path, "1", [(1, 1.0)])
    assert list(curves.of_run(str(tmp_path))) == ["train", "eval", "eval_validation"]
