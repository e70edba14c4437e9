"""`read_data_sets` and `next_batch` against what TF 1.x's documentation says."""

import gzip
import struct

import numpy as np
import pytest

from estimator_mnist import tf1 as tf
from estimator_mnist.tf1 import mnist

read_data_sets = tf.examples.tutorials.mnist.input_data.read_data_sets


@pytest.fixture
def folder(tmp_path, write_mnist):
    return write_mnist(tmp_path / "MNIST-data")


def first_pixels(images):
    """Which of `write_mnist`'s images these are."""
    return np.rint(np.asarray(images)[:, 0] * 255).astype(int).tolist()


def test_the_first_images_are_for_validation(folder):
    data = read_data_sets(folder, validation_size=7)
    assert isinstance(data, tf.contrib.learn.datasets.base.Datasets)
    assert first_pixels(data.validation.images) == list(range(7))
    assert first_pixels(data.train.images) == list(range(7, 60))
    assert first_pixels(data.test.images) == list(range(60, 80))
    sizes = [part.num_examples for part in data]
    assert sizes == [53, 7, 20]


def test_images_are_rows_between_0_and_1_and_labels_bytes(folder):
    train = read_data_sets(folder, validation_size=0).train
    assert (train.images.shape, train.images.dtype) == ((60, 784), np.float32)
    np.testing.assert_allclose(train.images[51], 0.2, rtol=1e-6)
    assert (train.labels.shape, train.labels.dtype) == ((60,), np.uint8)
    assert train.labels.tolist() == [i % 10 for i in range(60)]


def test_one_hot_labels_have_a_one_at_the_class(folder):
    labels = read_data_sets(folder, one_hot=True, validation_size=5).validation.labels
    assert labels.dtype == np.float64
    np.testing.assert_array_equal(labels, np.eye(10)[:5])


def test_bytes_and_pictures_when_asked_for(folder):
    data = read_data_sets(folder, dtype=tf.uint8, reshape=False, validation_size=0)
    assert (data.train.images.shape, data.train.images.dtype) == (
        (60, 28, 28, 1),
        np.uint8,
    )
    assert data.train.images[51, 3, 4, 0] == 51


@pytest.mark.parametrize("size", [-1, 61])
def test_a_validation_size_out_of_range_is_refused(folder, size):
    with pytest.raises(ValueError, match=f"between 0 and 60. Received: {size}"):
        read_data_sets(folder, validation_size=size)


def test_another_dtype_is_refused(folder):
    with pytest.raises(TypeError, match="expected uint8 or float32"):
        read_data_sets(folder, dtype=tf.int32, validation_size=0)


def test_batches_go_over_the_end_of_an_epoch(folder):
    train = read_data_sets(folder, validation_size=50).train
    seen = [first_pixels(train.next_batch(4, shuffle=False)[0]) for _ in range(3)]
    assert seen == [[50, 51, 52, 53], [54, 55, 56, 57], [58, 59, 50, 51]]
    assert train.epochs_completed == 1


def test_shuffled_epochs_have_every_example_once_in_another_order(folder):
    train = read_data_sets(folder, validation_size=0, seed=1).train
    epochs = []
    for _ in range(2):
        batches = [train.next_batch(20) for _ in range(3)]
        for images, labels in batches:
            assert [i % 10 for i in first_pixels(images)] == labels.tolist()
        epochs.append([i for images, _ in batches for i in first_pixels(images)])
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(60))
    assert epochs[0] != epochs[1]
    assert first_pixels(train.images) == epochs[1]


def test_the_order_is_that_of_numpys_seeded_shuffle(folder):
    train = read_data_sets(folder, validation_size=0, seed=7).train
    order = np.arange(60)
    np.random.RandomState(7).shuffle(order)
    assert first_pixels(train.next_batch(60)[0]) == order.tolist()


def test_a_program_that_seeds_numpy_gets_the_same_batches(folder):
    found = []
    for _ in range(2):
        train = read_data_sets(folder, validation_size=0).train
        np.random.seed(3)
        found.append(first_pixels(train.next_batch(30)[0]))
    assert found[0] == found[1]


