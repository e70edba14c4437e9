"""Damaged checkpoints, full disks and broken state files: training goes on rightly."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.checkpoint import integrity, lock, paths

tf1 = tf.compat.v1
NOBODY = 65534


def model_fn(features, labels, mode):
    weights = tf1.get_variable("w", [64, 64])
    loss = tf.reduce_sum(tf.square(weights)) * features["x"]
    optimizer = tf1.train.AdamOptimizer(0.01)
    train_op = optimizer.minimize(loss, tf1.train.get_global_step())
    return tf_estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)


def input_fn(start_step=0):
    return tf.data.Dataset.from_tensors({"x": 1.0}).repeat()


def estimator_in(folder, **config):
    config = tf_estimator.RunConfig(save_checkpoints_steps=5, **config)
    return tf_estimator.Estimator(model_fn, str(folder), config)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model_dir with the checkpoints of the steps 0, 5 and 10."""
    folder = tmp_path_factory.mktemp("trained")
    estimator_in(folder).train(input_fn, max_steps=10)
    return folder


@pytest.fixture
def model_dir(trained, tmp_path):
    return pathlib.Path(shutil.copytree(trained, tmp_path / "model é dir"))


def resumed_at(folder, caplog):
    """The step that training to step 12 says it goes on from."""
    caplog.clear()
    tf.get_logger().propagate = True
    with caplog.at_level("INFO"):
        estimator_in(folder).train(input_fn, max_steps=12)
    assert paths.step_of(paths.latest(str(folder))) == 12
    lines = [line for line in caplog.messages if line.startswith("resuming at step")]
    return int(lines[0].split()[3].rstrip(","))


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


