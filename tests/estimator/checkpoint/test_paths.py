"""Finding checkpoints, also where the state file is wrong, and comparing them."""

import os
import shutil

import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.checkpoint import paths

tf1 = tf.compat.v1


def line_model(shape=(1,), dtype=tf.float32, extra=()):
    """A model_fn with a variable `w` of `shape`, and `extra` ones."""

    def model_fn(features, labels, mode):
        del labels
        w = tf1.get_variable("w", shape, dtype)
        for name in extra:
            tf1.get_variable(name, [2])
        loss = tf.cast(tf.reduce_sum(w), tf.float32) + 0 * tf.reduce_sum(features)
        step = tf1.assign_add(tf1.train.get_global_step(), 1)
        return tf_estimator.EstimatorSpec(
            mode, predictions=features, loss=loss, train_op=step
        )

    return model_fn


def ones():
    return tf.data.Dataset.from_tensors(([1.0], [1.0])).repeat(1000)


def trained(model_dir, steps=6):
    config = tf_estimator.RunConfig(save_checkpoints_steps=2)
    estimator = tf_estimator.Estimator(line_model(), model_dir, config)
    return estimator.train(ones, steps=steps)


def write_state(model_dir, *lines):
    with open(os.path.join(model_dir, "checkpoint"), "w") as file:
        file.write("\n".join(lines))


def test_a_moved_model_dir_goes_on(tmp_path):
    trained(str(tmp_path / "old"))
    shutil.move(tmp_path / "old", tmp_path / "new place")
    estimator = trained(str(tmp_path / "new place"))
    assert estimator.get_variable_value("global_step") == 12


@pytest.mark.parametrize(
    "path",
    [
        "/vanished/on/another/machine/model.ckpt-6",
        r"C:\\Users\\anna\\model.ckpt-6",
        r"/tmp/mnist\\model.ckpt-6",
    ],
)
def test_paths_of_other_machines_are_found_here(path, tmp_path):
    estimator = trained(str(tmp_path))
    write_state(
        tmp_path,
        f'model_checkpoint_path: "{path}"',
        f'all_model_checkpoint_paths: "{path}"',
    )
    assert estimator.latest_checkpoint() == str(tmp_path / "model.ckpt-6")


def test_the_state_file_decides_which_checkpoint_is_the_newest(tmp_path):
    estimator = trained(str(tmp_path))
    write_state(tmp_path, 'model_checkpoint_path: "model.ckpt-4"')
    assert estimator.latest_checkpoint() == str(tmp_path / "model.ckpt-4")


@pytest.mark.parametrize(
    "state", [None, "", 'model_checkpoint_path: "model.ckpt-99"', "garb{age"]
)
def test_without_a_usable_state_file_the_files_decide(state, tmp_path):
    estimator = trained(str(tmp_path))
    os.remove(tmp_path / "checkpoint")
    if state is not None:
        write_state(tmp_path, state)
    assert estimator.latest_checkpoint() == str(tmp_path / "model.ckpt-6")


def test_an_empty_or_missing_folder_has_no_checkpoint(tmp_path):
    assert paths.latest(str(tmp_path)) is None
    assert paths.latest(str(tmp_path / "missing")) is None


def test_retention_counts_the_checkpoints_of_earlier_runs(tmp_path):
    config = tf_estimator.RunConfig(save_checkpoints_steps=2, keep_checkpoint_max=2)
    for _ in range(2):
        tf_estimator.Estimator(line_model(), str(tmp_path), config).train(ones, steps=4)
    indices = sorted(path.name for path in tmp_path.glob("*.index"))
    assert indices == ["model.ckpt-6.index", "model.ckpt-8.index"]


@pytest.mark.parametrize(
    "other,words",
    [
        (dict(shape=(3,)), "w: model [3] float32, checkpoint [1] float32"),
        (dict(dtype=tf.float64), "w: model [1] float64, checkpoint [1] float32"),
        (dict(extra=["b"]), "b: model [2] float32, checkpoint: missing"),
    ],
)
@pytest.mark.parametrize("verb", ["train", "evaluate", "predict"])
def test_another_models_checkpoint_raises(verb, other, words, tmp_path):
    trained(str(tmp_path))
    estimator = tf_estimator.Estimator(line_model(**other), str(tmp_path))
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(tf_estimator.CheckpointMismatchError) as caught:
        if verb == "train":
            estimator.train(ones, steps=1)
        elif verb == "evaluate":
            estimator.evaluate(ones, steps=1)
        else:
            next(estimator.predict(ones))
    assert words in str(caught.value) and "warm_start_from" in str(caught.value)
    assert sorted(os.listdir(tmp_path)) == before
