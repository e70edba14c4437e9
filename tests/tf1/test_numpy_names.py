"""numpy's old names, within a block."""

import numpy as np
import pytest

from estimator_mnist.tf1.libraries.numpy_names import numpy_names


# Some versions of numpy still have some of them, and warn.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_old_names_compute_what_they_did():
    a = np.array([[3, 1], [2, 4]])
    with numpy_names():
        assert np.product(a.shape[1:]) == 2
        assert np.cumproduct([1, 2, 3]).tolist() == [1, 2, 6]
        assert (np.sometrue(a > 3), np.alltrue(a > 3)) == (True, False)
        assert np.in1d(a, [1, 2]).tolist() == [False, True, True, False]
        assert np.in1d([1, 2], [1], invert=True).tolist() == [False, True]
        assert np.row_stack([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
        assert np.trapz([1, 2, 3]) == 4
        assert np.round_(2.567, 1) == 2.6
        assert np.asscalar(np.array([7])) == 7
        assert np.msort(a).tolist() == [[2, 1], [3, 4]]
        assert np.asfarray([1, 2]).dtype == np.float64
        assert (np.mat([[1, 2]]) * np.mat([[3], [4]])).item() == 11
        assert (np.rank(a), np.alen(a)) == (2, 2)
        assert np.math.sqrt(4) == 2


def test_old_names_are_the_types_and_values_they_were():
    with numpy_names():
        assert (np.float, np.int, np.object, np.str) == (float, int, object, str)
        assert (np.float_, np.complex_) == (np.float64, np.complex128)
        assert (np.unicode_, np.string_) == (np.str_, np.bytes_)
        assert np.zeros(2, np.bool).dtype == np.zeros(2, np.bool8).dtype == bool
        assert np.zeros(1, dtype=np.float).dtype == np.float64
        assert np.Inf == np.PINF == np.infty == -np.NINF == np.inf
        assert np.isnan(np.NaN) and np.isnan(np.NAN)
        assert issubclass(np.VisibleDeprecationWarning, Warning)


def test_old_arguments_mean_what_they_did():
    a = np.arange(4)
    with numpy_names(), numpy_names():
        assert np.reshape(a, newshape=(2, 2)).shape == np.reshape(a, [2, 2]).shape
        assert np.reshape(a, (2, 2), order="F").tolist() == [[0, 2], [1, 3]]
        assert np.histogram([1, 2], 2, normed=True)[0].tolist() == [1, 1]
        assert np.fromstring(b"ab", np.uint8).tolist() == [97, 98]
        assert np.fromstring("1 2", int, sep=" ").tolist() == [1, 2]


def test_afterwards_numpy_is_as_it_was():
    before = dict(vars(np))
    with pytest.raises(ZeroDivisionError), numpy_names(), numpy_names():
        assert {"float", "asscalar"} <= set(vars(np))
        1 / 0  # noqa: B018
    assert vars(np) == before


def test_what_numpy_still_has_stays_its_own(monkeypatch):
    monkeypatch.setattr(np, "product", "its own", raising=False)
    with numpy_names():
        assert np.product == "its own"
    assert np.product == "its own"
