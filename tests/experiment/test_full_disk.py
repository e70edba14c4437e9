"""A disk that is full for a while costs what could not be written, and no more."""

import errno
import itertools
import os
import threading

import pytest
import tensorflow as tf

from estimator_mnist import errors, files, main
from estimator_mnist import estimator as tf_estimator
from estimator_mnist.data import input_fns
from estimator_mnist.estimator.checkpoint import event_files
from estimator_mnist.estimator.cluster import job_status
from estimator_mnist.experiment import early_stopping, run_record, training
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.modes import common
from tests.experiment import disks

tf1 = tf.compat.v1

# TensorFlow's writer of events ends its thread with the error that it reports, too.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnhandledThreadExceptionWarning"
)


@pytest.fixture
def disk(request, tmp_path):
    """A small disk, of few bytes or, as the parameter may say, of few inodes."""
    kind = getattr(request, "param", "bytes")
    with disks.mounted(tmp_path, disks.KINDS[kind]) as folder:
        yield folder


of_both_kinds = pytest.mark.parametrize("disk", disks.KINDS, indirect=True)


@pytest.fixture
def log(caplog):
    tf.get_logger().propagate = True
    with caplog.at_level("WARNING"):
        yield caplog


class Switch(tf1.train.SessionRunHook):
    """Calls what is due before a step."""

    def __init__(self, calls):
        self._calls, self._step = calls, 0

    def before_run(self, run_context):
        self._step += 1
        self._calls.get(self._step, lambda: None)()


class WriteToo(tf_estimator.Exporter):
    """Writes a file that fits on no full disk."""

    name = "write_too"

    def export(self, estimator, export_path, **evaluation):
        files.write_bytes(f"{export_path}/file", bytes(1 << 16))


def experiment_in(folder):
    return experiments.make(
        str(folder),
        model="linear",
        dataset="digits",
        cadence=experiments.Cadence(
            eval_steps_interval=5,
            save_summary_steps=1,
            log_step_count_steps=1,
            keep_checkpoint_max=0,
        ),
    )


def train_with_all_files(experiment, switch, *listeners):
    """Trains as the program does, saving the state of early stopping at each step."""
    estimator = experiments.build_estimator(experiment)
    clock = itertools.count(0, early_stopping.SECS_BETWEEN_SAVES + 1)
    limits = early_stopping.Limits(max_minutes=99)
    early = early_stopping.EarlyStoppingHook(
        experiment.model_dir, limits, clock.__next__
    )
    record = training.RecordRunHook(experiment, 0)
    batches = input_fns.train_input_fn(experiment.data.train, 32, 0, False)
    results, _ = tf_estimator.train_and_evaluate(
        estimator,
        tf_estimator.TrainSpec(batches, 20, [record, early, switch], listeners),
        tf_estimator.EvalSpec(
            experiments.whole(experiment.data.validation, experiment),
            None,
            exporters=[early.exporter(tf_estimator), WriteToo()],
            throttle_secs=0,
        ),
    )
    record.end_run(20)
    return results, early


@of_both_kinds
def test_a_full_disk_ends_no_training_whatever_it_writes(disk, log):
    model_dir = disk / "run"
    calls = {8: lambda: disks.fill(disk), 12: lambda: disks.empty(disk)}
    results, early = train_with_all_files(experiment_in(model_dir), Switch(calls))
    assert results["global_step"] == early.state.evaluated_step == 20
    for lost in ("early_stopping.json", "Checkpoint not saved", "Events not written"):
        assert lost in log.text
    assert sorted(path.name for path in model_dir.glob("*.index")) == [
        f"model.ckpt-{step}.index" for step in (0, 15, 20, 5)
    ]
    points = [step for step, _ in event_files.summaries(str(model_dir / "eval"))]
    assert sorted(set(points)) == [5, 15, 20]
    last, _ = event_files.summaries(str(model_dir))[-1]
    assert last == 20
    assert not list(model_dir.glob("*temp*")) and not list(model_dir.glob(".*.*.*"))
    assert (model_dir / "export" / "write_too" / "file").exists()
    assert early.restore_best() == early.state.best_step


