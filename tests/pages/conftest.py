"""A reader of the pages: an empty folder and a shell."""

import pytest

from tests.pages import shell as shells


@pytest.fixture
def shell(fork_server, tmp_path, tmp_path_factory, monkeypatch):
    """Returns a shell in an empty folder, on a machine without data sets."""
    for name in ("ESTIMATOR_MNIST_DATA_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    opened = shells.Shell(fork_server, tmp_path, tmp_path_factory.mktemp("aside"))
    yield opened
    opened.close()