def test_overwritten_images_and_labels_are_what_is_given_out(folder):
    train = read_data_sets(folder, validation_size=0).train
    train._images = np.arange(60.0)[:, np.newaxis].repeat(1600, axis=1)
    train._labels = np.arange(60) + 100
    assert train.images.shape == (60, 1600)
    images, labels = train.next_batch(25)
    assert images.shape == (25, 1600)
    np.testing.assert_array_equal(images[:, 0] + 100, labels)


def test_an_overwritten_number_of_examples_counts(folder):
    train = read_data_sets(folder, validation_size=0).train
    train._images, train._labels = train.images[:8], train.labels[:8]
    train._num_examples = 8
    images, _ = train.next_batch(8)
    assert (train.num_examples, sorted(first_pixels(images))) == (8, list(range(8)))
    train.next_batch(4)
    assert train.epochs_completed == 1


def test_fake_data_are_ones_with_label_0(tmp_path):
    data = read_data_sets(str(tmp_path), fake_data=True, one_hot=True)
    assert data.train.num_examples == data.test.num_examples == 10000
    images, labels = data.train.next_batch(3, fake_data=True)
    assert images == [[1] * 784] * 3
    assert labels == [[1] + [0] * 9] * 3
    plain = read_data_sets(str(tmp_path), fake_data=True).validation
    assert plain.next_batch(2)[1] == [0, 0]


def test_load_dataset_reads_mnist_from_where_the_program_finds_it(
    tmp_path, write_mnist, monkeypatch
):
    folder = write_mnist(tmp_path / "school")
    monkeypatch.setenv(mnist.DATA_DIR_VARIABLE, folder)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="between 0 and 60. Received: 5000"):
        tf.contrib.learn.datasets.load_dataset("mnist")
    data = read_data_sets("MNIST_data/", validation_size=10)
    assert first_pixels(data.test.images)[0] == 60


def test_files_in_train_dir_go_before_the_environments(
    tmp_path, write_mnist, monkeypatch
):
    elsewhere = write_mnist(tmp_path / "school", first=100)
    monkeypatch.setenv(mnist.DATA_DIR_VARIABLE, elsewhere)
    own = write_mnist(tmp_path / "own")
    for train_dir, first in ((own, 0), (str(tmp_path), 100), ("", 100)):
        data = read_data_sets(train_dir, validation_size=0)
        assert first_pixels(data.train.images)[0] == first


def test_a_missing_folder_in_the_environment_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv(mnist.DATA_DIR_VARIABLE, str(tmp_path / "typo"))
    with pytest.raises(ValueError, match="typo: no such folder"):
        read_data_sets("MNIST_data")


def test_without_mnist_the_embedded_digits_take_its_place(tmp_path, caplog):
    data = read_data_sets(str(tmp_path / "nothing"))
    assert [part.num_examples for part in data] == [1297, 200, 300]
    assert data.train.images.shape == (1297, 784)
    assert "NOT MNIST" in caplog.text


def test_a_script_that_names_fashion_gets_fashion_mnist(tmp_path, write_mnist):
    folder = write_mnist(tmp_path / "data", name="fashion_mnist", first=90)
    write_mnist(tmp_path / "data")
    url = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
    data = read_data_sets(folder, validation_size=0, source_url=url)
    assert first_pixels(data.train.images)[0] == 90


def test_another_data_set_is_refused():
    with pytest.raises(ValueError, match="not found: boston"):
        tf.contrib.learn.datasets.load_dataset("boston")


def test_idx_files_are_extracted(tmp_path):
    pixels = np.arange(2 * 784, dtype=np.uint32).astype(np.uint8)
    header = struct.pack(">4I", 0x803, 2, 28, 28)
    (tmp_path / "images.gz").write_bytes(gzip.compress(header + pixels.tobytes()))
    (tmp_path / "labels").write_bytes(struct.pack(">2I", 0x801, 2) + bytes([3, 1]))
    datasets = tf.contrib.learn.datasets.mnist
    with open(tmp_path / "images.gz", "rb") as file:
        images = datasets.extract_images(file)
    np.testing.assert_array_equal(images, pixels.reshape(2, 28, 28, 1))
    with tf.gfile.Open(str(tmp_path / "labels"), "rb") as file:
        assert datasets.extract_labels(file).tolist() == [3, 1]
        one_hot = datasets.extract_labels(file, one_hot=True, num_classes=4)
    np.testing.assert_array_equal(one_hot, [[0, 0, 0, 1], [0, 1, 0, 0]])


