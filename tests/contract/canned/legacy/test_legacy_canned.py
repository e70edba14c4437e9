"""Canned estimators go on where TensorFlow 1.8 and 1.15 left off.

`legacy/canned/`, in the folder ESTIMATOR_MNIST_TEST_LEGACY names, has model_dirs of
TensorFlow 1.x, and what it said of each; its README says how they were made.
"""

import json
import pathlib
import shutil
import tarfile
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

import estimator_mnist.estimator as ours
from tests.contract.canned import runs
from tests.contract.canned.legacy import cases as legacy_cases

tf1 = tf.compat.v1

CASES = (
    "tf115/baseline_classifier",
    "tf115/custom_estimator_iris",
    "tf115/dnn_classifier_bn_adam_vocab_weight",
    "tf115/dnn_classifier_iris",
    "tf115/dnn_estimator_multi_label",
    "tf115/dnn_regressor",
    "tf115/linear_classifier_crossed",
    "tf115/linear_regressor_clipped_sgd",
    "tf115/tpu_estimator_off",
    "tf115/wide_deep_classifier",
    "tf18/dnn_classifier_iris",
    "tf18/linear_classifier_crossed",
    "tf18/wide_deep_regressor",
)
SERVED = (
    "tf115/dnn_classifier_iris",
    "tf115/dnn_regressor",
    "tf115/wide_deep_classifier",
    "tf18/dnn_classifier_iris",
)
# Linear, deep, and wide and deep ones of both versions; the others take a minute.
QUICK = {
    "tf115/dnn_classifier_bn_adam_vocab_weight",
    "tf115/dnn_estimator_multi_label",
    "tf115/linear_regressor_clipped_sgd",
    "tf115/tpu_estimator_off",
    "tf18/wide_deep_regressor",
}
RESUMED_QUICKLY = {"tf115/tpu_estimator_off", "tf18/dnn_classifier_iris"}
# Kind of a column's dtype -> its name in tf.train.Feature, its dtype when parsed.
FEATURES = {
    "f": ("float_list", tf.float32),
    "i": ("int64_list", tf.int64),
    "S": ("bytes_list", tf.string),
}
ROWS = {"train": 120, "eval": 50, "predict": 20}


class Legacy(NamedTuple):
    """A model_dir of TF 1.x, and what TF 1.x said of it."""

    case: str  # version and name of its function in cases.py
    folder: pathlib.Path  # model_dir/, init/ and perhaps saved_model/
    data: dict  # array by "train/COLUMN", "eval_labels" and the like
    recorded: dict
    arrays: dict  # array by "predict/KEY" and the like

    def estimator(self, est, model_dir, **options):
        """Returns the estimator that wrote it, of either runtime, on `model_dir`."""
        make = getattr(legacy_cases, self.case.partition("/")[2])
        kind = est.tpu.RunConfig if "tpu_" in self.case else est.RunConfig
        config = kind(
            model_dir=str(model_dir), tf_random_seed=42, save_summary_steps=50
        )
        return make(est, config=config, **options)

    def input_fn(self, part, first_step=0, epochs=1):
        """Returns an input_fn of rows in their order, as they were fed to TF 1.x."""
        source = "train" if part == "train" else "eval"
        arrays = {key: array[: ROWS[part]] for key, array in self.data.items()}
        features = {
            key.removeprefix(f"{source}/"): array
            for key, array in arrays.items()
            if key.startswith(f"{source}/")
        }
        data = features if part == "predict" else (features, arrays[f"{source}_labels"])
        known = self.recorded["batch_size" if part == "train" else "eval_batch_size"]

        def input_fn(params):
            # A TPUEstimator tells it, and has a size for each mode.
            size = params.get("batch_size", known)
            dataset = tf.data.Dataset.from_tensor_slices(data)
            return dataset.repeat(epochs).batch(size).skip(first_step)

        return input_fn

    def train(self, estimator, first_step, steps):
        """Trains on from `first_step` of the recorded run; returns each step's loss."""
        return runs.train(estimator, self.input_fn("train", first_step, None), steps)


