"""Where evaluations of a training share a session: as if each had one of its own."""

import contextlib

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator
from estimator_mnist.data import input_fns
from estimator_mnist.data.datasets import Split
from estimator_mnist.estimator.python_state import Witness, function_of_arguments
from estimator_mnist.estimator.session import (
    kept_session,
    model_graph,
    user_functions,
)
from estimator_mnist.estimator.session.evaluation import Evaluation
from estimator_mnist.models import catalog, model_fn
from tests.contract.small_models import log_of

tf1 = tf.compat.v1

KEPT, OPENED = 1, 3  # sessions of three evaluations
X = np.arange(1, 8, dtype=np.float32)


def dataset():
    return untuned(tf.data.Dataset.from_tensor_slices({"x": X}).batch(2))


def untuned(batches):
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.with_options(options)


def weight_model_fn(metric=lambda x: x):
    """Give a model_fn of a weight that each step changes, and a metric of its own."""

    def function(features, mode):
        x = features["x"]
        w = tf1.get_variable("w", [], initializer=tf1.ones_initializer())
        loss = tf.reduce_mean(x * w)
        optimizer = tf1.train.GradientDescentOptimizer(0.1)
        return estimator.EstimatorSpec(
            mode,
            loss=loss,
            train_op=optimizer.minimize(loss, tf1.train.get_global_step()),
            eval_metric_ops={"mean": tf1.metrics.mean(metric(x))},
        )

    return function


class Noted(estimator.FinalExporter):
    """Notes the results of each evaluation, with its checkpoint."""

    def __init__(self):
        super().__init__("noted", lambda: None)
        self.results = {}

    def export(self, estimator, export_path, checkpoint_path, eval_result, *_, **__):
        self.results[checkpoint_path] = eval_result


def evaluations(folder, caplog, function=None, input_fn=None, steps=None, hooks=None):
    """How many sessions three evaluations open, whose results are the original's."""
    config = estimator.RunConfig(save_checkpoints_steps=1, tf_random_seed=1)
    built = estimator.Estimator(function or weight_model_fn(), str(folder), config)
    input_fn = input_fn or function_of_arguments(lambda: dataset())
    noted = Noted()
    spec = estimator.EvalSpec(
        input_fn, steps, hooks=hooks, exporters=noted, throttle_secs=0
    )
    train = estimator.TrainSpec(lambda: dataset().repeat(), max_steps=3)
    log = log_of(caplog, lambda: estimator.train_and_evaluate(built, train, spec))
    assert len(noted.results) == 3
    for path, results in noted.results.items():
        # The slow way, which hooks take, is the rule.
        rule = built.evaluate(input_fn, steps, [tf1.train.SessionRunHook()], path)
        assert results == rule
    losses = {results["loss"] for results in noted.results.values()}
    assert len(losses) == 3
    return log.count("Graph was finalized.") - 1  # the training's


@pytest.mark.parametrize("steps", [None, 1, 100])
def test_evaluations_share_a_session_that_begins_again(tmp_path, caplog, steps):
    assert evaluations(tmp_path, caplog, steps=steps) == KEPT


def mapped():
    halves = tf.data.Dataset.range(6).map(
        lambda number: {"x": tf.reshape(tf.cast(number, tf.float32) / 2, [1])},
        num_parallel_calls=2,
    )
    return untuned(halves.prefetch(2))


def test_an_input_that_a_function_maps_shares_a_session(tmp_path, caplog):
    input_fn = function_of_arguments(lambda: mapped())
    assert evaluations(tmp_path, caplog, input_fn=input_fn) == KEPT


def cached():
    return dataset().cache()


def shuffled():
    return dataset().shuffle(4, seed=1).take(2)


def with_noise():
    return dataset().map(
        lambda features: {"x": features["x"] + tf.random.uniform([], seed=1)}
    )


def generated():
    def rows():
        yield from X

    shapes = tf.TensorSpec([], tf.float32)
    numbers = tf.data.Dataset.from_generator(rows, output_signature=shapes)
    return untuned(numbers.map(lambda x: {"x": x}).batch(2))


def tuned():
    return tf.data.Dataset.from_tensor_slices({"x": X}).batch(2)


def once():
    return tf1.data.make_one_shot_iterator(dataset()).get_next()


