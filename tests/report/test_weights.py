"""Which weights of a checkpoint are drawn."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist.report import weights

tf1 = tf.compat.v1


@pytest.fixture
def save(tmp_path):
    def save_variables(**variables):
        with tf.Graph().as_default(), tf1.Session() as session:
            for name, value in variables.items():
                tf1.get_variable(name, initializer=np.float32(value))
            session.run(tf1.global_variables_initializer())
            path = tf1.train.Saver().save(session, str(tmp_path / "model"))
        return path, sorted(variables)

    return save_variables


def test_a_linear_model_shows_one_map_per_class(save):
    kernel = np.arange(16 * 3).reshape(16, 3)
    maps = weights.of_checkpoint(*save(dense=kernel, bias=np.zeros(3)), 4, 3)
    assert (maps.variable, maps.of, maps.by_class) == ("dense", 3, True)
    np.testing.assert_array_equal(maps.images[2], kernel[:, 2].reshape(4, 4))


def test_an_mlp_shows_the_units_that_speak_most_for_each_class(save):
    rng = np.random.default_rng(0)
    kernel, after = rng.random((16, 9)), rng.random((9, 2))
    after[7, 0] = after[5, 1] = 2
    maps = weights.of_checkpoint(*save(dense=kernel, dense_1=after), 4, 2)
    assert maps.by_class and len(maps.images) == 8 and maps.of == 9
    assert maps.units[:2].tolist() == [7, 5]
    np.testing.assert_allclose(maps.images[0], kernel[:, 7].reshape(4, 4), rtol=1e-6)


def test_a_deeper_mlp_shows_the_units_with_the_largest_weights(save):
    kernel = np.ones((16, 50)) * np.arange(50)
    path, names = save(dense=kernel, dense_1=np.ones((50, 6)), dense_2=np.ones((6, 2)))
    maps = weights.of_checkpoint(path, names, 4, 2)
    assert not maps.by_class and maps.units.tolist() == list(range(49, 9, -1))


def test_a_cnn_shows_the_kernels_that_read_the_image(save):
    first, second = np.random.rand(5, 5, 1, 6), np.random.rand(3, 3, 6, 8)
    path, names = save(conv2d=first, conv2d_1=second, dense=np.ones((16, 3)))
    maps = weights.of_checkpoint(path, names, 4, 3)
    assert maps.variable == "conv2d" and maps.images.shape == (6, 5, 5)
    np.testing.assert_allclose(maps.images[4], first[:, :, 0, 4], rtol=1e-6)


def test_a_model_without_such_weights_shows_none(save):
    assert weights.of_checkpoint(*save(other=np.ones((7, 3))), 4, 3) is None