DAMAGES = {
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "emptied": lambda path: os.truncate(path, 0),
    "flipped": flip,
    "deleted": os.unlink,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("ending", ["index", "data-00000-of-00001"])
def test_a_damaged_checkpoint_is_set_aside_and_the_one_before_it_used(
    model_dir, caplog, ending, damage
):
    DAMAGES[damage](model_dir / f"model.ckpt-10.{ending}")
    assert resumed_at(model_dir, caplog) == 5
    assert "model.ckpt-10 is damaged" in caplog.text
    assert list(model_dir.glob("model.ckpt-10.*.damaged"))
    again = str(model_dir / "model.ckpt-10")  # written again on the way to step 12
    assert integrity.problem(again) is None


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("ending", ["meta", "manifest.json"])
def test_what_no_restore_needs_may_be_damaged(model_dir, caplog, ending, damage):
    DAMAGES[damage](model_dir / f"model.ckpt-10.{ending}")
    assert resumed_at(model_dir, caplog) == 10
    assert not list(model_dir.glob("*.damaged"))


@pytest.mark.parametrize("ending", ["index", "data-00000-of-00001"])
def test_without_a_manifest_tensorflows_checksums_tell(model_dir, caplog, ending):
    """As in the model_dirs of TensorFlow 1.x."""
    (model_dir / "model.ckpt-10.manifest.json").unlink()
    assert integrity.problem(str(model_dir / "model.ckpt-10")) is None
    path = model_dir / f"model.ckpt-10.{ending}"
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    assert resumed_at(model_dir, caplog) == 5


def test_a_checkpoint_that_another_program_rewrote_is_no_damage(model_dir):
    for file in model_dir.glob("model.ckpt-5.[di]*"):
        shutil.copy(file, str(file).replace("ckpt-5", "ckpt-10"))
    assert integrity.problem(str(model_dir / "model.ckpt-10")) is None


def test_readers_pass_over_a_damaged_checkpoint_and_change_nothing(model_dir):
    flip(model_dir / "model.ckpt-10.data-00000-of-00001")
    before = sorted(os.listdir(model_dir))
    one = estimator_in(model_dir)
    assert one.get_variable_value("global_step") == 5
    assert sorted(os.listdir(model_dir)) == before


def test_without_any_whole_checkpoint_nothing_starts_and_nothing_changes(model_dir):
    for file in model_dir.glob("*.data-*"):
        os.truncate(file, 0)
    before = sorted(os.listdir(model_dir))
    for work in (
        lambda: estimator_in(model_dir).train(input_fn, max_steps=12),
        lambda: estimator_in(model_dir).evaluate(input_fn, steps=1),
    ):
        with pytest.raises(errors.DamagedCheckpointError, match="No checkpoint in"):
            work()
    assert set(os.listdir(model_dir)) - set(before) <= {".trainer.lock"}


STATES = {
    "lost": None,
    "empty": "",
    "half a line": 'model_checkpoint_path: "model.ck',
    "garbage": "\x00\x7f{{{",
    "newest vanished": 'model_checkpoint_path: "model.ckpt-99"',
    "absolute and vanished": 'model_checkpoint_path: "/gone/run/model.ckpt-99"',
    "absolute, moved": 'model_checkpoint_path: "/gone/run/model.ckpt-10"',
    "from Windows, moved": r'model_checkpoint_path: "C:\\run\\model.ckpt-10"',
    "leading outside": 'model_checkpoint_path: "../../../etc/passwd"',
    "list without a newest": 'all_model_checkpoint_paths: "model.ckpt-10"',
    "unknown field": 'colour: "blue"',
}


@pytest.mark.parametrize("state", STATES)
def test_a_broken_state_file_costs_no_step(model_dir, caplog, state):
    (model_dir / "checkpoint").unlink()
    if STATES[state] is not None:
        (model_dir / "checkpoint").write_text(STATES[state])
    assert resumed_at(model_dir, caplog) == 10


def test_what_is_wrong_is_told_once(model_dir, caplog):
    (model_dir / "checkpoint").write_text("garbage")
    flip(model_dir / "model.ckpt-10.data-00000-of-00001")
    for _ in range(2):
        one = estimator_in(model_dir)
        one.evaluate(input_fn, steps=1)
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    told = [line for line in warnings if str(model_dir) in line]
    assert len(told) == 2, told
    assert "the state file is not usable" in told[0]
    assert "Passing over the damaged checkpoint" in told[1]
    assert "all_model_checkpoint_paths" not in caplog.text


def test_a_checkpoint_that_is_not_there_is_not_said_to_be_set_aside(model_dir, caplog):
    (model_dir / "checkpoint").write_text('model_checkpoint_path: "model.ckpt-99"')
    assert resumed_at(model_dir, caplog) == 10
    assert "model.ckpt-99.index is not there): it has no files" in caplog.text
    assert "set aside" not in caplog.text


def test_a_state_file_that_names_an_older_checkpoint_is_obeyed(model_dir, caplog):
    """The known way to go back."""
    (model_dir / "checkpoint").write_text('model_checkpoint_path: "model.ckpt-5"')
    assert resumed_at(model_dir, caplog) == 5


@pytest.mark.parametrize("state", [True, False])
def test_a_clock_that_jumps_changes_nothing(model_dir, caplog, state):
    """Steps tell which checkpoint is the newest, not times."""
    for file in model_dir.glob("model.ckpt-10.*"):
        os.utime(file, (0, 0))
    for file in model_dir.glob("model.ckpt-5.*"):
        os.utime(file, (2**32, 2**32))
    if not state:
        (model_dir / "checkpoint").unlink()
    assert resumed_at(model_dir, caplog) == 10


def test_an_index_lost_with_the_state_file_is_no_fresh_start(model_dir):
    for file in [*model_dir.glob("*.index"), model_dir / "checkpoint"]:
        file.unlink()
    with pytest.raises(errors.DamagedCheckpointError, match="index is not there"):
        estimator_in(model_dir).train(input_fn, max_steps=12)


def test_what_a_killed_save_left_is_removed(model_dir, caplog):
    (model_dir / "model.ckpt-15_temp").mkdir()
    (model_dir / "model.ckpt-15_temp" / "part-00000-of-00001.data").write_text("half")
    (model_dir / "model.ckpt-15.data-00000-of-00001").write_text("whole, not named")
    (model_dir / ".model.ckpt-15.manifest.json.abcd1234").write_text("{")
    (model_dir / ("graph.pbtxt.tmp" + "0a" * 16)).write_text("half")
    (model_dir / ("model.ckpt-15.meta.tmp" + "0a" * 16)).write_text("half")
    (model_dir / f".early_stopping.json.{HEX}.estimator_mnist-tmp").write_text("{")
    assert resumed_at(model_dir, caplog) == 10
    assert not [*model_dir.glob("*.tmp*"), *model_dir.glob(".*-tmp")]
    assert not list(model_dir.glob("*ckpt-15*"))


def test_an_index_that_was_being_written_is_removed_and_no_damage(model_dir, caplog):
    (model_dir / "model.ckpt-15_temp").mkdir()
    (model_dir / "model.ckpt-15_temp" / "part-00000-of-00001.index").touch()
    for ending in ("data-00000-of-00001", "index"):
        (model_dir / f"model.ckpt-15.{ending}").touch()
    assert resumed_at(model_dir, caplog) == 10
    assert not list(model_dir.glob("*ckpt-15*"))


def test_what_a_kill_after_the_first_index_left_out_is_made_up_for(tmp_path, caplog):
    estimator_in(tmp_path).train(input_fn, max_steps=1)
    for path in [*tmp_path.glob("*.meta"), *tmp_path.glob("*.manifest.json")]:
        path.unlink()
    for path in [*tmp_path.glob("model.ckpt-1.*"), tmp_path / "checkpoint"]:
        path.unlink()
    assert resumed_at(tmp_path, caplog) == 0
    assert len(list(tmp_path.glob("model.ckpt-0.*"))) == 4
    assert integrity.problem(str(tmp_path / "model.ckpt-0")) is None


@pytest.fixture
def overdue(tmp_path, monkeypatch):
    """A model_dir whose trainer was killed as it was about to delete a checkpoint."""

    def make(**config):
        with monkeypatch.context() as patched:
            patched.setattr(integrity, "remove", lambda path: None)
            one = estimator_in(tmp_path, keep_checkpoint_max=2, **config)
            one.train(input_fn, max_steps=5)
            # Times of files may be whole seconds.
            later = time.time() + 99
            os.utime(tmp_path / "model.ckpt-0.index", (later, later))
            one.train(input_fn, max_steps=10)
        owner = {"pid": 1, "host": "a", "started": "then"}
        (tmp_path / "trainer.json").write_text(json.dumps(owner))
        return tmp_path

    return make


def first_checkpoint(folder):
    return list(folder.glob("model.ckpt-0.*"))


def test_a_checkpoint_that_was_due_when_a_kill_came_goes(overdue):
    folder = overdue()
    assert len(first_checkpoint(folder)) == 4
    estimator_in(folder, keep_checkpoint_max=5).train(input_fn, max_steps=11)
    assert not first_checkpoint(folder)
    assert (folder / "model.ckpt-5.index").exists()


NOT_OURS_TO_DELETE = {
    "nobody was killed": lambda folder: (folder / "trainer.json").unlink(),
    "no state file": lambda folder: (folder / "checkpoint").unlink(),
    "a state file of somebody's": lambda folder: paths.write_state(
        str(folder), [str(folder / f"model.ckpt-{step}") for step in (0, 10)]
    ),
    "another's": lambda folder: (folder / "model.ckpt-0.index").write_bytes(
        (folder / "model.ckpt-5.index").read_bytes()
    ),
    "not in our manifest": lambda folder: (
        folder / "model.ckpt-10.manifest.json"
    ).unlink(),
}


@pytest.mark.parametrize("case", NOT_OURS_TO_DELETE)
def test_a_checkpoint_without_proof_that_it_was_due_stays(case, overdue):
    folder = overdue()
    NOT_OURS_TO_DELETE[case](folder)
    with lock.one_trainer(str(folder)) as held:
        integrity.prepare(str(folder), held.follows_a_kill())
    assert len(first_checkpoint(folder)) == 4


def test_a_checkpoint_that_is_kept_by_hours_is_never_due(overdue):
    folder = overdue(keep_checkpoint_every_n_hours=1e-9)
    with lock.one_trainer(str(folder)) as held:
        integrity.prepare(str(folder), held.follows_a_kill())
    assert len(first_checkpoint(folder)) == 4


HEX = "0123456789abcdef"
USERS_FOLDERS = ("my_notes_temp", "x_temp", "model.ckpt-15_temp", "model.ckpt-5_temp_1")
USERS_FILES = (
    "model.ckpt-15_temp/notes.txt",
    "best.tempstate1",
    "checkpoint.tmpa",
    ".notes.manifest.json.abcd1234",
    ".checkpoint.backup",
    "model.ckpt-old.meta",
)


def test_what_only_looks_like_a_killed_save_is_the_users(model_dir, tmp_path, caplog):
    (tmp_path / "data").mkdir()
    (model_dir / "data_temp").symlink_to(tmp_path / "data")
    (model_dir / "model.ckpt-25_temp").symlink_to(tmp_path / "data")
    for name in USERS_FOLDERS:
        (model_dir / name).mkdir()
    for name in USERS_FILES:
        (model_dir / name).write_text("mine")
    before = {path.name for path in model_dir.iterdir()}
    assert resumed_at(model_dir, caplog) == 10
    after = {path.name for path in model_dir.iterdir()}
    assert {name for name in before - after if not name.startswith("model.ckpt-0")} == (
        set()
    )
    for name in USERS_FILES:
        assert (model_dir / name).read_text() == "mine"


def test_a_first_save_that_was_killed_is_a_fresh_start(tmp_path):
    (tmp_path / "model.ckpt-0.data-00000-of-00001").write_text("half")
    estimator_in(tmp_path).train(input_fn, max_steps=2)
    assert paths.step_of(paths.latest(str(tmp_path))) == 2


def test_fewer_checkpoints_are_kept_when_asked_for_later(tmp_path):
    estimator_in(tmp_path, keep_checkpoint_max=9).train(input_fn, max_steps=30)
    assert len(list(tmp_path.glob("*.index"))) == 7
    estimator_in(tmp_path, keep_checkpoint_max=2).train(input_fn, max_steps=35)
    left = sorted(path.name for path in tmp_path.glob("model.ckpt-*.index"))
    assert left == ["model.ckpt-30.index", "model.ckpt-35.index"]
    assert len(list(tmp_path.glob("*.manifest.json"))) == 2


def test_a_manifest_holds_sizes_and_checksums(model_dir):
    manifest = json.loads((model_dir / "model.ckpt-10.manifest.json").read_text())
    sizes = {name: entry["bytes"] for name, entry in manifest["files"].items()}
    assert sizes == {
        path.name: path.stat().st_size
        for path in model_dir.glob("model.ckpt-10.[dim]*")
        if "manifest" not in path.name
    }


class Switch(tf1.train.SessionRunHook):
    """Calls `on` before the step `begin`, and `off` before the step `end`."""

    def __init__(self, on, begin, off=None, end=None):
        self._calls = {begin: on, end: off}

    def begin(self):
        self._step = 0

    def before_run(self, run_context):
        self._step += 1
        self._calls.get(self._step, lambda: None)()


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of 1 MB."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(tmp_path)]
    with contextlib.suppress(FileNotFoundError):
        if subprocess.run(command, capture_output=True).returncode == 0:
            yield tmp_path
            subprocess.run(["umount", "-l", str(tmp_path)], check=True)
            return
    pytest.skip("no right to mount a small file system")


@pytest.fixture
def unprivileged():
    """A folder of a user whom permissions bind."""
    folder = pathlib.Path(tempfile.mkdtemp())
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, -1)
        os.seteuid(NOBODY)
        yield folder
        os.seteuid(0)
    else:
        yield folder
    os.chmod(folder, 0o700)
    shutil.rmtree(folder)