def beside_noise():
    noise = tf.random.uniform([], seed=1)
    batch = tf1.data.make_one_shot_iterator(dataset()).get_next()
    return {"x": batch["x"] + noise}


@pytest.mark.parametrize(
    "input_fn", [cached, shuffled, with_noise, generated, once, beside_noise, tuned]
)
def test_an_input_with_a_state_has_a_session_each_time(tmp_path, caplog, input_fn):
    declared = function_of_arguments(lambda: input_fn())
    assert evaluations(tmp_path, caplog, input_fn=declared) == OPENED


def test_arrays_have_a_session_each_time(tmp_path, caplog):
    arrays = estimator.inputs.numpy_input_fn({"x": X}, batch_size=2, shuffle=False)
    assert evaluations(tmp_path, caplog, input_fn=arrays) == OPENED


def test_an_input_that_may_change_has_a_session_each_time(tmp_path, caplog):
    assert evaluations(tmp_path, caplog, input_fn=lambda: dataset()) == OPENED


def noisy(x):
    return x + tf.random.uniform([], seed=1)


def looked_up(x):
    pairs = tf.lookup.KeyValueTensorInitializer(tf.constant([b"a"]), tf.constant([2.0]))
    return x * tf.lookup.StaticHashTable(pairs, 0.0).lookup(tf.constant([b"a"]))


def from_a_random_start(x):
    start = tf1.random_uniform_initializer(seed=1)
    return x + tf1.get_local_variable("start", [], initializer=start)


def from_another_variable(x):
    first = tf1.get_local_variable("a", [], initializer=tf1.ones_initializer())
    value = tf1.cond(
        tf1.is_variable_initialized(first),
        first.read_value,
        lambda: first.initial_value,
    )
    second = tf1.Variable(value, collections=["local_variables"], trainable=False)
    with tf.control_dependencies([tf1.assign_add(first, 1.0)]):
        return tf.identity(x * second)


def variable_of_nobody():
    start = tf1.ones_initializer()
    return tf1.get_variable("own", [], None, start, None, False, ["own"])


def of_no_collection(x):
    own = variable_of_nobody()
    was_there = tf.cast(tf1.is_variable_initialized(own), tf.float32)
    with tf.control_dependencies([was_there]):
        started = tf1.assign(own, 1.0)
    with tf.control_dependencies([started]):
        return x + was_there


def set_before_use(x):
    own = variable_of_nobody()
    with tf.control_dependencies([own.initializer]):
        return x + own.read_value()


STATES = [
    *(noisy, looked_up, from_a_random_start, from_another_variable),
    *(of_no_collection, set_before_use),
]


@pytest.mark.parametrize("metric", STATES)
def test_a_model_with_a_state_has_a_session_each_time(tmp_path, caplog, metric):
    assert evaluations(tmp_path, caplog, weight_model_fn(metric)) == OPENED


def test_a_file_that_a_model_reads_is_read_each_time(tmp_path, caplog):
    path = tmp_path / "factor"
    path.write_text("2")

    def from_a_file(x):
        return x * tf.strings.to_number(tf.io.read_file(str(path)))

    folder = tmp_path / "run"
    assert evaluations(folder, caplog, weight_model_fn(from_a_file)) == OPENED


def counted(x):
    """A state that is the evaluation's own, and one that is the checkpoint's."""
    seen = tf1.get_local_variable("seen", [], initializer=tf1.zeros_initializer())
    kept = tf1.get_variable(
        "kept", [], initializer=tf1.zeros_initializer(), trainable=False
    )
    with tf.control_dependencies([seen.assign_add(1.0), kept.assign_add(1.0)]):
        return x * (seen.read_value() + kept.read_value())


def test_what_an_evaluation_assigns_to_is_set_back(tmp_path, caplog):
    assert evaluations(tmp_path, caplog, weight_model_fn(counted)) == KEPT


def test_hooks_have_a_session_each_time(tmp_path, caplog):
    hooks = [tf1.train.SessionRunHook()]
    assert evaluations(tmp_path, caplog, hooks=hooks) == OPENED


