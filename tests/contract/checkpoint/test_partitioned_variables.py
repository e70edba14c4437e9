"""Variables that a partitioner divides: a checkpoint has each as one tensor."""

import pytest
import tensorflow as tf

tf1 = tf.compat.v1

OPTIMIZERS = {
    "Adam": lambda: tf1.train.AdamOptimizer(0.1),
    "Adagrad": lambda: tf1.train.AdagradOptimizer(0.1),
    "Momentum": lambda: tf1.train.MomentumOptimizer(0.1, 0.9),
    "Ftrl": lambda: tf1.train.FtrlOptimizer(0.1),
}


def estimator_of(est, folder, optimizer, pieces, rows=10, **kwargs):
    def model_fn(features, labels, mode):
        table = tf1.get_variable(
            "table",
            [rows, 2],
            initializer=tf1.ones_initializer(),
            partitioner=tf1.fixed_size_partitioner(pieces),
        )
        rows_of_batch = tf1.nn.embedding_lookup(table, features["row"], "div")
        loss = tf.reduce_mean(rows_of_batch**2)
        step = tf1.train.get_global_step()
        train_op = OPTIMIZERS[optimizer]().minimize(loss, step)
        return est.EstimatorSpec(mode, loss=loss, train_op=train_op)

    return est.Estimator(model_fn, str(folder), **kwargs)


def input_fn():
    return tf.data.Dataset.from_tensors({"row": [1, 8]}).repeat()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_resumes_with_the_slots(est, optimizer, tmp_path):
    resumed = estimator_of(est, tmp_path / "resumed", optimizer, pieces=2)
    resumed.train(input_fn, steps=2).train(input_fn, steps=2)
    at_once = estimator_of(est, tmp_path / "at_once", optimizer, pieces=2)
    at_once.train(input_fn, steps=4)
    for name in at_once.get_variable_names():
        expected = at_once.get_variable_value(name)
        assert resumed.get_variable_value(name).tolist() == expected.tolist(), name


@pytest.mark.parametrize("before, after", [(2, 3), (2, 1)])
def test_the_number_of_pieces_may_change(est, before, after, tmp_path):
    estimator_of(est, tmp_path, "Adam", before).train(input_fn, steps=2)
    resumed = estimator_of(est, tmp_path, "Adam", after).train(input_fn, steps=2)
    assert resumed.get_variable_value("global_step") == 4


def test_a_whole_of_another_size_is_refused(est, tmp_path):
    estimator_of(est, tmp_path, "Adam", pieces=2).train(input_fn, steps=1)
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        estimator_of(est, tmp_path, "Adam", pieces=2, rows=12).train(input_fn, steps=1)
