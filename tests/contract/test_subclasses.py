"""What a subclass of Estimator may have in its own way."""

import pytest
import tensorflow as tf

from tests.contract.small_models import line, numbers

tf1 = tf.compat.v1


def subclass(est, name, member):
    return type("Sub", (est.Estimator,), {name: member})


def test_model_fn_may_be_overridden_and_is_not_what_trains(est, tmp_path):
    own = property(lambda self: "its own")
    estimator = subclass(est, "model_fn", own)(line(est), str(tmp_path))
    assert estimator.model_fn == "its own"
    estimator.train(numbers(), steps=2)
    assert estimator.evaluate(numbers(), steps=1)["global_step"] == 2


def test_latest_checkpoint_may_be_overridden_and_is_not_what_is_restored(est, tmp_path):
    sub = subclass(est, "latest_checkpoint", lambda self: None)
    estimator = sub(line(est), str(tmp_path))
    estimator.train(numbers(), steps=2)
    assert estimator.latest_checkpoint() is None
    assert estimator.evaluate(numbers(), steps=1)["global_step"] == 2
    assert "global_step" in estimator.get_variable_names()


@pytest.mark.parametrize("name", ["evaluation", "run_evaluation", "with_model_fn"])
def test_a_member_that_the_original_lacks_is_the_subclasss_own(est, tmp_path, name):
    estimator = subclass(est, name, "its own")(line(est), str(tmp_path))
    assert getattr(estimator, name) == "its own"
    est.train_and_evaluate(
        estimator,
        est.TrainSpec(numbers(), max_steps=2),
        est.EvalSpec(numbers(), steps=1),
    )
    assert estimator.evaluate(numbers(), steps=1)["global_step"] == 2
    est.add_metrics(estimator, lambda labels: {})
