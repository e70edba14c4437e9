"""Turns the description of a model into a model_fn.

A model_fn that notes nothing closes over functions, tuples and constants alone, so that
a runtime may find it certain to build the same graph again.
"""

import functools

import numpy as np
import tensorflow as tf

from tests.contract.fuzz import hooks, inputs
from tests.contract.fuzz.programs import Leaf
from tests.contract.small_models import step_reads

tf1 = tf.compat.v1


def total(value):
    """Give a float32 tensor [batch]: all that is in a feature or label, added up."""
    if value is None:
        return None
    if isinstance(value, tf.SparseTensor):
        return tf.sparse.reduce_sum(value.with_values(_as_numbers(value.values)), 1)
    if isinstance(value, tf.RaggedTensor):
        return tf.reduce_sum(value.with_values(_as_numbers(value.values)), 1)
    number = _as_numbers(tf.convert_to_tensor(value))
    if number.shape.rank in (0, 1):
        return number
    return tf.reduce_sum(tf.reshape(number, [tf.shape(number)[0], -1]), 1)


def _as_numbers(tensor):
    if tensor.dtype == tf.string:
        tensor = tf.strings.length(tensor)
    return tf.cast(tensor, tf.float32)


def add_up(structure, unwrap):
    """Give the sum over a nest of features, each with its own weight; None for none."""
    totals = [total(unwrap(leaf)) for leaf in flat(structure)]
    weighted = [
        number * (1 + index)
        for index, number in enumerate(totals)
        if number is not None
    ]
    return sum(weighted[1:], weighted[0]) if weighted else None


def flat(value):
    """List the leaves of nested features in the order that they have."""
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in flat(part)]
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in flat(part)]
    return [value]


def beside():
    """Give what an input_fn has left in the graph for a model, or 0."""
    left = tf1.get_collection("beside")
    names = [op.name for op in tf1.get_default_graph().get_operations()]
    if "beside" in names:
        left = [*left, tf1.get_default_graph().get_tensor_by_name("beside:0")]
    left = [*left, *(v for v in tf1.global_variables() if v.name == "beside_v:0")]
    return sum(map(tf.convert_to_tensor, left), tf.constant(0.0))


def _zeros(x):
    return x * tf1.get_variable("w", [], initializer=tf1.zeros_initializer())


def _drawn(x):
    return x * tf1.get_variable("w", [], initializer=tf1.random_normal_initializer())


def _seeded(x):
    start = tf1.random_normal_initializer(seed=5)
    return x * tf1.get_variable("w", [], initializer=start)


def _two(x):
    bias = tf1.get_variable("b", [1], initializer=tf1.ones_initializer())
    return _zeros(x) + bias


def _dense(x):
    column = tf.reshape(x, [-1, 1])
    # Without a seed of its own Keras 2 draws from Python's generator.
    start = tf1.random_normal_initializer(seed=5)
    return tf1.layers.dense(column, 1, kernel_initializer=start, name="dense")[:, 0]


def _wide(x):
    start = tf1.ones_initializer()
    return x * tf.reduce_mean(tf1.get_variable("w", [3], initializer=start))


def _not_trainable(x):
    count = tf1.get_variable("frozen", [], trainable=False)
    return _zeros(x) + 0 * count


def _local(x):
    """Count the runs of a session in a local variable."""
    start = tf1.zeros_initializer()
    count = tf1.get_local_variable("runs", [], initializer=start)
    return _zeros(x) + tf1.assign_add(count, 1.0)


def _table(x):
    keys, values = tf.constant([0, 1, 2], tf.int64), tf.constant([0.5, 1.5, 2.5])
    start = tf.lookup.KeyValueTensorInitializer(keys, values)
    table = tf.lookup.StaticHashTable(start, -1.0)
    return _zeros(x) + table.lookup(tf.cast(x, tf.int64))