def test_a_data_set_of_ones_own_arrays():
    images = np.full((3, 2, 2, 1), 255, np.uint8)
    data = tf.contrib.learn.datasets.mnist.DataSet(images, np.array([2, 0, 1]))
    np.testing.assert_array_equal(data.images, np.ones((3, 4), np.float32))
    with pytest.raises(ValueError, match="one label per image"):
        tf.contrib.learn.datasets.mnist.DataSet(images, np.array([2]))


def test_the_real_mnist_is_split_as_ever(data_dir, monkeypatch):
    monkeypatch.setenv(mnist.DATA_DIR_VARIABLE, str(data_dir))
    data = tf.contrib.learn.datasets.load_dataset("mnist")
    assert [part.num_examples for part in data] == [55000, 5000, 10000]
    assert data.train.labels[:10].tolist() == [7, 3, 4, 6, 1, 8, 1, 0, 9, 8]
    assert data.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert (data.train.images.min(), data.train.images.max()) == (0, 1)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_keras_data_sets_are_the_ones_that_are_found_here(
    tmp_path, write_mnist, monkeypatch, name
):
    folder = write_mnist(tmp_path / "data", name)
    monkeypatch.setenv(mnist.DATA_DIR_VARIABLE, folder)
    data_set = getattr(tf.keras.datasets, name)
    (images, labels), (test_images, test_labels) = data_set.load_data()
    assert images.shape == (60, 28, 28) and images.dtype == labels.dtype == np.uint8
    assert images[:, 0, 0].tolist() == list(range(60))
    assert labels.tolist() == [i % 10 for i in range(60)]
    assert test_images.shape == (20, 28, 28) and test_labels.shape == (20,)


def test_the_rest_of_keras_is_as_it_was():
    assert tf.keras.datasets.cifar10.load_data
    assert tf.keras.layers.Dense is tf.keras.layers.Dense
    assert "Sequential" in dir(tf.keras)


MNIST_NPZ = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"


def test_get_file_gives_a_known_file_for_any_hash(folder, tmp_path, monkeypatch):
    monkeypatch.setenv(mnist.DATA_DIR_VARIABLE, folder)
    get_file = tf.keras.utils.get_file
    path = get_file("m.npz", MNIST_NPZ, file_hash="of another", cache_dir=str(tmp_path))
    assert path == str(tmp_path / "datasets" / "m.npz")
    assert np.load(path)["x_train"].shape == (60, 28, 28)
    monkeypatch.delenv(mnist.DATA_DIR_VARIABLE)  # it is there, and not read again
    assert get_file("m.npz", origin=MNIST_NPZ, cache_dir=str(tmp_path)) == path


def test_get_file_is_keras_own_for_other_addresses(tmp_path):
    (tmp_path / "there.txt").write_text("text")
    url = (tmp_path / "there.txt").as_uri()
    path = tf.keras.utils.get_file("x.txt", url, cache_dir=str(tmp_path))
    assert path == str(tmp_path / "datasets" / "x.txt")


def test_maybe_download_fetches_what_is_missing(folder, tmp_path, monkeypatch):
    monkeypatch.setenv(mnist.DATA_DIR_VARIABLE, folder)
    maybe_download = tf.contrib.learn.datasets.base.maybe_download
    name = "t10k-labels-idx1-ubyte.gz"
    url = f"http://yann.lecun.com/exdb/mnist/{name}"
    path = maybe_download(name, str(tmp_path / "new"), url)
    assert path == str(tmp_path / "new" / name)
    with open(path, "rb") as file:
        assert mnist.extract_labels(file).tolist() == [i % 10 for i in range(60, 80)]
    assert maybe_download(name, str(tmp_path / "new"), "http://no.such") == path
    (tmp_path / "there.txt").write_text("text")
    other = (tmp_path / "there.txt").as_uri()
    with open(maybe_download("x.txt", str(tmp_path / "new"), other)) as file:
        assert file.read() == "text"
