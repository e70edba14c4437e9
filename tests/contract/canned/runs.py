"""Runs an estimator through all it does, and keeps what it did as plain data.

    outcome = runs.run(estimator, input_fn, steps=5)
    runs.check(outcome, runs.recorded("linear")["classifier"])

An outcome is a dict that JSON can hold: `losses` of each step, `variables` (name ->
shape, dtype and values), `metrics`, `predictions`, `tags` of summaries, `signatures`.
"""

import contextlib
import json
import math
import pathlib

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1

RECORDED = pathlib.Path(__file__).parent / "recorded"
MOST_VALUES = 200  # of a variable, that an outcome holds


class CollectLosses(tf1.train.SessionRunHook):
    """Collects the loss of each step, which the summary `loss` shows."""

    def __init__(self):
        self.losses = []
        self._loss = None

    def after_create_session(self, session, coord):
        del coord
        summaries = session.graph.get_collection(tf1.GraphKeys.SUMMARIES)
        named = {op.op.name: op.op for op in summaries}
        self._loss = named["loss"].inputs[1]

    def before_run(self, run_context):
        return tf1.train.SessionRunArgs(self._loss)

    def after_run(self, run_context, run_values):
        self.losses.append(float(run_values.results))


def config(est, model_dir, **settings):
    """Returns a RunConfig with a seed, and summaries at each step."""
    settings = {
        "tf_random_seed": 42,
        "save_summary_steps": 1,
        "log_step_count_steps": 100,
        **settings,
    }
    return est.RunConfig(str(model_dir), **settings)


def arrays_in_order(est, features, labels=None, batch_size=4, num_epochs=1):
    """Returns an input_fn of arrays, never shuffled; num_epochs None is for ever."""
    return est.inputs.numpy_input_fn(
        features, labels, batch_size, num_epochs, shuffle=False
    )


def train(estimator, input_fn, steps, hooks=()):
    """Trains; returns the loss of each step, before that step's update."""
    collect = CollectLosses()
    estimator.train(input_fn, [collect, *hooks], steps=steps)
    return collect.losses


def run(
    estimator,
    input_fn,
    eval_input_fn=None,
    predict_input_fn=None,
    steps=5,
    hooks=(),
    receiver_fn=None,
):
    """Trains, evaluates, predicts and exports; returns the outcome.

    Args:
      eval_input_fn, predict_input_fn: None for no evaluation, for no prediction.
      receiver_fn: serving_input_receiver_fn; None for no export.
    """
    outcome = {"losses": train(estimator, input_fn, steps, hooks)}
    outcome["variables"] = variables(estimator)
    if eval_input_fn:
        outcome["metrics"] = plain(estimator.evaluate(eval_input_fn))
    if predict_input_fn:
        batches = estimator.predict(predict_input_fn, yield_single_examples=False)
        outcome["predictions"] = predictions(batches)
    outcome["tags"] = tags(estimator.model_dir)
    if receiver_fn:
        exported = estimator.export_saved_model(
            str(pathlib.Path(estimator.model_dir) / "export"), receiver_fn
        )
        outcome["signatures"] = signatures(exported)
    return outcome


def variables(estimator):
    """Returns name -> shape, dtype and, of small ones, values in the checkpoint."""
    reader = tf.train.load_checkpoint(estimator.model_dir)
    dtypes, found = reader.get_variable_to_dtype_map(), {}
    for name, shape in sorted(reader.get_variable_to_shape_map().items()):
        found[name] = {"shape": shape, "dtype": dtypes[name].name}
        # A slot of a part has the slice of its variable, and cannot be read alone.
        with contextlib.suppress(ValueError):
            if math.prod(shape) <= MOST_VALUES:
                found[name]["values"] = plain(reader.get_tensor(name))
    return found


def predictions(batches):
    """Returns key -> dtype and values, of all batches together."""
    batches = list(batches)
    if not isinstance(batches[0], dict):
        batches = [{"": batch} for batch in batches]
    found = {}
    for key in sorted(batches[0]):
        value = np.concatenate([batch[key] for batch in batches])
        found[key] = {"dtype": value.dtype.name, "values": plain(value)}
    return found