@pytest.fixture(params=["ours", pytest.param("tensorflow", marks=pytest.mark.slow)])
def est(request):
    """Ours; and the original, whose results show that these tests are right."""
    if request.param == "ours":
        return ours
    if not hasattr(tf1, "estimator"):
        pytest.skip(f"TensorFlow {tf.__version__} has no tf.compat.v1.estimator")
    return tf1.estimator


@pytest.fixture(scope="session")
def unpacked(legacy_dir, tmp_path_factory):
    """The folder VERSION/CASE/ of each case."""
    archives = legacy_dir / "canned"
    if not archives.is_dir():
        pytest.skip(f"no folder {archives}")
    folder = tmp_path_factory.mktemp("canned")
    for version in ("tf115", "tf18"):
        with tarfile.open(archives / f"canned_{version}.tar.xz") as archive:
            archive.extractall(folder / version, filter="data")
    return folder


def cases(names, quick):
    """Parametrizes a test: the cases that are not `quick` are slow."""
    params = [
        pytest.param(name, marks=() if name in quick else pytest.mark.slow)
        for name in names
    ]
    return pytest.mark.parametrize("legacy", params, indirect=True)


@pytest.fixture
def legacy(request, unpacked):
    folder = unpacked / request.param
    with np.load(folder / "data.npz") as data, np.load(folder / "expected.npz") as npz:
        recorded = json.loads((folder / "expected.json").read_text())
        return Legacy(request.param, folder, dict(data), recorded, dict(npz))


@pytest.fixture
def copies(legacy, tmp_path):
    """Copies of model_dir/ and init/, below the test's own folder."""
    for name in ("model_dir", "init"):
        shutil.copytree(legacy.folder / name, tmp_path / name)
    return tmp_path


@cases(CASES, QUICK)
def test_evaluates_and_predicts_as_tensorflow_1_did(legacy, est, copies):
    estimator = legacy.estimator(est, copies / "model_dir")
    check_metrics(legacy, estimator, "evaluate")
    check_predictions(legacy, estimator, "predict")
    assert estimator.get_variable_names() == legacy.recorded["get_variable_names"]
    tags = runs.tags(estimator.model_dir)["eval"]
    # TensorFlow 1.8 did not write the former, nor the latter two of regressors.
    new = {"checkpoint_path", "label/mean", "prediction/mean"}
    assert new.union(tags) == new.union(legacy.recorded["event_tags"]["eval"])


@cases(CASES, ())
def test_evaluates_and_predicts_the_initial_values(legacy, est, copies):
    estimator = legacy.estimator(est, copies / "init")
    check_metrics(legacy, estimator, "evaluate_init")
    check_predictions(legacy, estimator, "predict_init")


def check_metrics(legacy, estimator, key):
    metrics = estimator.evaluate(legacy.input_fn("eval"))
    for name, value in legacy.recorded[key].items():
        # TF 1.x added up trapezoids under the curve; the head of TF 2 interpolates.
        curve = legacy.case.endswith("label") and name == "auc_precision_recall"
        allowed = 2e-3 if curve else 1e-4
        assert metrics[name] == pytest.approx(value, rel=allowed, abs=allowed), name


def check_predictions(legacy, estimator, key):
    rows = list(estimator.predict(legacy.input_fn("predict")))
    predictions = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    check_arrays(legacy, key, predictions, legacy.recorded["predict"])


def check_arrays(legacy, key, found, names):
    for name in names:
        recorded = legacy.arrays[f"{key}/{name}"]
        if recorded.dtype.kind == "f":
            np.testing.assert_allclose(found[name], recorded, 1e-5, 1e-5, err_msg=name)
        else:
            assert found[name].astype(recorded.dtype).tolist() == recorded.tolist()


@cases(CASES, QUICK)
def test_trains_with_the_first_losses_of_tensorflow_1(legacy, est, copies):
    estimator = legacy.estimator(est, copies / "init")
    losses = legacy.train(estimator, 0, 2) + legacy.train(estimator, 2, 3)
    close(losses, legacy.recorded["first_losses"], 1e-5)
    check_variables(legacy, estimator, "after5")
    tags = set(runs.tags(estimator.model_dir)["train"])
    assert tags == {
        tag
        for tag in legacy.recorded["event_tags"]["."]
        if not tag.startswith("enqueue_input/") and not tag.endswith("/sec")
    }


