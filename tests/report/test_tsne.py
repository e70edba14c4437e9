"""t-SNE is computed once per checkpoint."""

import pathlib
import shutil

import numpy as np
import pytest
import tensorflow as tf
import threadpoolctl

from estimator_mnist.report import tsne

tf1 = tf.compat.v1


def features(seed, n=30):
    return np.random.default_rng(seed).normal(size=(n, 60)).astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """For so few points, threads wait for each other more than they work."""
    with threadpoolctl.threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache") / "tsne.npz"
    return str(cache), tsne.embed(features(0), str(cache), {"checkpoint": "a"})


def test_points_come_from_the_cache_while_the_key_stays(computed):
    cache, points = computed
    assert points.shape == (30, 2) and points.dtype == np.float32
    # Other features, so that only the cache can give the same points.
    again = tsne.embed(features(1), cache, {"checkpoint": "a"})
    np.testing.assert_array_equal(again, points)


def test_another_checkpoint_is_computed_again(computed, tmp_path):
    cache = shutil.copy(computed[0], tmp_path / "tsne.npz")
    again = tsne.embed(features(2), cache, {"checkpoint": "b"})
    assert again.shape == (30, 2) and not np.array_equal(again, computed[1])
    # And kept in its turn.
    kept = tsne.embed(features(3), cache, {"checkpoint": "b"})
    np.testing.assert_array_equal(kept, again)


def test_a_damaged_cache_is_computed_again(computed, tmp_path):
    cache = tmp_path / "tsne.npz"
    cache.write_bytes(pathlib.Path(computed[0]).read_bytes()[:100])
    points = tsne.embed(features(2), str(cache), {"checkpoint": "a"})
    assert points.shape == (30, 2) and np.isfinite(points).all()
    with np.load(cache) as archive:
        np.testing.assert_array_equal(archive["points"], points)


def test_another_number_of_points_is_computed_again(computed, tmp_path):
    cache = shutil.copy(computed[0], tmp_path / "tsne.npz")
    assert tsne.embed(features(0, 9), cache, {"checkpoint": "a"}).shape == (9, 2)


def test_too_few_features_have_no_map(tmp_path):
    cache = str(tmp_path / "tsne.npz")
    assert tsne.embed(features(0, 3), cache, {}).shape == (0, 2)


def test_a_checkpoint_is_known_by_its_values(tmp_path):
    def save(name, value):
        with tf.Graph().as_default(), tf1.Session() as session:
            tf1.get_variable("v", initializer=value)
            session.run(tf1.global_variables_initializer())
            return tf1.train.Saver().save(session, str(tmp_path / name))

    digest = tsne.checkpoint_digest(save("one", 1.0))
    assert tsne.checkpoint_digest(save("moved", 1.0)) == digest
    assert tsne.checkpoint_digest(save("other", 2.0)) != digest