def _dropout(x):
    return _zeros(x) + tf1.nn.dropout(x, rate=0.5)


def _partitioned(x):
    w = tf1.get_variable(
        "w",
        [4],
        partitioner=tf1.fixed_size_partitioner(2),
        initializer=tf1.ones_initializer(),
    )
    return x * tf.reduce_mean(tf.convert_to_tensor(w))


def _reference(x):
    start = tf1.zeros_initializer()
    return x * tf1.get_variable("w", [], initializer=start, use_resource=False)


def _product(x):
    """Multiply by a matrix, whose gradient training computes in its own way."""
    hidden = tf1.get_variable("h", [1, 2], initializer=tf1.ones_initializer())
    output = tf1.get_variable("o", [2, 1], initializer=tf1.ones_initializer())
    return tf.matmul(tf.nn.relu(tf.matmul(tf.reshape(x, [-1, 1]), hidden)), output)[
        :, 0
    ]


def _normalized(x):
    column = tf.reshape(x, [-1, 1])
    return _zeros(tf1.layers.batch_normalization(column, training=True)[:, 0])


VARIABLES = {
    "zeros": _zeros,
    "drawn": _drawn,
    "seeded": _seeded,
    "two": _two,
    "dense": _dense,
    "wide": _wide,
    "frozen": _not_trainable,
    "local": _local,
    "table": _table,
    "dropout": _dropout,
    "partitioned": _partitioned,
    "reference": _reference,
    "product": _product,
    "normalized": _normalized,
    "none": lambda x: x + 0.5,
}

# form -> function of (y, x).
OUTPUTS = {
    "y": lambda y, x: y,
    "x": lambda y, x: x,
    "column": lambda y, x: y[:, None],
    "int": lambda y, x: tf.cast(x, tf.int64),
    "bool": lambda y, x: x > 1.0,
    "double": lambda y, x: tf.cast(y, tf.float64),
    "half": lambda y, x: tf.cast(y, tf.float16),
    "text": lambda y, x: tf.strings.join(["ä", tf.strings.as_string(x)]),
    "complex": lambda y, x: tf.complex(y, x),
    "shorter": lambda y, x: y[:-1],
    "scalar": lambda y, x: tf.reduce_sum(y),
    "empty": lambda y, x: y[:0],
    "step": lambda y, x: x + tf.cast(tf1.train.get_global_step(), tf.float32),
    "sparse": lambda y, x: tf.sparse.from_dense(x[:, None]),
    "ragged": lambda y, x: tf.RaggedTensor.from_row_lengths(
        x, tf.ones_like(x, tf.int64)
    ),
    "none": lambda y, x: None,
    "number": lambda y, x: 1.5,
    "array": lambda y, x: np.ones([2], np.float32),
    "variable": lambda y, x: tf1.get_variable("p", [2]),
    "operation": lambda y, x: tf.no_op(),
}

LOSSES = {
    "scalar": lambda loss: loss,
    "vector of 1": lambda loss: tf.reshape(loss, [1]),
    "double": lambda loss: tf.cast(loss, tf.float64),
    "unknown shape": lambda loss: tf1.placeholder_with_default(loss, None),
    "nan": lambda loss: tf.where(
        tf1.train.get_global_step() >= 2, tf.constant(np.nan), loss
    ),
    "nan in evaluation": lambda loss: loss + tf.constant(np.inf),
    "vector": lambda loss: tf.stack([loss, loss]),
    "int": lambda loss: tf.cast(loss, tf.int32),
    "number": lambda loss: 1.5,
    "none": lambda loss: None,
    "operation": lambda loss: tf.no_op(),
}

OPTIMIZERS = {
    "sgd": lambda: tf1.train.GradientDescentOptimizer(0.05),
    "momentum": lambda: tf1.train.MomentumOptimizer(0.05, 0.5),
    "adam": lambda: tf1.train.AdamOptimizer(0.05),
    "ftrl": lambda: tf1.train.FtrlOptimizer(0.05),
    "decayed": lambda: tf1.train.GradientDescentOptimizer(
        tf1.train.exponential_decay(0.1, tf1.train.get_global_step(), 1, 0.5)
    ),
}


