"""Metric objects of Keras 2 in eval_metric_ops, and metrics of other forms."""

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.small_models import count_step, numbers

tf1 = tf.compat.v1
KEYS = tf1.GraphKeys


def spec_of(est, metrics, mode="eval"):
    return est.EstimatorSpec(
        mode,
        predictions=tf.constant([1.0]),
        loss=tf.constant(1.0),
        train_op=tf.no_op(),
        eval_metric_ops=metrics,
    )


@pytest.fixture
def graph():
    """As inside a model_fn."""
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture
def mean(keras2):
    """Gives a Keras metric that has seen its argument."""

    def of(values):
        metric = keras2.metrics.Mean(name="mean")
        metric.update_state(values)
        return metric

    return of


@pytest.mark.usefixtures("graph")
class TestTheSpec:
    @pytest.mark.parametrize("mode", ["train", "eval", "infer"])
    def test_holds_a_value_and_an_update_op(self, est, mean, mode):
        spec = spec_of(est, {"m": mean([1.0])}, mode)
        value, update = spec.eval_metric_ops["m"]
        assert isinstance(value, tf.Tensor)
        assert isinstance(update, tf.Operation)

    def test_enters_the_variables_in_the_collections_once(self, est, mean):
        metric = mean([1.0])
        spec_of(est, {"a": metric, "b": metric})
        expected = {variable.ref() for variable in metric.variables}
        for name in (KEYS.LOCAL_VARIABLES, KEYS.METRIC_VARIABLES):
            found = [variable.ref() for variable in tf1.get_collection(name)]
            assert len(found) == 2 and set(found) == expected
        assert not tf1.global_variables()

    @pytest.mark.parametrize("mode", ["train", "eval", "infer"])
    def test_refuses_a_metric_without_updates(self, est, keras2, mode):
        metric = keras2.metrics.Mean(name="mine")
        message = r'Please call update_state\(...\) on the "mine" metric'
        with pytest.raises(ValueError, match=message):
            spec_of(est, {"m": metric}, mode)

    def test_refuses_a_metric_of_another_graph(self, est, mean):
        with tf.Graph().as_default():
            other = mean([1.0])
        with pytest.raises(ValueError, match="must be from the default graph"):
            spec_of(est, {"m": other})

    def test_may_be_copied(self, est, mean):
        spec = spec_of(est, {"m": mean([1.0])})
        assert spec._replace(loss=tf.constant(2.0)).eval_metric_ops == (
            spec.eval_metric_ops
        )


def with_metrics(est, metrics_of):
    """A model_fn without variables of its own."""

    def model_fn(features, labels, mode):
        loss = tf.reduce_mean(features["x"])
        return est.EstimatorSpec(
            mode,
            loss=loss,
            train_op=count_step(loss),
            eval_metric_ops=metrics_of(features["x"]),
        )

    return model_fn


def test_each_evaluation_starts_anew(est, mean, tmp_path):
    estimator = est.Estimator(
        with_metrics(est, lambda x: {"m": mean(x)}), str(tmp_path)
    )
    estimator.train(numbers(), steps=1)
    assert [estimator.evaluate(numbers(), steps=2)["m"] for _ in range(2)] == [2.5, 2.5]
    assert estimator.evaluate(numbers(), steps=1)["m"] == 1.5
    assert estimator.get_variable_names() == ["global_step"]


def counted():
    """A value that counts the runs of its update op."""
    count = tf1.Variable(0, collections=[KEYS.LOCAL_VARIABLES])
    return count, tf1.assign_add(count, 1)


@pytest.mark.parametrize(
    ("nest", "expected"),
    [
        (lambda n: (n, n), (2, 2)),
        (lambda n: [n, (n, {"a": n})], [2, (2, {"a": 2})]),
        (lambda n: {"b": n, "a": n}, {"a": 2, "b": 2}),
        (lambda n: (), ()),
    ],
    ids=["tuple", "deep", "dict", "empty"],
)
def test_a_value_may_be_nested(est, tmp_path, nest, expected):
    def metrics_of(x):
        count, update = counted()
        return {"n": (nest(tf.convert_to_tensor(count)), update)}

    estimator = est.Estimator(with_metrics(est, metrics_of), str(tmp_path))
    assert estimator.evaluate(numbers(), steps=2)["n"] == expected


