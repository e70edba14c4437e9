"""Keras 3 in a model_fn: what keeps no variables works, the rest is refused by name."""

import pytest
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist import estimator as tf_estimator

tf1 = tf.compat.v1
keras = tf.keras

pytestmark = pytest.mark.skipif(
    hasattr(tf1, "estimator"), reason="this TensorFlow comes with Keras 2"
)


def input_fn():
    return tf.data.Dataset.from_tensors(({"x": [[1.0, 2.0]]}, [1.0])).repeat()


def trained(folder, network, metrics_of=lambda y: None):
    """Trains two steps of a model whose output is network(x), and evaluates it."""

    def model_fn(features, labels, mode):
        y = network(features["x"]) * tf1.get_variable("w", [])
        loss = tf.reduce_mean(y)
        train_op = tf1.assign_add(tf1.train.get_global_step(), 1)
        return tf_estimator.EstimatorSpec(
            mode, loss=loss, train_op=train_op, eval_metric_ops=metrics_of(y)
        )

    estimator = tf_estimator.Estimator(model_fn, str(folder))
    estimator.train(input_fn, steps=2)
    return estimator.evaluate(input_fn, steps=2)


def updated(metric, values):
    metric.update_state(values)
    return {"m": metric}


class Scale(keras.layers.Layer):
    """A layer of the user's."""

    def build(self, shape):
        self.factor = self.add_weight(shape=[], initializer="ones")

    def call(self, x):
        return x * self.factor


def swallowed(x):
    try:
        return keras.layers.Dense(2)(x)
    except Exception:
        return x


def optimized(x):
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.build(tf1.trainable_variables())
    return x


WITH_VARIABLES = {
    "dense": lambda x: keras.layers.Dense(2, name="mine")(x),
    "dropout": lambda x: keras.layers.Dropout(0.5)(x),
    "noise": lambda x: keras.layers.GaussianNoise(0.5)(x, training=True),
    "batch_normalization": lambda x: keras.layers.BatchNormalization()(x),
    "recurrent": lambda x: keras.layers.LSTM(2, stateful=True)(x[:, None]),
    "augmentation": lambda x: keras.layers.RandomFlip()(x[:, :, None, None]),
    "random": lambda x: x + keras.random.normal([2], seed=keras.random.SeedGenerator()),
    "own_layer": lambda x: Scale()(x),
    "model": lambda x: keras.Sequential([keras.layers.Dense(2)])(x),
    "swallowed": swallowed,
    "optimizer": optimized,
}


@pytest.mark.parametrize("network", WITH_VARIABLES.values(), ids=WITH_VARIABLES)
def test_what_makes_variables_is_refused_at_its_line(tmp_path, network):
    message = f"(?s)Keras 3.* made the variable .*{__file__}:.*import tf_keras"
    with pytest.raises(errors.Keras3Error, match=message) as raised:
        trained(tmp_path, network)
    assert isinstance(raised.value, TypeError)
    assert not list(tmp_path.glob("*.index"))


def test_the_refusal_shows_the_line(tmp_path):
    with pytest.raises(errors.Keras3Error, match=r"\(return keras.layers.Dense\(3\)"):
        trained(tmp_path, three_units)


def test_a_variable_of_tensorflows_inside_a_layer_is_told_apart(tmp_path):
    def network(x):
        scale = keras.layers.Lambda(lambda x: x * tf1.get_variable("scale", []))
        return scale(x)

    message = "called in a layer what made the variable 'scale' at .*own works outside"
    with pytest.raises(errors.Keras3Error, match=message):
        trained(tmp_path, network)


def from_tensors(layer):
    """An input_fn that calls layer() on tensors."""

    def input_fn_of_tensors():
        features, labels = tf1.data.make_one_shot_iterator(input_fn()).get_next()
        return {"x": layer()(features["x"], training=True)}, labels

    return input_fn_of_tensors


def mapped(layer):
    """An input_fn that calls layer() in a Dataset's function."""
    return lambda: input_fn().map(
        lambda features, labels: ({"x": layer()(features["x"])}, labels)
    )


