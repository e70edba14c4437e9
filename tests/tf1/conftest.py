"""No test sees this machine's MNIST or goes through the network."""

import numpy as np
import pytest

from estimator_mnist.tf1 import mnist


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    for name in ("XDG_CACHE_HOME", "NO_PROXY", "no_proxy", mnist.DATA_DIR_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def write_mnist():
    """Writes 60 training and 20 test images; image i is all `first` + i."""

    def write(folder, name="mnist", first=0):
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {}
        for part, n, start in (("train", 60, first), ("test", 20, first + 60)):
            values = np.arange(start, start + n, dtype=np.uint8)
            arrays[f"x_{part}"] = values.repeat(784).reshape(n, 28, 28)
            arrays[f"y_{part}"] = values % 10
        np.savez(folder / f"{name}.npz", **arrays)
        return str(folder)

    return write
