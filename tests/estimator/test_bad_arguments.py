"""An Estimator with bad arguments leaves no trace on the disk."""

import inspect
import tempfile
import threading

import pytest

from estimator_mnist import estimator as tf_estimator


def model_fn(features, labels, mode, params):
    """Not called."""


class Overriding(tf_estimator.Estimator):
    def train(self):
        """Not allowed."""


ELSEWHERE = tf_estimator.RunConfig(model_dir="elsewhere")
# The error of each is in tests/contract/words.
BAD = {
    "model_fn": [
        {"model_fn": None},
        {"model_fn": "model_fn"},
        {"model_fn": lambda labels, params: None},
        {"model_fn": lambda features, more, params: None},
        {"model_fn": lambda features: None, "params": {"rate": 1}},
    ],
    "model_dir": [
        {"model_dir": 3},
        {"model_dir": "here", "config": ELSEWHERE},
    ],
    "config": [{"config": "config"}, {"config": {"model_dir": "here"}}],
    "params": [{"params": {"cannot be copied": threading.Lock()}}],
    "warm_start_from": [{"warm_start_from": 3}, {"warm_start_from": ""}],
    "self": [{}],
}
CASES = [(name, case) for name, cases in BAD.items() for case in cases]


@pytest.mark.parametrize("name, arguments", CASES)
def test_the_disk_is_untouched(tmp_path, monkeypatch, name, arguments):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kind = Overriding if name == "self" else tf_estimator.Estimator
    with pytest.raises((ValueError, TypeError)):
        kind(**{"model_fn": model_fn, **arguments})
    assert not list(tmp_path.iterdir())


def test_each_argument_has_a_case():
    arguments = inspect.signature(tf_estimator.Estimator.__init__).parameters
    assert BAD.keys() == arguments.keys()


def test_good_arguments_make_a_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    estimator = tf_estimator.Estimator(model_fn, params={})
    assert [estimator.model_dir] == list(map(str, tmp_path.iterdir()))
