"""`--check` lists what is gone, and runs nothing."""

import json
import textwrap

import pytest

from estimator_mnist import run


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    """`check(code)`: exit code and what `--check old.py` prints, line by line."""
    monkeypatch.chdir(tmp_path)

    def check_it(code, name="old.py"):
        (tmp_path / name).write_text(textwrap.dedent(code), "utf-8")
        exit_code = run.main(["--check", name])
        return exit_code, capsys.readouterr().out.splitlines()

    return check_it


def test_nothing_is_said_of_what_runs(check):
    code = """\
        from __future__ import print_function
        import numpy as np
        import tensorflow as tf
        import tensorflow.compat.v1 as tf1
        import tensorflow.contrib.layers as layers
        from tensorflow.contrib import predictor
        from tensorflow.examples.tutorials.mnist import input_data
        import os; from tensorflow.python.framework import graph_util
        from six.moves import xrange

        FLAGS = tf.app.flags.FLAGS
        learn = tf.contrib.learn

        def model_fn(features, labels, mode):
            net = layers.flatten(features["x"])
            tf.layers.dense(net, np.product([2, 5]), kernel_initializer=np.float)
            print(FLAGS.anything, tf.estimator.ModeKeys.TRAIN, tf1.placeholder)
            return tf.estimator.EstimatorSpec(mode)

        raise SystemExit("this is not run")
        """
    assert check(code) == (0, [])


def test_what_is_gone_is_listed_with_its_line_and_the_mend(check):
    code = """\
        import tensorflow as tf
        from tensorflow.contrib import gan
        from sklearn.datasets import fetch_mldata
        import sklearn.preprocessing
        import numpy as np
        import no_such_package
        contrib = tf.contrib
        with gan.arg_scope([]):
            sklearn.preprocessing.Imputer()
        tf.estimator.BoostedTreesClassifier([1], [])
        contrib.timeseries.ARRegressor()
        for i in range(3):
            np.no_such_name()
        """
    exit_code, lines = check(code)
    assert exit_code == 1
    begins = [
        "old.py:2: tf.contrib.gan: ",
        "old.py:3: sklearn.datasets.fetch_mldata: fetch_openml('mnist",
        "old.py:6: no_such_package: neither beside",
        "old.py:8: tf.contrib.gan: ",
        "old.py:9: sklearn.preprocessing.Imputer: sklearn",
        "old.py:10: tf.estimator.BoostedTreesClassifier: ",
        "old.py:11: tf.contrib.timeseries: ",
        "old.py:13: np.no_such_name: ",
    ]
    assert len(lines) == len(begins)
    for line, begin in zip(lines, begins, strict=True):
        assert line.startswith(begin)
        assert line != begin


def test_datasets_of_tensorflows_inner_modules_are_there(check):
    code = """\
        from tensorflow.python.data import Dataset
        from tensorflow.python.data.ops import dataset_ops
        Dataset.range(3).make_one_shot_iterator()
        """
    assert check(code)[0] == 0


def test_a_way_around_in_the_program_is_respected(check):
    code = """\
        try:
            import cPickle as pickle
        except ImportError:
            import pickle
        try:
            xrange
        except NameError:
            xrange = range

        from tensorflow import contrib

        contrib = object()
        print(contrib.gan)

        def f(gan, tf=None):
            return gan.GANModel, xrange(3)
        """
    assert check(code) == (0, [])


def test_branches_for_python_2_are_left_out(check):
    code = """\
        import sys
        import six
        if sys.version_info[0] < 3:
            import urllib2
        else:
            import urllib.request
        if six.PY3:
            import urllib.parse
        else:
            import urlparse
        if sys.version_info >= (3, 0):
            import no_such_package
        """
    exit_code, lines = check(code)
    assert exit_code == 1
    (line,) = lines
    assert line.startswith("old.py:12: no_such_package: ")


def test_what_the_program_has_itself_is_not_missing(check, tmp_path):
    (tmp_path / "tf").mkdir()  # not TensorFlow, which is never the program's
    (tmp_path / "no_such_package").mkdir()
    code = "import tensorflow as tf\nimport no_such_package.x\ntf.contrib.gan\n"
    exit_code, lines = check(code)
    assert exit_code == 1
    (line,) = lines
    assert line.startswith("old.py:3: tf.contrib.gan: ")


def test_modules_beside_the_script_are_checked_too(check, tmp_path):
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "__init__.py").write_text("")
    (tmp_path / "nets" / "small.py").write_text("import util\n")
    (tmp_path / "util.py").write_text(
        "import sklearn.preprocessing\nx = sklearn.preprocessing.Imputer()\n"
    )
    exit_code, lines = check("from nets import small\n")
    assert exit_code == 1
    name, instead = "sklearn.preprocessing.Imputer", "sklearn.impute.SimpleImputer"
    assert lines == [f"{tmp_path}/util.py:2: {name}: {instead}"]


def test_a_package_that_is_not_there_is_named(check):
    exit_code, lines = check("import no_such_package.part\n")
    assert exit_code == 1
    assert lines == [
        "old.py:1: no_such_package: neither beside the program nor installed: put its "
        "file there, or install the library that the program's author means"
    ]


def test_cells_of_a_notebook_know_each_others_names(check):
    sources = [
        "%matplotlib inline\nimport tensorflow as tf",
        "x = 1\n\ntf.contrib.gan",
    ]
    cells = [{"cell_type": "code", "source": source} for source in sources]
    exit_code, lines = check(json.dumps({"cells": cells}), "old.ipynb")
    assert exit_code == 1
    (line,) = lines
    assert line.startswith("old.ipynb, cell 2, line 3: tf.contrib.gan: ")