def test_the_programs_evaluations_share_a_session(tmp_path, caplog):
    network = catalog.MODELS["linear"].network
    function = model_fn.make_model_fn(network, estimator)
    images = np.random.default_rng(0).integers(0, 255, [300, 28, 28], np.uint8)
    split = Split(images, np.arange(300, dtype=np.uint8) % 10)
    params = {"learning_rate": 0.1, "optimizer": "adam"}
    config = estimator.RunConfig(save_checkpoints_steps=1)
    built = estimator.Estimator(function, str(tmp_path), config, params)
    input_fn, noted = input_fns.eval_input_fn(split, 128, translate=True), Noted()
    train = input_fns.train_input_fn(split, 2, 0, translate=True)
    spec = estimator.EvalSpec(input_fn, None, exporters=noted, throttle_secs=0)

    def train_and_evaluate():
        estimator.train_and_evaluate(built, estimator.TrainSpec(train, 4), spec)

    log = log_of(caplog, train_and_evaluate)
    assert log.count("Graph was finalized.") == 1 + KEPT
    for path, results in noted.results.items():
        hooks = [tf1.train.SessionRunHook()]
        rule = built.evaluate(input_fn, hooks=hooks, checkpoint_path=path)
        for name, value in rule.items():
            np.testing.assert_array_equal(results[name], value, name)


@pytest.fixture
def evaluation(tmp_path):
    """Give an evaluation with a kept session, and a checkpoint for it."""
    built = estimator.Estimator(weight_model_fn(), str(tmp_path))
    built.train(lambda: dataset().repeat(), steps=1)
    made = built.evaluation(function_of_arguments(lambda: dataset()))
    made.keep_session()
    yield made, built.latest_checkpoint()
    made.close()


def test_after_an_error_the_next_evaluation_has_a_session_of_its_own(
    evaluation, caplog
):
    kept, path = evaluation
    results = kept.run(path)
    with pytest.raises((tf.errors.OpError, ValueError)):
        kept.run(f"{path}0")
    log = log_of(caplog, lambda: kept.run(path))
    assert log.count("Graph was finalized.") == 1
    assert kept.run(path) == results


class LostOnce(tf1.train.SessionRunHook):
    """Begins an input, but for one time."""

    def __init__(self):
        self.calls = 0

    def after_create_session(self, session, coord):
        self.calls += 1
        if self.calls == 2:
            raise tf.errors.UnavailableError(None, None, "storage is away")


def test_a_session_that_is_lost_is_replaced(tmp_path):
    built = estimator.Estimator(weight_model_fn(), str(tmp_path))
    built.train(lambda: dataset().repeat(), steps=1)
    functions = user_functions.UserFunctions(weight_model_fn(), {}, built.config)
    model = model_graph.build(
        functions, function_of_arguments(lambda: dataset()), "eval"
    )
    storage = LostOnce()
    model.input_hooks.append(storage)
    witness = Witness()
    kept = Evaluation(model, built.config, None, [], witness)
    kept.keep_session()
    path = built.latest_checkpoint()
    assert [kept.run(path) for _ in range(3)] == [kept.run(path)] * 3
    assert storage.calls == 5  # once more, for the one that was lost


def test_a_training_closes_the_session_of_its_evaluations(tmp_path, monkeypatch):
    closed, close = [], kept_session.KeptSession.close

    def noted(session):
        closed.append(session)
        close(session)

    monkeypatch.setattr(kept_session.KeptSession, "close", noted)

    class Fails(estimator.FinalExporter):
        def export(self, *_, **__):
            raise ValueError("no room")

    for exporters, error in (
        ([], contextlib.nullcontext()),
        ([Fails("fails", lambda: None)], pytest.raises(ValueError, match="no room")),
    ):
        built = estimator.Estimator(weight_model_fn(), str(tmp_path / str(len(closed))))
        input_fn = function_of_arguments(lambda: dataset())
        spec = estimator.EvalSpec(input_fn, exporters=exporters, throttle_secs=0)
        train = estimator.TrainSpec(lambda: dataset().repeat(), max_steps=1)
        with error:
            estimator.train_and_evaluate(built, train, spec)
        assert len(closed) == len(exporters) + 1


def test_a_closed_session_is_opened_again(evaluation, caplog):
    kept, path = evaluation
    results = kept.run(path)
    kept.close()
    log = log_of(caplog, lambda: results.update(again=kept.run(path)))
    assert log.count("Graph was finalized.") == 1
    assert results.pop("again") == results


def test_initial_values_are_drawn_in_a_session_of_their_own(evaluation):
    kept, path = evaluation
    trained, initial = kept.run(path), kept.run(None)
    assert initial["global_step"] == 0
    assert kept.run(path) == trained
