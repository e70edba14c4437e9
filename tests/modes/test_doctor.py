"""The doctor finds what is damaged, changes nothing unasked, and repairs."""

import os
import pathlib
import shutil

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors, estimator, temporary_files
from estimator_mnist.estimator.checkpoint import paths
from estimator_mnist.experiment import examination
from estimator_mnist.modes import doctor

tf1 = tf.compat.v1


def model_fn(features, labels, mode):
    weight = tf1.get_variable("w", [])
    predictions = {"y": features["x"] * weight}
    if mode == estimator.ModeKeys.PREDICT:
        return estimator.EstimatorSpec(mode, predictions)
    loss = tf.reduce_sum(tf.square(predictions["y"] - 1))
    optimizer = tf1.train.GradientDescentOptimizer(0.1)
    train_op = optimizer.minimize(loss, tf1.train.get_global_step())
    return estimator.EstimatorSpec(mode, predictions, loss, train_op)


def input_fn(start_step=0):
    return tf.data.Dataset.from_tensors({"x": [1.0]}).repeat()


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    config = estimator.RunConfig(save_checkpoints_steps=5)
    line = estimator.Estimator(model_fn, str(folder), config)
    line.train(input_fn, steps=10)
    line.evaluate(input_fn, steps=1)
    receiver = estimator.export.build_raw_serving_input_receiver_fn(
        {"x": tf.constant([1.0])}
    )
    line.export_saved_model(str(folder / "export"), receiver)
    np.savez(folder / "predictions.npz", classes=np.arange(10))
    return folder


def test_foreign_files_are_listed_and_not_looked_up(tmp_path, monkeypatch, trained):
    folder = tmp_path / "run"
    shutil.copytree(trained, folder)
    counts = [lookups(folder, monkeypatch)]
    for number in range(1000):
        (folder / f"foreign-{number}.txt").touch()
        (folder / f"model.ckpt-{number}.txt").touch()
    counts.append(lookups(folder, monkeypatch))
    assert counts[1] == counts[0] > 0


def lookups(folder, monkeypatch):
    """Returns how often the doctor lists the folder, or looks a name up in it."""
    found = []
    with monkeypatch.context() as patched:
        for name in ("stat", "lstat", "listdir", "scandir", "access"):
            original = getattr(os, name)

            def counted(*args, original=original, **kwargs):
                found.append(args)
                return original(*args, **kwargs)

            patched.setattr(os, name, counted)
        examination.examine(str(folder))
    return len(found)


def test_a_name_that_is_not_in_utf_8_is_no_hindrance(tmp_path, capsys):
    (tmp_path / os.fsdecode(b"\xff.json")).write_text("{")
    with pytest.raises(SystemExit):
        doctor.examine(str(tmp_path), repair=False)
    out = capsys.readouterr().out
    assert "\\udcff.json" in out or "\\xff.json" in out, out


def test_a_folder_that_is_not_there_is_named_in_one_line(tmp_path):
    with pytest.raises(errors.FolderError) as error:
        doctor.examine(str(tmp_path / "a\nb"), repair=False)
    assert r"a\nb" in str(error.value)


@pytest.fixture
def model_dir(trained, tmp_path):
    return pathlib.Path(shutil.copytree(trained, tmp_path / "run"))


def bad(model_dir):
    found = examination.examine(str(model_dir))
    return {finding.name: finding.detail for finding in found if finding[1] == "BAD"}


def test_a_good_model_dir_has_only_good_findings(model_dir):
    found = {
        f.name: f.detail for f in examination.examine(str(model_dir)) if f.state == "ok"
    }
    assert not bad(model_dir)
    assert found["model.ckpt-10"] == "checkpoint of step 10, as written"
    assert found["checkpoint"] == "newest is model.ckpt-10"
    assert "SavedModel" in found.values()
    assert any("steps 1 to" in detail for detail in found.values())
    assert any(name.startswith("eval" + os.sep) for name in found)


def damage(path):
    content = bytearray(path.read_bytes())
    for place in range(8, len(content), 16):
        content[place] ^= 16
    path.write_bytes(content)


@pytest.mark.parametrize(
    "pattern",
    [
        "model.ckpt-10.data-*",
        "model.ckpt-5.index",
        "events.*",
        "eval/events.*",
        "predictions.npz",
        "export/*/variables/variables.data-*",
    ],
)
def test_each_kind_of_damage_is_found(model_dir, pattern):
    damage(next(model_dir.glob(pattern)))
    assert len(bad(model_dir)) == 1


