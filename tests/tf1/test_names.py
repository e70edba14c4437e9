"""What `from estimator_mnist import tf1 as tf` has, and the errors for other names."""

import importlib

import numpy as np
import pytest
import tensorflow as real

from estimator_mnist import estimator
from estimator_mnist import tf1 as tf


def test_names_are_those_of_compat_v1():
    assert tf.placeholder is real.compat.v1.placeholder
    assert tf.train.Saver is real.compat.v1.train.Saver
    assert tf.__version__ == real.__version__
    assert {"placeholder", "layers", "contrib", "estimator"} <= set(dir(tf))


def test_tf_estimator_is_this_packages_runtime():
    assert tf.estimator is estimator
    assert tf.estimator.inputs.numpy_input_fn is estimator.inputs.numpy_input_fn


def test_tf_layers_name_variables_as_tf_1_did():
    with tf.Graph().as_default():
        hidden = tf.layers.dense(tf.zeros([2, 3]), 4)
        tf.layers.conv2d(tf.reshape(hidden, [2, 2, 2, 1]), 1, 2)
        names = [variable.name for variable in tf.global_variables()]
    assert names == [
        "dense/kernel:0",
        "dense/bias:0",
        "conv2d/kernel:0",
        "conv2d/bias:0",
    ]


def test_tf_keras_stays_what_it_was_for_others():
    before = real.keras.layers.Dense
    assert callable(tf.keras.layers.Dense) and callable(tf.layers.dense)
    assert real.keras.layers.Dense is before


@pytest.mark.filterwarnings("ignore:`tf.nn.rnn_cell")
@pytest.mark.parametrize(
    "cells", [tf.nn.rnn_cell, tf.contrib.rnn], ids=["nn", "contrib"]
)
def test_an_lstm_over_a_sequence_has_tf_1s_variables(cells):
    with tf.Graph().as_default():
        many = cells.MultiRNNCell([cells.BasicLSTMCell(2), cells.GRUCell(3)])
        outputs, state = tf.nn.dynamic_rnn(many, tf.zeros([4, 5, 6]), dtype=tf.float32)
        names = [variable.name for variable in tf.global_variables()]
    assert outputs.shape.as_list() == [4, 5, 3]
    assert isinstance(state[0], cells.LSTMStateTuple)
    assert "rnn/multi_rnn_cell/cell_0/basic_lstm_cell/kernel:0" in names


@pytest.mark.filterwarnings("ignore:`tf.nn.rnn_cell")
def test_contrib_rnn_unrolls_statically():
    with tf.Graph().as_default(), tf.Session() as session:
        cell = tf.contrib.rnn.BasicRNNCell(2)
        steps = tf.unstack(tf.zeros([3, 4, 5]), axis=1)
        outputs, _ = tf.contrib.rnn.static_rnn(cell, steps, dtype=tf.float32)
        session.run(tf.global_variables_initializer())
        np.testing.assert_array_equal(session.run(outputs), np.zeros((4, 3, 2)))


def test_modules_can_be_imported_by_their_paths():
    import estimator_mnist.tf1.contrib.layers as layers
    from estimator_mnist.tf1.contrib import predictor
    from estimator_mnist.tf1.contrib.learn.datasets.mnist import read_data_sets
    from estimator_mnist.tf1.examples.tutorials.mnist import input_data

    assert layers is tf.contrib.layers
    assert predictor is tf.contrib.predictor
    assert read_data_sets is tf.contrib.learn.datasets.mnist.read_data_sets
    assert input_data is tf.examples.tutorials.mnist.input_data
    assert input_data.read_data_sets is read_data_sets


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("contrib.slim.nets", "tf.contrib.slim.nets was removed in TensorFlow 2.0"),
        (
            "contrib.lookup.IdTableWithHashBuckets",
            "contrib.lookup.IdTable.*was.*Instead: tf.lookup",
        ),
        ("contrib.layers.spatial_softmax", "spatial_softmax was removed.*tf.layers"),
        ("contrib.nobody_knows", "all of tf.contrib; nothing replaces it here"),
        ("contrib.learn.DNNClassifier", "tf.estimator.DNNClassifier"),
        ("contrib.rnn.NASCell", "dynamic_rnn"),
        ("contrib.data.LMDBDataset", "tf.data"),
        ("contrib.learn.datasets.load_boston", "sklearn.datasets"),
        ("examples.tutorials.mnist.no", "There is no tf.examples.tutorials.mnist.no"),
        ("no_such_thing", "There is no tf.no_such_thing here; nothing"),
    ],
)
def test_a_missing_attribute_names_its_replacement(name, message):
    found = tf
    with pytest.raises(AttributeError, match=message):
        for part in name.split("."):
            found = getattr(found, part)


@pytest.mark.parametrize(
    "statement",
    [
        "import estimator_mnist.tf1.contrib.gan as gan",
        "import estimator_mnist.tf1.contrib.gan.python",
        "from estimator_mnist.tf1.contrib import gan",
        "from estimator_mnist.tf1.contrib.gan.eval import nets",
    ],
)
def test_a_missing_module_names_its_replacement(statement):
    with pytest.raises(ImportError, match="gan.*tensorflow_gan") as raised:
        exec(statement)
    assert raised.value.name == "tf.contrib.gan"


def test_a_name_imported_from_a_module_names_its_replacement():
    with pytest.raises(ImportError, match="spatial_softmax was removed.*tf.layers"):
        exec("from estimator_mnist.tf1.contrib.layers import spatial_softmax")


def test_families_are_the_same_objects_by_every_path():
    import estimator_mnist.tf1.contrib.signal as signal
    from estimator_mnist.tf1.contrib.framework.python.ops import arg_scope, variables
    from estimator_mnist.tf1.contrib.framework.python.ops.arg_scope import (
        add_arg_scope,
    )
    from estimator_mnist.tf1.contrib.layers.python.layers import initializers
    from estimator_mnist.tf1.contrib.learn.python.learn.estimators import run_config
    from estimator_mnist.tf1.contrib.learn.python.learn.utils import input_fn_utils

    import estimator_mnist.tf1.contrib.slim as slim

    contrib = tf.contrib
    assert slim is contrib.slim and slim.conv2d is contrib.layers.conv2d
    assert signal is contrib.signal and signal.stft is tf.signal.stft
    assert arg_scope is slim.arg_scope is contrib.framework.arg_scope
    assert add_arg_scope is contrib.framework.add_arg_scope
    assert variables.model_variable is contrib.framework.model_variable
    assert initializers.xavier_initializer is contrib.layers.xavier_initializer
    assert run_config.RunConfig is contrib.learn.RunConfig
    assert input_fn_utils.InputFnOps is contrib.learn.InputFnOps
    assert contrib.layers.python.ops.conv2d is contrib.layers.conv2d


def test_a_name_that_is_no_module_is_not_called_gone():
    with pytest.raises(ModuleNotFoundError, match="No module named"):
        importlib.import_module("estimator_mnist.tf1.train")