def check_a_failed_save(folder, caplog, prevent, allow):
    """Step 5's checkpoint cannot be written, step 10's can; then step 15's cannot."""
    with caplog.at_level("WARNING"):
        tf.get_logger().propagate = True
        hook = Switch(prevent, 4, allow, 8)
        estimator_in(folder).train(input_fn, [hook], max_steps=10)
    assert "Checkpoint not saved, the ones before it stay" in caplog.text
    assert sorted(p.name for p in folder.glob("*.index")) == [
        "model.ckpt-0.index",
        "model.ckpt-10.index",
    ]
    with pytest.raises(
        errors.SaveError, match="step 15 could not be written .*ckpt-10;"
    ):
        estimator_in(folder).train(input_fn, [Switch(prevent, 4)], max_steps=15)
    allow()
    assert paths.step_of(paths.latest(str(folder))) == 10
    assert integrity.problem(paths.latest(str(folder))) is None
    estimator_in(folder).train(input_fn, max_steps=20)
    assert paths.step_of(paths.latest(str(folder))) == 20


def test_a_full_disk_costs_the_save_and_no_more(small_disk, caplog):
    ballast = small_disk / "ballast"

    def fill():
        with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass

    check_a_failed_save(small_disk, caplog, fill, ballast.unlink)


