"""What a trained network makes of drawn and photographed digits.

ESTIMATOR_MNIST_TEST_CNN_DEEP may name a model_dir of `flags/cnn_deep.flags`; else one
is trained, for fewer steps.
"""

import collections
import os

import numpy as np
import pytest
from PIL import Image

from estimator_mnist.data import datasets, idx, input_fns
from estimator_mnist.experiment import experiment as experiments
from estimator_mnist.experiment import training
from estimator_mnist.modes.pictures import answers
from tests.data.pictures import drawings

pytestmark = pytest.mark.slow
STEPS = 1000


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory, data_dir):
    known = os.environ.get("ESTIMATOR_MNIST_TEST_CNN_DEEP")
    if known:
        return known
    folder = str(tmp_path_factory.mktemp("cnn_deep"))
    settings = {"model": "cnn_deep", "dataset": "mnist", "batch_size": 64}
    one = experiments.make(folder, data_dir=str(data_dir), **settings)
    training.train(one, experiments.build_estimator(one), max_steps=STEPS)
    return folder


@pytest.fixture(scope="module")
def pages(data_dir):
    """Returns kind, digit and page of each picture: 20 drawn, 20 photographs."""
    folder = data_dir / "mnist"
    images, labels = idx.read_pair(
        folder / "t10k-images-idx3-ubyte.gz", folder / "t10k-labels-idx1-ubyte.gz"
    )
    ten = drawings.pasted(images[20:30], labels[20:30])
    return [*drawings.plain(), *drawings.photographs(), *ten]


def test_nearly_all_pictures_are_recognised_and_few_without_the_recipe(
    model_dir, pages, tmp_path
):
    for place, (_, _, page) in enumerate(pages):
        drawings.as_image(page).save(tmp_path / f"{place:02d}.png")
    one = experiments.make_without_examples(model_dir)
    estimator = experiments.build_estimator(one)
    with_it = [
        answer.classes[0] if answer.classes else answer.error
        for answer in answers.predict(
            one, estimator, str(tmp_path / "out"), [str(tmp_path)]
        )
    ]
    recognised = shares(with_it, pages)
    print("with MNIST's recipe:", recognised)
    for negated in (False, True):
        without = classes_of(one, estimator, [naive(p, negated) for _, _, p in pages])
        share = shares(without, pages)
        print("scaled to 28x28, negated" if negated else "scaled to 28x28", share)
        assert share["all"] < recognised["all"]
    assert recognised["drawn"] >= 27
    assert recognised["all"] >= 36


def shares(found, pages):
    """Returns how many are right: of each kind, of the 30 drawn ones, and of all."""
    right = collections.Counter()
    for place, (answer, (kind, digit, _)) in enumerate(zip(found, pages, strict=True)):
        right.update({kind: answer == str(digit), "all": answer == str(digit)})
        right["drawn"] += place < 30 and answer == str(digit)
    return dict(right)


def naive(page, negated):
    grey = drawings.as_image(page).convert("L")
    small = np.asarray(grey.resize((28, 28), Image.Resampling.BOX))
    return 255 - small if negated and np.median(small) > 127 else small


def classes_of(experiment, estimator, images):
    split = datasets.Split(np.array(images), np.zeros(len(images), np.uint8))
    input_fn = input_fns.eval_input_fn(split, 128, experiment.translate)
    return [str(row["classes"]) for row in estimator.predict(input_fn, ["classes"])]
