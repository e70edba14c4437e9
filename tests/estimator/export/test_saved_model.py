"""SavedModels: whole or not at all, and of use without this package."""

import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator
from estimator_mnist.estimator.export import saved_model
from estimator_mnist.estimator.export.receivers import (
    ServingInputReceiver,
    build_raw_supervised_input_receiver_fn,
)

tf1 = tf.compat.v1

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], np.float32)
NOW = 1_600_000_000

LOAD_AND_SERVE = """
import sys
sys.modules["estimator_mnist"] = None  # an import of it would raise
import numpy as np, tensorflow as tf
served = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
x = tf.constant(np.load(sys.argv[2]))
served = {key: value.numpy() for key, value in served(x=x).items()}
served["word"] = served["word"].astype("S")
np.savez(sys.argv[3], **served)
"""


def model_fn(features, labels, mode, params):
    """y = x w, with a vocabulary file and an extra variable where params say so."""
    w = tf1.get_variable("w", [2, 1], initializer=tf1.ones_initializer())
    y = tf.matmul(features["x"], w)
    predictions = {"y": y, "big": y > 5}
    if "vocabulary" in params:
        words = tf.lookup.TextFileInitializer(
            params["vocabulary"],
            tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER,
            tf.string,
            tf.lookup.TextFileIndex.WHOLE_LINE,
        )
        table = tf.lookup.StaticHashTable(words, "?")
        predictions["word"] = table.lookup(tf.cast(y[:, 0] > 5, tf.int64))
    if "new_variable" in params:
        tf1.get_variable("new", [1])
    if mode == estimator.ModeKeys.PREDICT:
        scaffold = params["scaffold"]() if "scaffold" in params else None
        return estimator.EstimatorSpec(mode, predictions, scaffold=scaffold)
    loss = tf.reduce_mean((y - labels) ** 2)
    step = tf1.train.get_global_step()
    train_op = tf1.train.AdamOptimizer(0.1).minimize(loss, step)
    metrics = {"mean_y": tf1.metrics.mean(y)}
    return estimator.EstimatorSpec(mode, predictions, loss, train_op, metrics)


def input_fn():
    return {"x": tf.constant(X)}, tf.zeros([3, 1])


def serving_input_fn():
    x = tf1.placeholder(tf.float32, [None, 2], "x")
    return ServingInputReceiver({"x": x}, {"x": x})


def supervised_input_fn():
    x = tf1.placeholder(tf.float32, [None, 2])
    y = tf1.placeholder(tf.float32, [None, 1])
    return build_raw_supervised_input_receiver_fn({"x": x}, y)()


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("model"))
    estimator.Estimator(model_fn, folder, params={}).train(input_fn, steps=3)
    return folder


@pytest.fixture
def trained(model_dir):
    return estimator.Estimator(model_fn, model_dir, params={})


def write(trained, base, receiver_fns=None, **arguments):
    def call_model_fn(features, labels, mode):
        return trained.model_fn(features, labels, mode, trained.config)

    return saved_model.write(
        base,
        trained.latest_checkpoint(),
        receiver_fns or {"infer": serving_input_fn},
        call_model_fn,
        clock=lambda: NOW,
        **arguments,
    )


def test_an_export_serves_what_predict_gives_without_this_package(model_dir, tmp_path):
    vocabulary = tmp_path / "words.txt"
    vocabulary.write_text("small\nbig\n")
    params = {"vocabulary": str(vocabulary)}
    trained = estimator.Estimator(model_fn, model_dir, params=params)
    path = trained.export_saved_model(str(tmp_path / "out"), serving_input_fn).decode()
    batches = trained.predict(
        lambda: tf.data.Dataset.from_tensors({"x": X}), yield_single_examples=False
    )
    expected = next(batches)
    vocabulary.unlink()

    np.save(tmp_path / "x.npy", X)
    files = [path, str(tmp_path / "x.npy"), str(tmp_path / "served.npz")]
    subprocess.run(
        [sys.executable, "-I", "-c", LOAD_AND_SERVE, *files], check=True, cwd=tmp_path
    )
    served = np.load(tmp_path / "served.npz")
    assert sorted(served) == sorted(expected) == ["big", "word", "y"]
    for key, value in expected.items():
        np.testing.assert_array_equal(served[key], value)


def test_exports_of_one_second_are_named_by_the_seconds_after(trained, tmp_path):
    paths = [os.fsdecode(write(trained, tmp_path)) for _ in range(3)]
    assert [os.path.basename(path) for path in paths] == [
        str(NOW + seconds) for seconds in range(3)
    ]
    assert saved_model.exports(tmp_path) == paths


def test_an_export_is_later_than_a_newer_one_that_is_gone(trained, tmp_path):
    (tmp_path / str(NOW + 5)).mkdir()
    assert os.fsdecode(write(trained, tmp_path)).endswith(str(NOW + 6))


def test_a_folder_from_the_far_future_is_not_followed(trained, tmp_path):
    (tmp_path / "9999999999").mkdir()
    assert os.fsdecode(write(trained, tmp_path)).endswith(str(NOW))


