"""What train_and_evaluate calls, and reads, for each of its evaluations."""

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.small_models import averager, numbers

tf1 = tf.compat.v1

SHIFT = 0.0


def losses(est, folder, eval_input, model_fn=None, listener=None):
    """The losses of the evaluations at steps 1, 2 and 3, as an exporter sees them."""
    seen = []

    class Note(est.Exporter):
        name = "note"

        def export(self, estimator, export_path, checkpoint_path, eval_result, **_):
            seen.append(float(eval_result["loss"]))

    config = est.RunConfig(save_checkpoints_steps=1)
    listeners = [Listener(listener)] if listener else None
    est.train_and_evaluate(
        est.Estimator(model_fn or averager(est), str(folder), config),
        est.TrainSpec(numbers(), 3, saving_listeners=listeners),
        est.EvalSpec(
            *(eval_input, None),
            exporters=Note(),
            start_delay_secs=0,
            throttle_secs=0,
        ),
    )
    return seen


class Listener(tf1.train.CheckpointSaverListener):
    """Calls a function with the step after each save, before the evaluation."""

    def __init__(self, call):
        self.call = call

    def after_save(self, session, global_step_value):
        self.call(int(global_step_value))


def one(value):
    """A Dataset of one batch whose mean is `value`."""
    return tf.data.Dataset.from_tensors(({"x": [value]}, [0.0]))


def test_input_fn_is_called_for_each_evaluation(est, tmp_path):
    def eval_input():
        calls.append(0)
        return one(float(len(calls)))

    calls = []
    assert losses(est, tmp_path, eval_input) == [1, 2, 3]


def test_growing_data_is_read_for_each_evaluation(est, tmp_path):
    def eval_input():
        rows.append(rows[-1] + 2)
        return tf.data.Dataset.from_tensor_slices(({"x": rows}, rows)).batch(100)

    rows = [0.0]
    assert losses(est, tmp_path, eval_input) == [1, 2, 3]


@pytest.mark.parametrize("in_place", [True, False])
def test_arrays_are_read_for_each_evaluation(est, tmp_path, in_place):
    def change(step):
        if in_place:
            x["x"][:] = step
        else:
            x["x"] = np.full([2], step, np.float32)

    x = {"x": np.zeros([2], np.float32)}
    eval_input = est.inputs.numpy_input_fn(x, x["x"], batch_size=2, shuffle=False)
    assert losses(est, tmp_path, eval_input, listener=change) == [1, 2, 3]


def test_a_random_input_is_drawn_for_each_evaluation(est, tmp_path):
    def eval_input():
        return one(float(generator.integers(1 << 20)))

    generator = np.random.default_rng(0)
    drawn = losses(est, tmp_path, eval_input)
    generator = np.random.default_rng(0)
    assert drawn == [float(generator.integers(1 << 20)) for _ in range(3)]


@pytest.mark.parametrize("kind", ["arrays", "Dataset"])
def test_each_evaluation_follows_a_global_of_the_model(
    est, tmp_path, monkeypatch, kind
):
    def model_fn(features, labels, mode):
        spec = averager(est)(features, labels, mode)
        return spec._replace(loss=spec.loss + SHIFT)

    def change(step):
        monkeypatch.setitem(globals(), "SHIFT", float(step))

    x = np.array([0.0], np.float32)
    eval_input = est.inputs.numpy_input_fn({"x": x}, x, batch_size=1, shuffle=False)
    if kind == "Dataset":
        eval_input = lambda: one(0.0)  # noqa: E731
    assert losses(est, tmp_path, eval_input, model_fn, change) == [1, 2, 3]
