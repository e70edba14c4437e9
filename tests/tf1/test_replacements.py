"""The one lookup of what to write instead of a name that is gone."""

import importlib.util
import re
import sys

import pytest

from estimator_mnist import estimator
from estimator_mnist.estimator.canned import not_available
from estimator_mnist.tf1 import replacement_tables as tables
from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.libraries import library_names
from estimator_mnist.tf1.replacements import missing, replacement

OF_TENSORFLOW = {**tables.TENSORFLOW, **tables.TENSORFLOW_0, **tables.UNUSABLE}


def test_replacement_takes_every_spelling_of_a_name():
    expected = "tf.lookup"
    for prefix in ("tf", "tensorflow", "estimator_mnist.tf1"):
        assert replacement(f"{prefix}.contrib.lookup.IdTable") == expected
    assert replacement("tf.contrib.nobody_knows") is None
    assert "ydf" in replacement("tf.estimator.BoostedTreesClassifier")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tf.contrib.gan.GANModel", "the tensorflow_gan package"),
        ("tf.estimator.experimental.KMeans", "use sklearn.cluster.KMeans"),
        ("matplotlib.mlab.PCA", "sklearn.decomposition.PCA"),
        ("urllib2.urlopen", "urllib.request"),
        ("builtins.xrange", "range"),
        ("builtins.print", None),
        ("numpy_of_mine.float", None),
    ],
)
def test_replacement_answers_for_tensorflow_libraries_and_python_2(name, expected):
    assert replacement(name) == expected


def test_missing_is_none_for_what_exists():
    names = ["tf.pack", "tensorflow.contrib.slim.conv2d", "tf.contrib.summary.scalar"]
    names += ["tensorflow.contrib.learn.python.learn.estimators.run_config.RunConfig"]
    names += ["tf.contrib.framework.python.ops.arg_scope", "tf.train.SummaryWriter"]
    names += ["tf.layers.dense", "tf.contrib.layers.flatten", "tf.nn.rnn_cell.GRUCell"]
    names += ["tf.train.AdamOptimizer.minimize", "tf.estimator.Estimator", "tf"]
    names += ["tf.flags.FLAGS.learning_rate", "tensorflow.keras.layers.Dense"]
    names += ["tensorflow.python_io.TFRecordWriter", "tensorflow.python.framework.ops"]
    names += ["numpy.float64", "sklearn.no_such_name", "builtins.range", "os.path"]
    assert [missing(name) for name in names] == [None] * len(names)


@pytest.mark.parametrize(
    ("name", "gone", "instead"),
    [
        ("tf.contrib.gan.GANModel", "tf.contrib.gan", "tensorflow_gan"),
        ("tf.train.Nobody", "tf.train.Nobody", "There is no tf.train.Nobody"),
        (
            "tensorflow.contrib.slim.dataset_data_provider.DatasetDataProvider",
            "tf.contrib.slim.dataset_data_provider",
            "tf.data.TFRecordDataset",
        ),
        ("tensorflow.contrib.slim.nets", "tf.contrib.slim.nets", "of which nets"),
        (
            "tensorflow.contrib.layers.python.layers.layers.spatial_softmax",
            "tf.contrib.layers.spatial_softmax",
            "tf.layers",
        ),
        (
            "tf.estimator.BoostedTreesClassifier",
            "tf.estimator.BoostedTreesClassifier",
            "ydf",
        ),
        ("tf.no_such.name", "tf.no_such", "There is no tf.no_such here"),
        ("tensorflow.python.nobody", "tensorflow.python.nobody", "no longer has it"),
        ("numpy.no_such.name", "numpy.no_such", "numpy.org"),
        ("cPickle.dumps", "cPickle", "pickle"),
        ("no_such_package.x", "no_such_package", "neither beside the program nor inst"),
        ("input_data", "input_data", "from tensorflow.examples.tutorials.mnist import"),
    ],
)
def test_missing_tells_which_part_is_gone_and_what_to_write(name, gone, instead):
    found = missing(name)
    assert found.name == gone
    assert instead in found.replacement


def test_a_library_that_no_table_has_is_not_imported(monkeypatch, tmp_path):
    (tmp_path / "heavy_library.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert missing("heavy_library.anything") is None
    assert "heavy_library" not in sys.modules


def test_every_replacement_exists():
    named = re.findall(r"\btf\.[\w.]*\w", " ".join(OF_TENSORFLOW.values()))
    assert len(named) > 20
    assert [name for name in named if missing(name)] == []


def test_every_name_that_has_a_replacement_is_gone():
    existing = [name for name in OF_TENSORFLOW if missing(name) is None]
    # Of these a part exists; the row is for the rest.
    parts = [
        "crf",
        "data",
        "distribute",
        "distributions",
        "eager",
        "estimator",
        "image",
    ]
    parts += ["layers"]
    parts += ["learn", "learn.datasets", "learn.io", "learn.monitors"]
    parts += ["legacy_seq2seq", "lookup", "losses", "metrics", "nn", "opt", "rnn"]
    parts += ["seq2seq", "slim", "summary", "tpu", "training"]
    assert existing == [f"tf.contrib.{part}" for part in parts]


def test_every_row_of_other_libraries_is_of_what_old_programs_do_not_find():
    with library_names.library_names():
        existing = [name for name in tables.LIBRARIES if missing(name) is None]
    assert existing == (["imp"] if sys.version_info < (3, 12) else [])


def test_older_names_of_the_runtimes_are_gone_and_have_a_replacement():
    for name in tables.ESTIMATOR:
        assert missing(name).replacement == replacement(name) is not None


class RNNClassifier(estimator.Estimator):
    """Stands for a canned estimator that the runtime has gained."""


def test_a_class_that_the_runtime_gains_is_the_replacement_itself(monkeypatch):
    assert "model_fn" in replacement("tf.contrib.estimator.RNNClassifier")
    experimental = estimator.experimental
    monkeypatch.setattr(experimental, "RNNClassifier", RNNClassifier, raising=False)
    assert missing("tf.estimator.experimental.RNNClassifier") is None
    assert replacement("tf.estimator.experimental.RNNClassifier") is None
    instead = replacement("tf.contrib.estimator.RNNClassifier")
    assert instead == "tf.estimator.experimental.RNNClassifier"


def test_what_the_runtime_has_gained_is_a_replacement_by_its_name():
    for name in ("DNNClassifier", "LinearRegressor", "DNNLinearCombinedRegressor"):
        instead = replacement(f"tf.contrib.learn.{name}")
        assert instead.startswith(f"tf.estimator.{name}, with columns of ")
        assert "train(tf.estimator.inputs.numpy_input_fn({'x': x}, y, " in instead


def test_a_row_that_the_runtime_loses_leaves_tf1_importable(monkeypatch):
    rows = dict(not_available.REMEDIES)
    del rows["BoostedTreesClassifier"]
    monkeypatch.setattr(not_available, "REMEDIES", rows)
    imported = importlib.util.module_from_spec(replacements.__spec__)
    replacements.__spec__.loader.exec_module(imported)
    assert imported.missing("tf.estimator.BoostedTreesClassifier").replacement == (
        "There is no tf.estimator.BoostedTreesClassifier here; nothing replaces it "
        "here."
    )
    assert "model_fn" in imported.replacement("tf.contrib.estimator.RNNClassifier")
