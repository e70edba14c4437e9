"""install() and uninstall(), each in a process of its own."""

import os
import pathlib
import subprocess
import sys
import textwrap

import pytest
import tensorflow as tf

from tests import children

ROOT = pathlib.Path(__file__).resolve().parents[2]
HAS_OWN = hasattr(tf.compat.v1, "estimator")
HEAD = f"""
import sys
import tensorflow as tf
from estimator_mnist import estimator as ours
def install():
    ours.install(force={HAS_OWN})
"""


@pytest.fixture
def run(fork_server, tmp_path):
    """`run(script)`: fails where HEAD and `script` fail in a process of its own."""

    def run(script):
        source = HEAD + textwrap.dedent(script)
        done = children.run(fork_server, "script", [source], ROOT, tmp_path)
        assert done.code == 0, done.err

    return run


def run_anew(script, variables):
    """Fails where they fail in a new Python with these environment variables."""
    done = subprocess.run(
        [sys.executable, "-c", HEAD + textwrap.dedent(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **variables},
    )
    assert done.returncode == 0, done.stderr


# A line that starts with this import would be taken for one of this file's own.
OLD_PACKAGE = "tensorflow" + ".python.estimator"


def test_tf_estimator_is_this_runtime(run):
    run(
        """
        install()
        import tensorflow.compat.v1 as tf1
        from tensorflow import estimator as estimator2
        from tensorflow.compat.v1 import estimator as estimator1
        from tensorflow.compat.v1.estimator import Estimator
        from tensorflow.estimator import RunConfig
        found = (tf.estimator, tf.compat.v1.estimator, tf1.estimator)
        assert all(module is ours for module in (*found, estimator1, estimator2))
        assert (Estimator, RunConfig) == (ours.Estimator, ours.RunConfig)
        from tensorflow.compat.v1.estimator.tpu import TPUEstimator
        assert TPUEstimator is ours.tpu.TPUEstimator
        """
    )


# Keras 3 on the newest TensorFlow, Keras 2 there with this variable, and on 2.15.
@pytest.mark.parametrize("legacy_keras", ["0"] if HAS_OWN else ["0", "1"])
def test_a_model_of_tf_keras_becomes_an_estimator(legacy_keras):
    run_anew(
        """
        import inspect
        install()
        from tensorflow import keras
        from tensorflow.keras.estimator import model_to_estimator
        assert keras.estimator.model_to_estimator is model_to_estimator
        assert tf.keras.estimator.model_to_estimator is model_to_estimator
        function = tf.compat.v1.keras.estimator.model_to_estimator
        defaults = [
            inspect.signature(one).parameters["checkpoint_format"].default
            for one in (model_to_estimator, function)
        ]
        assert defaults == ["checkpoint", "saver"]
        model = keras.Sequential([keras.layers.Dense(1)])
        model.build((None, 2))
        model.compile("sgd", "mse")
        assert isinstance(function(model), ours.Estimator)
        ours.uninstall()
        assert vars(tf.keras).get("estimator") is not ours.keras.v2
        """,
        {"TF_USE_LEGACY_KERAS": legacy_keras},
    )


def test_what_programs_import_from_tensorflow_estimator_is_this_runtime(run):
    run(
        f"""
        install()
        import tensorflow_estimator
        import tensorflow_estimator.python.estimator.model_fn as model_fn
        from {OLD_PACKAGE} import estimator as old_estimator
        from tensorflow_estimator.python.estimator import estimator, run_config
        from tensorflow_estimator.python.estimator.early_stopping import (
            read_eval_metrics, stop_if_lower_hook)
        from tensorflow_estimator.python.estimator.export import export
        from tensorflow_estimator.python.estimator.hooks.hooks import (
            InMemoryEvaluatorHook)
        from tensorflow_estimator.python.estimator.inputs import numpy_io
        from tensorflow_estimator.python.estimator.mode_keys import ModeKeys
        from tensorflow_estimator.python.estimator.training import train_and_evaluate
        assert tensorflow_estimator.estimator is ours
        assert tensorflow_estimator.python.estimator.estimator is estimator
        assert estimator.Estimator is old_estimator.Estimator is ours.Estimator
        assert model_fn.EstimatorSpec is ours.EstimatorSpec
        assert run_config.TaskType.CHIEF == "chief"
        assert numpy_io.numpy_input_fn is ours.inputs.numpy_input_fn
        assert export.ServingInputReceiver is ours.export.ServingInputReceiver
        """
    )


def test_what_is_not_available_can_be_imported_from_tensorflow_estimator(run):
    run(
        """
        install()
        from tensorflow_estimator.python.estimator.canned.baseline import (
            BaselineClassifier)
        from tensorflow_estimator.python.estimator.canned.kmeans import KMeans
        assert BaselineClassifier is ours.BaselineClassifier
        assert KMeans is ours.experimental.KMeans
        """
    )


def test_a_name_that_nobody_has_is_an_import_error(run):
    run(
        """
        install()
        for line in (
            "import tensorflow_estimator.python.estimator.nonsense",
            "from tensorflow_estimator.python.estimator import nonsense",
            "from tensorflow_estimator.python.estimator.estimator import Nonsense",
        ):
            try:
                exec(line)
            except ImportError:
                continue
            raise AssertionError(line)
        """
    )


def test_uninstalling_after_two_installs_leaves_no_trace(run):
    run(
        """
        def found():
            modules = {n: m for n, m in sys.modules.items() if "estimator" in n}
            api = [vars(m).get("estimator") for m in (tf, tf.compat.v1)]
            return modules, api
        before = found()
        install()
        install()
        assert tf.estimator is ours
        assert found() != before
        ours.uninstall()
        assert found() == before
        ours.uninstall()
        assert found() == before
        """
    )


def test_what_libraries_import_is_this_runtime(run):
    run(
        f"""
        install()
        import tensorflow.compat.v2 as tf2
        from tensorflow.compat.v2.estimator import Estimator
        assert tf.compat.v2.estimator is tf2.estimator is ours
        assert Estimator is ours.Estimator
        from {OLD_PACKAGE}.canned.head import _Head
        from {OLD_PACKAGE}.canned.metric_keys import MetricKeys
        from {OLD_PACKAGE}.canned.prediction_keys import PredictionKeys
        from tensorflow_estimator.python.estimator.export import export_lib
        class Head(_Head):
            logits_dimension = 1
        assert Head().logits_dimension == 1
        assert (PredictionKeys.LOGITS, MetricKeys.AUC) == ("logits", "auc")
        """
    )


def test_a_canned_class_of_tensorflow_2_warns_of_its_defaults(run):
    run(
        """
        import logging
        install()
        said = []
        class Keep(logging.Handler):
            def emit(self, record):
                said.append(record.getMessage())
        tf.get_logger().addHandler(Keep())
        from tensorflow_estimator.python.estimator.canned import linear
        from tensorflow_estimator.python.estimator import estimator
        assert estimator.EstimatorV2 is ours.Estimator and not said
        assert linear.LinearRegressor is ours.LinearRegressor and not said
        assert linear.LinearRegressorV2 is ours.LinearRegressor
        assert "LinearRegressorV2 is LinearRegressor of TensorFlow 1 here" in said[0]
        """
    )


def test_what_libraries_call_in_inner_modules_works(run):
    run(
        f"""
        install()
        from {OLD_PACKAGE}.canned import optimizers
        from {OLD_PACKAGE}.estimator import (
            EstimatorV2, maybe_overwrite_model_dir_and_session_config)
        from tensorflow_estimator.python.estimator.head import regression_head
        from tensorflow_estimator.python.estimator.tpu import (
            tpu_config, tpu_estimator)
        from tensorflow_estimator.python.estimator.util import parse_input_fn_result
        assert EstimatorV2 is ours.Estimator
        config = maybe_overwrite_model_dir_and_session_config(None, "/a")
        assert config.model_dir == "/a"
        keras = optimizers.get_optimizer_instance_v2("SGD", 0.5)
        assert float(keras.get_config()["learning_rate"]) == 0.5
        assert optimizers.get_optimizer_instance_v2(lambda: 3) == 3
        optimizer = optimizers.get_optimizer_instance("Adagrad", 0.1)
        assert isinstance(optimizer, tf.compat.v1.train.AdagradOptimizer)
        assert regression_head.RegressionHead is ours.RegressionHead
        assert tpu_config.RunConfig is ours.tpu.RunConfig
        assert tpu_estimator.TPUEstimator is ours.tpu.TPUEstimator
        assert tpu_estimator.ExportSavedModelApiVersion(1).name == "V1"
        with tf.Graph().as_default():
            dataset = tf.data.Dataset.from_tensors(({{"x": [1.0]}}, [2.0]))
            features, labels, hooks = parse_input_fn_result(dataset)
            assert features["x"].shape == labels.shape == (1,)
            assert len(hooks) == 1
        class Trees(tf.estimator.BoostedTreesClassifier):
            pass
        try:
            Trees()
        except NotImplementedError as error:
            assert "ydf" in str(error)
        else:
            raise AssertionError("not refused")
        """
    )


def test_uninstalling_leaves_all_modules_and_all_of_tensorflow_as_they_were(run):
    run(
        """
        import importlib
        modules = [tf, tf.compat.v1, tf.compat.v2, tf.keras]
        modules += map(
            importlib.import_module, ("tensorflow.compat.v1", "tensorflow.compat.v2"))
        def found():
            return dict(sys.modules), [dict(vars(module)) for module in modules]
        install()  # what it imports for itself stays imported
        ours.uninstall()
        before = found()
        install()
        assert found() != before
        ours.uninstall()
        assert found() == before
        """
    )


def test_threads_install_once_and_uninstall_once(run):
    run(
        """
        import threading
        before = {n: m for n, m in sys.modules.items() if "estimator" in n}
        barrier, failures, seen = threading.Barrier(8), [], []
        def together(action):
            def act():
                try:
                    barrier.wait()
                    action()
                    seen.append(tf.compat.v1.estimator)
                except BaseException as error:
                    failures.append(error)
            threads = [threading.Thread(target=act) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        together(install)
        assert not failures, failures
        assert all(module is ours for module in seen)
        together(lambda: (install(), ours.install(force=True)))
        assert not failures, failures
        ours.uninstall()
        assert {n: m for n, m in sys.modules.items() if "estimator" in n} == before
        """
    )


def test_an_install_that_fails_leaves_no_trace(run):
    run(
        """
        before = {n: m for n, m in sys.modules.items() if "estimator" in n}
        real = ours.install.__globals__["_old_modules"]
        def broken(module):
            raise KeyboardInterrupt
        ours.install.__globals__["_old_modules"] = broken
        try:
            install()
        except KeyboardInterrupt:
            pass
        ours.install.__globals__["_old_modules"] = real
        assert vars(tf).get("estimator") is not ours
        after = {n: m for n, m in sys.modules.items() if "estimator" in n}
        assert after == before
        install()
        assert tf.estimator is ours
        """
    )


@pytest.mark.skipif(not HAS_OWN, reason="TensorFlow has no tf.estimator to replace")
def test_a_real_tf_estimator_is_replaced_only_by_force(run):
    run(
        """
        real = tf.compat.v1.estimator.Estimator
        try:
            ours.install()
        except RuntimeError as error:
            assert "install(force=True)" in str(error), error
        else:
            raise AssertionError("not rejected")
        assert tf.compat.v1.estimator.Estimator is real
        install()
        assert tf.compat.v1.estimator.Estimator is ours.Estimator
        ours.uninstall()
        assert tf.compat.v1.estimator.Estimator is real
        from tensorflow_estimator.python.estimator import estimator
        assert estimator.Estimator is real
        """
    )
