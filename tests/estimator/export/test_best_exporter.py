"""BestExporter: what was best stays so, over restarts and whoever exported it."""

import logging
import os

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator
from estimator_mnist.estimator.export import saved_model
from estimator_mnist.estimator.export.exporter import BestExporter
from estimator_mnist.estimator.export.receivers import ServingInputReceiver

tf1 = tf.compat.v1


def model_fn(features, labels, mode):
    w = tf1.get_variable("w", [], initializer=tf1.ones_initializer())
    y = features["x"] * w
    if mode == estimator.ModeKeys.PREDICT:
        return estimator.EstimatorSpec(mode, {"y": y})
    step = tf1.train.get_global_step()
    loss = tf.reduce_mean(y) + tf.cast(step, tf.float32)
    return estimator.EstimatorSpec(mode, loss=loss, train_op=tf1.assign_add(step, 1))


def input_fn():
    return tf.data.Dataset.from_tensors(({"x": [1.0]}, [1.0]))


def serving_input_fn():
    x = tf1.placeholder(tf.float32, [None])
    return ServingInputReceiver({"x": x}, {"x": x})


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("model"))
    return estimator.Estimator(model_fn, folder).train(input_fn, steps=1)


@pytest.fixture
def restart(trained, tmp_path):
    """Gives a new BestExporter each time, as a new process would, to be called."""

    def begin(folder="best", **arguments):
        exporter = BestExporter(serving_input_receiver_fn=serving_input_fn, **arguments)

        def export(eval_result):
            path = exporter.export(
                trained,
                str(tmp_path / folder),
                trained.latest_checkpoint(),
                eval_result,
                False,
            )
            return path is not None

        return export

    return begin


def test_results_that_are_structures_are_no_obstacle(restart, tmp_path):
    export = restart()
    nested = {"a": np.float32(1), "b": (np.float32(2), np.zeros(2, np.float32))}
    assert export({"loss": 1.0, "nested": nested, "pair": (1, np.zeros(3))})
    assert not restart()({"loss": 2.0})


def forget_records(folder):
    """Makes our exports look like those of another program."""
    for path in saved_model.exports(folder):
        os.remove(os.path.join(path, "assets.extra", "best_eval_result.json"))


def write_losses(folder, losses, suffix="", start=None):
    """An event file with the loss of each step; `start` is its session's first step."""
    with tf.Graph().as_default():
        writer = tf1.summary.FileWriter(folder, filename_suffix=suffix)
    if start is not None:
        writer.add_session_log(tf1.SessionLog(status=tf1.SessionLog.START), start)
    for step, loss in losses.items():
        value = tf1.Summary.Value(tag="loss", simple_value=loss)
        writer.add_summary(tf1.Summary(value=[value]), step)
    writer.close()


def test_a_worse_model_after_a_restart_is_not_exported(restart):
    assert restart()({"loss": 1.0})
    assert not restart()({"loss": 2.0})
    assert not restart()({"loss": 1.0})


def test_a_better_model_after_a_restart_becomes_the_record(restart):
    assert restart()({"loss": np.float32(0.1)})
    assert restart()({"loss": np.float32(0.05)})
    assert not restart()({"loss": np.float32(0.07)})


def test_the_record_survives_when_one_export_is_kept(restart, tmp_path):
    export = restart(exports_to_keep=1)
    assert export({"loss": 3.0})
    assert export({"loss": 2.0})
    assert len(saved_model.exports(tmp_path / "best")) == 1
    assert not restart(exports_to_keep=1)({"loss": 2.5})


def test_where_the_exports_were_deleted_the_next_one_is_made(restart, tmp_path):
    assert restart()({"loss": 1.0})
    for path in saved_model.exports(tmp_path / "best"):
        tf.io.gfile.rmtree(path)
    assert restart()({"loss": 2.0})


def test_nan_does_not_stay_the_best(restart):
    export = restart()
    assert export({"loss": float("nan")})
    assert not export({"loss": float("nan")})
    assert export({"loss": 5.0})
    assert not restart()({"loss": float("nan")})


def test_one_exporter_keeps_the_records_of_two_folders_apart(
    restart, trained, tmp_path
):
    exporter = BestExporter(serving_input_receiver_fn=serving_input_fn)
    checkpoint = trained.latest_checkpoint()
    for folder, loss in [("a", 1.0), ("b", 2.0)]:
        path = str(tmp_path / folder)
        assert exporter.export(trained, path, checkpoint, {"loss": loss}, False)
    assert not exporter.export(trained, path, checkpoint, {"loss": 2.0}, False)


def test_compare_fn_gets_arrays_and_numbers_of_the_earlier_run(restart):
    def more_hits(best_eval_result, current_eval_result):
        best, current = best_eval_result["hits"], current_eval_result["hits"]
        return best.shape == current.shape and current.sum() > best.sum()

    first = {"hits": np.array([1, 2]), "image": b"\xff", "loss": np.float32(9)}
    assert restart(compare_fn=more_hits)(first)
    assert not restart(compare_fn=more_hits)({"hits": np.array([2, 1])})
    assert restart(compare_fn=more_hits)({"hits": np.array([2, 2])})


def test_exports_without_a_record_are_judged_by_the_event_files(
    restart, trained, tmp_path
):
    assert restart()({"loss": 7.0})
    forget_records(tmp_path / "best")
    earlier = trained.evaluate(input_fn, name="best_of_events")
    pattern = "eval_best_of_events/*.tfevents.*"
    later = {"global_step": earlier["global_step"] + 1}
    worse = {"loss": earlier["loss"] + 1, **later}
    better = {"loss": earlier["loss"] - 1, **later}
    assert not restart(event_file_pattern=pattern)(worse)
    assert restart(event_file_pattern=pattern)(better)


def test_evaluations_that_are_void_are_no_rivals(restart, trained, tmp_path):
    assert restart()({"loss": 7.0})
    forget_records(tmp_path / "best")
    folder = trained.eval_dir("of_two_sessions")
    write_losses(folder, {1: 5.0, 3: 1.0}, suffix=".first")
    write_losses(folder, {2: 6.0}, suffix=".second", start=2)
    pattern = "eval_of_two_sessions/*.tfevents.*"
    assert restart(event_file_pattern=pattern)({"loss": 4.0, "global_step": 4})


def test_the_event_files_of_several_folders_are_read(restart, trained, tmp_path):
    assert restart()({"loss": 7.0})
    forget_records(tmp_path / "best")
    for name, loss in [("part_a", 5.0), ("part_b", 3.0)]:
        write_losses(trained.eval_dir(name), {len(name) + int(loss): loss})
    pattern = "eval_part_?/*.tfevents.*"
    assert not restart(event_file_pattern=pattern)({"loss": 4.0, "global_step": 1})
    assert restart(event_file_pattern=pattern)({"loss": 2.0, "global_step": 1})


def test_the_evaluation_at_hand_is_no_rival_in_the_event_files(
    restart, trained, tmp_path
):
    assert restart()({"loss": 7.0})
    forget_records(tmp_path / "best")
    result = trained.evaluate(input_fn, name="at_hand")
    assert restart(event_file_pattern="eval_at_hand/*.tfevents.*")(result)


def test_a_damaged_record_is_said_and_left_aside(restart, tmp_path, caplog):
    assert restart()({"loss": 1.0})
    (path,) = saved_model.exports(tmp_path / "best")
    record = os.path.join(path, "assets.extra", "best_eval_result.json")
    with open(record, "w") as file:
        file.write('{"lo')
    with caplog.at_level(logging.WARNING, "tensorflow"):
        assert restart()({"loss": 2.0})
    assert record in caplog.text
