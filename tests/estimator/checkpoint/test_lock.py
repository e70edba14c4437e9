"""One trainer per model_dir; readers are always welcome."""

import json
import socket
import subprocess
import threading
import time

import pytest
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.checkpoint import lock
from estimator_mnist.experiment import examination
from tests.estimator.one_weight import input_fn, model_fn
from tests.experiment import disks

tf1 = tf.compat.v1


class Meanwhile(tf1.train.SessionRunHook):
    """Does something once, in another thread, while a training is at its first step."""

    def __init__(self, work):
        self._work, self.outcome = work, None

    def after_create_session(self, session, coord):
        thread = threading.Thread(target=self._try)
        thread.start()
        thread.join()

    def _try(self):
        try:
            self.outcome = self._work()
        except Exception as error:
            self.outcome = error


def test_a_second_trainer_learns_who_trains(tmp_path):
    def second():
        tf_estimator.Estimator(model_fn, str(tmp_path)).train(input_fn, steps=1)

    meanwhile = Meanwhile(second)
    tf_estimator.Estimator(model_fn, str(tmp_path)).train(
        input_fn, [meanwhile], steps=1
    )
    assert isinstance(meanwhile.outcome, errors.ModelDirInUseError)
    owner = r"process \d+ on .+ since \d{4}-\d\d-\d\dT.*: wait for it, stop it, or name"
    with pytest.raises(errors.ModelDirInUseError, match=owner):
        raise meanwhile.outcome


def test_a_folder_for_a_state_file_is_refused_before_anything_is_written(tmp_path):
    (tmp_path / "checkpoint").mkdir()
    refused = pytest.raises(errors.NotAFileError, match="checkpoint is a folder")
    with refused, lock.one_trainer(str(tmp_path)):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]


def test_readers_follow_while_somebody_trains(tmp_path):
    config = tf_estimator.RunConfig(save_checkpoints_steps=1, keep_checkpoint_max=1)
    stop, steps, errors = threading.Event(), [], []

    def read():
        reader = tf_estimator.Estimator(model_fn, str(tmp_path))
        while not stop.is_set():
            try:
                result = reader.evaluate(input_fn, steps=1)
                steps.append(int(result["global_step"]))
            except Exception as error:
                errors.append(error)

    estimator = tf_estimator.Estimator(model_fn, str(tmp_path), config)
    estimator.train(input_fn, steps=1)
    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(50):
        if len(set(steps)) > 2:
            break
        estimator.train(input_fn, steps=10)
    stop.set()
    thread.join()
    assert not errors
    assert len(set(steps)) > 2 and steps == sorted(steps)


def test_the_lock_of_a_dead_process_is_taken_over_with_a_notice(tmp_path, caplog):
    tf.get_logger().propagate = True
    signature = {"pid": 1, "host": "laptop", "started": "2018-05-01T10:00:00+00:00"}
    (tmp_path / lock.OWNER_FILE).write_text(json.dumps(signature))
    assert not lock.is_held(str(tmp_path))
    tf_estimator.Estimator(model_fn, str(tmp_path)).train(input_fn, steps=1)
    assert "process 1 on laptop since 2018-05-01T10:00:00+00:00, which is gone" in (
        caplog.text
    )
    assert not (tmp_path / lock.OWNER_FILE).exists()


def test_events_of_a_trainer_killed_within_this_second_are_kept(tmp_path):
    signature = {"pid": 1, "host": "laptop", "started": "2018-05-01T10:00:00+00:00"}
    (tmp_path / lock.OWNER_FILE).write_text(json.dumps(signature))
    name = f"events.out.tfevents.{int(time.time()):010}.{socket.gethostname()}"
    (tmp_path / name).write_text("of the dead")
    tf_estimator.Estimator(model_fn, str(tmp_path)).train(input_fn, steps=1)
    assert (tmp_path / name).read_text() == "of the dead"
    assert len(list(tmp_path.glob("events.*"))) == 2


def test_a_thread_that_holds_the_lock_may_train(tmp_path):
    with lock.one_trainer(str(tmp_path)):
        tf_estimator.Estimator(model_fn, str(tmp_path)).train(input_fn, steps=1)
        assert lock.is_held(str(tmp_path)) and lock.owner(str(tmp_path))
    assert not lock.is_held(str(tmp_path))


def test_a_training_that_fails_gives_the_lock_back(tmp_path):
    def bad_input_fn():
        raise RuntimeError("no data")

    estimator = tf_estimator.Estimator(model_fn, str(tmp_path))
    with pytest.raises(RuntimeError, match="no data"):
        estimator.train(bad_input_fn)
    assert estimator.train(input_fn, steps=1) is estimator


@pytest.mark.parametrize("name", ["file/run", "a" * 300])
def test_a_folder_that_cannot_be_made_asks_for_another(tmp_path, name):
    (tmp_path / "file").touch()
    remedy = r"cannot be made: .*\. Name another one \(--model_dir\)\."
    refused = pytest.raises(errors.FolderError, match=remedy)
    with refused, lock.one_trainer(str(tmp_path / name)):
        pass


def test_on_a_read_only_file_system_nobody_trains(tmp_path):
    with disks.mounted(tmp_path, disks.KINDS["bytes"]) as disk:
        (disk / lock.LOCK_FILE).touch()
        remount = ["mount", "-o", "remount,ro", str(disk)]
        subprocess.run(remount, check=True)
        assert not lock.is_held(str(disk))
        with pytest.raises(errors.FolderError, match="--repair.*Copy the folder"):
            examination.repair(str(disk))
