"""The one model_fn around every network."""

import tensorflow as tf

tf1 = tf.compat.v1

OPTIMIZERS = {
    "gradient_descent": tf1.train.GradientDescentOptimizer,
    "adam": tf1.train.AdamOptimizer,
}


def around(network, runtime):
    """A model_fn(features, labels, mode, params) for `network`.

    Args:
      network: (images, params, training) -> Network.
      runtime: the estimator module whose EstimatorSpec is returned.

    The model_fn takes features {"x": [batch, side, side] float32 in 0..1} and labels
    [batch] int32; its params hold learning_rate, a name in OPTIMIZERS as optimizer,
    and what the network reads.
    """

    def model_fn(features, labels, mode, params):
        training = mode == runtime.ModeKeys.TRAIN
        net = network(features["x"], params, training)
        predictions = predictions_of(net)
        if mode == runtime.ModeKeys.PREDICT:
            return runtime.EstimatorSpec(mode, predictions=predictions)
        loss = tf1.losses.sparse_softmax_cross_entropy(labels, net.logits)
        if mode == runtime.ModeKeys.EVAL:
            accuracy = tf1.metrics.accuracy(labels, predictions["classes"])
            return runtime.EstimatorSpec(
                mode, loss=loss, eval_metric_ops={"accuracy": accuracy}
            )
        optimizer = OPTIMIZERS[params["optimizer"]](params["learning_rate"])
        train_op = optimizer.minimize(loss, tf1.train.get_global_step())
        return runtime.EstimatorSpec(mode, loss=loss, train_op=train_op)

    return model_fn


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
