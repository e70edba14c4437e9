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


def test_libraries_find_what_they_use_beside_the_public_members(est, tmp_path):
    def model_fn(features, labels, mode):
        train_op = tf1.assign_add(tf1.train.get_global_step(), 1)
        return est.EstimatorSpec(mode, loss=tf.constant(3.0), train_op=train_op)

    def other_model_fn(features, labels, mode):
        return model_fn(features, labels, mode)._replace(loss=tf.constant(5.0))

    def input_fn(mode):
        assert mode == "eval"
        return {"x": tf.ones([1])}, tf.ones([1])

    class Library(est.Estimator):
        def __init__(self, model_fn, model_dir):
            # As adanet does, which goes on to override train and evaluate.
            check = est.Estimator._assert_members_are_not_overridden
            est.Estimator._assert_members_are_not_overridden = staticmethod(
                lambda self: None
            )
            super().__init__(model_fn, model_dir)
            est.Estimator._assert_members_are_not_overridden = staticmethod(check)

        def eval_dir(self, name=None):
            return "elsewhere"

    estimator = Library(model_fn, str(tmp_path))
    assert estimator.eval_dir() == "elsewhere"
    assert estimator._model_dir == str(tmp_path)
    assert estimator._model_fn is model_fn
    with tf.Graph().as_default() as graph:
        step = estimator._create_and_assert_global_step(graph)
        assert step is tf1.train.get_global_step()
        features, _ = estimator._call_input_fn(input_fn, "eval")
        assert features["x"].graph is graph
    plain = est.Estimator(model_fn, str(tmp_path))
    plain._model_fn = other_model_fn
    assert plain.evaluate(input_fn, steps=1)["loss"] == 5
