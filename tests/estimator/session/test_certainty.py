"""Where predict and evaluations keep a graph: the rows of session.certainty."""

import functools
import types

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import estimator
from estimator_mnist.data import input_fns
from estimator_mnist.data.datasets import Split
from estimator_mnist.estimator.python_state import (
    UncertainError,
    function_of_arguments,
)
from estimator_mnist.estimator.session import certainty
from estimator_mnist.models import catalog, model_fn
from tests.contract.small_models import log_of

tf1 = tf.compat.v1

KEPT, BUILT = 1, 3  # how often three calls of predict call model_fn
X = np.array([1, 2, 3], np.float32)
FACTORS = {"two": 2.0}


def line(predictions=lambda x, w: x * w, **fields):
    """Give a model_fn of w = 3 that predicts `predictions(x, w)`."""

    def model_fn(features, mode):
        x = features["x"]
        start = tf1.constant_initializer(3.0)
        w = tf1.get_variable("w", [], initializer=start)
        step = tf1.assign_add(tf1.train.get_global_step(), 1)
        return estimator.EstimatorSpec(
            mode, predictions(x, w), loss=tf.reduce_sum(x) * w, train_op=step, **fields
        )

    return model_fn


def arrays(shuffle=False):
    return estimator.inputs.numpy_input_fn({"x": X}, batch_size=2, shuffle=shuffle)


def dataset():
    return tf.data.Dataset.from_tensor_slices({"x": X}).batch(2)


def trained(folder, function=None, params=None, **config):
    config = estimator.RunConfig(**config)
    built = estimator.Estimator(function or line(), str(folder), config, params)
    return built.train(arrays(), steps=1)


def models_built(caplog, calls):
    """How many times `calls` call model_fn."""
    return log_of(caplog, calls).count("Calling model_fn.")


def predict_thrice(caplog, built, input_fn=None, expected=None, **arguments):
    """How many times three calls of predict, which give the same, call model_fn."""

    def calls():
        for _ in range(3):
            yielded.append(list(built.predict(input_fn or arrays(), **arguments)))

    yielded = []
    count = models_built(caplog, calls)
    # The slow path, which hooks take, is the rule.
    hooks = [tf1.train.SessionRunHook()]
    rule = list(built.predict(input_fn or arrays(), **{**arguments, "hooks": hooks}))
    if expected != "random":
        assert yielded == [rule] * 3
    return count


def mapped():
    return dataset().map(lambda features: {"x": features["x"] + 1})


def labelled():
    return tf.data.Dataset.zip((dataset(), tf.data.Dataset.range(2)))


CERTAIN_INPUTS = [dataset, mapped, labelled, lambda: dataset().shuffle(2, seed=1)]


@pytest.mark.parametrize("input_fn", [arrays(), *CERTAIN_INPUTS])
def test_a_certain_input_is_fed_to_one_model(tmp_path, caplog, input_fn):
    assert predict_thrice(caplog, trained(tmp_path), input_fn) == KEPT


def in_a_variable():
    tf1.get_local_variable("v", [], initializer=tf1.zeros_initializer())
    return dataset()


def in_a_collection():
    tf1.add_to_collection("mine", "any")
    return dataset()


def beside_an_op():
    tf.constant(1.0)
    return dataset()


def as_tensors():
    return tf1.data.make_one_shot_iterator(dataset()).get_next()


def with_the_step():
    step = tf.cast(tf1.train.get_global_step(), tf.float32)
    return dataset().map(lambda features: {"x": features["x"] + step})


UNCERTAIN_INPUTS = [
    *(in_a_variable, in_a_collection, beside_an_op, as_tensors, with_the_step),
]


@pytest.mark.parametrize("input_fn", UNCERTAIN_INPUTS)
def test_an_input_with_something_beside_it_is_in_the_models_graph(
    tmp_path, caplog, input_fn
):
    assert predict_thrice(caplog, trained(tmp_path), input_fn) == BUILT


def test_a_shuffled_input_of_arrays_is_in_the_models_graph(tmp_path, caplog):
    built = trained(tmp_path)
    assert predict_thrice(caplog, built, arrays(shuffle=True), "random") == BUILT


def test_features_that_are_not_plain_tensors_are_in_the_models_graph(tmp_path, caplog):
    def sparse():
        return dataset().map(
            lambda features: {"x": tf.sparse.from_dense(features["x"])}
        )

    def model_fn(features):
        dense = tf.sparse.to_dense(features["x"])
        return estimator.EstimatorSpec(estimator.ModeKeys.PREDICT, predictions=dense)

    trained(tmp_path)
    built = estimator.Estimator(model_fn, str(tmp_path))
    assert predict_thrice(caplog, built, sparse) == BUILT


