"""What of a checkpoint counts as the model's parameters."""

import pytest
import tensorflow as tf

from estimator_mnist.experiment import variables

tf1 = tf.compat.v1

PARAMETERS = ["dense/bias", "dense/kernel", "scope/power"]
OTHERS = [
    "global_step",
    "dense/kernel/Adam",
    "dense/kernel/Adam_1",
    "beta1_power",
    "beta2_power",
    "beta1_power_1",
    "scope/beta2_power",
    "scope/beta1_power_12",
    "normalize/shift",
    "dense/kernel/part_0/Ftrl",  # slots of pieces, as TensorFlow 1.x named them
    "scope/power/t_0/Adagrad",
]


@pytest.fixture
def model_dir(tmp_path):
    """A checkpoint with variables of these names."""
    with tf.Graph().as_default(), tf1.Session() as session:
        for name in PARAMETERS + OTHERS:
            tf1.get_variable(name, [2])
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, str(tmp_path / "model.ckpt-1"))
    return str(tmp_path)


def test_an_optimizers_variables_are_no_parameters(model_dir):
    _, found = variables.inspect(model_dir)
    assert sorted(v.name for v in found if v.trained) == PARAMETERS
    assert sorted(v.name for v in found if not v.trained) == sorted(OTHERS)
