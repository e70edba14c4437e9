"""keras.estimator.model_to_estimator, ours and that of TensorFlow 2.15."""

import types

import numpy as np
import pytest
import tensorflow as tf

import estimator_mnist.estimator as ours
from tests.contract.conftest import RUNTIMES
from tests.contract.keras.keras_models import (
    TWO_FEATURES,
    TWO_LABELS,
    X,
    Y,
    input_fn,
    one_output,
    two_outputs,
)

tf1 = tf.compat.v1

# Keras's own, of the original.
pytestmark = pytest.mark.filterwarnings("ignore:.*learning_phase", "ignore:.*updates")

# Recorded with the original on TensorFlow 2.15.
LOSSES = [0.9917637, 1.1576588, 0.8968410, 1.2392802]
METRICS = {"loss": 0.6140087, "o1_mae": 0.2639805, "o2_accuracy": 0.6666667}
VARIABLES = {
    *("global_step", "hidden/bias", "hidden/kernel", "o1/bias", "o1/kernel"),
    *("o2/bias", "o2/kernel", "training/SGD/decay", "training/SGD/learning_rate"),
    *("training/SGD/momentum", "training/SGD/hidden/bias/momentum"),
    *("training/SGD/hidden/kernel/momentum", "training/SGD/o1/bias/momentum"),
    *("training/SGD/o1/kernel/momentum", "training/SGD/o2/bias/momentum"),
    "training/SGD/o2/kernel/momentum",
}


@pytest.fixture(scope="module", params=RUNTIMES)
def runtime(request):
    """The estimators, their model_to_estimator, and the Keras 2 of its models."""
    if request.param == "ours":
        keras = ours.keras.versions.keras2()
        convert = ours.keras.model_to_estimator
        return types.SimpleNamespace(est=ours, convert=convert, keras=keras)
    if not hasattr(tf1, "estimator"):
        pytest.skip(f"TensorFlow {tf.__version__} has no tf.compat.v1.estimator")
    convert = tf1.keras.estimator.model_to_estimator
    return types.SimpleNamespace(est=tf1.estimator, convert=convert, keras=tf.keras)


class Losses(tf1.train.SessionRunHook):
    """Records the loss of each step."""

    def __init__(self):
        self.values = []

    def begin(self):
        (self.summary,) = [
            op.outputs[0]
            for op in tf1.get_default_graph().get_operations()
            if op.type == "ScalarSummary" and op.name.startswith("loss")
        ]

    def before_run(self, run_context):
        return tf1.train.SessionRunArgs(self.summary)

    def after_run(self, run_context, run_values):
        summary = tf1.Summary.FromString(run_values.results)
        self.values.append(summary.value[0].simple_value)


@pytest.fixture(scope="module")
def trained(runtime, tmp_path_factory):
    """Two steps, and two more of a new Estimator; then what it says."""
    folder = str(tmp_path_factory.mktemp("model"))
    first, losses = None, Losses()
    for _ in range(2):
        estimator = runtime.convert(
            two_outputs(runtime.keras),
            model_dir=folder,
            config=runtime.est.RunConfig(tf_random_seed=1),
            export_outputs={"o1": runtime.est.export.PredictOutput},
        )
        first = first or next(estimator.predict(input_fn(TWO_FEATURES, epochs=1)))
        estimator.train(input_fn(TWO_FEATURES, TWO_LABELS), [losses], steps=2)
    metrics = estimator.evaluate(input_fn(TWO_FEATURES, TWO_LABELS, epochs=1))
    return types.SimpleNamespace(
        estimator=estimator,
        first=first,
        losses=losses.values,
        metrics=metrics,
        folder=folder,
    )


@pytest.fixture(scope="module")
def untrained(runtime, tmp_path_factory):
    """A model with one output, whose metric has another name."""
    return runtime.convert(
        one_output(runtime.keras),
        model_dir=str(tmp_path_factory.mktemp("untrained")),
        metric_names_map={"mae": "renamed"},
    )


def test_training_starts_with_the_models_weights(runtime, trained):
    model = two_outputs(runtime.keras)
    values = model.predict([X, X], verbose=0)
    assert trained.first.keys() == {"o1", "o2"}
    np.testing.assert_allclose(trained.first["o1"], values[0][0], atol=1e-6)
    np.testing.assert_allclose(trained.first["o2"], values[1][0], atol=1e-6)


def test_losses_and_metrics_are_the_originals_through_a_restart(trained):
    np.testing.assert_allclose(trained.losses, LOSSES, atol=1e-6)
    assert trained.metrics.keys() == {*METRICS, "global_step"}
    for key, value in METRICS.items():
        assert trained.metrics[key] == pytest.approx(value, abs=1e-6)


def test_variables_are_called_as_in_the_original(trained):
    assert set(trained.estimator.get_variable_names()) == VARIABLES
    stored = tf.train.list_variables(f"{trained.folder}/keras/keras_model.ckpt")
    assert {name for name, _ in stored} == VARIABLES


def test_each_named_output_has_a_signature(runtime, trained, tmp_path):
    def receiver():
        features = {
            name: tf1.placeholder(tf.float32, [None, 2]) for name in TWO_FEATURES
        }
        return runtime.est.export.ServingInputReceiver(features, features)

    path = trained.estimator.export_saved_model(str(tmp_path), receiver)
    with tf.Graph().as_default(), tf1.Session() as session:
        signatures = tf1.saved_model.load(
            session, ["serve"], path.decode()
        ).signature_def
    outputs = {key: set(value.outputs) for key, value in signatures.items()}
    assert outputs == {"serving_default": {"o1", "o2"}, "o1": {"output"}}


