"""TPUEstimator with use_tpu=False, on this runtime and on TensorFlow 2.15's."""

import logging
import os

import numpy as np
import pytest
import tensorflow as tf

tf1 = tf.compat.v1

BATCH_SIZES = {"train_batch_size": 4, "eval_batch_size": 2, "predict_batch_size": 3}
ROWS = 12


@pytest.fixture(autouse=True)
def no_tf_config(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)


@pytest.fixture
def lines(caplog):
    """`lines()`: what the runtime has logged since the last call."""
    level = tf.get_logger().level
    tf1.logging.set_verbosity(tf1.logging.INFO)
    caplog.set_level(logging.INFO)

    def lines():
        found = [record.getMessage() for record in caplog.records]
        caplog.clear()
        return found

    yield lines
    tf1.logging.set_verbosity(level)


class Counting(tf1.train.SessionRunHook):
    def __init__(self):
        self.runs = 0

    def after_run(self, run_context, run_values):
        self.runs += 1


class Model:
    """A model_fn that makes TPUEstimatorSpecs, and keeps what it was called with."""

    def __init__(self, est, host_call=None, by_name=False):
        self._est, self._host_call, self._by_name = est, host_call, by_name
        self.params, self.shapes = {}, {}
        self.hooks = {mode: Counting() for mode in ("train", "eval", "infer")}
        self.scaffolds = []

    def __call__(self, features, labels, mode, params):
        self.params[mode], self.shapes[mode] = dict(params), features["x"].shape
        weight = tf1.get_variable("w", [1], initializer=tf1.zeros_initializer())
        predicted = features["x"] * weight
        fields = {
            "predictions": {"y": predicted},
            "training_hooks": [self.hooks["train"]],
            "evaluation_hooks": [self.hooks["eval"]],
            "prediction_hooks": [self.hooks["infer"]],
            "host_call": self._host_call and self._host_call(predicted),
        }
        if mode == "infer":
            return self._est.tpu.TPUEstimatorSpec(mode, **fields)
        loss = tf.reduce_mean((predicted - labels) ** 2)
        optimizer = tf1.train.GradientDescentOptimizer(0.1)
        tensors = [predicted, labels]
        if self._by_name:
            tensors = dict(zip(("predicted", "labels"), tensors, strict=True))
        return self._est.tpu.TPUEstimatorSpec(
            mode,
            loss=loss,
            train_op=optimizer.minimize(loss, tf1.train.get_global_step()),
            eval_metrics=(self._metrics, tensors),
            scaffold_fn=self._scaffold,
            **fields,
        )

    def _metrics(self, predicted, labels):
        return {"mae": tf1.metrics.mean_absolute_error(labels, predicted)}

    def _scaffold(self):
        self.scaffolds.append(tf1.train.Scaffold())
        return self.scaffolds[-1]


def input_fn(params):
    x = np.arange(ROWS, dtype=np.float32)[:, np.newaxis] / ROWS
    dataset = tf.data.Dataset.from_tensor_slices(({"x": x}, 2 * x))
    size = params["batch_size"]
    return dataset.repeat(params.get("epochs", 1)).batch(size, drop_remainder=True)


def new(est, model_dir, model_fn, settings=None, **options):
    config = est.tpu.RunConfig(model_dir=str(model_dir), **(settings or {}))
    options = {"params": {"a": 1}, **BATCH_SIZES, **options}
    return est.tpu.TPUEstimator(model_fn, config=config, use_tpu=False, **options)


def test_trains_evaluates_and_predicts_with_the_batch_size_in_params(est, tmp_path):
    model = Model(est)
    estimator = new(est, tmp_path, model)
    estimator.train(input_fn, steps=2)
    assert estimator.get_variable_value("w") == pytest.approx([0.09679688])
    results = estimator.evaluate(input_fn, steps=3)
    assert results == pytest.approx(
        {"global_step": 2, "loss": 0.23057874, "mae": 0.39650068}
    )
    predictions = list(estimator.predict(input_fn))
    assert [row["y"].shape for row in predictions] == [(1,)] * ROWS
    batches = estimator.predict(input_fn, yield_single_examples=False)
    assert [batch["y"].shape for batch in batches] == [(3, 1)] * 4
    sizes = {"train": 4, "eval": 2, "infer": 3}
    for mode, size in sizes.items():
        assert model.params[mode] == {"a": 1, "batch_size": size, "use_tpu": False}
        assert model.shapes[mode] == (size, 1)
    assert {mode: hook.runs for mode, hook in model.hooks.items()} == {
        "train": 2,
        "eval": 3,
        "infer": 8,
    }
    assert len(model.scaffolds) == 2


