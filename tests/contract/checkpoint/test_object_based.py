"""A tf.train.Checkpoint as a Scaffold's saver: checkpoints by objects, not by names."""

import os

import pytest
import tensorflow as tf

from tests.contract.small_models import checkpoint_steps, count_step, numbers

tf1 = tf.compat.v1

KEYS = [
    "_CHECKPOINTABLE_OBJECT_GRAPH",
    "count/.ATTRIBUTES/VARIABLE_VALUE",
    "net/w/.ATTRIBUTES/VARIABLE_VALUE",
]


def model_of(est, saves_objects=True):
    """Give a model_fn with w += 1 per step, y = w x, and an object-based saver."""

    def model_fn(features, labels, mode):
        weight = tf1.get_variable("w", [], initializer=tf1.zeros_initializer())
        step = tf1.train.get_global_step()
        net = tf.train.Checkpoint(w=weight)
        saver = tf.train.Checkpoint(net=net, count=step) if saves_objects else None
        loss = weight + 0.0
        return est.EstimatorSpec(
            mode,
            predictions=weight * features["x"],
            loss=loss,
            train_op=tf.group(count_step(loss), tf1.assign_add(weight, 1.0)),
            scaffold=tf1.train.Scaffold(saver=saver),
        )

    return model_fn


class Listener(tf1.train.CheckpointSaverListener):
    def __init__(self):
        self.steps = []

    def after_save(self, session, global_step_value):
        self.steps.append(int(global_step_value))


def estimator_in(est, model_dir, **settings):
    config = est.RunConfig(save_checkpoints_steps=2, keep_checkpoint_max=1)
    return est.Estimator(model_of(est, **settings), str(model_dir), config)


@pytest.fixture(name="trained")
def trained_fixture(est, tmp_path):
    """An Estimator after two trainings, to step 3 and to step 7."""
    estimator = estimator_in(est, tmp_path)
    listener = Listener()
    estimator.train(numbers(), steps=3, saving_listeners=[listener])
    assert listener.steps == [0, 2, 3]
    return estimator.train(numbers(), max_steps=7)


def test_training_resumes_and_keeps_what_the_saver_keeps(est, tmp_path, trained):
    assert trained.get_variable_names() == KEYS
    assert [trained.get_variable_value(key) for key in KEYS[1:]] == [7, 7.0]
    assert checkpoint_steps(tmp_path) == [0, 2, 3, 5, 7]
    # The Saver that a Scaffold makes keeps 5, of all runs together.
    trained.train(numbers(), steps=4)
    assert checkpoint_steps(tmp_path) == [3, 5, 7, 9, 11]


def test_evaluate_and_predict_restore_by_objects(est, trained):
    results = trained.evaluate(numbers(), steps=1)
    assert (results["loss"], results["global_step"]) == (7.0, 7)
    for _ in range(2):
        assert list(trained.predict(numbers(2, epochs=1))) == [7.0, 14.0]


def test_an_export_has_the_objects_and_serves(est, tmp_path, trained):
    def receiver():
        x = tf1.placeholder(tf.float32, [None])
        return est.export.ServingInputReceiver({"x": x}, {"x": x})

    folder = os.fsdecode(trained.export_saved_model(str(tmp_path / "out"), receiver))
    stored = tf.train.list_variables(os.path.join(folder, "variables", "variables"))
    assert [name for name, _ in stored] == KEYS
    with tf.Graph().as_default(), tf1.Session() as session:
        graph = tf1.saved_model.load(session, ["serve"], folder)
        served = graph.signature_def["serving_default"]
        output, x = served.outputs["output"].name, served.inputs["x"].name
        assert list(session.run(output, {x: [1.0, 3.0]})) == [7.0, 21.0]


def test_eager_objects_restore_what_was_trained(est, trained):
    weight, count = tf.Variable(0.0), tf.Variable(0, dtype=tf.int64)
    net = tf.train.Checkpoint(w=weight)
    checkpoint = tf.train.Checkpoint(net=net, count=count)
    checkpoint.restore(trained.latest_checkpoint()).expect_partial()
    assert (weight.numpy(), count.numpy()) == (7.0, 7)


def test_a_warm_start_takes_variables_by_name(est, tmp_path, trained):
    plain = est.Estimator(
        model_of(est, saves_objects=False),
        str(tmp_path / "warm"),
        warm_start_from=trained.latest_checkpoint(),
    )
    # Only trainable variables: the step begins at 0.
    plain.train(numbers(), steps=1)
    assert plain.get_variable_value("w") == 8.0
    assert plain.get_variable_value("global_step") == 1


def test_train_and_evaluate_restores_each_checkpoint(est, tmp_path):
    estimator = estimator_in(est, tmp_path)
    train_spec = est.TrainSpec(numbers(), max_steps=4)
    eval_spec = est.EvalSpec(numbers(), steps=1, throttle_secs=0)
    results, _ = est.train_and_evaluate(estimator, train_spec, eval_spec)
    assert (results["loss"], results["global_step"]) == (4.0, 4)


def test_a_saver_hook_of_the_users_saves_objects(est, tmp_path):
    listener = Listener()

    def model_fn(features, labels, mode):
        spec = model_of(est)(features, labels, mode)
        hook = tf1.train.CheckpointSaverHook(
            str(tmp_path), save_steps=2, scaffold=spec.scaffold
        )
        return spec._replace(training_hooks=[hook])

    estimator = est.Estimator(model_fn, str(tmp_path))
    estimator.train(numbers(), steps=4, saving_listeners=[listener])
    assert estimator.get_variable_names() == KEYS
    assert listener.steps == checkpoint_steps(tmp_path) == [0, 2, 4]


def test_variables_without_an_object_are_not_saved(est, tmp_path):
    """Restoring leaves them without a value, which the session notices."""

    def model_fn(features, labels, mode):
        tf1.get_variable("beside", [])
        return model_of(est)(features, labels, mode)

    estimator = est.Estimator(model_fn, str(tmp_path)).train(numbers(), steps=1)
    with pytest.raises(RuntimeError, match="Variables not initialized: beside"):
        estimator.evaluate(numbers(), steps=1)


def test_a_checkpoint_by_names_does_not_fit(est, tmp_path):
    estimator_in(est, tmp_path, saves_objects=False).train(numbers(), steps=1)
    with pytest.raises(tf.errors.NotFoundError):
        estimator_in(est, tmp_path).evaluate(numbers(), steps=1)
