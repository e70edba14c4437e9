"""An evaluation of no batches has no result that anything may be decided by."""

import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.hooks import early_stopping
from tests.contract.small_models import log_of
from tests.estimator import one_weight

tf1 = tf.compat.v1


class Recorder(tf_estimator.Exporter):
    name = "recorder"

    def __init__(self):
        self.losses = []

    def export(self, *, eval_result, **kwargs):
        self.losses.append(eval_result["loss"])


def no_batches():
    return tf.data.Dataset.from_tensors({"x": [1.0]}).take(0)


@pytest.fixture
def trained(tmp_path):
    estimator = tf_estimator.Estimator(one_weight.model_fn, str(tmp_path))
    return estimator.train(one_weight.input_fn, steps=1)


def test_it_is_warned_of_and_leaves_no_events(trained, caplog):
    log = log_of(caplog, lambda: trained.evaluate(no_batches))
    assert any("gave no batch" in line for line in log)
    assert not early_stopping.read_eval_metrics(trained.eval_dir())


def test_it_does_not_end_training(trained):
    trained.evaluate(no_batches)
    hook = early_stopping.stop_if_lower_hook(
        trained, "loss", 0.1, run_every_secs=None, run_every_steps=1
    )
    trained.train(one_weight.input_fn, hooks=[hook], steps=3)
    assert trained.get_variable_value("global_step") == 4


@pytest.mark.parametrize("input_fn, count", [(no_batches, 0), (one_weight.input_fn, 1)])
def test_no_exporter_gets_it(trained, input_fn, count):
    exporter = Recorder()
    train_spec = tf_estimator.TrainSpec(one_weight.input_fn, max_steps=2)
    eval_spec = tf_estimator.EvalSpec(input_fn, steps=1, exporters=[exporter])
    tf_estimator.train_and_evaluate(trained, train_spec, eval_spec)
    assert len(exporter.losses) == count


def test_an_evaluator_in_training_leaves_no_events(trained):
    hook = tf_estimator.experimental.InMemoryEvaluatorHook(trained, no_batches)
    trained.train(one_weight.input_fn, hooks=[hook], steps=1)
    assert not early_stopping.read_eval_metrics(trained.eval_dir())