def test_features_in_another_order_have_another_model(tmp_path):
    def model_fn(features):
        first = next(iter(features.values()))
        return estimator.EstimatorSpec(estimator.ModeKeys.PREDICT, predictions=first)

    def both(first, second):
        numbers = {"a": [1.0], "b": [2.0]}
        return lambda: tf.data.Dataset.from_tensors(
            {key: numbers[key] for key in (first, second)}
        )

    trained(tmp_path)
    built = estimator.Estimator(model_fn, str(tmp_path))
    for _ in range(2):
        for order in ("ab", "ba"):
            hooks = [tf1.train.SessionRunHook()]
            rule = list(built.predict(both(*order), hooks=hooks))
            assert list(built.predict(both(*order))) == rule


def test_hooks_have_a_session_of_their_own(tmp_path, caplog):
    hooks = [tf1.train.SessionRunHook()]
    assert predict_thrice(caplog, trained(tmp_path), hooks=hooks) == BUILT


def test_prediction_hooks_have_a_session_of_their_own(tmp_path, caplog):
    function = line(prediction_hooks=[tf1.train.SessionRunHook()])
    assert predict_thrice(caplog, trained(tmp_path, function)) == BUILT


def with_a_scaffold(features, mode):
    def own(scaffold, session):
        del scaffold, session

    return line(scaffold=tf1.train.Scaffold(init_fn=own))(features, mode)


def test_a_scaffold_has_a_session_of_its_own(tmp_path, caplog):
    assert predict_thrice(caplog, trained(tmp_path, with_a_scaffold)) == BUILT


def test_initial_values_are_drawn_in_each_call(tmp_path, caplog):
    assert predict_thrice(caplog, estimator.Estimator(line(), str(tmp_path))) == BUILT


def test_another_process_runs_a_session_of_its_own():
    config = types.SimpleNamespace(evaluation_master="grpc://localhost:1")
    with pytest.raises(UncertainError, match="another process"):
        certainty.check_session(config, "model.ckpt-1")


def local(x, w):
    return x * w + tf1.get_local_variable("l", [], initializer=tf1.ones_initializer())


def table(x, w):
    values = tf.constant([b"a", b"b"])
    pairs = tf.lookup.KeyValueTensorInitializer(values, tf.constant([1.0, 2.0]))
    found = tf.lookup.StaticHashTable(pairs, 0.0).lookup(tf.constant([b"a"]))
    return x * w + found


def noise(x, w):
    return x * w + tf1.random_uniform([])


def assigned(x, w):
    return x * w + 0 * tf1.assign(w, w)


def python_function(x, w):
    return tf.reshape(tf.numpy_function(lambda v: 2 * v, [x * w], tf.float32), [-1])


def imported(x, w):
    import math

    return x * w * math.pi


def printed(x, w):
    print("called")
    return x * w


@functools.lru_cache
def cached():
    return 1.0


def from_a_cache(x, w):
    return x * w * cached()


UNCERTAIN_MODELS = [
    *(local, table, assigned, python_function, imported, printed, from_a_cache),
]


@pytest.mark.parametrize("predictions", UNCERTAIN_MODELS)
def test_a_model_with_a_state_is_built_in_each_call(tmp_path, caplog, predictions):
    built = trained(tmp_path, line(predictions))
    assert predict_thrice(caplog, built) == BUILT


def test_a_random_model_is_built_in_each_call(tmp_path, caplog):
    built = trained(tmp_path, line(noise), tf_random_seed=1)
    assert predict_thrice(caplog, built) == BUILT


def helped(x, w):
    return {"y": twice(x) * w, "x": x}


def twice(x, factors=(2.0,)):
    return tf.reduce_sum([x * factor for factor in factors], axis=0) * FACTORS["two"]


def conditional(x, w):
    return tf1.where(tf.greater(x, 1.0), x * w, np.sqrt(2.0) * tf.nn.relu(x))


CERTAIN_MODELS = [helped, conditional, functools.partial(lambda k, x, w: k * x * w, 2)]


@pytest.mark.parametrize("predictions", CERTAIN_MODELS)
def test_a_certain_model_is_built_once(tmp_path, caplog, predictions):
    built = trained(tmp_path, line(predictions))
    assert predict_thrice(caplog, built) == KEPT


def test_a_dict_that_model_fn_reads_is_compared(tmp_path, caplog, monkeypatch):
    built = trained(tmp_path, line(helped))
    seen = []

    def calls():
        for factor in (2.0, 2.0, 3.0):
            monkeypatch.setitem(FACTORS, "two", factor)
            seen.append(next(built.predict(arrays()))["y"])

    assert models_built(caplog, calls) == 2
    assert seen == [12, 12, 18]


def test_params_are_the_estimators_own(tmp_path, caplog):
    def scaled(features, mode, params):
        return line(lambda x, w: x * w * params["k"][0])(features, mode)

    params = {"k": [2.0], "weights": np.ones(3)}
    built = trained(tmp_path, scaled, params)
    params["k"][0] = 5.0
    assert predict_thrice(caplog, built) == KEPT


def test_a_model_that_reaches_past_the_features_is_built_in_each_call(tmp_path, caplog):
    def past(x, w):
        return x * w + 0 * tf.cast(x.op.inputs[0], tf.float32)

    assert predict_thrice(caplog, trained(tmp_path, line(past))) == BUILT