def test_an_update_may_be_nested(est, tmp_path):
    def metrics_of(x):
        first, second = counted(), counted()
        updates = (first[1], [second[1].op])
        return {"n": ((first[0], second[0]), updates)}

    estimator = est.Estimator(with_metrics(est, metrics_of), str(tmp_path))
    assert estimator.evaluate(numbers(), steps=3)["n"] == (3, 3)


@pytest.mark.usefixtures("graph")
def test_a_nested_value_of_another_graph_is_refused(est):
    with tf.Graph().as_default():
        other = tf.constant(1.0)
    with pytest.raises(ValueError, match="must be from the default graph"):
        spec_of(est, {"m": ((tf.constant(1.0), other), tf.no_op())})


@pytest.mark.usefixtures("graph")
def test_a_nest_that_is_no_pair_is_refused(est):
    with pytest.raises(TypeError, match=r"\(metric_value, update_op\)"):
        spec_of(est, {"m": ((tf.constant(1.0), tf.constant(1.0)),)})


# Exports of the modes that hold metrics


def supervised():
    x = tf1.placeholder(tf.float32, [None])
    return {"x": x}, {"y": tf1.placeholder(tf.float32, [None])}


def exported_metrics(est, estimator, folder, mode):
    """Returns what the metrics' outputs are after one batch of a loaded export."""
    with tf.Graph().as_default():
        receiver_fn = est.experimental.build_raw_supervised_input_receiver_fn(
            *supervised()
        )
        path = estimator.experimental_export_all_saved_models(
            str(folder), {mode: receiver_fn}
        )
    with tf.Graph().as_default(), tf1.Session() as session:
        loaded = tf1.saved_model.load(session, [mode], path.decode())
        (signature,) = loaded.signature_def.values()
        batch = {given.name: [1.0, 2.0] for given in signature.inputs.values()}
        outputs = {key: info.name for key, info in signature.outputs.items()}
        update = session.run(outputs["metrics/m/update_op"], batch)
        return update, session.run(outputs["metrics/m/value"], batch)


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("kind", ["keras", "operation"])
def test_an_operation_is_exported_as_an_empty_tensor(est, mean, tmp_path, mode, kind):
    def of_operation(x):
        value, update = tf1.metrics.mean(x)
        return value, update.op

    metric_of = {"keras": mean, "operation": of_operation}[kind]
    estimator = est.Estimator(
        with_metrics(est, lambda x: {"m": metric_of(x)}), str(tmp_path / "model")
    )
    estimator.train(numbers(), steps=1)
    update, value = exported_metrics(est, estimator, tmp_path / "export", mode)
    assert update.shape == (0,) and update.dtype == np.float32
    assert value == 1.5


def test_each_update_state_counts(est, keras2, tmp_path):
    """Better than the original, which takes the first for all."""
    if est is getattr(tf1, "estimator", None):
        pytest.skip("the original drops the second update")

    def metrics_of(x):
        metric = keras2.metrics.Mean()
        metric.update_state(x)
        metric.update_state(3 * x)
        return {"m": metric}

    estimator = est.Estimator(with_metrics(est, metrics_of), str(tmp_path))
    assert estimator.evaluate(numbers(), steps=1)["m"] == 3.0


def test_moving_averages_move_where_the_train_op_holds_their_updates(
    est, keras2, tmp_path
):
    def model_fn(features, labels, mode):
        layer = keras2.layers.BatchNormalization(momentum=0.5, name="bn")
        y = layer(features["x"][:, None], training=True)
        loss = tf.reduce_mean(y)
        train_op = tf.group(count_step(loss), *layer.updates)
        return est.EstimatorSpec(mode, loss=loss, train_op=train_op)

    estimator = est.Estimator(model_fn, str(tmp_path))
    estimator.train(numbers(batch_size=4), steps=2)
    assert estimator.get_variable_value("bn/moving_mean") == [2.5 / 2 + 2.5 / 4]