def test_object_based_checkpoints_load_into_the_model(runtime, trained, tmp_path):
    model = two_outputs(runtime.keras, runtime.keras.optimizers.legacy.Adam(0.1))
    estimator = runtime.convert(
        model, model_dir=str(tmp_path), checkpoint_format="checkpoint"
    )
    estimator.train(input_fn(TWO_FEATURES, TWO_LABELS), steps=1)
    estimator.train(input_fn(TWO_FEATURES, TWO_LABELS), steps=1)
    names = {
        name.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE")
        for name in estimator.get_variable_names()
    }
    layers = [
        f"layer_with_weights-{i}/{w}" for i in range(3) for w in ("kernel", "bias")
    ]
    slots = [f"{name}/.OPTIMIZER_SLOT/optimizer/{s}" for name in layers for s in "mv"]
    settings = ("beta_1", "beta_2", "decay", "learning_rate")
    assert names == {
        "_CHECKPOINTABLE_OBJECT_GRAPH",
        "estimator_global_step",
        *layers,
        *slots,
        *(f"optimizer/{name}" for name in settings),
    }
    predicted = next(estimator.predict(input_fn(TWO_FEATURES, epochs=1)))
    fresh = two_outputs(runtime.keras)
    fresh.load_weights(estimator.latest_checkpoint()).expect_partial()
    np.testing.assert_allclose(
        fresh.predict([X, X], verbose=0)[0][0], predicted["o1"], atol=1e-6
    )


def test_a_v1_optimizer_has_its_own_slots(runtime, tmp_path):
    optimizer = tf1.train.AdamOptimizer(0.1)
    model = one_output(runtime.keras, optimizer)
    estimator = runtime.convert(model, model_dir=str(tmp_path))
    losses = Losses()
    estimator.train(input_fn(X, Y), [losses], steps=3)
    names = estimator.get_variable_names()
    assert {"training/beta1_power", "y/kernel/Adam", "y/kernel/Adam_1"} <= set(names)
    np.testing.assert_allclose(
        losses.values, [0.1666724, 1.1377841, 0.0644157], atol=1e-6
    )


def test_features_and_labels_have_many_forms(untrained):
    for features, labels in (
        (X.astype(np.float64), Y[:, 0]),
        ({"hidden_input": X, "more": Y}, {"y": Y}),
    ):
        metrics = untrained.evaluate(input_fn(features, labels, epochs=1))
        assert metrics.keys() == {"loss", "renamed", "global_step"}
        assert metrics["loss"] == pytest.approx(0.4946747, abs=1e-6)


def test_weights_of_examples_weigh_the_loss(runtime, untrained):
    weights = np.array([1, 2, 0, 1, 0, 3], np.float32)
    features = {"features": X, "sample_weights": weights}
    metrics = untrained.evaluate(input_fn(features, Y, epochs=1))
    predicted = one_output(runtime.keras).predict(X, verbose=0)
    loss = np.mean(weights * (predicted - Y)[:, 0] ** 2)
    assert metrics["loss"] == pytest.approx(loss, abs=1e-6)


def raises(error, text):
    return pytest.raises(error, match=text)


def test_a_model_must_be_given_once_and_compiled(runtime):
    with raises(ValueError, "^Either `keras_model` or `keras_model_path` needs"):
        runtime.convert()
    with raises(ValueError, "^Please specity either `keras_model` or"):
        runtime.convert(one_output(runtime.keras), "path")
    keras = runtime.keras
    with raises(ValueError, "^The given keras model has not been compiled yet. Please"):
        runtime.convert(keras.Sequential([keras.layers.Dense(1)]))
    with raises(ValueError, "Checkpoint format must be one of .* Got other"):
        runtime.convert(one_output(keras), checkpoint_format="other")
    with raises(ValueError, "^config must be an instance of `RunConfig`"):
        runtime.convert(one_output(keras), config={})


def test_names_that_the_model_lacks_are_errors(runtime, tmp_path):
    kind = runtime.est.export.PredictOutput
    cases = [
        ({}, {"other": X}, Y, KeyError, "passed into features does not cover .*inputs"),
        ({}, X, {"other": Y}, KeyError, "passed into labels does not cover .*outputs"),
        (
            {"metric_names_map": {"x": "N"}},
            X,
            Y,
            ValueError,
            """names:"..mae.." do not exist""",
        ),
        (
            {"metric_names_map": {"mae": "M", "x": "N"}},
            *(X, Y, ValueError, "unexpected keys in the .*Received: ..x"),
        ),
        (
            {"export_outputs": {"x": kind}},
            X,
            Y,
            KeyError,
            "list passed into .'y'. .*'x'",
        ),
    ]
    for options, features, labels, error, text in cases:
        estimator = runtime.convert(
            one_output(runtime.keras), model_dir=str(tmp_path), **options
        )
        with raises(error, f"(?s){text}"):
            estimator.evaluate(input_fn(features, labels), steps=1)


def test_a_model_without_get_config_is_an_error(runtime):
    class Model(runtime.keras.Model):
        def get_config(self):
            raise NotImplementedError

    model = Model()
    model.compile("sgd", "mse")
    with raises(ValueError, "^Subclassed `Model`s passed to `model_to_estimator` must"):
        runtime.convert(model)


def test_weights_of_examples_are_checked(trained):
    weights = np.ones(6, np.float32)
    cases = [
        (weights, TypeError, "multiple outputs, so `sample_weights` should be"),
        ((weights,), ValueError, "was a list of 1 elements, but the model has 2"),
        ((weights, weights[:, None]), ValueError, "sample weight with shape .*, 1"),
    ]
    for given, error, text in cases:
        features = {"features": TWO_FEATURES, "sample_weights": given}
        with raises(error, text):
            trained.estimator.evaluate(input_fn(features, TWO_LABELS, epochs=1))
