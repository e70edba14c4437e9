"""Serving input receivers, and what is in an exported SavedModel."""

import os
import re

import numpy as np
import tensorflow as tf

from tests.contract.fuzz import inputs
from tests.contract.fuzz.records import OURS_ALONE, describe
from tests.contract.small_models import files

tf1 = tf.compat.v1

_TAGS = ("serve", "train", "eval")


def _placeholder(leaf, name):
    if leaf.form in ("sparse", "sparse text"):
        return tf1.sparse_placeholder(tf.float32, [None, 3], name)
    if leaf.form in ("ragged", "ragged text"):
        return tf1.ragged.placeholder(tf.float32, 1, name=name)
    form = inputs.ARRAYS.get(leaf.form, inputs.ARRAYS["float"])
    example = form(np.zeros([1]))
    return tf1.placeholder(tf.as_dtype(example.dtype), [None, *example.shape[1:]], name)


def _placeholders(structure, prefix):
    """Returns the structure filled with placeholders, and those by name."""
    named = {
        f"{prefix}{i}": _placeholder(leaf, f"{prefix}{i}")
        for i, leaf in enumerate(inputs.leaves(structure))
    }
    return inputs.fill(structure, iter(named.values())), named


def _serving(est, program):
    features, named = _placeholders(program.features, "x")
    return est.export.ServingInputReceiver(features, named)


def _bare(est, program):
    features, named = _placeholders(program.features, "x")
    return est.export.ServingInputReceiver(features, next(iter(named.values())))


def _tensor(est, program):
    features, named = _placeholders(program.features, "x")
    return est.export.TensorServingInputReceiver(features, named)


def _alternatives(est, program):
    features, named = _placeholders(program.features, "x")
    first = next(iter(named.values()))
    alternatives = {"other": {"a": tf.identity(first)}, "bare": first}
    return est.export.ServingInputReceiver(features, named, alternatives)


def _supervised(est, program):
    features, _ = _placeholders(program.features, "x")
    labels, _ = _placeholders(program.labels, "y")
    return est.experimental.build_raw_supervised_input_receiver_fn(features, labels)()


def _strings(est, program):
    """Parses tf.Examples by hand."""
    serialized = tf1.placeholder(tf.string, [None], "examples")
    numbers = tf.cast(tf.strings.length(serialized), tf.float32)
    features = inputs.fill(
        program.features, iter([numbers] * len(inputs.leaves(program.features)))
    )
    return est.export.ServingInputReceiver(features, {"examples": serialized})


def _parsing(est, program):
    spec = {
        key: tf.io.FixedLenFeature([], tf.float32) for key, _ in program.features.items
    }
    return est.export.build_parsing_serving_input_receiver_fn(spec)()


# form -> function of (est, program) that a serving_input_receiver_fn calls.
RECEIVERS = {
    "serving": _serving,
    "bare": _bare,
    "tensor": _tensor,
    "alternatives": _alternatives,
    "strings": _strings,
    "supervised": _supervised,
    "parsing": _parsing,
    "none": lambda est, program: None,
}


def receiver_fn(est, program, form):
    """Gives a serving_input_receiver_fn; None for "no function"."""
    if form == "no function":
        return None
    if form == "raw":
        # Its placeholders are copies of tensors of any other graph.
        features = inputs.tensors(program.features, np.arange(2))
        return est.export.build_raw_serving_input_receiver_fn(features)
    if form == "raw supervised":
        features = inputs.tensors(program.features, np.arange(2))
        labels = inputs.tensors(program.labels, np.arange(2))
        build = est.experimental.build_raw_supervised_input_receiver_fn
        return build(features, labels)
    return lambda: RECEIVERS[form](est, program)


def extra(form, folder):
    """Gives assets_extra."""
    os.makedirs(folder, exist_ok=True)  # a training that failed may not have made it
    path = os.path.join(folder, "extra.txt")
    if form == "file":
        with open(path, "w") as file:
            file.write("extra")
    return {
        "none": None,
        "empty": {},
        "file": {"sub/extra.txt": path},
        "missing": {"extra.txt": path + "?"},
    }[form]


def described(path):
    """Returns what is in the SavedModel in the folder `path`."""
    path = os.fsdecode(path)
    return {
        "name": bool(re.fullmatch(r"\d{10}", os.path.basename(path))),
        "files": [name for name in files(path) if not name.endswith(OURS_ALONE)],
        "graphs": {tag: graph for tag in _TAGS if (graph := _graph(path, tag))},
    }


def _graph(path, tag):
    """Returns the signatures and variables of the graph with this tag, if there is."""
    with tf.Graph().as_default(), tf1.Session() as session:
        try:
            loaded = tf1.saved_model.load(session, [tag], path)
        except RuntimeError:
            return None
        values = session.run({v.name: v for v in tf1.global_variables()})
        return {
            "signatures": {
                name: _signature(session, signature)
                for name, signature in sorted(loaded.signature_def.items())
            },
            "variables": describe(dict(sorted(values.items()))),
        }


def _signature(session, signature):
    sides = [
        {key: _tensor_info(info) for key, info in sorted(side.items())}
        for side in (signature.inputs, signature.outputs)
    ]
    return (signature.method_name, *sides, _outputs(session, signature))


def _tensor_info(info):
    shape = tf.TensorShape(info.tensor_shape)
    return (info.WhichOneof("encoding"), tf.as_dtype(info.dtype).name, str(shape))


def _outputs(session, signature):
    """Returns what a request of two examples gets."""
    if any(not info.name for info in signature.inputs.values()):
        return "not fed"
    fed = {info.name: _request(info) for info in signature.inputs.values()}
    names = {key: info.name for key, info in signature.outputs.items()}
    updates = [name for name in names if name.endswith("update_op")]
    fetched = {key: name for key, name in names.items() if name and key not in updates}
    try:
        return describe(dict(sorted(session.run(fetched, fed).items())))
    except tf.errors.OpError as error:
        return type(error).__name__


def _request(info):
    shape = [2 if size.size == -1 else size.size for size in info.tensor_shape.dim]
    dtype = tf.as_dtype(info.dtype)
    if dtype == tf.string:
        feature = {
            key: tf.train.Feature(float_list=tf.train.FloatList(value=[1.5]))
            for key in ("x", "a", "b")
        }
        features = tf.train.Features(feature=feature)
        example = tf.train.Example(features=features).SerializeToString()
        return np.full(shape, example, object)
    return np.ones(shape, dtype.as_numpy_dtype)