def close(found, recorded, allowed):
    np.testing.assert_allclose(found, recorded, allowed, allowed)


def check_variables(legacy, estimator, key, allowed=1e-4):
    """Compares all variables; `allowed` is relative to the largest of each."""
    prefix = f"{key}/"
    names = [name for name in legacy.arrays if name.startswith(prefix)]
    assert names
    for name in names:
        recorded = legacy.arrays[name]
        found = estimator.get_variable_value(name.removeprefix(prefix))
        largest = max(1.0, np.abs(recorded).max())
        np.testing.assert_allclose(found, recorded, 0, allowed * largest, err_msg=name)


@cases(CASES, RESUMED_QUICKLY)
def test_trains_on_and_warm_starts(legacy, est, copies):
    """The losses after the 200 recorded steps are those of TensorFlow 2.15."""
    expected = legacy_cases.RESUMED[legacy.case]
    estimator = legacy.estimator(est, copies / "model_dir")
    close(legacy.train(estimator, 200, 3), expected, 1e-5)
    if legacy.case.endswith("baseline_classifier"):
        return  # BaselineClassifier has no argument warm_start_from
    old = str(legacy.folder / "model_dir")
    fresh = legacy.estimator(est, copies / "fresh", warm_start_from=old)
    close(legacy.train(fresh, 200, 1), expected[:1], 1e-5)
    variables = runs.variables(fresh)
    for name, recorded in legacy.recorded["variables"].items():
        written = variables[name]
        assert written["shape"] == recorded["shape"], name
        assert written["dtype"] == recorded["dtype"], name
    assert variables.keys() == legacy.recorded["variables"].keys()


@cases(CASES, ())
def test_trains_with_the_200_losses_of_tensorflow_1(legacy, est, copies):
    estimator = legacy.estimator(est, copies / "init")
    close(legacy.train(estimator, 0, 200), legacy.recorded["losses"], 1e-4)
    check_variables(legacy, estimator, "final")


@cases(SERVED, SERVED[:1])
def test_serves_the_signatures_of_tensorflow_1(legacy, est, copies):
    columns = {
        key.removeprefix("eval/"): array[: ROWS["predict"]]
        for key, array in legacy.data.items()
        if key.startswith("eval/")
    }
    receiver_fn = est.export.build_parsing_serving_input_receiver_fn(
        {
            name: tf.io.FixedLenFeature([], FEATURES[array.dtype.kind][1])
            for name, array in columns.items()
        }
    )
    estimator = legacy.estimator(est, copies / "model_dir")
    exported = estimator.export_saved_model(str(copies / "export"), receiver_fn)
    with tf.Graph().as_default(), tf1.Session() as session:
        signatures = tf1.saved_model.load(session, ["serve"], exported).signature_def
        assert signatures.keys() == legacy.recorded["signatures"].keys()
        for name, recorded in legacy.recorded["signatures"].items():
            check_signature(legacy, signatures[name], recorded)
            answers = session.run(
                {key: info.name for key, info in signatures[name].outputs.items()},
                {
                    info.name: examples(columns)
                    for info in signatures[name].inputs.values()
                },
            )
            check_arrays(legacy, f"served/{name}", answers, recorded["outputs"])


def check_signature(legacy, signature, recorded):
    assert signature.method_name == recorded["method"]
    for found, part in ((signature.inputs, "inputs"), (signature.outputs, "outputs")):
        # TensorFlow 1.8 had fewer keys of predictions.
        new = set(found) if legacy.case.startswith("tf18") else set()
        assert found.keys() == recorded[part].keys() | new
        for key, info in recorded[part].items():
            assert tf.as_dtype(found[key].dtype).name == info["dtype"], key
            shape = [size.size for size in found[key].tensor_shape.dim]
            assert shape == info["shape"], key


def examples(columns):
    """Returns the rows of `columns` as serialized tf.train.Examples."""
    rows = zip(*columns.values(), strict=True)
    return [example(dict(zip(columns, row, strict=True))) for row in rows]


def example(row):
    result = tf.train.Example()
    for name, value in row.items():
        kind = FEATURES[value.dtype.kind][0]
        getattr(result.features.feature[name], kind).value.append(value.item())
    return result.SerializeToString()