def test_says_what_it_does(est, tmp_path, lines):
    estimator = new(est, tmp_path, Model(est))
    said = lines()
    assert said[-2:] == [
        "_TPUContext: eval_on_tpu True",
        "eval_on_tpu ignored because use_tpu is False.",
    ]
    estimator.train(input_fn, steps=1)
    said = lines()
    assert said.index("Running train on CPU/GPU") == said.index("Calling model_fn.") + 1
    assert said[-1] == "training_loop marked as finished"
    assert said[-2].startswith("Loss for final step: ")
    assert not any(line.startswith("loss = ") for line in said)
    estimator.evaluate(input_fn, steps=1)
    said = lines()
    assert "Running eval on CPU/GPU" in said
    assert said[-1] == "evaluation_loop marked as finished"
    list(estimator.predict(input_fn))
    said = lines()
    assert "Running infer on CPU/GPU" in said
    assert said[-1] == "prediction_loop marked as finished"


def test_train_and_evaluate_says_that_each_loop_is_finished(est, tmp_path, lines):
    estimator = new(est, tmp_path, Model(est, by_name=True))
    results, exports = est.train_and_evaluate(
        estimator,
        est.TrainSpec(input_fn, max_steps=2),
        est.EvalSpec(input_fn, steps=3),
    )
    assert results["mae"] == pytest.approx(0.39650068)
    assert exports == []
    finished = [line for line in lines() if line.endswith("_loop marked as finished")]
    assert finished == [
        "evaluation_loop marked as finished",
        "training_loop marked as finished",
    ]


def test_an_error_is_said_to_be_raised_again(est, tmp_path, lines):
    def model_fn(features, labels, mode, params):
        raise KeyError("of my own")

    estimator = new(est, tmp_path, model_fn)
    for name, loop in (
        ("train", lambda: estimator.train(input_fn, steps=1)),
        ("prediction", lambda: next(estimator.predict(input_fn))),
    ):
        with pytest.raises(KeyError, match="of my own"):
            loop()
        name = "training" if name == "train" else name
        assert lines()[-2:] == [
            f"{name}_loop marked as finished",
            "Reraising captured error",
        ]


def test_a_prediction_that_is_broken_off_is_no_error(est, tmp_path, lines):
    estimator = new(est, tmp_path, Model(est))
    predictions = estimator.predict(input_fn)
    next(predictions)
    predictions.close()
    assert lines()[-1] == "prediction_loop marked as finished"


@pytest.mark.parametrize(
    "per_call, every, steps",
    [
        (2, 4, [3, 5]),
        (3, 4, [3, 5]),  # rounded up
        (1000, 100, [2, 3, 4, 5]),  # as BERT's defaults have it
        ("30s", 4, []),
        (2, None, []),
    ],
)
def test_speeds_are_logged_and_written(est, tmp_path, lines, per_call, every, steps):
    settings = {
        "tpu_config": est.tpu.TPUConfig(iterations_per_loop=per_call),
        "log_step_count_steps": every,
    }
    estimator = new(est, tmp_path, Model(est), settings, params={"epochs": 2})
    assert estimator.config.log_step_count_steps is None
    assert estimator.config.tpu_config.iterations_per_loop == per_call
    estimator.train(input_fn, steps=6)
    said = [line.partition(":")[0] for line in lines() if "/sec: " in line]
    assert said == ["global_step/sec", "examples/sec"] * len(said_steps(estimator))
    assert said_steps(estimator)[: len(steps)] == steps
    assert bool(steps) == bool(said)


def said_steps(estimator):
    (file,) = [n for n in os.listdir(estimator.model_dir) if "tfevents" in n]
    found = {"global_step/sec": {}, "examples/sec": {}}
    for event in tf1.train.summary_iterator(os.path.join(estimator.model_dir, file)):
        for value in event.summary.value:
            found.get(value.tag, {})[event.step] = value.simple_value
    for step, value in found["examples/sec"].items():
        assert value == pytest.approx(4 * found["global_step/sec"][step], rel=1e-5)
    assert found["examples/sec"].keys() == found["global_step/sec"].keys()
    return list(found["examples/sec"])


