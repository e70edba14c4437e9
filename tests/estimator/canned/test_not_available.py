"""What stands for the names of tf.estimator that this runtime lacks."""

import pickle

import pytest

import estimator_mnist.estimator as ours
from estimator_mnist.estimator.canned import not_available

MODULES = ["", "experimental", "export", "inputs", "tpu", "tpu.experimental"]


def resolve(path):
    found = ours
    for name in filter(None, path.split(".")):
        found = getattr(found, name)
    return found


@pytest.mark.parametrize("path", not_available.REMEDIES)
def test_what_ours_leaves_out_is_one_class_and_can_be_pickled(path):
    stand_in = resolve(path)
    assert isinstance(stand_in, type)
    assert resolve(path) is stand_in
    assert not_available.stand_in(path) is stand_in
    assert pickle.loads(pickle.dumps(stand_in)) is stand_in


def test_a_subclass_of_what_ours_leaves_out_raises_when_it_is_constructed():
    class Mine(ours.BoostedTreesClassifier):
        def __init__(self, columns):
            self.columns = columns

    assert issubclass(Mine, ours.BoostedTreesClassifier)
    assert not isinstance(3, ours.BoostedTreesClassifier)
    with pytest.raises(NotImplementedError, match="BoostedTreesClassifier.*ydf"):
        Mine(columns=[])


def test_what_ours_leaves_out_can_be_a_base_beside_estimator():
    class Mine(ours.BoostedTreesEstimator, ours.Estimator):
        pass

    with pytest.raises(NotImplementedError, match="BoostedTreesEstimator"):
        Mine()


def test_what_ours_leaves_out_can_be_imported_and_listed():
    from estimator_mnist.estimator import BoostedTreesClassifier
    from estimator_mnist.estimator.experimental import KMeans
    from estimator_mnist.estimator.tpu.experimental import EmbeddingConfigSpec

    assert BoostedTreesClassifier is ours.BoostedTreesClassifier
    assert KMeans.__name__ in dir(ours.experimental)
    assert EmbeddingConfigSpec.__name__ in dir(ours.tpu.experimental)
    assert {"BoostedTreesClassifier", "tpu", "Estimator"} <= set(dir(ours))
    assert {"BoostedTreesClassifier", "tpu", "Estimator"} <= set(ours.__all__)


def test_a_star_import_takes_them_too():
    names = {}
    exec("from estimator_mnist.estimator import *", names)
    assert names["BoostedTreesClassifier"] is ours.BoostedTreesClassifier
    assert names["Estimator"] is ours.Estimator


@pytest.mark.parametrize(
    "name", ["__wrapped__", "__file_name__", "BoostedTreeClassifier"]
)
@pytest.mark.parametrize("module", MODULES)
def test_a_name_that_nobody_has_is_no_attribute(module, name):
    found = resolve(module)
    with pytest.raises(AttributeError, match=f"module '{found.__name__}'.*'{name}'"):
        getattr(found, name)


def test_remedy_tells_what_to_write_instead_of_a_missing_name():
    assert "ydf" in not_available.remedy("BoostedTreesClassifier")
    assert "sklearn" in not_available.remedy("experimental.KMeans")
    assert "Ftrl" in not_available.remedy("experimental.LinearSDCA")
    assert "Keras" in not_available.remedy("tpu.experimental.EmbeddingConfigSpec")
    for name in ("Estimator", "experimental.InMemoryEvaluatorHook", "Nobody", "KMeans"):
        assert not_available.remedy(name) is None


def test_a_real_name_beside_its_row_wins(monkeypatch):
    class BoostedTreesClassifier:
        pass

    monkeypatch.setattr(
        ours, "BoostedTreesClassifier", BoostedTreesClassifier, raising=False
    )
    assert ours.BoostedTreesClassifier is BoostedTreesClassifier
    assert not_available.remedy("BoostedTreesClassifier") is None
    assert not_available.remedy("BoostedTreesRegressor") is not None
