"""add_metrics: an Estimator that evaluates more than its model_fn says."""

import pytest
import tensorflow as tf

from tests.contract.small_models_wide import (
    FEATURES,
    LABELS,
    eval_input,
    global_step,
    restored,
    train_input,
)

tf1 = tf.compat.v1


@pytest.fixture
def estimator(est, tmp_path):
    return restored(est, tmp_path, step=3)


def mean_label(labels):
    return {"mean_label": tf1.metrics.mean(labels)}


def test_adds_to_the_metrics_of_the_model(est, estimator):
    def squared_error(labels, predictions):
        error = tf1.metrics.mean_squared_error(labels, predictions["p"])
        return {"squared_error": error}

    result = est.add_metrics(estimator, squared_error).evaluate(eval_input)
    assert sorted(result) == ["global_step", "loss", "mae", "squared_error"]
    assert result["squared_error"] == pytest.approx(result["loss"])


def test_gives_a_new_estimator_on_the_same_folder(est, estimator):
    other = est.add_metrics(estimator, mean_label)
    assert isinstance(other, est.Estimator)
    assert other is not estimator
    assert other.model_dir == estimator.model_dir
    assert "mean_label" not in estimator.evaluate(eval_input)


def test_trains_and_predicts_as_before(est, estimator):
    other = est.add_metrics(estimator, mean_label)
    other.train(train_input, steps=1)
    assert global_step(estimator) == 4
    predicted = other.predict(lambda: tf.data.Dataset.from_tensors({"x": FEATURES}))
    assert sorted(next(predicted)) == ["p", "twice"]


def test_metric_fn_takes_what_it_names(est, estimator):
    def everything(features, labels, predictions, config):
        return {
            "features": tf1.metrics.mean(features["x"]),
            "labels": tf1.metrics.mean(labels),
            "predictions": tf1.metrics.mean(predictions["twice"] / 2.0),
            "config": tf1.metrics.mean(float(config.save_summary_steps)),
        }

    result = est.add_metrics(estimator, everything).evaluate(eval_input)
    assert result["features"] == pytest.approx(FEATURES.mean())
    assert result["labels"] == pytest.approx(LABELS.mean())
    assert result["config"] == 100.0


def test_metric_fn_gets_nothing_that_it_does_not_name(est, estimator):
    given = []

    def some(labels, **others):
        given.append(others)
        return mean_label(labels)

    assert "mean_label" in est.add_metrics(estimator, some).evaluate(eval_input)
    assert given == [{}]


def test_same_name_replaces_the_metric_of_the_model(est, estimator):
    def seven():
        return {"mae": tf1.metrics.mean(tf.constant(7.0))}

    assert est.add_metrics(estimator, seven).evaluate(eval_input)["mae"] == 7.0


def test_can_be_repeated(est, estimator):
    def mean_feature(features):
        return {"mean_feature": tf1.metrics.mean(features["x"])}

    twice = est.add_metrics(est.add_metrics(estimator, mean_label), mean_feature)
    assert {"mean_label", "mean_feature", "mae"} <= set(twice.evaluate(eval_input))


@pytest.mark.parametrize("metric_fn", [lambda label: {}, lambda params: {}])
def test_rejects_unknown_arguments(est, estimator, metric_fn):
    (name,) = metric_fn.__code__.co_varnames
    with pytest.raises(ValueError, match=f"metric_fn.*{name}"):
        est.add_metrics(estimator, metric_fn)


def test_rejects_what_cannot_be_called(est, estimator):
    with pytest.raises(TypeError):
        est.add_metrics(estimator, 3)


def test_loss_cannot_be_replaced(est, estimator):
    def loss(labels):
        return {"loss": tf1.metrics.mean(labels)}

    with pytest.raises(ValueError, match="loss"):
        est.add_metrics(estimator, loss).evaluate(eval_input)


def test_values_must_be_metrics(est, estimator):
    with pytest.raises(TypeError, match="(?s)eval_metric_ops.*update_op.*bare"):
        est.add_metrics(estimator, lambda labels: {"bare": labels}).evaluate(eval_input)
