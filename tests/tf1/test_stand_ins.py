"""Models of tf.contrib that stay out can be imported; they raise when called."""

import pytest

from estimator_mnist import tf1 as tf
from estimator_mnist.tf1.replacements import missing

MODELS = {
    "boosted_trees.estimator_batch.estimator."
    "GradientBoostedDecisionTreeClassifier": "ydf.GradientBoostedTreesLearner",
    "factorization.KMeansClustering": "sklearn.cluster.KMeans",
    "tensor_forest.python.tensor_forest.ForestHParams": "ydf.RandomForestLearner",
}


@pytest.mark.parametrize(("path", "instead"), MODELS.items())
def test_a_model_raises_when_it_or_a_subclass_is_called(path, instead):
    def look_up():
        found = tf.contrib
        for name in path.split("."):
            found = getattr(found, name)
        return found

    model = look_up()
    assert model is look_up()
    assert not isinstance(3, model)

    class Mine(model):
        def __init__(self, clusters):
            self.clusters = clusters

    name = f"tf.contrib.{path}"
    for call in (model, lambda: Mine(clusters=3)):
        with pytest.raises(NotImplementedError) as caught:
            call()
        assert str(caught.value).startswith(f"{name} was removed in TensorFlow 2.0")
        assert instead in str(caught.value)
    assert instead in missing(name).replacement


def test_a_special_name_is_none_of_its_members():
    assert not hasattr(tf.contrib.boosted_trees, "__path__")
