"""Messages hold a sample of the user's data, never all of it."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import compat, errors
from estimator_mnist import estimator as tf_estimator

LONG = 3000  # characters; the data are far longer
ROWS = list(np.random.default_rng(0).random((500, 100)))


def spec(**fields):
    with tf.Graph().as_default():
        one = tf.constant(1.0)
        parts = {"mode": "train", "loss": one, "train_op": one, "predictions": one}
        fields = {**parts, **fields}
        return tf_estimator.EstimatorSpec(**fields)


REFUSED = {
    "features": lambda: tf_estimator.inputs.numpy_input_fn(
        {"x": ROWS}, shuffle=False
    )(),
    "predictions": lambda: spec(predictions=ROWS),
    "one prediction": lambda: spec(predictions={"x": ROWS}),
    "loss": lambda: spec(loss=ROWS),
    "train_op": lambda: spec(train_op=ROWS),
    "metrics": lambda: spec(eval_metric_ops=ROWS),
    "metric": lambda: spec(eval_metric_ops={"x": ROWS}),
    "exports": lambda: spec(mode="infer", export_outputs=ROWS),
    "export": lambda: spec(mode="infer", export_outputs={"x": ROWS}),
    "hooks": lambda: spec(training_hooks=[ROWS]),
    "scaffold": lambda: spec(scaffold=ROWS),
    "received": lambda: tf_estimator.export.ServingInputReceiver(ROWS, ROWS),
    "output": lambda: tf_estimator.export.PredictOutput({"x": ROWS}),
    "regression": lambda: tf_estimator.export.RegressionOutput(ROWS),
    "scores": lambda: tf_estimator.export.ClassificationOutput(scores=ROWS),
    "params": lambda: tf_estimator.Estimator(lambda features: None, params=ROWS),
    "config": lambda: tf_estimator.Estimator(lambda features: None, config=ROWS),
    "input_fn": lambda: tf_estimator.TrainSpec(input_fn=ROWS),
    "train_spec": lambda: tf_estimator.train_and_evaluate(
        tf_estimator.Estimator(lambda features: None), ROWS, None
    ),
    "more hooks": lambda: tf_estimator.TrainSpec(dict, hooks=[ROWS]),
    "shuffle": lambda: tf_estimator.inputs.numpy_input_fn({"x": ROWS}, shuffle=ROWS),
    "batch_size": lambda: tf_estimator.inputs.numpy_input_fn(
        {"x": ROWS}, batch_size=ROWS, shuffle=False
    ),
    "vocabulary": lambda: tf_estimator.MultiClassHead(
        3, label_vocabulary=[f"word {i}" for i in range(10**5)]
    ),
    "seed": lambda: tf_estimator.RunConfig(tf_random_seed=ROWS),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_of_much_data_is_short(what):
    with pytest.raises((TypeError, ValueError)) as refusal:
        REFUSED[what]()
    assert len(str(refusal.value)) < LONG


def test_a_sample_of_a_deep_structure_is_short():
    deep = "x" * 500
    for _ in range(12):
        deep = [deep] * 20
    assert len(errors.sample(deep)) < LONG


def test_a_sample_of_little_is_all_of_it():
    assert errors.sample({"x": [1, 2]}) == "{'x': [1, 2]}"


@pytest.mark.parametrize("versions", [("2.19.1", "5.29"), ("2.20.0", "6.33")])
def test_training_asks_for_no_other_protobuf(versions):
    compat.check_protobuf(*versions)
    compat.check_protobuf()  # those that are here


def test_the_protobuf_that_cannot_train_is_named_with_the_remedy():
    with pytest.raises(errors.MissingRuntimeError, match='7.36.2: pip install "proto'):
        compat.check_protobuf("2.20.0", "7.36.2")