@pytest.mark.parametrize("kind", [from_tensors, mapped])
def test_an_input_fn_is_held_to_the_same(tmp_path, kind):
    def model_fn(features, labels, mode):
        loss = tf.reduce_mean(features["x"])
        train_op = tf1.assign_add(tf1.train.get_global_step(), 1)
        return tf_estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)

    estimator = tf_estimator.Estimator(model_fn, str(tmp_path))
    message = f"(?s)made the variable .*{__file__}:.*inside input_fn"
    with pytest.raises(errors.Keras3Error, match=message):
        estimator.train(kind(lambda: keras.layers.Dropout(0.5)), steps=1)
    estimator.train(kind(lambda: keras.layers.Activation("relu")), steps=1)


def three_units(x):
    return keras.layers.Dense(3)(x)


def built(layer):
    layer(tf.ones([1, 2]))
    return layer


OUTSIDE = {
    "built": lambda: built(keras.layers.Dense(2)),
    "unbuilt": lambda: keras.layers.Dense(2),
    "of_another_graph": lambda: in_another_graph(keras.layers.Dense(2)),
    "model": lambda: keras.Sequential([keras.Input([2]), keras.layers.Dense(2)]),
    "dropout": lambda: keras.Sequential([keras.layers.Dropout(0.5)]),
}


def in_another_graph(layer):
    with tf.Graph().as_default():
        return built(layer)


@pytest.mark.parametrize("make", OUTSIDE.values(), ids=OUTSIDE)
def test_layers_made_outside_model_fn_are_refused(tmp_path, make):
    layer = make()
    with pytest.raises(errors.Keras3Error, match="import tf_keras"):
        trained(tmp_path, lambda x: layer(x, training=True))


WITHOUT_VARIABLES = {
    "flatten": lambda x: keras.layers.Flatten()(x),
    "pooling": lambda x: keras.layers.MaxPooling2D(2)(tf.ones([1, 4, 4, 1]))[:, 0, 0],
    "activation": lambda x: keras.layers.Activation("relu")(x),
    "normalization": lambda x: keras.layers.Normalization(mean=1.0, variance=4.0)(x),
    "operation": lambda x: keras.ops.relu(x),
    "loss": lambda x: keras.losses.MeanSquaredError()(x, 2 * x)[None],
    "schedule": lambda x: (
        x
        * keras.optimizers.schedules.ExponentialDecay(1.0, 1, 0.5)(
            tf1.train.get_global_step()
        )
    ),
}


@pytest.mark.parametrize("network", WITHOUT_VARIABLES.values(), ids=WITHOUT_VARIABLES)
def test_what_makes_no_variables_works(tmp_path, network):
    assert trained(tmp_path, network)["global_step"] == 2


def test_other_errors_inside_keras_stay_what_they_are(tmp_path):
    with pytest.raises(ValueError, match="Reshape") as raised:
        trained(tmp_path, lambda x: keras.layers.Reshape([7])(x))
    assert not isinstance(raised.value, errors.Keras3Error)


METRICS = {
    "made_inside": lambda: lambda y: updated(keras.metrics.Mean(), y),
    "made_outside": lambda: with_metric(lambda metric, y: {"m": metric}),
    "updated_inside": lambda: with_metric(updated),
}


def with_metric(of):
    metric = keras.metrics.Mean()
    return lambda y: of(metric, y)


@pytest.mark.parametrize("make", METRICS.values(), ids=METRICS)
def test_metrics_are_refused(tmp_path, make):
    with pytest.raises(errors.Keras3Error, match="metrics.*tf_keras"):
        trained(tmp_path, lambda x: x, make())


def test_keras_2_works_beside_it(tmp_path, keras2):
    def network(x):
        x = keras2.layers.Dense(2, kernel_initializer="ones", name="mine")(x)
        return keras2.layers.Dropout(0.5)(x, training=True)

    def metrics_of(y):
        return updated(keras2.metrics.Mean(), tf.ones([2]))

    assert trained(tmp_path, network, metrics_of)["m"] == 1.0
    names = tf_estimator.Estimator(lambda features: None, str(tmp_path))
    assert "mine/kernel" in names.get_variable_names()


def test_a_training_inside_keras_is_not_taken_for_keras(tmp_path):
    call = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs: trained(tmp_path, keras.ops.relu)
    )
    call.on_train_begin({})
    assert tf.train.latest_checkpoint(str(tmp_path))
