"""Paths of TensorFlow 1.15's own files give what the public names give."""

import importlib
import json
import pathlib

import pytest

from estimator_mnist import tf1 as tf
from estimator_mnist.tf1 import replacements

# Module of TF 1.15 -> the public names of tf.contrib that it defines.
PATHS = json.loads(pathlib.Path(__file__).with_name("deep_paths.json").read_text())
FAMILIES = sorted({path.split(".")[1] for path in PATHS})


def by_attributes(path):
    found = tf
    for part in path.split("."):
        found = getattr(found, part)
    return found


@pytest.mark.filterwarnings("ignore:`tf.nn.rnn_cell")
@pytest.mark.parametrize("family", FAMILIES)
def test_every_path_of_a_family_gives_the_public_object_or_its_advice(family):
    for path, names in PATHS.items():
        if path.split(".")[1] != family:
            continue
        for name in names:
            public = f"contrib.{family}.{name}"
            if replacements.missing(f"tf.{public}"):
                with pytest.raises(
                    AttributeError, match=rf"tf\.contrib\.{family}\..* was rem"
                ):
                    by_attributes(f"{path}.{name}")
                continue
            module = importlib.import_module(f"estimator_mnist.tf1.{path}")
            found = [getattr(module, name)]
            if path.rpartition(".")[2] not in names:  # else that is the function
                found.append(by_attributes(f"{path}.{name}"))
            expected = [by_attributes(public) for _ in found]
            assert list(map(id, found)) == list(map(id, expected)), f"{path}.{name}"