def _minimize(loss, optimizer, has_weights):
    if not has_weights:
        return _count(loss)
    updates = tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)
    with tf.control_dependencies(updates):
        return optimizer().minimize(loss, tf1.train.get_global_step())


def _count(loss, by=1):
    with tf.control_dependencies([loss, *step_reads()]):
        return tf1.assign_add(tf1.train.get_global_step(), by)


TRAIN_OPS = {
    "minimize": _minimize,
    "count": lambda loss, optimizer, has_weights: _count(loss),
    "count by 2": lambda loss, optimizer, has_weights: _count(loss, 2),
    "grouped": lambda *given: tf.group(_minimize(*given)),
    "none": lambda loss, optimizer, has_weights: None,
    "number": lambda loss, optimizer, has_weights: 1.5,
}


def _keras_mean(x):
    metric = tf.keras.metrics.Mean(name="keras_mean")
    metric.update_state(x)
    return metric


def _picture(x):
    image = tf1.summary.image("picture", tf.zeros([1, 2, 3, 1]))
    return image, tf.no_op()


# form -> function of (predictions y, labels t).
METRICS = {
    "mean": lambda y, t: tf1.metrics.mean(y),
    "error": lambda y, t: tf1.metrics.mean_absolute_error(t, y),
    "count": lambda y, t: (tf.constant(3), tf.no_op()),
    "long": lambda y, t: (tf.constant(3, tf.int64), tf.no_op()),
    "bool": lambda y, t: (tf.constant(True), tf.no_op()),
    "half": lambda y, t: (tf.constant(1.5, tf.float16), tf.no_op()),
    "double": lambda y, t: (tf.constant(1.5, tf.float64), tf.no_op()),
    "byte": lambda y, t: (tf.constant(3, tf.uint8), tf.no_op()),
    "texts": lambda y, t: (tf.constant(["a", "b"]), tf.no_op()),
    "text": lambda y, t: (tf.constant("text"), tf.no_op()),
    "array": lambda y, t: tf1.metrics.mean_tensor(tf.constant([[1.0, 2.0]])),
    "complex": lambda y, t: (tf.constant(1 + 2j), tf.no_op()),
    "same tensor": lambda y, t: (tf.reduce_sum(t),) * 2,
    "picture": lambda y, t: _picture(y),
    "nested": lambda y, t: ((tf.constant(1.0), (tf.constant(2.0),)), tf.no_op()),
    "dict": lambda y, t: ({"b": tf.constant(1.0), "a": tf.constant(2)}, tf.no_op()),
    "update operation": lambda y, t: (tf.constant(1.0), tf.group(tf.no_op())),
    "several updates": lambda y, t: (tf.constant(1.0), (tf.no_op(), tf.constant(1.0))),
    "variable": lambda y, t: (tf1.get_variable("m", [2]), tf.no_op()),
    "keras": lambda y, t: _keras_mean(y),
    "keras without update": lambda y, t: tf.keras.metrics.Mean(name="idle"),
    "list": lambda y, t: list(tf1.metrics.mean(y)),
    "three": lambda y, t: (*tf1.metrics.mean(y), tf.no_op()),
    "none": lambda y, t: None,
    "numbers": lambda y, t: (1.0, 2.0),
    "none inside": lambda y, t: (tf.constant(1.0), None),
    "sparse": lambda y, t: (tf.sparse.from_dense([[1.0]]), tf.no_op()),
    "ragged": lambda y, t: (tf.ragged.constant([[1.0], []]), tf.no_op()),
    "tensor": lambda y, t: tf.constant(1.0),
}