class FillBeforeTheFirstSave(tf1.train.CheckpointSaverListener):
    def __init__(self, disk):
        self._disk = disk

    def before_save(self, session, global_step_value):
        if global_step_value == 0:
            disks.fill(self._disk)


def test_a_disk_that_is_full_at_the_first_save_ends_no_training(disk, log):
    switch = Switch({7: lambda: disks.empty(disk)})
    results, early = train_with_all_files(
        experiment_in(disk / "run"), switch, FillBeforeTheFirstSave(disk)
    )
    assert results["global_step"] == early.state.evaluated_step == 20
    assert "Checkpoint not saved" in log.text
    assert run_record.read(str(disk / "run"))["runs"][-1]["to_step"] == 20


def test_evaluating_on_a_full_disk_gives_the_results(disk, log):
    experiment = experiment_in(disk / "run")
    training.train(experiment, experiments.build_estimator(experiment), max_steps=1)
    disks.fill(disk)
    # Another process has no file open.
    estimator = experiments.build_estimator(experiment)
    for name in (None, "again"):
        results = experiments.evaluate(experiment, estimator, name=name)
        assert results["global_step"] == 1
    assert "Events not written" in log.text


@of_both_kinds
def test_a_training_on_a_full_disk_names_the_file_and_leaves_nothing(disk):
    model_dir = disk / "runs" / "one"
    experiment = experiment_in(model_dir)
    estimator = experiments.build_estimator(experiment)
    disks.fill(disk)
    message = rf"{disk}/runs/one.* could not be written: No space left.*Make room"
    with pytest.raises(errors.DiskFullError, match=message):
        training.train(experiment, estimator, max_steps=1)
    assert [path.name for path in disk.iterdir()] == ["ballast"]


def test_a_disk_that_fills_up_as_training_begins_is_named_too(tmp_path):
    with disks.mounted(tmp_path, disks.KINDS["bytes"]) as disk:
        experiment = experiment_in(disk / "run")
        estimator = experiments.build_estimator(experiment)
        disks.fill(disk, but=1 << 14)
        with pytest.raises(tf.errors.ResourceExhaustedError) as error:
            training.train(experiment, estimator, max_steps=1)
        assert "graph.pbtxt" in str(error.value)
        assert "Make room" in common.message(error.value)
        assert [path.name for path in disk.iterdir()] == ["ballast"]


def test_a_status_that_a_full_disk_takes_not_ends_no_job(disk, log):
    job = job_status.JobStatusFile(str(disk), max_steps=9)
    disks.fill(disk)
    assert job.write(job_status.RUNNING).state == job_status.RUNNING
    assert "job.json not written" in log.text and job.read() is None
    disks.empty(disk)
    assert job.write(job_status.DONE, 9) == job.read()


@pytest.mark.parametrize("number, lines", [(errno.ENOSPC, 0), (errno.EIO, 1)])
def test_a_thread_that_a_full_disk_ended_prints_no_traceback(number, lines, capsys):
    error = RuntimeError(f"/run/events.out.tfevents.1; {os.strerror(number)}")
    arguments = type(error), error, None, threading.current_thread()
    main.on_thread_error(threading.ExceptHookArgs(arguments))
    assert capsys.readouterr().err.count("Exception in thread") == lines


def test_a_run_without_any_checkpoint_names_none(disk):
    experiment = experiment_in(disk / "run")
    fill = FillBeforeTheFirstSave(disk)
    estimator = experiments.build_estimator(experiment)
    with pytest.raises(errors.SaveError, match="There is none yet; make room"):
        estimator.train(
            input_fns.train_input_fn(experiment.data.train, 32, 0, False),
            steps=2,
            saving_listeners=[fill],
        )
