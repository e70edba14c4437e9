"""What the tests of the runner share: its processes, and a small MNIST for them."""

import gzip
import struct

import numpy as np
import pytest

from estimator_mnist.data import digits
from tests import children

# The tutorials put 5,000 aside for validation; there are 1,797 embedded digits.
_TIMES = 6


@pytest.fixture
def run(fork_server, tmp_path_factory):
    """`run(folder, *argv)`: exit code and what was printed."""

    def run_in(folder, *argv):
        outputs = tmp_path_factory.mktemp("outputs")
        return children.run(fork_server, "run", argv, folder, outputs)

    return run_in


@pytest.fixture
def run_unedited(run, tmp_path):
    """`run_unedited(script, *args, options)`: runs a program, which stays as it is.

    `options` are those of `estimator_mnist.run`. The program must end well.
    """

    def run_it(script, *args, options=()):
        before = script.read_bytes()
        outcome = run(tmp_path, *options, script, *args)
        assert outcome.code == 0, outcome.err
        assert script.read_bytes() == before
        return outcome

    return run_it


@pytest.fixture(scope="session")
def small_mnist(tmp_path_factory):
    """Folder with the embedded digits as MNIST's files: 8,982 images and 300."""
    folder = tmp_path_factory.mktemp("small_mnist")
    images, labels = digits.load()
    order = np.random.RandomState(0).permutation(len(images))
    test, train = order[:300], np.tile(order[300:], _TIMES)
    for name, part in (("train", train), ("t10k", test)):
        _write(folder / f"{name}-images-idx3-ubyte.gz", images[part])
        _write(folder / f"{name}-labels-idx1-ubyte.gz", labels[part].astype(np.uint8))
    return folder


def _write(path, array):
    header = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=1))