@pytest.mark.parametrize("name", ["experiment.json", "early_stopping.json"])
@pytest.mark.parametrize("content", ["[]", "null", '{"seed": "zero"}', "{"])
def test_a_record_that_no_mode_could_use_is_damage(model_dir, name, content):
    (model_dir / name).write_text(content)
    (found,) = bad(model_dir).items()
    assert found[0] == name and found[1].startswith("cannot be read: ")
    assert "elete" in found[1] and str(model_dir) not in found[1]


def test_a_file_that_only_ends_like_a_record_is_any_json(model_dir):
    (model_dir / "my_experiment.json").write_text("[]")
    assert not bad(model_dir)


@pytest.mark.parametrize("content", ['{"files": {', "{}", "[]", '{"files": {}}'])
def test_a_manifest_that_cannot_be_read_is_told_and_was_not_compared(
    model_dir, content
):
    (model_dir / "model.ckpt-10.manifest.json").write_text(content)
    found = {f.name: f for f in examination.examine(str(model_dir))}
    assert found["model.ckpt-10"].detail.endswith("every tensor can be read")
    (damaged,) = bad(model_dir).items()
    assert damaged[0] == "model.ckpt-10.manifest.json"
    assert "nothing was compared with it: it" in damaged[1]


def test_a_checkpoint_without_a_manifest_is_whole(model_dir):
    (model_dir / "model.ckpt-10.manifest.json").unlink()
    assert not bad(model_dir)


def test_events_that_a_kill_cut_short_are_no_damage(model_dir):
    events = next(model_dir.glob("events.*"))
    os.truncate(events, events.stat().st_size - 3)
    assert not bad(model_dir)


def test_examining_changes_nothing(model_dir):
    (model_dir / "checkpoint").unlink()
    before = sorted(model_dir.rglob("*"))
    assert "checkpoint" in bad(model_dir)
    assert sorted(model_dir.rglob("*")) == before


def test_a_first_save_that_was_interrupted_is_no_damage(model_dir):
    for name in ("checkpoint", *(p.name for p in model_dir.glob("model.ckpt-[15]*"))):
        (model_dir / name).unlink()
    assert not bad(model_dir)


@pytest.mark.parametrize("state", [None, 'model_checkpoint_path: "model.ckpt-99"'])
def test_repairing_names_the_whole_checkpoints(model_dir, state):
    damage(next(model_dir.glob("model.ckpt-10.data-*")))
    (model_dir / "checkpoint").unlink()
    if state:
        (model_dir / "checkpoint").write_text(state)
    assert examination.repair(str(model_dir)) == ["model.ckpt-0", "model.ckpt-5"]
    assert paths.latest(str(model_dir)) == str(model_dir / "model.ckpt-5")
    assert "checkpoint" not in bad(model_dir)


def test_nothing_to_repair_is_an_error(tmp_path):
    with pytest.raises(errors.DamagedCheckpointError, match="nothing to repair"):
        examination.repair(str(tmp_path))


def test_a_model_dir_of_tensorflow_1_is_examined_too(legacy_dir):
    found = {f.name: f for f in examination.examine(str(legacy_dir / "linear_tf18"))}
    assert found["model.ckpt-9000"].detail == (
        "checkpoint of step 9000, every tensor can be read"
    )
    assert not [f for f in found.values() if f.state == examination.BAD]


def test_what_killed_commands_left_is_named_with_its_remedy_and_no_damage(model_dir):
    half = ".predictions.0123456789abcdef.estimator_mnist-tmp"
    for folder in (half, ".report.abcd_123"):
        (model_dir / "predictions" / folder).mkdir(parents=True)
        (model_dir / "predictions" / folder / "features.npy").write_text("half")
    (model_dir / "trainer.json").write_text('{"pid": 1, "host": "a", "started": "now"}')
    with temporary_files.file(str(model_dir), "a.json") as written:
        found = {f.name: f for f in examination.examine(str(model_dir))}
        assert found[os.path.basename(written)].detail == "being written"
    assert bad(model_dir) == {}
    assert "the same again removes it" in found[f"predictions/{half}"].detail
    assert "delete it" in found["predictions/.report.abcd_123"].detail
    (model_dir / "checkpoint").unlink()
    assert bad(model_dir) == {}
    (model_dir / "trainer.json").unlink()
    assert "checkpoint" in bad(model_dir)
