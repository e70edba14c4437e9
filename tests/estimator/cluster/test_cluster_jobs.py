"""Several processes train one model, and all of them end."""

import json

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist.estimator.checkpoint import paths
from tests.estimator.cluster.cluster_jobs import MAX_STEPS, Job, train, train_mirrored

ALL = {"chief": 1, "worker": 2, "ps": 1, "evaluator": 1}


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """A job of all kinds of tasks that nobody disturbed; all have ended."""
    with Job(tmp_path_factory.mktemp("job"), train, **ALL) as job:
        job.codes = job.wait()
        yield job


def test_every_task_ends_well(job):
    assert set(job.codes.values()) == {0}, job.log("chief")


def test_the_chief_saves_the_last_step(job):
    newest = paths.latest(str(job.model_dir))
    assert paths.step_of(newest) >= MAX_STEPS


def test_the_workers_share_the_steps(job):
    counts = [len(job.notes(*task)["losses"]) for task in job.tasks[:3]]
    assert counts[0] > 0
    assert sum(counts) == paths.step_of(paths.latest(str(job.model_dir)))


def test_each_worker_is_told_which_it_is(job):
    ranks = [job.notes(*task)["starts"][0][1] for task in job.tasks[:3]]
    assert ranks == [0, 1, 2]


def test_the_evaluator_evaluates_the_last_step_whatever_its_delay(job):
    newest = paths.latest(str(job.model_dir))
    assert job.notes("evaluator")["evaluated"] == paths.step_of(newest)


def test_only_the_chief_writes_events(job):
    assert len(list(job.model_dir.glob("events.*"))) == 1
    assert len(list((job.model_dir / "eval").glob("events.*"))) == 1


def test_only_the_chief_saves(job):
    for worker in (0, 1):
        assert "Saving checkpoints" not in job.log("worker", worker)


def test_the_model_dir_says_that_the_job_is_done(job):
    status = json.loads((job.model_dir / "job.json").read_text())
    assert status["state"] == "done"
    assert status["step"] >= MAX_STEPS


@pytest.mark.slow
def test_a_job_survives_the_loss_of_each_task(tmp_path):
    options = {"max_steps": 400, "secs_per_step": 0.02}
    with Job(tmp_path, train, options, **ALL) as job:
        job.wait_for_step(20)
        job.kill("worker", 1)  # and never again
        for task in ("worker", "chief", "ps", "evaluator"):
            job.kill(task)
            job.start(task)
            job.wait_for_step(max(job.saved_steps()) + 20)
        codes = job.wait()
        assert codes.pop("worker 1") == -9
        assert set(codes.values()) == {0}, job.log("chief")
        assert "resuming at step" in job.log("chief")
        assert job.notes("evaluator")["evaluated"] >= 400


@pytest.fixture(scope="module")
def steps_together(tmp_path_factory):
    """Losses of 100 steps of two workers, each on half of each batch."""
    options = {"max_steps": 100, "secs_per_step": 0, "sync_replicas": True}
    counts = {"chief": 1, "worker": 1, "ps": 1}
    with Job(tmp_path_factory.mktemp("sync"), train, options, **counts) as job:
        assert set(job.wait().values()) == {0}, job.log("chief")
        return [job.notes("chief")["losses"], job.notes("worker")["losses"]]


def test_workers_together_make_the_steps_that_one_machine_makes(
    steps_together, tmp_path
):
    options = {"max_steps": 100, "secs_per_step": 0}
    with Job(tmp_path, train, options, chief=1) as alone:
        assert set(alone.wait().values()) == {0}, alone.log("chief")
        wanted = alone.notes("chief")["losses"]
    np.testing.assert_allclose(np.mean(steps_together, axis=0), wanted, atol=1e-5)


@pytest.mark.slow
def test_early_stopping_reaches_a_worker_that_waits_for_the_others(tmp_path):
    options = {"max_steps": 10_000, "chief_stops_after": 10, "sync_replicas": True}
    with Job(tmp_path, train, options, chief=1, worker=1, ps=1, evaluator=1) as job:
        assert set(job.wait().values()) == {0}, job.log("worker")
        assert job.notes("evaluator")["evaluated"] == 10


@pytest.mark.slow
def test_without_its_server_a_job_fails_with_its_address(tmp_path):
    options = {"max_steps": 10_000, "timeout": 3.0}
    with Job(tmp_path, train, options, chief=1, worker=1, ps=1) as job:
        job.wait_for_step(20)
        job.kill("ps")
        assert job.wait("chief 0", "worker 0") == {"chief 0": 1, "worker 0": 1}
        assert "Nobody answers at 127.0.0.1" in job.log("chief")
        assert "has ps 0, for 3 s" in job.log("chief")


def test_a_server_whose_chief_never_comes_gives_up(tmp_path):
    with Job(tmp_path, train, {"timeout": 2.0}, chief=1, worker=1, ps=1) as job:
        job.kill("chief")
        job.kill("worker")
        assert job.wait("ps 0") == {"ps 0": 1}
        assert "Nothing was seen of the chief" in job.log("ps")
    assert tf.io.gfile.glob(str(tmp_path / "model.ckpt-*")) == []


def test_two_devices_train_as_one_does_with_both_their_batches(tmp_path):
    with Job(tmp_path, train_mirrored, chief=1) as job:
        assert job.wait() == {"chief 0": 0}, job.log("chief")
        weight, loss, weight_of_two, loss_of_two = job.notes("chief")
        assert "The gradients of 2 devices are summed" in job.log("chief")
    assert weight_of_two == pytest.approx(weight, rel=1e-5)
    assert loss_of_two == pytest.approx(loss, rel=1e-4)
