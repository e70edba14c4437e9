"""The file in model_dir that says that a job of several tasks is over."""

import pytest

from estimator_mnist.estimator.cluster.job_status import (
    DONE,
    FAILED,
    RUNNING,
    JobStatusFile,
)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def chief_says(folder, state, step=0, max_steps=100):
    JobStatusFile(str(folder), max_steps).write(state, step)


def test_without_a_note_nothing_has_ended(tmp_path):
    assert JobStatusFile(str(tmp_path), 100).ended() is None


def test_a_note_that_comes_while_we_look_counts(tmp_path):
    job = JobStatusFile(str(tmp_path), 100)
    chief_says(tmp_path, RUNNING)
    assert job.ended() is None
    chief_says(tmp_path, DONE, 70)
    assert job.ended().step == 70


def test_a_note_of_a_run_to_another_step_is_an_earlier_ones(tmp_path, clock):
    chief_says(tmp_path, DONE, 50, max_steps=50)
    job = JobStatusFile(str(tmp_path), 100, clock)
    clock.now = 1e6
    assert job.ended() is None


def test_who_comes_back_to_a_finished_job_sees_it_at_once(tmp_path, clock):
    chief_says(tmp_path, DONE, 100)
    assert JobStatusFile(str(tmp_path), 100, clock).ended().step == 100


def test_a_chief_has_time_to_take_over_what_stopped_early(tmp_path, clock):
    chief_says(tmp_path, DONE, 70)
    job = JobStatusFile(str(tmp_path), 100, clock)
    assert job.ended() is None
    clock.now = 1e6
    assert job.ended().step == 70


def test_a_failure_before_our_time_is_an_earlier_runs(tmp_path, clock):
    chief_says(tmp_path, FAILED)
    job = JobStatusFile(str(tmp_path), 100, clock)
    clock.now = 1e6
    assert job.ended() is None
    chief_says(tmp_path, FAILED)
    assert job.ended().failed


def test_what_is_no_note_is_none(tmp_path):
    (tmp_path / "job.json").write_text('{"state"')
    assert JobStatusFile(str(tmp_path), 100).read() is None