def test_a_lost_right_to_write_costs_the_save_and_no_more(unprivileged, caplog):
    check_a_failed_save(
        unprivileged,
        caplog,
        lambda: os.chmod(unprivileged, 0o500),
        lambda: os.chmod(unprivileged, 0o700),
    )


@pytest.mark.parametrize("ending", ["index", "data-00000-of-00001"])
def test_a_checkpoint_that_cannot_be_read_is_passed_over(unprivileged, caplog, ending):
    estimator_in(unprivileged).train(input_fn, max_steps=10)
    os.chmod(unprivileged / f"model.ckpt-10.{ending}", 0)
    assert resumed_at(unprivileged, caplog) == 5
    assert "Permission denied" in caplog.text


def descending(loss_of):
    """A model_fn whose one weight goes 1, 0.75, 0.5, 0.25, 0, NaN.

    Its loss is a number at 0, its slope there is not.
    """

    def model_fn(features, labels, mode):
        weight = tf1.get_variable("w", [], initializer=tf1.ones_initializer())
        # Read once, and by the slope too, so that the update comes after.
        value = tf.identity(weight)
        loss = loss_of(tf.sqrt(tf.square(value)))
        optimizer = tf1.train.GradientDescentOptimizer(0.25)
        train_op = optimizer.minimize(loss, tf1.train.get_global_step())
        return tf_estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)

    return model_fn


