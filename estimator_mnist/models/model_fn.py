"""The one model_fn around every network."""

import functools

import tensorflow as tf

from estimator_mnist.estimator.python_state import function_of_arguments
from estimator_mnist.models import tensorboard
from estimator_mnist.models.layers import CLASSES
from estimator_mnist.models.optimizers import NadamOptimizer

tf1 = tf.compat.v1

# Each is called with the learning rate; the rest is as in Keras or the v1 default.
OPTIMIZERS = {
    "gradient_descent": tf1.train.GradientDescentOptimizer,
    "momentum": functools.partial(tf1.train.MomentumOptimizer, momentum=0.9),
    "rmsprop": tf1.train.RMSPropOptimizer,
    "adam": tf1.train.AdamOptimizer,
    "nadam": NadamOptimizer,
}
# A param: whether the workers of a cluster make each step together.
SYNC_REPLICAS = "sync_replicas"


def around(network, runtime):
    """A model_fn(features, labels, mode, params) for `network`.

    Args:
      network: (images, params, training) -> Network.
      runtime: the estimator module whose EstimatorSpec is returned.

    The model_fn takes features {"x": [batch, side, side] float32 in 0..1} and labels
    [batch] int32 or one-hot [batch, 10]; its params hold learning_rate, a name in
    OPTIMIZERS as optimizer, maybe decay_steps, board.HISTOGRAMS and SYNC_REPLICAS, and
    what the network reads.
    """

    @function_of_arguments
    def model_fn(features, labels, mode, params, config=None):
        training = mode == runtime.ModeKeys.TRAIN
        net = network(features["x"], params, training)
        predictions = predictions_of(net)
        if mode == runtime.ModeKeys.PREDICT:
            return runtime.EstimatorSpec(mode, predictions=predictions)
        labels = class_of(labels)
        loss = loss_of(net, labels)
        if mode == runtime.ModeKeys.EVAL:
            accuracy = tf1.metrics.accuracy(labels, predictions["classes"])
            metrics = {"accuracy": accuracy, **tensorboard.metrics(labels, predictions)}
            return runtime.EstimatorSpec(mode, loss=loss, eval_metric_ops=metrics)
        optimizer = OPTIMIZERS[params["optimizer"]](learning_rate_of(params))
        hooks = []
        if params.get(SYNC_REPLICAS) and config.num_worker_replicas > 1:
            optimizer, hooks = together(optimizer, config)
        train_op = optimizer.minimize(loss, tf1.train.get_global_step())
        tensorboard.summarise(
            features["x"], net, train_op, params.get(tensorboard.HISTOGRAMS)
        )
        return runtime.EstimatorSpec(
            mode, loss=loss, train_op=train_op, training_hooks=hooks
        )

    return model_fn


def together(optimizer, config) -> tuple:
    """An optimizer that takes the mean of all workers' gradients, and its hooks."""
    workers = config.num_worker_replicas
    shared = tf1.train.SyncReplicasOptimizer(optimizer, workers, workers)
    # No spare tokens: nobody begins a step before all have made the last.
    return shared, [shared.make_session_run_hook(config.is_chief, num_tokens=0)]


def learning_rate_of(params: dict) -> float | tf.Tensor:
    """learning_rate; where decay_steps is not 0, halved each time so many are over."""
    rate, steps = params["learning_rate"], params.get("decay_steps", 0)
    if not steps:
        return rate
    return tf1.train.exponential_decay(
        rate, tf1.train.get_global_step(), steps, 0.5, staircase=True
    )


def class_of(labels: tf.Tensor) -> tf.Tensor:
    """Labels int [batch] or one-hot [batch, 10] -> int [batch]."""
    one_hot = labels.shape.rank == 2 and labels.shape[1] == CLASSES
    return tf.argmax(labels, axis=1) if one_hot else labels


def loss_of(net, labels: tf.Tensor) -> tf.Tensor:
    """The network's own loss, or the cross-entropy; the mean of the batch."""
    if net.loss is not None:
        return net.loss(labels)
    return tf1.losses.sparse_softmax_cross_entropy(labels, net.logits)


def predictions_of(net) -> dict[str, tf.Tensor]:
    """`classes` [batch] int64, `probabilities` [batch, 10]; what else the net has."""
    predictions = {
        "classes": tf.argmax(net.logits, axis=1),
        "probabilities": tf.nn.softmax(net.logits, name="softmax_tensor"),
    }
    if net.penultimate is not None:
        predictions["features"] = net.penultimate
    if net.activations is not None:
        predictions["activations"] = net.activations
    return predictions
