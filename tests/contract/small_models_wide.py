"""Tiny models, inputs and probes that the tests of the wider surface share."""

import os

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1

FEATURES = np.arange(8, dtype=np.float32).reshape(4, 2)
LABELS = FEATURES[:, 0]


def linear_model_fn(est, start=0.5, learning_rate=0.01, export_outputs=None):
    """A model_fn of p = x w + b: predictions `p` [n] and `twice` [n, 1]."""

    def model_fn(features, labels, mode):
        w = tf1.get_variable("w", [2, 1], initializer=tf1.constant_initializer(start))
        b = tf1.get_variable("b", [1], initializer=tf1.zeros_initializer())
        p = tf.matmul(features["x"], w) + b
        predictions = {"p": p[:, 0], "twice": 2.0 * p}
        if mode == est.ModeKeys.PREDICT:
            outputs = export_outputs(predictions) if export_outputs else None
            return est.EstimatorSpec(
                mode, predictions=predictions, export_outputs=outputs
            )
        loss = tf1.losses.mean_squared_error(labels, p[:, 0])
        mae = tf1.metrics.mean_absolute_error(labels, p[:, 0])
        step = tf1.train.get_global_step()
        optimizer = tf1.train.GradientDescentOptimizer(learning_rate)
        # The original's hooks would read the step before or after this by chance.
        with tf.control_dependencies([step.graph.as_graph_element(step)]):
            train_op = optimizer.minimize(loss, step)
        return est.EstimatorSpec(
            mode,
            predictions=predictions,
            loss=loss,
            train_op=train_op,
            eval_metric_ops={"mae": mae},
        )

    return model_fn


def train_input():
    """The four examples in one batch, without end."""
    return eval_input().repeat()


def eval_input():
    """The four examples in one batch, once."""
    return tf.data.Dataset.from_tensors(({"x": FEATURES}, LABELS))


def new_estimator(est, model_dir, model_fn=None, **kwargs):
    """An untrained linear Estimator in `model_dir`."""
    return est.Estimator(model_fn or linear_model_fn(est), str(model_dir), **kwargs)


def trained(est, model_dir, steps=3, **kwargs):
    """A linear Estimator, trained for a few steps."""
    return new_estimator(est, model_dir, **kwargs).train(train_input, steps=steps)


def restored(est, model_dir, step=1, model_fn=None, **kwargs):
    """A linear Estimator on a checkpoint of `step`: cheaper than a training."""
    write_checkpoint(model_dir, step)
    return new_estimator(est, model_dir, model_fn, **kwargs)


def write_checkpoint(model_dir, step, w=0.4, b=0.1):
    """Saves the variables of `linear_model_fn` as a training would have left them."""
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.get_variable("w", initializer=tf.fill([2, 1], w))
        tf1.get_variable("b", initializer=tf.fill([1], b))
        tf1.get_variable("global_step", initializer=tf.constant(step, tf.int64))
        session.run(tf1.global_variables_initializer())
        path = os.path.join(str(model_dir), "model.ckpt")
        tf.io.gfile.makedirs(str(model_dir))
        tf1.train.Saver().save(session, path, global_step=step)


def values(estimator):
    """Every variable of the newest checkpoint as nested lists."""
    names = estimator.get_variable_names()
    return {name: estimator.get_variable_value(name).tolist() for name in names}


def global_step(estimator):
    return int(estimator.get_variable_value("global_step"))


def serving_input_fn(est, name=None):
    """A receiver function with one raw float input `x` [n, 2]."""

    def receiver_fn():
        tensors = {"x": tf1.placeholder(tf.float32, [None, 2], name=name)}
        return est.export.ServingInputReceiver(tensors, tensors)

    return receiver_fn


def signatures(export_dir, tag="serve"):
    """The SignatureDefs of a SavedModel by key."""
    with tf1.Session(graph=tf.Graph()) as session:
        meta_graph = tf1.saved_model.loader.load(session, [tag], str(export_dir))
    return dict(meta_graph.signature_def)


def tensor_infos(infos):
    """{key: (dtype name, shape)} of the inputs or outputs of a SignatureDef."""
    return {
        key: (
            tf.as_dtype(info.dtype).name,
            [dim.size for dim in info.tensor_shape.dim],
        )
        for key, info in infos.items()
    }


def timestamped(folder):
    """Names of the finished exports in `folder`, oldest first."""
    if not os.path.isdir(folder):
        return []
    return sorted(name for name in os.listdir(folder) if name.isdigit())


def write_evaluations(folder, metric, step_values):
    """Writes evaluation events as a run of its own would have left them."""
    with tf.Graph().as_default():
        writer = tf1.summary.FileWriter(str(folder))
        for step, value in step_values:
            scalar = tf1.Summary.Value(tag=metric, simple_value=value)
            writer.add_summary(tf1.Summary(value=[scalar]), step)
        writer.close()


def evaluated_steps(folder, metric="loss"):
    """The global steps at which `metric` was written in `folder`."""
    steps = []
    for path in sorted(tf.io.gfile.glob(os.path.join(str(folder), "*tfevents*"))):
        for event in tf1.train.summary_iterator(path):
            if any(value.tag == metric for value in event.summary.value):
                steps.append(event.step)
    return steps


class Calls(tf1.train.SessionRunHook):
    """Notes each call as `prefix` + method name in `log`."""

    def __init__(self, log, prefix=""):
        self._log, self._prefix = log, prefix

    def begin(self):
        self._log.append(self._prefix + "begin")

    def after_run(self, run_context, run_values):
        self._log.append(self._prefix + "run")

    def end(self, session):
        self._log.append(self._prefix + "end")