def test_a_weight_that_becomes_nan_is_never_saved(tmp_path):
    model_fn = descending(lambda value: value)
    config = tf_estimator.RunConfig(save_checkpoints_steps=5)
    message = r"w has become NaN at step 5, at learning rate 0\.25"
    with pytest.raises(tf_estimator.NanLossDuringTrainingError, match=message):
        tf_estimator.Estimator(model_fn, str(tmp_path), config).train(input_fn, steps=9)
    assert [path.name for path in tmp_path.glob("*.index")] == ["model.ckpt-0.index"]


def test_a_nan_loss_tells_step_and_learning_rate(tmp_path):
    model_fn = descending(lambda value: value + tf.where(value < 0.3, np.nan, 0.0))
    message = r"the loss is NaN at step 4, at learning rate 0\.25"
    with pytest.raises(tf_estimator.NanLossDuringTrainingError, match=message):
        tf_estimator.Estimator(model_fn, str(tmp_path)).train(input_fn, steps=9)


def test_an_input_that_cannot_go_on_gets_one_warning(tmp_path, caplog):
    tf.get_logger().propagate = True
    estimator_in(tmp_path).train(lambda: input_fn(), steps=2)
    assert "The data starts over" not in caplog.text
    estimator_in(tmp_path).train(input_fn, steps=2)
    assert "The data starts over" not in caplog.text
    estimator_in(tmp_path).train(lambda: input_fn(), steps=2)
    assert caplog.text.count("The data starts over") == 1


def test_resuming_does_not_write_over_what_it_was_restored_from(model_dir):
    """A kill within that save would damage the newest checkpoint."""
    before = {p: p.stat().st_mtime_ns for p in model_dir.glob("model.ckpt-10.*")}
    estimator_in(model_dir).train(input_fn, max_steps=12)
    assert {p: p.stat().st_mtime_ns for p in before} == before
    one = estimator_in(model_dir)
    one.train(input_fn, max_steps=14)
    assert one.get_variable_value("global_step") == 14


def test_what_was_set_aside_stays(model_dir, caplog):
    flip(model_dir / "model.ckpt-10.data-00000-of-00001")
    assert resumed_at(model_dir, caplog) == 5
    aside = sorted(model_dir.glob("*.damaged"))
    assert len(aside) == 4
    estimator_in(model_dir).train(input_fn, max_steps=13)
    assert sorted(model_dir.glob("*.damaged")) == aside