def test_a_host_call_runs_with_each_step(est, tmp_path):
    seen = []

    def host_call(predicted):
        def keep(values, step):
            seen.append(values.shape)
            return np.int32(0)

        def function(values, step):
            return [tf1.py_func(keep, [values, step], tf.int32), tf.no_op()]

        return function, [predicted, tf1.train.get_global_step()]

    estimator = new(est, tmp_path, Model(est, host_call))
    estimator.train(input_fn, steps=3)
    assert seen == [(4, 1)] * 3
    estimator.evaluate(input_fn, steps=2)
    assert seen[3:] == [(2, 1)] * 2
    list(estimator.predict(input_fn))
    assert seen[5:] == [(3, 1)] * 4


def test_a_host_call_may_write_summaries_of_tensorflow_2(est, tmp_path):
    folder = tmp_path / "host"

    def host_call(predicted):
        def function(values, step):
            summary = tf.compat.v2.summary
            writer = summary.create_file_writer(str(folder))
            with writer.as_default(), summary.record_if(True):
                # tf.summary.scalar would need TensorBoard.
                summary.write("mean", tf.reduce_mean(values), step=step[0])
                return tf1.summary.all_v2_summary_ops()

        return function, [predicted, tf.reshape(tf1.train.get_global_step(), [1])]

    new(est, tmp_path / "run", Model(est, host_call)).train(input_fn, steps=2)
    (file,) = folder.iterdir()
    events = list(tf1.train.summary_iterator(str(file)))
    assert [v.tag for event in events for v in event.summary.value] == ["mean"] * 2


def test_a_host_call_may_return_nothing(est, tmp_path):
    model = Model(est, lambda predicted: (lambda y: None, {"y": predicted}))
    new(est, tmp_path, model).train(input_fn, steps=1)
    assert model.hooks["train"].runs == 1


def test_an_export_has_no_batch_size_in_params(est, tmp_path):
    model = Model(est)
    estimator = new(est, tmp_path / "run", model, export_to_tpu=False)
    estimator.train(input_fn, steps=1)

    def receiver_fn():
        x = tf1.placeholder(tf.float32, [None, 1])
        return est.export.ServingInputReceiver({"x": x}, {"x": x})

    exported = estimator.export_saved_model(str(tmp_path / "export"), receiver_fn)
    assert model.params["infer"] == {"a": 1, "use_tpu": False}
    loaded = tf.saved_model.load(os.fsdecode(exported)).signatures["serving_default"]
    assert loaded(x=tf.ones([5, 1]))["y"].shape == (5, 1)


def test_a_model_fn_may_return_an_estimator_spec(est, tmp_path):
    def model_fn(features, labels, mode, params):
        assert "batch_size" not in params
        train_op = tf1.assign_add(tf1.train.get_global_step(), 1)
        return est.EstimatorSpec(mode, loss=tf.constant(2.0), train_op=train_op)

    config = est.tpu.RunConfig(model_dir=str(tmp_path))
    estimator = est.tpu.TPUEstimator(model_fn, config=config, use_tpu=False)
    estimator.train(lambda params: ({"x": [1.0]}, [1.0]), steps=1)
    assert estimator.get_variable_value("global_step") == 1


class HParams:
    """Hyperparameters as tf.contrib.training has them."""

    def __init__(self, **values):
        self.__dict__ |= values

    def __contains__(self, name):
        return name in self.__dict__

    def add_hparam(self, name, value):
        assert name not in self
        self.__dict__[name] = value

    def set_hparam(self, name, value):
        assert name in self
        self.__dict__[name] = value


def test_params_may_be_hparams(est, tmp_path):
    seen = []

    def model_fn(features, labels, mode, params):
        seen.append(vars(params))
        train_op = tf1.assign_add(tf1.train.get_global_step(), 1)
        return est.tpu.TPUEstimatorSpec(mode, loss=tf.constant(1.0), train_op=train_op)

    params = HParams(a=1, use_tpu=True)
    estimator = new(est, tmp_path, model_fn, params=params)
    estimator.train(lambda params: {"x": tf.ones([params.batch_size])}, steps=1)
    assert seen == [{"a": 1, "use_tpu": False, "batch_size": 4}]
    assert vars(params) == {"a": 1, "use_tpu": True}


def test_a_run_goes_on_where_it_stopped(est, tmp_path):
    new(est, tmp_path, Model(est)).train(input_fn, max_steps=2)
    estimator = new(est, tmp_path, Model(est)).train(input_fn, max_steps=3)
    assert estimator.get_variable_value("global_step") == 3
    warm = new(est, tmp_path / "warm", Model(est), warm_start_from=str(tmp_path))
    assert warm.train(input_fn, steps=1).get_variable_value("global_step") == 1
