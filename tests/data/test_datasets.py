"""Where data sets are found, how they are split, and what is refused."""

import logging

import numpy as np
import pytest

from estimator_mnist import errors
from estimator_mnist.data import datasets
from tests.data.idx_files import (
    FILES,
    real_data_dir,
    small_arrays,
    write_files,
    write_npz,
)
from tests.data.mirrors import Mirror, serving

ARRAYS = small_arrays()
DOTTED = [name.replace("-idx", ".idx") for name in FILES]


def load(name="mnist", data_dir=None, **options):
    return datasets.load(name, data_dir, **{"download": False, **options})


def in_root(root, home):
    write_files(root, ARRAYS)


def in_subfolder(root, home):
    write_files(root / "mnist", ARRAYS)


def raw(root, home):
    write_files(root, ARRAYS, packed=False)


def with_dotted_names(root, home):
    write_files(root, ARRAYS, names=DOTTED)


def as_npz(root, home):
    write_npz(root / "mnist.npz", ARRAYS)


def as_npz_in_subfolder(root, home):
    (root / "mnist").mkdir()
    write_npz(root / "mnist" / "mnist.npz", ARRAYS)


def in_keras_cache(root, home):
    (home / ".keras/datasets").mkdir(parents=True)
    write_npz(home / ".keras/datasets/mnist.npz", ARRAYS)


def in_own_cache(root, home):
    write_files(home / ".cache/estimator_mnist/mnist", ARRAYS)


PLACES = (
    in_root,
    in_subfolder,
    raw,
    with_dotted_names,
    as_npz,
    as_npz_in_subfolder,
    in_keras_cache,
    in_own_cache,
)


@pytest.mark.parametrize("put", PLACES, ids=lambda put: put.__name__)
def test_the_same_data_set_is_found_in_every_place_and_form(tmp_path, home, put):
    put(tmp_path, home)
    found = load("auto", tmp_path)
    np.testing.assert_array_equal(found.test.images, ARRAYS[2])
    np.testing.assert_array_equal(found.test.labels, ARRAYS[3])
    assert found.name == "mnist"
    expected = load("mnist", write_files(tmp_path / "reference", ARRAYS))
    assert found.checksum == expected.checksum


def test_data_dir_goes_before_the_caches(tmp_path, home):
    write_files(home / ".cache/estimator_mnist/mnist", small_arrays(seed=1))
    write_files(tmp_path, ARRAYS)
    assert load(data_dir=tmp_path).source == str(tmp_path)


def test_a_data_dir_without_the_data_is_told(tmp_path, home, caplog):
    in_own_cache(tmp_path, home)
    (tmp_path / "stick").mkdir()
    with caplog.at_level(logging.WARNING):
        found = load("mnist", tmp_path / "stick")
    assert f"{tmp_path / 'stick'} holds no mnist: taking {found.source}" in caplog.text


