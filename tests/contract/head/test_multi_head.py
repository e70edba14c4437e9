"""MultiHead: several heads as one."""

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.head.head_runs import gradient_descent, softmax

tf1 = tf.compat.v1

CLASS_LOGITS = np.array([[2.0, -1.0, 0.5], [-1.0, 3.0, 0.2]], np.float32)
NUMBER_LOGITS = np.array([[1.0], [3.0]], np.float32)
LOGITS = {"kind": CLASS_LOGITS, "size": NUMBER_LOGITS}
LABELS = {"kind": np.array([[0], [2]]), "size": np.array([[2.0], [5.0]], np.float32)}
KIND_LOSS = -np.log(softmax(CLASS_LOGITS)[[0, 1], [0, 2]]).mean()
SIZE_LOSS = 2.5


def new(est, head_weights=None, **options):
    heads = [est.MultiClassHead(3, name="kind"), est.RegressionHead(name="size")]
    return est.MultiHead(heads, head_weights, **options)


def spec_of(head, mode, logits=None, labels=None, **options):
    tf1.train.get_or_create_global_step()
    logits = LOGITS if logits is None else logits
    return head.create_estimator_spec(
        {},
        mode,
        tensors(logits),
        labels=None if mode == "infer" else tensors(labels or LABELS),
        **options,
    )


def tensors(values):
    if isinstance(values, dict):
        return {key: tf.constant(value) for key, value in values.items()}
    return tf.constant(values)


def value_of(fetches, first=()):
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        session.run(tf1.local_variables_initializer())
        session.run(first)
        return session.run(fetches)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


def test_name_and_dimension_are_those_of_all(est):
    assert (new(est).name, new(est).logits_dimension) == ("kind_size", 4)
    assert new(est).loss_reduction == "sum_over_batch_size"


def test_eval(est):
    penalties = [tf.constant(0.5), tf.constant(1.0)]
    spec = spec_of(new(est, [2.0, 0.5]), "eval", regularization_losses=penalties)
    loss = 2 * KIND_LOSS + 0.5 * SIZE_LOSS + 1.5
    assert value_of(spec.loss) == pytest.approx(loss, rel=1e-5)
    metrics = spec.eval_metric_ops
    values = value_of(
        {key: value for key, (value, _) in metrics.items()},
        first=[update for _, update in metrics.values()],
    )
    assert values == pytest.approx(
        {
            "loss/kind": KIND_LOSS,
            "loss/size": SIZE_LOSS,
            "regularization_loss/kind_size": 1.5,
            "average_loss/kind": KIND_LOSS,
            "accuracy/kind": 0.5,
            "average_loss/size": SIZE_LOSS,
            "prediction/mean/size": 2.0,
            "label/mean/size": 3.5,
        },
        rel=1e-5,
    )


def test_predictions_and_exports_have_the_heads_names(est):
    spec = spec_of(new(est), "infer")
    np.testing.assert_allclose(
        value_of(spec.predictions[("kind", "probabilities")]),
        softmax(CLASS_LOGITS),
        rtol=1e-5,
    )
    assert ("size", "predictions") in spec.predictions
    export = est.export
    assert {key: type(output) for key, output in spec.export_outputs.items()} == {
        "serving_default": export.ClassificationOutput,
        "kind": export.ClassificationOutput,
        "kind/classification": export.ClassificationOutput,
        "kind/predict": export.PredictOutput,
        "size": export.RegressionOutput,
        "size/regression": export.RegressionOutput,
        "size/predict": export.PredictOutput,
        "predict": export.PredictOutput,
    }
    outputs = spec.export_outputs["predict"].outputs
    assert {"kind/class_ids", "size/predictions"} < set(outputs)


def test_logits_may_lie_side_by_side(est):
    joined = np.concatenate([CLASS_LOGITS, NUMBER_LOGITS], axis=1)
    loss = value_of(spec_of(new(est), "eval", joined).loss)
    assert loss == pytest.approx(KIND_LOSS + SIZE_LOSS, rel=1e-5)


def test_train(est):
    scale = tf1.get_variable("scale", initializer=1.0)
    logits = {"kind": CLASS_LOGITS * scale, "size": NUMBER_LOGITS * scale}
    head, step = new(est), tf1.train.create_global_step()
    spec = head.create_estimator_spec(
        {},
        "train",
        logits,
        labels=tensors(LABELS),
        train_op_fn=gradient_descent,
        update_ops=[tf1.assign(tf1.get_variable("average", initializer=0.0), 2.0)],
        regularization_losses=[tf.constant(0.5)],
    )
    summaries = tf1.get_collection(tf1.GraphKeys.SUMMARIES)
    written = [tf1.Summary.FromString(text) for text in value_of(summaries)]
    tags = {value.tag: value.simple_value for part in written for value in part.value}
    assert tags == pytest.approx(
        {
            "loss/kind": KIND_LOSS,
            "loss/size": SIZE_LOSS,
            "loss": KIND_LOSS + SIZE_LOSS + 0.5,
            "regularization_loss": 0.5,
        },
        rel=1e-5,
    )
    average = tf1.global_variables()[-1]
    found = value_of([step, scale, average], first=[spec.train_op])
    assert (found[0], found[2]) == (1, 2.0)
    assert found[1] != 1


def test_heads_that_are_reduced_differently_do_not_train(est):
    heads = [
        est.RegressionHead(name="a"),
        est.RegressionHead(name="b", loss_reduction="sum"),
    ]
    both = {"a": NUMBER_LOGITS, "b": NUMBER_LOGITS}
    assert value_of(spec_of(est.MultiHead(heads), "eval", both, both).loss) == 0
    with pytest.raises(ValueError, match="loss_reduction must be the same"):
        spec_of(est.MultiHead(heads), "train", both, both, train_op_fn=gradient_descent)


def test_a_head_of_the_users_own_is_one_of_several(est):
    class Difference(est.RegressionHead):
        def loss(self, labels, logits, features=None, mode=None, **others):
            return tf.reduce_sum(labels - logits)

    head = est.MultiHead([Difference(name="mine"), est.RegressionHead(name="size")])
    labels = {"mine": LABELS["size"], "size": LABELS["size"]}
    logits = {"mine": NUMBER_LOGITS, "size": NUMBER_LOGITS}
    spec = spec_of(head, "eval", logits, labels)
    assert value_of(spec.loss) == 3 + SIZE_LOSS
    value, update = spec.eval_metric_ops["loss/mine"]
    assert value_of(value, first=update) == 3