def test_the_programs_model_and_input_are_certain(tmp_path, caplog):
    network = catalog.MODELS["linear"].network
    function = model_fn.make_model_fn(network, estimator)
    split = Split(np.zeros([4, 28, 28], np.uint8), np.arange(4, dtype=np.uint8))
    params = {"learning_rate": 0.1, "optimizer": "adam", "statistics": cached}
    config = estimator.RunConfig(save_checkpoints_steps=1)
    built = estimator.Estimator(function, str(tmp_path), config, params)
    input_fn = input_fns.eval_input_fn(split, 2, translate=False)
    train = input_fns.train_input_fn(split, 2, 0, translate=False)
    spec = estimator.EvalSpec(input_fn, steps=None, throttle_secs=0)

    def calls():
        estimator.train_and_evaluate(built, estimator.TrainSpec(train, 4), spec)

    assert models_built(caplog, calls) == 2
    again = models_built(caplog, lambda: [list(built.predict(input_fn))] * 2)
    assert again == 1


def evaluations(tmp_path, caplog, eval_input, function=None, hooks=None):
    """How many EVAL graphs three evaluations build, each way."""
    built = trained(tmp_path / "evaluate", function)
    results = []

    def evaluate():
        for _ in range(3):
            results.append(built.evaluate(eval_input, steps=1, hooks=hooks))

    count = models_built(caplog, evaluate)
    by_rule = built.evaluate(
        eval_input, 1, [*(hooks or []), tf1.train.SessionRunHook()]
    )
    assert [one["global_step"] for one in [*results, by_rule]] == [1] * 4
    assert count == evaluations_while_training(
        tmp_path / "train", caplog, eval_input, function, hooks
    )
    return count


def evaluations_while_training(tmp_path, caplog, eval_input, function, hooks):
    config = estimator.RunConfig(save_checkpoints_steps=1)
    built = estimator.Estimator(function or line(), str(tmp_path), config)
    train = estimator.TrainSpec(lambda: dataset().repeat(), max_steps=3)
    spec = estimator.EvalSpec(eval_input, steps=1, hooks=hooks, throttle_secs=0)
    return (
        models_built(caplog, lambda: estimator.train_and_evaluate(built, train, spec))
        - 1
    )


@pytest.mark.parametrize(
    "eval_input", [arrays(), function_of_arguments(lambda: dataset())]
)
def test_a_certain_evaluation_is_built_once(tmp_path, caplog, eval_input):
    assert evaluations(tmp_path, caplog, eval_input) == 1


def test_evaluate_with_a_kept_graph_gives_what_a_new_one_gives(tmp_path):
    built, same = trained(tmp_path), arrays()
    first = built.evaluate(same)
    built.train(arrays(), steps=5)
    kept, new = built.evaluate(same, name="kept"), built.evaluate(arrays())
    assert kept == new != first
    assert built.evaluate(same, steps=1) == built.evaluate(arrays(), steps=1)
    X[0] += 1  # what input_fn holds
    try:
        assert built.evaluate(same) == built.evaluate(arrays()) != new
    finally:
        X[0] -= 1


@pytest.mark.parametrize("eval_input", [dataset, arrays(shuffle=True)])
def test_an_evaluation_of_other_data_is_built_each_time(tmp_path, caplog, eval_input):
    assert evaluations(tmp_path, caplog, eval_input) == 3


def with_evaluation_hooks():
    return line(evaluation_hooks=[tf1.train.SessionRunHook()])


@pytest.mark.parametrize(
    "function",
    [
        *(line(python_function), line(imported)),
        *(with_evaluation_hooks(), with_a_scaffold),
    ],
)
def test_an_evaluation_of_an_uncertain_model_is_built_each_time(
    tmp_path, caplog, function
):
    assert evaluations(tmp_path, caplog, arrays(), function) == 3


def test_an_evaluation_with_hooks_is_built_each_time(tmp_path, caplog):
    hooks = [tf1.train.SessionRunHook()]
    assert evaluations(tmp_path, caplog, arrays(), hooks=hooks) == 3


@pytest.mark.parametrize("certain", [True, False])
@pytest.mark.parametrize("first_closed", [0, 1])
def test_streams_take_turns_and_close_in_any_order(tmp_path, certain, first_closed):
    input_fn = arrays() if certain else as_tensors
    built = trained(tmp_path)
    streams = [built.predict(input_fn), built.predict(input_fn)]
    taken = [next(stream) for stream in streams for _ in range(2)]
    assert taken == [3, 6, 3, 6]
    streams.pop(first_closed).close()
    assert list(streams[0]) == [9]
    assert tf.executing_eagerly()


def test_a_stream_may_be_closed_in_any_graph(tmp_path):
    built = trained(tmp_path)
    streams = [built.predict(dataset) for _ in range(3)]
    assert [next(stream) for stream in streams] == [3, 3, 3]
    with tf.Graph().as_default() as graph:
        assert tf1.get_default_session() is None
        for stream in streams:
            stream.close()
        assert tf1.get_default_graph() is graph
    assert tf.executing_eagerly()
