"""What the addresses of MNIST and Fashion-MNIST had, made of the data sets."""

import gzip
import hashlib
import io
import pickle

import numpy as np
import pytest

from estimator_mnist.data import addresses, datasets, idx

IMAGES, LABELS = "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


@pytest.fixture(scope="module")
def data():
    """The embedded digits, in the place of MNIST."""
    return datasets.load("digits")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"http://yann.lecun.com/exdb/mnist/{IMAGES}.gz", ("mnist", IMAGES, True)),
        (f"https://yann.lecun.com/exdb/mnist//{IMAGES}", ("mnist", IMAGES, False)),
        (
            f"https://storage.googleapis.com/cvdf-datasets/mnist/{LABELS}.gz",
            ("mnist", LABELS, True),
        ),
        (
            f"https://ossci-datasets.s3.amazonaws.com/mnist/{LABELS}.gz",
            ("mnist", LABELS, True),
        ),
        (
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
            ("mnist", "npz", True),
        ),
        (
            f"https://storage.googleapis.com/tensorflow/tf-keras-datasets/{LABELS}.gz",
            ("fashion_mnist", LABELS, True),
        ),
        (
            f"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/{IMAGES}.gz",
            ("fashion_mnist", IMAGES, True),
        ),
        (
            "https://github.com/zalandoresearch/fashion-mnist/blob/master/data/fashion/"
            f"{IMAGES}.gz?raw=true",
            ("fashion_mnist", IMAGES, True),
        ),
        (
            "http://deeplearning.net/data/mnist/mnist.pkl.gz",
            ("mnist", "three pickled parts", True),
        ),
        ("http://yann.lecun.com/exdb/mnist/", None),
        (f"http://elsewhere.com/exdb/mnist/{IMAGES}.gz", None),
        ("file:///tmp/mnist.npz", None),
        ("", None),
    ],
)
def test_known_addresses_are_found(url, expected):
    found = addresses.find(url)
    assert found == (expected and addresses.Address(*expected))


def test_idx_files_hold_what_was_published(data, tmp_path):
    address = addresses.Address("digits", IMAGES, is_packed=False)
    content = addresses.content(address, data)
    images = np.concatenate([data.validation.images, data.train.images])
    assert hashlib.sha256(content).hexdigest() == idx.content_sha256(images)
    packed = addresses.content(address._replace(is_packed=True), data)
    assert gzip.decompress(packed) == content
    path = tmp_path / f"{LABELS}.gz"
    path.write_bytes(addresses.content(addresses.Address("digits", LABELS), data))
    np.testing.assert_array_equal(idx.read_labels(path), data.test.labels)


def test_a_published_file_is_given_as_it_is(tmp_path, data):
    for name in datasets.FILES:
        content = addresses.content(addresses.Address("", name, False), data)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content, 9))
    loaded = datasets.load("mnist", tmp_path)
    for name in datasets.FILES:
        found = addresses.content(addresses.Address("mnist", name), loaded)
        assert found == (tmp_path / f"{name}.gz").read_bytes()


def test_archives_hold_all_parts(data):
    train = len(data.train.images) + len(data.validation.images)
    npz = np.load(io.BytesIO(addresses.content(addresses.Address("", "npz"), data)))
    assert npz["x_train"].shape == (train, 28, 28)
    np.testing.assert_array_equal(npz["y_test"], data.test.labels)
    two, three = (
        pickle.loads(gzip.decompress(addresses.content(address, data)))
        for address in (
            addresses.Address("", "two pickled parts"),
            addresses.Address("", "three pickled parts"),
        )
    )
    assert [images.shape for images, _ in two] == [(train, 28, 28), (300, 28, 28)]
    # As of deeplearning.net: its 255 is 0.99609375.
    held_out = train // 6
    shapes = [(train - held_out, 784), (held_out, 784), (300, 784)]
    assert [images.shape for images, _ in three] == shapes
    assert three[0][0].dtype == np.float32
    assert three[0][0].max() == np.float32(255 / 256)
    assert three[2][1].dtype == np.int64
