"""Known addresses are answered while a program runs; others are left alone."""

import contextlib
import sys
import threading
import urllib.error
import urllib.request

import pytest
import requests
import requests.adapters

from estimator_mnist.data import idx
from estimator_mnist.runner import network

HOME = "http://yann.lecun.com/exdb/mnist/t10k-labels-idx1-ubyte.gz"
MIRROR = "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz"
NO_SERVER = "http://127.0.0.1:9/x"


@pytest.fixture
def labels(small_mnist):
    return (small_mnist / "t10k-labels-idx1-ubyte.gz").read_bytes()


def test_urllib_and_requests_get_what_the_address_had(small_mnist, labels, tmp_path):
    with network.answered(str(small_mnist)):
        path, headers = urllib.request.urlretrieve(HOME, tmp_path / "labels.gz")
        assert len(idx.read_labels(path)) == 300
        assert headers["Content-Length"] == str(len(labels))
        with urllib.request.urlopen(MIRROR) as response:
            assert (response.status, response.read()) == (200, labels)
        # As programs did that were refused without a name of a browser.
        opener = urllib.request.build_opener()
        opener.addheaders = [("User-agent", "Mozilla/5.0")]
        assert opener.open(urllib.request.Request(HOME)).read() == labels
        head = urllib.request.Request(HOME, method="HEAD")
        assert urllib.request.urlopen(head).read() == b""
        response = requests.get(HOME, timeout=1)
        assert (response.status_code, response.content) == (200, labels)
        with requests.Session() as session, session.get(MIRROR, stream=True) as found:
            assert b"".join(found.iter_content(1000)) == labels
        assert requests.head(HOME, timeout=1).headers["Content-Length"] == str(
            len(labels)
        )


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python has none")
@pytest.mark.filterwarnings("ignore:URLopener style of invoking:DeprecationWarning")
def test_the_opener_of_python_2_is_answered_too(small_mnist, tmp_path):
    with network.answered(str(small_mnist)):
        path, _ = urllib.request.URLopener().retrieve(HOME, tmp_path / "labels.gz")
    assert len(idx.read_labels(path)) == 300


def test_other_addresses_are_left_alone_and_named_where_they_fail(
    small_mnist, tmp_path, capsys
):
    (tmp_path / "x").write_text("local")
    with network.answered(str(small_mnist)):
        local = urllib.request.urlopen((tmp_path / "x").as_uri()).read()
        with pytest.raises(urllib.error.URLError, match="refused"):
            urllib.request.urlopen(NO_SERVER)
        with pytest.raises(requests.ConnectionError):
            requests.get(NO_SERVER, timeout=1)
    assert local == b"local"
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(": could not be read: ")[0] for line in lines] == [
        NO_SERVER,
        NO_SERVER,
    ]


def test_a_data_set_that_is_not_found_is_told_with_its_address(tmp_path, monkeypatch):
    # No download: nobody answers there.
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with network.answered(str(tmp_path)):
        with pytest.raises(urllib.error.URLError, match=f"{HOME}: no mnist found"):
            urllib.request.urlopen(HOME)
        with pytest.raises(requests.ConnectionError, match="Remedy: put the files"):
            requests.get(HOME, timeout=1)


def test_what_was_changed_is_undone(small_mnist):
    doors = (
        (urllib.request.OpenerDirector, "open"),
        (
            requests.adapters.HTTPAdapter,
            "send",
        ),
    )
    before = [vars(owner)[name] for owner, name in doors]
    with contextlib.suppress(ValueError), network.answered(str(small_mnist)):
        assert [vars(owner)[name] for owner, name in doors] != before
        raise ValueError
    assert [vars(owner)[name] for owner, name in doors] == before


def test_threads_are_answered_alike(small_mnist, labels):
    found = []
    with network.answered(str(small_mnist)):
        threads = [
            threading.Thread(target=lambda: found.append(requests.get(HOME).content))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [labels] * 3
