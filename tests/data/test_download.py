"""Downloads from servers on this machine that behave and misbehave."""

import contextlib
import gzip
import hashlib
import time

import pytest

from estimator_mnist import errors
from estimator_mnist.data import download
from tests.data.mirrors import Mirror, serving

CONTENTS = {"images": b"pixels " * 5000, "labels": b"digits " * 100}
CHECKSUMS = {name: hashlib.sha256(c).hexdigest() for name, c in CONTENTS.items()}
PACKED = {f"{name}.gz": gzip.compress(c, 0) for name, c in CONTENTS.items()}
NOBODY = "http://127.0.0.1:9/"


@contextlib.contextmanager
def mirrors(*many):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(serving(mirror)) for mirror in many]


def fetch(folder, urls, **options):
    download.fetch(CHECKSUMS, folder, urls, **{"read_timeout": 0.3, **options})


def names_in(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_all_files_arrive_whole(tmp_path):
    with mirrors(Mirror(PACKED)) as urls:
        fetch(tmp_path / "new", urls)
    assert names_in(tmp_path / "new") == ["images.gz", "labels.gz"]
    for name, content in CONTENTS.items():
        assert gzip.decompress((tmp_path / f"new/{name}.gz").read_bytes()) == content


def test_what_is_there_is_not_fetched_again(tmp_path):
    (tmp_path / "images.gz").write_bytes(b"mine")
    mirror = Mirror(PACKED)
    with mirrors(mirror) as urls:
        fetch(tmp_path, urls)
    assert mirror.asked == ["labels.gz"]
    assert (tmp_path / "images.gz").read_bytes() == b"mine"


WRONG = {**PACKED, "labels.gz": gzip.compress(b"other digits")}
PAGE = {**PACKED, "labels.gz": b"<html>please log in to this network</html>"}
BROKEN = {**PACKED, "labels.gz": PACKED["labels.gz"][:-20]}
BAD = {
    "wrong content": (Mirror(WRONG), "SHA-256"),
    "a login page": (Mirror(PAGE), "SHA-256"),
    "damaged gzip": (Mirror(BROKEN), "damaged gzip"),
    "missing": (Mirror(PACKED, {"labels.gz": "missing"}), "404"),
    "breaks off": (Mirror(PACKED, {"labels.gz": "breaks off"}), "(?i)broke"),
    "stalls": (Mirror(PACKED, {"labels.gz": "stalls"}), "broke off|silent"),
    "silent": (Mirror(PACKED, {"labels.gz": "silent"}), "silent"),
}


@pytest.mark.parametrize("mirror, words", BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_and_leaves_nothing_behind(tmp_path, mirror, words):
    with mirrors(mirror) as urls, pytest.raises(errors.DownloadError, match=words):
        fetch(tmp_path, urls)
    assert names_in(tmp_path) == ["images.gz"]


@pytest.mark.parametrize("fault", ["missing", "breaks off"])
def test_another_mirror_fills_in(tmp_path, fault):
    bad, good = Mirror(PACKED, {"labels.gz": fault}), Mirror(PACKED)
    with mirrors(bad, good) as urls:
        fetch(tmp_path, urls)
    assert names_in(tmp_path) == ["images.gz", "labels.gz"]
    assert good.asked[-1] == "labels.gz"


def test_without_a_mirror_that_answers_the_error_comes_soon_and_names_each(tmp_path):
    silent = Mirror(PACKED, dict.fromkeys(PACKED, "silent"))
    start = time.monotonic()
    with mirrors(silent) as urls, pytest.raises(errors.DownloadError) as error:
        fetch(tmp_path, [*urls, NOBODY], connect_timeout=0.3)
    assert time.monotonic() - start < 10
    assert NOBODY in str(error.value) and urls[0] in str(error.value)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("name", ["images.gz", "labels.gz"])
def test_a_mirror_that_sends_byte_by_byte_is_given_up(tmp_path, name):
    slow, quick = Mirror(PACKED, {name: "drips"}), Mirror(PACKED)
    with mirrors(slow) as urls:
        with pytest.raises(errors.DownloadError, match="too slowly"):
            fetch(tmp_path, urls, read_timeout=60, total_timeout=0.3)
        assert f"{name}" not in names_in(tmp_path)
        with serving(quick) as other:
            fetch(tmp_path, [*urls, other], read_timeout=60, total_timeout=0.5)
    assert names_in(tmp_path) == ["images.gz", "labels.gz"]


def test_a_longer_file_than_any_expected_is_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "_SIZE_LIMIT", 1000)
    too_long = pytest.raises(errors.DownloadError, match="longer than 1000 bytes")
    with mirrors(Mirror(PACKED)) as urls, too_long:
        fetch(tmp_path, urls)
    assert names_in(tmp_path) == []


def test_plain_http_from_elsewhere_is_refused(tmp_path):
    with pytest.raises(ValueError, match="only https"):
        fetch(tmp_path, ["http://example.com/"])