def test_what_a_crash_left_does_not_stop_the_next_export(trained, tmp_path):
    left = tmp_path / f"temp-{NOW}"
    left.mkdir()
    (left / "saved_model.pb").write_text("half")
    path = os.fsdecode(write(trained, tmp_path))
    assert saved_model.exports(tmp_path) == [path]


def test_a_failed_export_leaves_nothing(trained, tmp_path):
    with pytest.raises(tf.errors.NotFoundError):
        write(trained, tmp_path, assets_extra={"a.txt": str(tmp_path / "missing")})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "destination", ["../a.txt", "b/../../a.txt", "/tmp/a.txt", "..", ""]
)
def test_extra_assets_cannot_leave_the_export(trained, tmp_path, destination):
    source = tmp_path / "source.txt"
    source.write_text("text")
    with pytest.raises(ValueError, match="not inside the export's folder"):
        write(trained, tmp_path / "out", assets_extra={destination: str(source)})
    assert not (tmp_path / "out").exists()


def test_a_checkpoint_of_another_model_is_rejected(model_dir, tmp_path):
    other = estimator.Estimator(model_fn, model_dir, params={"new_variable": True})
    with pytest.raises(estimator.CheckpointMismatchError, match="new"):
        write(other, tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_signature_without_one_of_its_placeholders_is_left_out(trained, tmp_path):
    def receiver_fn():
        receiver = serving_input_fn()
        other = tf1.placeholder(tf.float32, [None, 2], "other")
        receivers = {"x": receiver.receiver_tensors["x"]}
        return ServingInputReceiver(receiver.features, receivers, {"no": other})

    path = write(trained, tmp_path, {"infer": receiver_fn})
    loaded = tf.saved_model.load(os.fsdecode(path))
    assert list(loaded.signatures) == ["serving_default"]


def test_all_modes_load_from_one_export(trained, tmp_path):
    receiver_fns = {
        "infer": serving_input_fn,
        "eval": supervised_input_fn,
        "train": supervised_input_fn,
    }
    path = os.fsdecode(write(trained, tmp_path, receiver_fns))
    for tag, signature in [
        ("train", "train"),
        ("eval", "eval"),
        ("serve", "serving_default"),
    ]:
        assert list(tf.saved_model.load(path, [tag]).signatures) == [signature]


def test_the_eval_graph_gives_what_evaluate_gives(trained, tmp_path):
    path = write(trained, tmp_path, {"eval": supervised_input_fn})
    expected = trained.evaluate(input_fn, steps=1)
    with tf1.Session(graph=tf.Graph()) as session:
        meta = tf1.saved_model.load(session, ["eval"], os.fsdecode(path))
        signature = meta.signature_def["eval"]
        feed = {
            signature.inputs["x"].name: X,
            signature.inputs["label"].name: np.zeros([3, 1]),
        }
        names = {key: info.name for key, info in signature.outputs.items()}
        loss = session.run([names["loss"], names["metrics/mean_y/update_op"]], feed)[0]
        mean_y = session.run(names["metrics/mean_y/value"])
    assert loss == pytest.approx(expected["loss"])
    assert mean_y == pytest.approx(expected["mean_y"])


def test_the_train_graph_trains_on(trained, tmp_path):
    path = write(trained, tmp_path, {"train": supervised_input_fn})
    with tf1.Session(graph=tf.Graph()) as session:
        meta = tf1.saved_model.load(session, ["train"], os.fsdecode(path))
        inputs = meta.signature_def["train"].inputs
        feed = {inputs["x"].name: X, inputs["label"].name: np.zeros([3, 1])}
        (train_op,) = tf1.get_collection("saved_model_train_op")
        session.run(train_op, feed)
        assert session.run(tf1.train.get_global_step()) == 4


def test_the_scaffolds_saver_and_local_init_op_are_used(model_dir, tmp_path):
    def scaffold():
        w = next(v for v in tf1.global_variables() if v.op.name == "w")
        greeting = tf1.get_local_variable("greeting", initializer="nobody")
        return tf1.train.Scaffold(
            saver=tf1.train.Saver({"w": w}),
            local_init_op=tf1.assign(greeting, "hello").op,
        )

    own = estimator.Estimator(model_fn, model_dir, params={"scaffold": scaffold})
    path = os.fsdecode(write(own, tmp_path))
    stored = tf.train.list_variables(os.path.join(path, "variables", "variables"))
    assert stored == [("w", [2, 1])]
    with tf1.Session(graph=tf.Graph()) as session:
        tf1.saved_model.load(session, ["serve"], path)
        (greeting,) = tf1.local_variables()
        assert session.run(greeting) == b"hello"


@pytest.mark.parametrize("strip", [True, False])
def test_default_attributes_are_stripped_when_asked(trained, tmp_path, strip):
    path = write(trained, tmp_path, strip_default_attrs=strip)
    with tf1.Session(graph=tf.Graph()) as session:
        meta = tf1.saved_model.load(session, ["serve"], os.fsdecode(path))
    assert meta.meta_info_def.stripped_default_attrs is strip