def _export_output(est, form, y):
    export = est.export
    return {
        "predict": lambda: export.PredictOutput({"e": y}),
        "bare predict": lambda: export.PredictOutput(y),
        "regress": lambda: export.RegressionOutput(y),
        "regress ints": lambda: export.RegressionOutput(tf.cast(y, tf.int32)),
        "classify": lambda: export.ClassificationOutput(scores=y[:, None]),
        "classes": lambda: export.ClassificationOutput(
            classes=tf.strings.as_string(y)[:, None]
        ),
        "tensor": lambda: y,
        "tuple keys": lambda: export.PredictOutput({("a", "b"): y}),
        "int keys": lambda: export.PredictOutput({1: y}),
        "none": lambda: export.PredictOutput({"e": None}),
    }[form]()


SUMMARIES = {
    "scalar": lambda y: tf1.summary.scalar("mean y", tf.reduce_mean(y)),
    "histogram": lambda y: tf1.summary.histogram("y", y),
    "loss": lambda y: tf1.summary.scalar("loss", tf.reduce_mean(y)),
    "text": lambda y: tf1.summary.text("words", tf.constant("abc")),
    "in a scope": lambda y: tf1.summary.scalar("scope/y", tf.reduce_mean(y)),
    "other collection": lambda y: tf1.summary.scalar(
        "other", tf.reduce_mean(y), collections=["others"]
    ),
}


def _init_fn(scaffold, session):
    del scaffold
    session.run([v.initializer for v in tf1.trainable_variables()])


SCAFFOLDS = {
    "none": lambda: None,
    "plain": lambda: tf1.train.Scaffold(),
    "init_fn": lambda: tf1.train.Scaffold(init_fn=_init_fn),
    "init_op": lambda: tf1.train.Scaffold(
        init_op=tf.group(
            tf1.global_variables_initializer(),
            *(
                tf1.assign_add(v, tf.ones_like(v))
                for v in tf1.trainable_variables()[:0]
            ),
        )
    ),
    "local_init_op": lambda: tf1.train.Scaffold(
        local_init_op=tf.group(
            tf1.local_variables_initializer(), tf1.tables_initializer()
        )
    ),
    "saver": lambda: tf1.train.Scaffold(saver=tf1.train.Saver(max_to_keep=2)),
    "summary_op": lambda: tf1.train.Scaffold(
        summary_op=tf1.summary.merge_all("others")
    ),
    "collection": lambda: tf1.add_to_collection(
        tf1.GraphKeys.SAVERS, tf1.train.Saver(max_to_keep=1)
    ),
    "no scaffold": lambda: "no scaffold",
}


def _with_arguments(form, body):
    """Give a model_fn of this signature that calls body(features, labels, mode)."""

    class Callable:
        def __call__(self, features, labels, mode, params):
            return body(features, labels, mode, params)

    return {
        "mode": lambda: lambda features, labels, mode: body(features, labels, mode),
        "params": lambda: (
            lambda features, labels, mode, params: body(features, labels, mode, params)
        ),
        "config": lambda: (
            lambda features, labels, mode, config: body(
                features, labels, mode, None, config
            )
        ),
        "other order": lambda: (
            lambda mode, config, labels, params, features: body(
                features, labels, mode, params, config
            )
        ),
        "no labels": lambda: lambda features, mode: body(features, None, mode),
        "defaults": lambda: (
            lambda features, labels, mode=None, params=None: body(
                features, labels, mode, params
            )
        ),
        "partial": lambda: functools.partial(
            lambda features, labels, mode, params: body(features, labels, mode, params),
            params={"scale": 2.0},
        ),
        "object": lambda: Callable(),
        "keywords": lambda: (
            lambda features, labels, **named: body(
                features, labels, named.get("mode"), named.get("params")
            )
        ),
        "no mode": lambda: lambda features, labels: body(features, labels, None),
        "unknown": lambda: (
            lambda features, labels, mode, other: body(features, labels, mode)
        ),
        "no features": lambda: lambda labels, mode: body(labels, labels, mode),
    }[form]()


