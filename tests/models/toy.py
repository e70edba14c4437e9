"""A model in one file, as a contributor would write it."""

from estimator_mnist.models.declarations import Hyperparameter, Model


def network(images, params, training):
    """Builds a hidden layer, whose units are scaled by toy_gain."""
    from estimator_mnist.models import layers

    hidden = layers.dense(layers.flatten(images), 3, "tanh") * params["toy_gain"]
    return layers.Network(layers.dense(hidden, layers.CLASSES))


MODEL = Model(
    network=network,
    batch_size=10,
    max_steps=2,
    training={"learning_rate": 0.02},
    hyperparameters={
        "toy_gain": Hyperparameter(float, 1.5, "factor of units.", lower_bound=0.5)
    },
)
