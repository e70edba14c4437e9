"""optimize_loss: a train op with clipping, decay, noise and summaries."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

tf1 = tf.compat.v1

OPTIMIZER_CLS_NAMES: Mapping[str, Callable[..., Any]] = {
    "Adagrad": tf1.train.AdagradOptimizer,
    "Adam": tf1.train.AdamOptimizer,
    "Ftrl": tf1.train.FtrlOptimizer,
    "Momentum": lambda learning_rate: tf1.train.MomentumOptimizer(learning_rate, 0.9),
    "RMSProp": tf1.train.RMSPropOptimizer,
    "SGD": tf1.train.GradientDescentOptimizer,
}
OPTIMIZER_SUMMARIES = [
    "learning_rate",
    "loss",
    "gradients",
    "gradient_norm",
    "global_gradient_norm",
]
_UPDATES = tf1.GraphKeys.UPDATE_OPS
_DEFAULT_SUMMARIES = ("learning_rate", "loss", "global_gradient_norm")

GradsAndVars = list[tuple[tf.Tensor, tf.Variable]]
Optimizer = Any  # a name, a class, an optimizer, or a function that returns one


def optimize_loss(
    loss: tf.Tensor,
    global_step: tf.Variable | None,
    learning_rate: float | tf.Tensor | None,
    optimizer: Optimizer,
    gradient_noise_scale: float | None = None,
    gradient_multipliers: Mapping[Any, Any] | None = None,
    clip_gradients: float | Callable[[GradsAndVars], GradsAndVars] | None = None,
    learning_rate_decay_fn: Callable[[Any, tf.Tensor], tf.Tensor] | None = None,
    update_ops: Sequence[tf.Operation] | None = None,
    variables: Sequence[tf.Variable] | None = None,
    name: str | None = None,
    summaries: Sequence[str] | None = None,
    colocate_gradients_with_ops: bool = False,
    increment_global_step: bool = True,
) -> tf.Tensor:
    """Returns the train op: the loss, once a step has been made.

    Args:
      loss: a scalar.
      global_step: None: that of the graph; without one, none counts.
      learning_rate: kept in the variable OptimizeLoss/learning_rate if it is a number.
      optimizer: a name (Adagrad, Adam, Ftrl, Momentum, RMSProp or SGD), a class of
        optimizers, an optimizer, or a function that returns one.
      gradient_noise_scale: standard deviation of what is added to the gradients.
      gradient_multipliers: of gradients, by variable or its name, as "w:0".
      clip_gradients: the largest norm of all gradients; or a function of them.
      learning_rate_decay_fn: takes the learning rate and the global step.
      update_ops: run before the loss is computed; None: tf.GraphKeys.UPDATE_OPS.
      variables: to train; None: all.
      name: of the scope; None: OptimizeLoss.
      summaries: some of `OPTIMIZER_SUMMARIES`.
      colocate_gradients_with_ops: as in compute_gradients.
      increment_global_step: whether the step counts.

    Raises:
      ValueError: an argument is none of the above.
    """
    loss = tf.convert_to_tensor(loss)
    step = tf1.train.get_global_step() if global_step is None else global_step
    with tf1.variable_scope(name, "OptimizeLoss", [loss, step]):
        before = tf1.get_collection(_UPDATES) if update_ops is None else update_ops
        loss = _after(before, loss)
        wanted = _checked(_DEFAULT_SUMMARIES if summaries is None else summaries)
        rate = _decayed(
            _learning_rate(learning_rate), learning_rate_decay_fn, step, wanted
        )
        made = _optimizer(optimizer, rate)
        gradients = made.compute_gradients(
            loss,
            variables or tf1.trainable_variables(),
            colocate_gradients_with_ops=colocate_gradients_with_ops,
        )
        if gradient_noise_scale is not None:
            gradients = _with_noise(gradients, gradient_noise_scale)
        if gradient_multipliers is not None:
            gradients = _multiplied(gradients, gradient_multipliers)
        of_all = {"global_gradient_norm", "gradient_norm"}.intersection(wanted)
        if of_all:
            tf1.summary.scalar("global_norm/gradient_norm", _norm(gradients))
        if clip_gradients is not None:
            gradients = _clipped(gradients, clip_gradients)
        if "loss" in wanted:
            tf1.summary.scalar("loss", loss)
        _summarize(gradients, wanted)
        if clip_gradients is not None and of_all:
            norm = _norm(gradients)
            tf1.summary.scalar("global_norm/clipped_gradient_norm", norm)
        counted = step if increment_global_step else None
        update = made.apply_gradients(gradients, counted, name="train")
        return _after([update], loss)


def _after(ops: Sequence[Any], loss: tf.Tensor) -> tf.Tensor:
    if not ops:
        return loss
    with tf.control_dependencies(list(ops)):
        return tf.identity(loss, name="control_dependency")


def _checked(summaries: Sequence[str]) -> Sequence[str]:
    for each in summaries:
        if each not in OPTIMIZER_SUMMARIES:
            names = ", ".join(OPTIMIZER_SUMMARIES)
            raise ValueError(
                f"Summaries should be one of [{names}], you provided {each}."
            )
    return summaries


def _learning_rate(learning_rate: Any) -> tf.Tensor | None:
    """Returns the learning rate as a scalar; a number is kept in a variable."""
    if learning_rate is None:
        return None
    if tf.is_tensor(learning_rate) or isinstance(learning_rate, tf.Variable):
        if learning_rate.shape.rank == 0:
            return learning_rate
    elif isinstance(learning_rate, float):
        if learning_rate < 0.0:
            raise ValueError(f"Invalid learning_rate {learning_rate}: it is negative.")
        initial = tf1.constant_initializer(learning_rate)
        return tf1.get_variable(
            "learning_rate", [], trainable=False, initializer=initial
        )
    raise ValueError(
        f"Learning rate should be 0d Tensor or float. Got {learning_rate} of type "
        f"{type(learning_rate)}"
    )


def _decayed(
    rate: tf.Tensor | None,
    decay_fn: Callable[[Any, tf.Tensor], tf.Tensor] | None,
    step: tf.Variable | None,
    wanted: Sequence[str],
) -> tf.Tensor | None:
    """Returns the decayed learning rate, of which alone there is a summary."""
    if rate is None or decay_fn is None:
        return rate
    if step is None:
        raise ValueError("global_step is required for learning_rate_decay_fn.")
    rate = decay_fn(rate, step)
    if "learning_rate" in wanted:
        tf1.summary.scalar("learning_rate", rate)
    return rate


def _optimizer(
    optimizer: Optimizer, rate: tf.Tensor | None
) -> tf.compat.v1.train.Optimizer:
    if isinstance(optimizer, str):
        if rate is None:
            raise ValueError(
                "Learning rate is None, but should be specified if optimizer is string "
                f"({optimizer})."
            )
        if optimizer not in OPTIMIZER_CLS_NAMES:
            raise ValueError(
                "Optimizer name should be one of "
                f"[{', '.join(OPTIMIZER_CLS_NAMES)}], you provided {optimizer}."
            )
        return OPTIMIZER_CLS_NAMES[optimizer](rate)
    if isinstance(optimizer, tf1.train.Optimizer):
        return optimizer
    if not callable(optimizer):
        raise ValueError(
            "Unrecognized optimizer: should be string, subclass of Optimizer, instance "
            f"of subclass of Optimizer or function with one argument. Got {optimizer}."
        )
    if isinstance(optimizer, type) and rate is None:
        raise ValueError(
            "Learning rate is None, but should be specified if optimizer is class "
            f"({optimizer})."
        )
    return optimizer() if rate is None else optimizer(rate)


def _with_noise(gradients: GradsAndVars, scale: float) -> GradsAndVars:
    def noisy(gradient: tf.Tensor) -> tf.Tensor:
        dense = tf.convert_to_tensor(gradient)
        return dense + scale * tf.random.truncated_normal(tf.shape(dense))

    return [(g if g is None else noisy(g), v) for g, v in gradients]


def _multiplied(
    gradients: GradsAndVars, multipliers: Mapping[Any, Any]
) -> GradsAndVars:
    by_name = {
        key if isinstance(key, str) else key.name: value
        for key, value in multipliers.items()
    }

    def multiplied(gradient: Any, factor: Any) -> Any:
        factor = tf.cast(factor, tf.float32)
        if isinstance(gradient, tf.IndexedSlices):
            values = gradient.values * factor
            return tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)
        return gradient * factor

    return [
        (
            g if g is None or v.name not in by_name else multiplied(g, by_name[v.name]),
            v,
        )
        for g, v in gradients
    ]


def _clipped(
    gradients: GradsAndVars, clip: float | Callable[[GradsAndVars], GradsAndVars]
) -> GradsAndVars:
    if callable(clip):
        return clip(gradients)
    if not isinstance(clip, float):
        raise ValueError(f"Unknown type {type(clip)} for clip_gradients: use a float.")
    clipped, _ = tf.clip_by_global_norm([g for g, _ in gradients], clip)
    return list(zip(clipped, [v for _, v in gradients], strict=True))


def _norm(gradients: GradsAndVars) -> tf.Tensor:
    return tf.linalg.global_norm([g for g, _ in gradients])


def _summarize(gradients: GradsAndVars, wanted: Sequence[str]) -> None:
    """Writes histograms and norms of the single gradients, as far as wanted."""
    for gradient, variable in gradients:
        if gradient is None:
            continue
        if isinstance(gradient, tf.IndexedSlices):
            gradient = gradient.values
        name = variable.name.replace(":", "_")
        if "gradients" in wanted:
            tf1.summary.histogram(f"gradients/{name}", gradient)
        if "gradient_norm" in wanted:
            norm = tf.linalg.global_norm([gradient])
            tf1.summary.scalar(f"gradient_norm/{name}", norm)
