"""Trains with JAX: a jitted scan of many steps, which draws and translates its batches.

The images stay on the device as uint8, and the state is donated to each call. Network
and settings are models.catalog's, which imports no TensorFlow.
"""

import functools
import math

import jax as jx
import jax.numpy as jnp
import optax

from benchmarks.contestants.stopwatch import ROOM, SEED, SIDE, Stopwatch
from estimator_mnist.data import datasets
from estimator_mnist.models import catalog

STEPS_PER_CALL = 100


def jax(model: str, seconds: float, data_dir: str) -> float:
    """Trains `model`; the steps of a call are known when its last loss is there."""
    data = datasets.load("mnist", data_dir).train
    images, labels = jnp.asarray(data.images), jnp.asarray(data.labels, jnp.int32)
    settings, watch, steps = catalog.MODELS[model], Stopwatch(seconds), 0
    key, start = jx.random.split(jx.random.key(SEED))
    params, optimizer = initial(start, model), optimizer_of(settings.params)
    state = params, optimizer.init(params), key
    many_steps = jitted(model, optimizer, settings.batch_size)
    while not watch.is_over(steps):
        state, losses = many_steps(state, images, labels)
        losses.block_until_ready()
        steps += STEPS_PER_CALL
    return watch.steps_per_s


def jitted(model: str, optimizer, batch_size: int):
    """Returns the compiled function that makes STEPS_PER_CALL steps."""
    gradient = jx.value_and_grad(functools.partial(loss_of, model))

    def step(images, labels, state, _):
        params, slots, key = state
        key, of_batch, of_dropout = jx.random.split(key, 3)
        x, of_x = batch(of_batch, images, labels, batch_size)
        loss, gradients = gradient(params, x, of_x, of_dropout)
        updates, slots = optimizer.update(gradients, slots, params)
        return (optax.apply_updates(params, updates), slots, key), loss

    @functools.partial(jx.jit, donate_argnums=0)
    def many_steps(state, images, labels):
        one = functools.partial(step, images, labels)
        return jx.lax.scan(one, state, length=STEPS_PER_CALL)

    return many_steps


def batch(key, images, labels, batch_size: int):
    """Returns float32 images of [batch, SIDE, SIDE] at random places, and labels."""
    of_rows, of_corners = jx.random.split(key)
    rows = jx.random.randint(of_rows, [batch_size], 0, len(labels))
    corners = jx.random.randint(of_corners, [batch_size, 2], 1, ROOM + 1)
    wide = jnp.pad(images[rows], [(0, 0), (ROOM, ROOM), (ROOM, ROOM)])

    def window(image, corner):
        return jx.lax.dynamic_slice(image, corner, [SIDE, SIDE])

    return jx.vmap(window)(wide, corners).astype(jnp.float32) / 255, labels[rows]


def loss_of(model: str, params: dict, images, labels, key):
    """Returns the mean cross-entropy of [batch, SIDE, SIDE] images."""
    logits = LOGITS[model](params, images, key)
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def dense(params: dict, name: str, x):
    """Returns `x` times the weights `name`, and its biases."""
    weights, biases = params[name]
    return x @ weights + biases


def linear(params: dict, images, key):
    """Returns logits of [batch, 10]."""
    return dense(params, "logits", images.reshape(len(images), -1))


def mlp(params: dict, images, key):
    """Returns logits of [batch, 10]."""
    hidden = jx.nn.relu(dense(params, "hidden", images.reshape(len(images), -1)))
    return dense(params, "logits", hidden)


def cnn(params: dict, images, key):
    """Returns logits of [batch, 10]; drops units out."""
    filters, biases = params["conv"]
    x = images[..., None]  # [batch, 40, 40, 1]
    layout = ("NHWC", "HWIO", "NHWC")
    x = jx.lax.conv_general_dilated(x, filters, (1, 1), "SAME", None, None, layout)
    x = jx.nn.relu(x + biases)  # [batch, 40, 40, 32]
    window = (1, 2, 2, 1)
    x = jx.lax.reduce_window(x, -jnp.inf, jx.lax.max, window, window, "VALID")
    x = jx.nn.relu(dense(params, "hidden", x.reshape(len(x), -1)))
    keep = 1 - catalog.MODELS["cnn"].params["dropout_rate"]
    x = jnp.where(jx.random.bernoulli(key, keep, x.shape), x / keep, 0)
    return dense(params, "logits", x)


LOGITS = {"linear": linear, "mlp": mlp, "cnn": cnn}


def shapes(model: str) -> dict[str, tuple[int, ...]]:
    """Returns the shape of the weights of each layer; its last axis is the outputs'."""
    params = catalog.MODELS[model].params
    if model == "linear":
        return {"logits": (SIDE * SIDE, 10)}
    if model == "mlp":
        units = params["hidden_units"]
        return {"hidden": (SIDE * SIDE, units), "logits": (units, 10)}
    filters, units = params["filters"], params["dense_units"]
    return {
        "conv": (params["kernel_size"], params["kernel_size"], 1, filters),
        "hidden": ((SIDE // 2) ** 2 * filters, units),
        "logits": (units, 10),
    }


def initial(key, model: str) -> dict:
    """Returns weights drawn as Glorot and Bengio (2010) do, and biases of zero."""
    found = {}
    for name, shape in shapes(model).items():
        key, of_layer = jx.random.split(key)
        size = math.prod(shape[:-2])
        scale = math.sqrt(6 / (size * (shape[-2] + shape[-1])))
        weights = jx.random.uniform(of_layer, shape, minval=-scale, maxval=scale)
        found[name] = weights, jnp.zeros(shape[-1])
    return found


def optimizer_of(params: dict):
    """Returns the optimizer with its learning rate, which stays."""
    kind = {"adam": optax.adam, "gradient_descent": optax.sgd}[params["optimizer"]]
    return kind(params["learning_rate"])
