"""t-SNE is computed once per checkpoint."""

import pathlib
import shutil

import numpy as np
import pytest
import tensorflow as tf
import threadpoolctl

from estimator_mnist.output_folder import LIST, OutputFolder
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
    output = OutputFolder(str(tmp_path_factory.mktemp("cache")))
    return output, tsne.embed(features(0), output, {"checkpoint": "a"})


def copied(output, folder):
    for name in (LIST, tsne.FILE_NAME):
        shutil.copy(output.path_of(name), folder)
    return OutputFolder(str(folder))


def test_points_come_from_the_cache_while_the_key_stays(computed):
    output, points = computed
    assert points.shape == (30, 2) and points.dtype == np.float32
    # Other features, so that only the cache can give the same points.
    again = tsne.embed(features(1), output, {"checkpoint": "a"})
    np.testing.assert_array_equal(again, points)


def test_another_checkpoint_is_computed_again(computed, tmp_path):
    output = copied(computed[0], tmp_path)
    again = tsne.embed(features(2), output, {"checkpoint": "b"})
    assert again.shape == (30, 2) and not np.array_equal(again, computed[1])
    # And kept in its turn.
    kept = tsne.embed(features(3), output, {"checkpoint": "b"})
    np.testing.assert_array_equal(kept, again)


def test_a_damaged_cache_is_computed_again(computed, tmp_path):
    content = pathlib.Path(computed[0].path_of("tsne.npz")).read_bytes()
    (tmp_path / "tsne.npz").write_bytes(content[:100])
    output = OutputFolder(str(tmp_path), adopts="tsne.npz")
    points = tsne.embed(features(2), output, {"checkpoint": "a"})
    assert points.shape == (30, 2) and np.isfinite(points).all()
    with np.load(tmp_path / "tsne.npz") as archive:
        np.testing.assert_array_equal(archive["points"], points)


def test_another_number_of_points_is_computed_again(computed, tmp_path):
    output = copied(computed[0], tmp_path)
    assert tsne.embed(features(0, 9), output, {"checkpoint": "a"}).shape == (9, 2)


def test_too_few_features_have_no_map(tmp_path):
    output = OutputFolder(str(tmp_path))
    assert tsne.embed(features(0, 3), output, {}).shape == (0, 2)


def test_a_checkpoint_is_known_by_its_values(tmp_path):
    def save(name, value):
        with tf.Graph().as_default(), tf1.Session() as session:
            tf1.get_variable("v", initializer=value)
            session.run(tf1.global_variables_initializer())
            return tf1.train.Saver().save(session, str(tmp_path / name))

    digest = tsne.checkpoint_digest(save("one", 1.0))
    assert tsne.checkpoint_digest(save("moved", 1.0)) == digest
    assert tsne.checkpoint_digest(save("other", 2.0)) != digest


def test_features_that_are_no_numbers_have_no_map(tmp_path):
    spoilt = features(0)
    spoilt[3, 5] = np.nan
    assert tsne.embed(spoilt, OutputFolder(str(tmp_path)), {}).shape == (0, 2)
