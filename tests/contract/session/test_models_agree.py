"""The program's three models, step by step, on both runtimes side by side."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator as tf_estimator
from estimator_mnist.data import datasets, input_fns
from estimator_mnist.models import catalog, model_fn
from tests.contract.small_models import scalars, step_reads

tf1 = tf.compat.v1

SMALL = {
    "linear": {},
    "mlp": {"hidden_units": 16},
    "cnn": {"filters": 4, "kernel_size": 3, "dense_units": 16},
}
STEPS = 20


class Losses(tf1.train.SessionRunHook):
    """Notes the loss of each step."""

    def __init__(self):
        self.seen = []

    def before_run(self, run_context):
        return tf1.train.SessionRunArgs(tf1.get_collection(tf1.GraphKeys.LOSSES)[0])

    def after_run(self, run_context, run_values):
        self.seen.append(run_values.results)


def after_step_reads(model_fn):
    """The same model_fn; the original's hooks may not see the step by chance."""

    def paced(features, labels, mode, params):
        with tf.control_dependencies(step_reads()):
            return model_fn(features, labels, mode, params)

    return paced


def run(runtime, model, model_dir):
    """Trains, evaluates and predicts; returns all the numbers that come out."""
    data, kind = datasets.load("digits"), catalog.MODELS[model]
    params = {**kind.params, **SMALL[model], "seed": 3}
    config = runtime.RunConfig(
        model_dir, tf_random_seed=3, save_summary_steps=5, log_step_count_steps=5
    )
    fn = after_step_reads(model_fn.make_model_fn(kind.network, runtime))
    estimator = runtime.Estimator(fn, config=config, params=params)
    losses = Losses()
    train_fn = input_fns.train_input_fn(data.train, 20, seed=3, translate=True)
    test_fn = input_fns.eval_input_fn(data.test, 100, translate=True)
    estimator.train(train_fn, [losses], max_steps=STEPS)
    variables = {
        n: estimator.get_variable_value(n) for n in estimator.get_variable_names()
    }
    # How fast steps were made is no result.
    events = [e for e in scalars(model_dir) if e[1] != "global_step/sec"]
    results = estimator.evaluate(test_fn)
    return {
        "losses": losses.seen,
        "variables": variables,
        "results": {k: v for k, v in results.items() if not isinstance(v, bytes)},
        "pictures": sorted(k for k, v in results.items() if isinstance(v, bytes)),
        "predictions": next(estimator.predict(test_fn)),
        "events": [value for *_, value in events],
        "tags": [(step, tag) for step, tag, _ in events],
        "eval events": dict(e[1:] for e in scalars(estimator.eval_dir())),
    }


def assert_close(one, other, where):
    if isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key in one:
            assert_close(one[key], other[key], f"{where}: {key}")
    else:
        np.testing.assert_allclose(one, other, atol=1e-6, rtol=1e-6, err_msg=where)


@pytest.mark.parametrize("model", sorted(SMALL))
def test_both_runtimes_give_the_same_numbers(model, tmp_path):
    if not hasattr(tf1, "estimator"):
        pytest.skip(f"TensorFlow {tf.__version__} has no tf.compat.v1.estimator")
    ours = run(tf_estimator, model, str(tmp_path / "ours"))
    real = run(tf1.estimator, model, str(tmp_path / "real"))
    assert len(ours["losses"]) == STEPS
    for same in ("tags", "pictures"):
        assert ours.pop(same) == real.pop(same)
    assert_close(ours, real, model)