RETURNS = {
    "spec": lambda spec: spec,
    "none": lambda spec: None,
    "tuple": lambda spec: tuple(spec),
    "replaced": lambda spec: spec._replace(eval_metric_ops=spec.eval_metric_ops),
}


def _prediction(structure):
    """Give a function of (y, x) that makes the predictions described."""
    if structure is None:
        return lambda y, x: None
    if isinstance(structure, Leaf):
        return OUTPUTS[structure.form]
    kind, keys = structure.kind, structure.keys
    parts = tuple(_prediction(part) for part in structure.parts)
    return lambda y, x: inputs.nest(kind, keys, [part(y, x) for part in parts])


def _exports(est, forms):
    """Give a function of y that makes the export_outputs; None for none."""
    if forms is None:
        return lambda y: None
    return lambda y: {key: _export_output(est, form, y) for key, form in forms}


def _loss_and_ops(model):
    """Give a function of (y, t) that makes the loss, and one that makes the train_op."""
    lost, optimizer = LOSSES[model.loss], OPTIMIZERS[model.optimizer]
    train_op, has_weights = TRAIN_OPS[model.train_op], model.variables != "none"

    def losses(y, t):
        with tf.control_dependencies(step_reads()):
            plain = tf.reduce_mean((y - t) ** 2)
        return plain, lost(plain)

    def train(plain, loss):
        return train_op(loss if tf.is_tensor(loss) else plain, optimizer, has_weights)

    return losses, train


def _spec(est, model, note, folder):
    """Give a function of (mode, x, y, t) that makes the EstimatorSpec."""
    predictions = _prediction(model.predictions)
    exports = _exports(est, model.exports)
    losses, train = _loss_and_ops(model)
    metrics = tuple((name, METRICS[form]) for name, form in model.metrics)
    make_scaffold, returned = SCAFFOLDS[model.scaffold], RETURNS[model.returns]
    hooked = tuple(
        (field, functools.partial(hooks.make, forms, note, field, folder))
        for field, forms in model.hooks
    )

    def spec(mode, x, y, t):
        fields = {field: make_hooks() for field, make_hooks in hooked}
        if mode == "infer":
            fields["predictions"] = predictions(y, x)
            fields["export_outputs"] = exports(y)
        else:
            plain, fields["loss"] = losses(y, t)
            made = {name: make_metric(y, t) for name, make_metric in metrics}
            fields["eval_metric_ops"] = made or None
        if mode in ("train", None):
            fields["train_op"] = train(plain, fields["loss"])
        return returned(est.EstimatorSpec(mode, scaffold=make_scaffold(), **fields))

    return spec


def make(est, program, note, folder, scale):
    """Give the model_fn.

    Args:
      note: called with what a recording model_fn gets.
      scale: dict with the factor that predictions are multiplied with.
    """
    model = program.model
    spec = _spec(est, model, note, folder)
    layer, shown = (
        VARIABLES[model.variables],
        tuple(SUMMARIES[s] for s in model.summaries),
    )
    takes_notes = note if model.records else _no_note
    held = any(leaf.form == "object" for leaf in inputs.leaves(program.features))
    unwrap = inputs.held if held else _itself

    def body(features, labels, mode, params=None, config=None):
        takes_notes("model_fn", features, labels, mode, params, config)
        x = add_up(features, unwrap)
        x = tf.constant([1.0, 2.0]) if x is None else x + beside()
        x = tf.identity(x * scale["scale"] * (params or {}).get("scale", 1.0), "x_sum")
        y = layer(x)
        for show in shown:
            show(y)
        t = add_up(labels, unwrap)
        return spec(mode, x, y, 2 * x if t is None else t)

    return _with_arguments(model.arguments, body)


def _itself(value):
    return value


def _no_note(*what):
    """Take no note."""