def test_xdg_cache_home_is_respected(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    write_files(tmp_path / "estimator_mnist/mnist", ARRAYS)
    assert load().source == str(tmp_path / "estimator_mnist/mnist")


def test_fashion_is_found_in_keras_folder_and_has_its_names(home):
    write_files(home / ".keras/datasets/fashion-mnist", ARRAYS)
    found = load("fashion_mnist")
    assert found.name == "fashion_mnist"
    assert found.class_names[0] == "T-shirt/top" and len(found.class_names) == 10


def test_a_folder_that_is_called_as_a_file_hides_none(tmp_path):
    plain = load(data_dir=write_files(tmp_path / "plain", ARRAYS))
    write_files(tmp_path, ARRAYS, packed=False, names=DOTTED)
    for name, dotted in zip(FILES, DOTTED, strict=True):
        (tmp_path / name).mkdir()
        if name != FILES[0]:  # there the file is in the folder, as in popular archives
            (tmp_path / dotted).rename(tmp_path / name / name)
    assert load(data_dir=tmp_path).checksum == plain.checksum


@pytest.mark.parametrize("images", [2, 11, 12])
def test_the_smallest_sets_have_a_validation_image(tmp_path, images):
    data = load(data_dir=write_files(tmp_path, small_arrays(train=images)))
    assert len(data.validation.labels) == 1 and len(data.train.labels) == images - 1


def test_a_single_image_is_too_few(tmp_path):
    write_files(tmp_path, small_arrays(train=1))
    with pytest.raises(errors.DataError, match="cannot be divided"):
        load(data_dir=tmp_path)


def test_the_first_images_are_validation_and_no_image_is_in_two_parts(tmp_path):
    found = load(data_dir=write_files(tmp_path, ARRAYS))
    np.testing.assert_array_equal(found.validation.images, ARRAYS[0][:2])
    np.testing.assert_array_equal(found.train.images, ARRAYS[0][2:])
    np.testing.assert_array_equal(found.train.labels, ARRAYS[1][2:])
    assert found.train.labels.dtype == np.uint8


def test_another_content_has_another_checksum(tmp_path):
    one = load(data_dir=write_files(tmp_path / "one", ARRAYS))
    two = load(data_dir=write_files(tmp_path / "two", small_arrays(seed=1)))
    assert one.checksum != two.checksum


def test_pixels_cannot_be_changed_after_the_checksum_was_taken(tmp_path):
    found = load(data_dir=write_files(tmp_path, ARRAYS))
    with pytest.raises(ValueError, match="read-only"):
        found.train.images[0] = 0


def test_unpublished_content_is_used_and_said(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        load(data_dir=write_files(tmp_path, ARRAYS))
    assert f"{tmp_path} is not mnist as published" in caplog.text


@pytest.mark.parametrize("name", ["auto", "mnist"])
def test_damaged_data_is_an_error_even_where_a_fallback_exists(tmp_path, name):
    path = write_files(tmp_path, ARRAYS) / f"{FILES[2]}.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(errors.DataError, match="damaged gzip") as error:
        load(name, tmp_path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("name", ["auto", "mnist"])
def test_an_incomplete_set_is_an_error_that_names_what_is_missing(tmp_path, name):
    (write_files(tmp_path, ARRAYS) / f"{FILES[3]}.gz").unlink()
    with pytest.raises(errors.DataError, match=f"but not {FILES[3]}"):
        load(name, tmp_path)


def test_swapped_files_are_reported(tmp_path):
    folder = write_files(tmp_path, (ARRAYS[1], ARRAYS[0], *ARRAYS[2:]))
    with pytest.raises(errors.DataError, match="swapped"):
        load(data_dir=folder)


def test_auto_falls_back_to_digits_with_a_warning_no_one_can_miss(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        found = load("auto", tmp_path)
    assert found.name == "digits"
    assert "NOT MNIST" in caplog.text and caplog.text.count("\n") > 5
    assert "--data_dir" in caplog.text


def test_mnist_never_falls_back_and_says_where_it_looked(tmp_path, home):
    with pytest.raises(errors.DataNotFoundError) as error:
        load("mnist", tmp_path)
    message = str(error.value)
    for words in (str(tmp_path), ".keras", FILES[0], "mnist.npz", "--dataset=digits"):
        assert words in message


def test_digits_asked_for_come_without_a_warning_and_always_alike(caplog):
    with caplog.at_level(logging.WARNING):
        one, two = load("digits"), load("digits")
    assert not caplog.text
    assert one.checksum == two.checksum
    sizes = [len(getattr(one, split).labels) for split in datasets.SPLITS]
    assert sizes == [1297, 200, 300]
    for split in datasets.SPLITS:
        labels = getattr(one, split).labels
        assert labels.dtype == np.uint8
        assert np.bincount(labels).min() > 0.05 * len(labels)
        np.testing.assert_array_equal(labels, getattr(two, split).labels)


def test_digits_are_the_same_on_every_machine():
    found = load("digits")
    assert found.checksum.startswith("7d2a9227e8c772b9")
    assert found.test.labels[:8].tolist() == [2, 8, 2, 6, 6, 7, 1, 9]


def test_an_unknown_name_is_refused_with_the_choices():
    with pytest.raises(errors.DataError, match="'minst' is unknown, choose .*digits"):
        load("minst")


def test_a_data_dir_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(errors.DataError, match="no such folder"):
        load("auto", tmp_path / "nowhere")


def test_a_server_without_the_files_gives_the_reason():
    mirror = Mirror({})
    with serving(mirror) as url, pytest.raises(errors.DataNotFoundError, match="404"):
        load("mnist", download=True, base_urls=[url])


def test_a_download_that_was_cut_short_is_completed_and_then_read_offline(home):
    folder = real_data_dir() / "mnist"
    files = {path.name: path.read_bytes() for path in folder.glob("*.gz")}
    bad = Mirror(files, {f"{FILES[2]}.gz": "breaks off"})
    with serving(bad) as url, pytest.raises(errors.DataNotFoundError):
        load("mnist", download=True, base_urls=[url])
    good = Mirror(files)
    with serving(good) as url:
        load("mnist", download=True, base_urls=[url])
    assert good.asked == [f"{name}.gz" for name in FILES[2:]]
    assert load("mnist").source == str(home / ".cache/estimator_mnist/mnist")


def test_the_real_mnist_has_tf1s_split():
    found = load(data_dir=real_data_dir())
    sizes = [len(getattr(found, split).labels) for split in datasets.SPLITS]
    assert sizes == [55000, 5000, 10000]
    assert found.train.labels[:5].tolist() == [7, 3, 4, 6, 1]
    assert found.validation.labels[:5].tolist() == [5, 0, 4, 1, 9]


def test_the_real_sets_are_what_was_published(caplog):
    for name in ("mnist", "fashion_mnist"):
        load(name, real_data_dir())
    assert not caplog.text


def test_fashion_where_mnist_is_expected_is_reported(tmp_path):
    folder = real_data_dir()
    with pytest.raises(errors.DataError, match="--dataset=fashion_mnist"):
        load("mnist", folder / "fashion_mnist")


def test_train_and_test_files_that_changed_places_are_reported(tmp_path):
    folder = real_data_dir() / "mnist"
    for name, other in zip(FILES, FILES[2:] + FILES[:2], strict=True):
        (tmp_path / f"{name}.gz").symlink_to(folder / f"{other}.gz")
    with pytest.raises(errors.DataError, match="is really t10k-images-idx3-ubyte"):
        load(data_dir=tmp_path)
