"""The model_fn of every network."""

import types
from collections.abc import Callable, Mapping

import tensorflow as tf

from estimator_mnist.estimator import EstimatorSpec, RunConfig
from estimator_mnist.estimator.python_state import function_of_arguments
from estimator_mnist.models import optimizers, tensorboard
from estimator_mnist.models.declarations import Params
from estimator_mnist.models.layers import CLASSES, Network

tf1 = tf.compat.v1

# A param: whether the workers of a cluster make each step together.
SYNC_REPLICAS = "sync_replicas"


def make_model_fn(
    network: Callable[..., Network], runtime: types.ModuleType
) -> Callable[..., EstimatorSpec]:
    """Returns the model_fn(features, labels, mode, params, config) of `network`.

    The model_fn takes features {"x": [batch, side, side] float32 in 0..1} and labels
    [batch] int32 or one-hot [batch, 10]; its params hold learning_rate, the optimizer's
    name in optimizers.OPTIMIZERS, and what the network reads. They may hold
    decay_steps, tensorboard.HISTOGRAMS and SYNC_REPLICAS.

    Args:
      network: (images, params, training) -> Network.
      runtime: the estimator module whose EstimatorSpec is returned.
    """

    @function_of_arguments
    def model_fn(
        features: Mapping[str, tf.Tensor],
        labels: tf.Tensor | None,
        mode: str,
        params: Params,
        config: RunConfig | None = None,
    ) -> EstimatorSpec:
        images = features["x"]
        net = network(images, params, mode == runtime.ModeKeys.TRAIN)
        predictions = predictions_of(net)
        if mode == runtime.ModeKeys.PREDICT:
            return runtime.EstimatorSpec(mode, predictions=predictions)
        labels = class_of(labels)
        loss = loss_of(net, labels)
        if mode == runtime.ModeKeys.EVAL:
            metrics = metrics_of(labels, predictions)
            return runtime.EstimatorSpec(mode, loss=loss, eval_metric_ops=metrics)
        optimizer = optimizers.make(params)
        hooks: list[tf.compat.v1.train.SessionRunHook] = []
        if config and params.get(SYNC_REPLICAS) and config.num_worker_replicas > 1:
            optimizer, hooks = optimizers.synchronize(optimizer, config)
        train_op = optimizer.minimize(loss, tf1.train.get_global_step())
        histograms = params.get(tensorboard.HISTOGRAMS, False)
        tensorboard.summarise(images, net, train_op, histograms)
        return runtime.EstimatorSpec(
            mode, loss=loss, train_op=train_op, training_hooks=hooks
        )

    return model_fn


def class_of(labels: tf.Tensor) -> tf.Tensor:
    """Returns int [batch] of labels int [batch] or one-hot [batch, 10]."""
    one_hot = labels.shape.rank == 2 and labels.shape[1] == CLASSES
    return tf.argmax(labels, axis=1) if one_hot else labels


def loss_of(net: Network, labels: tf.Tensor) -> tf.Tensor:
    """Returns the network's own loss, or the cross-entropy; the mean of the batch."""
    if net.loss is not None:
        return net.loss(labels)
    return tf1.losses.sparse_softmax_cross_entropy(labels, net.logits)


def metrics_of(
    labels: tf.Tensor, predictions: Mapping[str, tf.Tensor]
) -> dict[str, tuple[tf.Tensor, tf.Operation]]:
    """Returns the accuracy, and what TensorBoard draws of an evaluation."""
    accuracy = tf1.metrics.accuracy(labels, predictions["classes"])
    return {"accuracy": accuracy, **tensorboard.metrics(labels, predictions)}


def predictions_of(net: Network) -> dict[str, tf.Tensor]:
    """Returns `classes` [batch] int64, `probabilities` [batch, 10], and layers by name.

    `features` [batch, units] and `activations` [batch, side, side, filters] only of a
    network that has them.
    """
    predictions = {
        "classes": tf.argmax(net.logits, axis=1),
        "probabilities": tf.nn.softmax(net.logits, name="softmax_tensor"),
    }
    if net.penultimate is not None:
        predictions["features"] = net.penultimate
    if net.activations is not None:
        predictions["activations"] = net.activations
    return predictions
