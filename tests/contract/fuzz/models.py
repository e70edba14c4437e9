"""Turns the description of a model into a model_fn.

A model_fn that notes nothing closes over functions, tuples and constants alone, so that
a runtime may find it certain to build the same graph again.
"""

import functools

import tensorflow as tf

from tests.contract.fuzz import heads, hooks, inputs, parts
from tests.contract.fuzz.programs import Leaf
from tests.contract.small_models import step_reads

tf1 = tf.compat.v1


def total(value):
    """Gives a float32 tensor [batch]: all that is in a feature or label, added up."""
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
    """Gives the sum of nested features, each with its own weight; None for none."""
    totals = [total(unwrap(leaf)) for leaf in flat(structure)]
    weighted = [
        number * (1 + index)
        for index, number in enumerate(totals)
        if number is not None
    ]
    return sum(weighted[1:], weighted[0]) if weighted else None


def flat(value):
    """Lists the leaves of nested features in the order that they have."""
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in flat(part)]
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in flat(part)]
    return [value]


def beside():
    """Gives what an input_fn has left in the graph for a model, or 0."""
    left = tf1.get_collection("beside")
    names = [op.name for op in tf1.get_default_graph().get_operations()]
    if "beside" in names:
        left = [*left, tf1.get_default_graph().get_tensor_by_name("beside:0")]
    left = [*left, *(v for v in tf1.global_variables() if v.name == "beside_v:0")]
    return sum(map(tf.convert_to_tensor, left), tf.constant(0.0))


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


class _Callable:
    """A model_fn that is an object."""

    def __init__(self, body):
        self._body = body

    def __call__(self, features, labels, mode, params):
        return self._body(features, labels, mode, params)


def _partial(body):
    def model_fn(features, labels, mode, params):
        return body(features, labels, mode, params)

    return functools.partial(model_fn, params={"scale": 2.0})


# form -> function of body(features, labels, mode, params, config).
ARGUMENTS = {
    "mode": lambda body: lambda features, labels, mode: body(features, labels, mode),
    "params": lambda body: (
        lambda features, labels, mode, params: body(features, labels, mode, params)
    ),
    "config": lambda body: (
        lambda features, labels, mode, config: body(
            features, labels, mode, None, config
        )
    ),
    "other order": lambda body: (
        lambda mode, config, labels, params, features: body(
            features, labels, mode, params, config
        )
    ),
    "no labels": lambda body: lambda features, mode: body(features, None, mode),
    "defaults": lambda body: (
        lambda features, labels, mode=None, params=None: body(
            features, labels, mode, params
        )
    ),
    "partial": _partial,
    "object": _Callable,
    "keywords": lambda body: (
        lambda features, labels, **named: body(
            features, labels, named.get("mode"), named.get("params")
        )
    ),
    "no mode": lambda body: lambda features, labels: body(features, labels, None),
    "unknown": lambda body: (
        lambda features, labels, mode, other: body(features, labels, mode)
    ),
    "no features": lambda body: lambda labels, mode: body(labels, labels, mode),
}


RETURNS = {
    "spec": lambda spec: spec,
    "none": lambda spec: None,
    "tuple": lambda spec: tuple(spec),
    "replaced": lambda spec: spec._replace(eval_metric_ops=spec.eval_metric_ops),
}


def _prediction(structure):
    """Gives a function of (y, x) that makes the predictions described."""
    if structure is None:
        return lambda y, x: None
    if isinstance(structure, Leaf):
        return parts.OUTPUTS[structure.form]
    together, keys = inputs.TOGETHER[structure.kind], structure.keys
    made = tuple(_prediction(part) for part in structure.parts)
    return lambda y, x: together(keys, [part(y, x) for part in made])


def _exports(est, forms):
    """Gives a function of y that makes the export_outputs; None for none."""
    if forms is None:
        return lambda y: None
    return lambda y: {key: _export_output(est, form, y) for key, form in forms}


def _loss_and_ops(model):
    """Gives functions of (y, t) that make the loss and the train_op."""
    lost, optimizer = parts.LOSSES[model.loss], parts.OPTIMIZERS[model.optimizer]
    train_op, has_weights = parts.TRAIN_OPS[model.train_op], model.variables != "none"

    def losses(y, t):
        with tf.control_dependencies(step_reads()):
            plain = tf.reduce_mean((y - t) ** 2)
        return plain, lost(plain)

    def train(plain, loss):
        return train_op(loss if tf.is_tensor(loss) else plain, optimizer, has_weights)

    return losses, train


def _spec(est, model, note, folder):
    """Gives a function of (mode, x, y, t) that makes the EstimatorSpec."""
    predictions = _prediction(model.predictions)
    exports = _exports(est, model.exports)
    losses, train = _loss_and_ops(model)
    metrics = tuple((name, parts.METRICS[form]) for name, form in model.metrics)
    make_scaffold, returned = parts.SCAFFOLDS[model.scaffold], RETURNS[model.returns]
    hooked = tuple(
        (field, functools.partial(hooks.make, forms, note, field, folder))
        for field, forms in model.hooks
    )

    def spec(mode, x, y, t):
        fields = {field: make_hooks() for field, make_hooks in hooked}
        if mode in ("infer", None):
            fields["predictions"] = predictions(y, x)
            fields["export_outputs"] = exports(y)
        if mode != "infer":
            plain, fields["loss"] = losses(y, t)
            made = {name: make_metric(y, t) for name, make_metric in metrics}
            fields["eval_metric_ops"] = made or None
        if mode in ("train", None):
            fields["train_op"] = train(plain, fields["loss"])
        return returned(est.EstimatorSpec(mode, scaffold=make_scaffold(), **fields))

    return spec


def _head_spec(est, model, note, folder):
    """Gives a function of (mode, x, y, t) that has a head make the EstimatorSpec."""
    head = heads.HEADS[model.head][0](est)
    training = heads.training(model.train_op, parts.OPTIMIZERS[model.optimizer])
    make_scaffold = parts.SCAFFOLDS[model.scaffold]

    def spec(mode, x, y, t):
        return heads.spec(
            head, model.head, training, mode, x, y, t, scaffold=make_scaffold()
        )

    return spec


def make(est, program, note, folder, scale):
    """Gives the model_fn.

    Args:
      note: called with what a recording model_fn gets.
      scale: dict with the factor that predictions are multiplied with.
    """
    model = program.model
    make_spec = _spec if model.head == "none" else _head_spec
    spec = make_spec(est, model, note, folder)
    layer, shown = (
        parts.VARIABLES[model.variables],
        tuple(parts.SUMMARIES[s] for s in model.summaries),
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

    return ARGUMENTS[model.arguments](body)


def _itself(value):
    return value


def _no_note(*what):
    """Takes no note."""
