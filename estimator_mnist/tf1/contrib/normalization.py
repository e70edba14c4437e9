"""tf.contrib.layers.layer_norm, as the Transformers of the time used it."""

from collections.abc import Callable

import tensorflow as tf

tf1 = tf.compat.v1

# Added to the variance, which BERT's checkpoints were trained with.
_EPSILON, _EPSILON_OF_HALF = 1e-12, 1e-3


def layer_norm(
    inputs: tf.Tensor,
    center: bool = True,
    scale: bool = True,
    activation_fn: Callable[[tf.Tensor], tf.Tensor] | None = None,
    reuse: bool | None = None,
    variables_collections: str | list[str] | None = None,
    outputs_collections: str | list[str] | None = None,
    trainable: bool = True,
    begin_norm_axis: int = 1,
    begin_params_axis: int = -1,
    scope: str | None = None,
) -> tf.Tensor:
    """Normalises each example over its axes from `begin_norm_axis` on.

    Its variables, of the shape of the axes from `begin_params_axis` on, are
    `SCOPE/beta` (if `center`) and `SCOPE/gamma` (if `scale`). Ba et al. 2016.

    Raises:
      ValueError: an axis is out of range, or its size is not known.
    """
    inputs = tf.convert_to_tensor(inputs)
    axes = _axes_from("begin_norm_axis", begin_norm_axis, inputs)
    of_params = _axes_from("begin_params_axis", begin_params_axis, inputs)
    shape = [inputs.shape[axis] for axis in of_params]
    if None in shape:
        raise ValueError(f"inputs has a size that is not known: {inputs.shape}.")

    def parameter(name: str, initializer: object) -> tf.Variable:
        variable = tf1.get_variable(
            name, shape, inputs.dtype, initializer, trainable=trainable
        )
        tf1.add_to_collections(variables_collections or (), variable)
        return variable

    with tf1.variable_scope(scope, "LayerNorm", [inputs], reuse=reuse):
        beta = parameter("beta", tf1.zeros_initializer()) if center else None
        gamma = parameter("gamma", tf1.ones_initializer()) if scale else None
        mean, variance = tf.nn.moments(inputs, axes, keepdims=True)
        epsilon = _EPSILON_OF_HALF if inputs.dtype == tf.float16 else _EPSILON
        outputs = tf.nn.batch_normalization(
            inputs, mean, variance, beta, gamma, epsilon
        )
        outputs = activation_fn(outputs) if activation_fn else outputs
    tf1.add_to_collections(outputs_collections or (), outputs)
    return outputs


def _axes_from(name: str, first: int, inputs: tf.Tensor) -> list[int]:
    rank = inputs.shape.rank
    if rank is None or not -rank <= first < rank:
        raise ValueError(f"{name}={first} is no axis of inputs of {inputs.shape}.")
    return list(range(first % rank, rank))