def tags(model_dir):
    """Returns the summaries' tags of training and of each evaluation, sorted."""
    found = {"train": _tags_of(pathlib.Path(model_dir))}
    for folder in sorted(pathlib.Path(model_dir).glob("eval*")):
        found[folder.name] = _tags_of(folder)
    return found


def _tags_of(folder):
    found = set()
    for file in sorted(folder.glob("events*")):
        for event in tf1.train.summary_iterator(str(file)):
            found |= {value.tag for value in event.summary.value}
    # Of the queue of the original's numpy_input_fn.
    return sorted(tag for tag in found if not tag.startswith("enqueue_input"))


def signatures(export_dir):
    """Returns name -> method and, of inputs and outputs, key -> dtype and shape."""
    with tf.Graph().as_default(), tf1.Session() as session:
        meta_graph = tf1.saved_model.load(session, ["serve"], export_dir)
    return {
        name: {
            "method": signature.method_name,
            "inputs": _tensors(signature.inputs),
            "outputs": _tensors(signature.outputs),
        }
        for name, signature in meta_graph.signature_def.items()
    }


def _tensors(infos):
    return {
        key: [
            tf.as_dtype(info.dtype).name,
            [dimension.size for dimension in info.tensor_shape.dim],
        ]
        for key, info in infos.items()
    }


def plain(value):
    """Returns `value` as what JSON can hold: numbers, text, lists and dicts."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist())
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.decode() if isinstance(value, bytes) else value


def recorded(family):
    """Returns case -> outcome, as the original gave them on TensorFlow 2.15."""
    return json.loads((RECORDED / f"{family}.json").read_text())


def record(family, outcomes):
    """Writes what the original gave, for `recorded` to read."""
    RECORDED.mkdir(exist_ok=True)
    (RECORDED / f"{family}.json").write_text(_text(_rounded(outcomes)) + "\n")


def _text(value, indent=0):
    """Returns JSON with a line for each key, and each list in one."""
    if not isinstance(value, dict) or not value:
        return json.dumps(value)
    space = " " * (indent + 1)
    lines = [
        f"{space}{json.dumps(key)}: {_text(part, indent + 1)}"
        for key, part in sorted(value.items())
    ]
    return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"


def _rounded(value):
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def check(outcome, expected, tolerance=1e-5, losses=1e-6):
    """Raises AssertionError where an outcome differs from the recorded one.

    Args:
      tolerance: the greatest difference of numbers; relative where they are above 1.
      losses: that of the losses step by step, on the TensorFlow they were recorded on.
    """
    if not tf.__version__.startswith("2.15."):
        losses = max(losses, tolerance)
    assert sorted(outcome) == sorted(expected)
    for part in sorted(expected):
        allowed = losses if part == "losses" else tolerance
        differences = list(_differences(part, outcome[part], expected[part], allowed))
        assert not differences, "\n".join(differences[:20])


def _differences(where, found, expected, allowed):
    """Yields what differs, each as a line of text."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}, key=str):
            if key not in found or key not in expected:
                yield f"{where}: {key!r} is {'extra' if key in found else 'missing'}"
            else:
                yield from _differences(
                    f"{where}/{key}", found[key], expected[key], allowed
                )
    elif _is_numeric(expected) and _is_numeric(found):
        found, expected = np.asarray(found), np.asarray(expected)
        if found.shape != expected.shape:
            yield f"{where}: shape {found.shape}, expected {expected.shape}"
        elif not np.allclose(found, expected, allowed, allowed, equal_nan=True):
            most = np.max(np.abs(found - expected))
            yield f"{where}: {found}, expected {expected}, differ by {most}"
    elif found != expected:
        yield f"{where}: {found!r}, expected {expected!r}"


def _is_numeric(value):
    """Returns whether `value` is a number, or a list of such, maybe nested."""
    if isinstance(value, list):
        return all(map(_is_numeric, value))
    return isinstance(value, (bool, int, float))
