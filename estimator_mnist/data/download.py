"""Published files over https into a folder: checksummed, whole or absent."""

import queue
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import requests
from absl import logging

from estimator_mnist import errors, files
from estimator_mnist.data import idx

# Seconds: for a mirror to answer at all, and for it to send the next piece.
PATIENCE = 4.0
STALL = 10.0

# Fashion-MNIST's training images, the largest file, are 26 MB packed, 47 MB unpacked.
_SIZE_LIMIT = 64 << 20
_PIECE = 1 << 16
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def fetch(
    checksums: Mapping[str, str],
    folder: Path,
    base_urls: Sequence[str],
    patience: float = PATIENCE,
    stall: float = STALL,
) -> None:
    """Fetches FILE.gz for each FILE of `checksums` that `folder` lacks.

    Mirrors are tried in the order in which they answer; where none does within
    `patience` seconds, that is the end. A file appears under its name only once its
    unpacked content has the SHA-256 that `checksums` gives.

    Raises:
      DownloadError: where a file could not be had from any mirror.
      ValueError: for a base URL that is neither https nor on this machine.
    """
    for url in base_urls:
        _check_secure(url)
    missing = [file for file in checksums if not (folder / f"{file}.gz").exists()]
    if not missing:
        return
    reasons = {url: f"no answer in {patience:g} s" for url in base_urls}
    for base_url in _answering(base_urls, f"{missing[0]}.gz", patience, reasons):
        try:
            while missing:
                _fetch_one(base_url, missing[0], folder, checksums[missing[0]], stall)
                missing.pop(0)
            return
        except (OSError, ValueError) as error:
            reasons[base_url] = _why(error)
    raise errors.DownloadError(
        "; ".join(f"{url}: {why}" for url, why in reasons.items())
    )


def _check_secure(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ValueError(f"{url}: only https is fetched from")


def _answering(
    base_urls: Sequence[str], name: str, patience: float, reasons: dict[str, str]
) -> Iterator[str]:
    """Knocks at all mirrors at once; yields those that answer, quickest first."""
    answers = queue.SimpleQueue()

    def knock(base_url):
        try:
            requests.head(base_url + name, timeout=patience)
            answers.put((base_url, None))
        except (OSError, ValueError) as error:
            answers.put((base_url, error))

    for base_url in base_urls:
        # Daemons: looking up a name may take long without a network, and knows no
        # time-out; neither the caller nor the end of the program waits for it.
        threading.Thread(target=knock, args=[base_url], daemon=True).start()
    deadline = time.monotonic() + patience
    for _ in base_urls:
        try:
            base_url, error = answers.get(timeout=max(0, deadline - time.monotonic()))
        except queue.Empty:
            return
        if error is None:
            yield base_url
        else:
            reasons[base_url] = _why(error)


def _why(error: Exception) -> str:
    # requests wraps what happened in three layers of quoted internals.
    if isinstance(error, requests.Timeout):
        return "it went silent"
    if isinstance(error, requests.ConnectionError):
        return "no connection, or it broke off"
    return str(error)


def _fetch_one(
    base_url: str, file: str, folder: Path, sha256: str, stall: float
) -> None:
    url = f"{base_url}{file}.gz"
    logging.info("Fetching %s", url)
    with files.replacing(str(folder / f"{file}.gz")) as temporary:
        with open(temporary, "wb") as out:
            for piece in _pieces(url, file, stall):
                out.write(piece)
        found = idx.unpacked_sha256(temporary, _SIZE_LIMIT)
        if found != sha256:
            raise errors.DataError(f"{url} has SHA-256 {found}, expected {sha256}")


def _pieces(url: str, file: str, stall: float) -> Iterator[bytes]:
    # Unencoded, so that a server does not unpack, or pack again, what is packed.
    headers = {"Accept-Encoding": "identity"}
    with requests.get(url, headers=headers, stream=True, timeout=stall) as response:
        response.raise_for_status()
        _check_secure(response.url)
        total, done = int(response.headers.get("Content-Length", 0)), 0
        for piece in response.iter_content(_PIECE):
            done += len(piece)
            if done > _SIZE_LIMIT:
                raise errors.DataError(f"{url}: longer than {_SIZE_LIMIT} bytes")
            yield piece
            _show(file, done, total)


def _show(file: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        of = f" of {total / 1e6:.1f}" if total else ""
        print(f"\r{file}: {done / 1e6:.1f}{of} MB", end=end, file=sys.stderr)
        sys.stderr.flush()
