"""Files and threads of event writers do not grow with the number of folders."""

import gc
import os
import shutil
import threading

import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.checkpoint import event_files, event_writers
from tests.estimator import one_weight

tf1 = tf.compat.v1


def one_batch():
    return tf.data.Dataset.from_tensors({"x": [1.0]})


def use(folder):
    estimator = tf_estimator.Estimator(one_weight.model_fn, str(folder))
    estimator.train(one_weight.input_fn, steps=1).evaluate(one_batch)


def write(folder, step):
    with event_writers.EventWriter(str(folder)) as writer:
        summary = tf1.Summary(value=[tf1.Summary.Value(tag="x", simple_value=step)])
        writer.add_summary(summary, step)
        writer.flush()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no /proc")
def test_estimators_and_evaluations_leave_no_files_open(tmp_path):
    def count():
        gc.collect()  # what earlier tests have left may close files at any time
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    for number in range(event_writers.IDLE_WRITERS):
        write(tmp_path / f"idle {number}", 1)
    use(tmp_path / "first")
    before = count()
    for number in range(5):
        use(tmp_path / str(number))
    assert count() == before


def test_a_folder_whose_file_was_closed_goes_on_in_another(tmp_path):
    folder = tmp_path / "used"
    write(folder, 1)
    for number in range(event_writers.IDLE_WRITERS + 1):
        write(tmp_path / str(number), 1)
    write(folder, 2)
    write(folder, 3)
    assert [step for step, _ in event_files.summaries(str(folder))] == [1, 2, 3]
    assert len(list(folder.iterdir())) == 2


def test_a_file_in_use_is_not_closed(tmp_path):
    with event_writers.EventWriter(str(tmp_path / "used")) as writer:
        for step in range(event_writers.IDLE_WRITERS + 2):
            writer.add_summary(tf1.Summary(), step)
            write(tmp_path / str(step), 1)
        writer.flush()
    assert len(event_files.summaries(str(tmp_path / "used"))) == step + 1
    assert len(list((tmp_path / "used").iterdir())) == 1


def test_a_folder_that_was_deleted_is_not_made_again(tmp_path):
    write(tmp_path / "deleted", 1)
    tf1.summary.FileWriterCache.clear()
    shutil.rmtree(tmp_path / "deleted")
    for number in range(event_writers.IDLE_WRITERS + 1):
        write(tmp_path / str(number), 1)
    assert not (tmp_path / "deleted").exists()
