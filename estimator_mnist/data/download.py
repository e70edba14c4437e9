"""Downloads published files over https into a folder: verified, whole or absent."""

import contextlib
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import requests
import requests.adapters
from absl import logging

from estimator_mnist import errors, files, temporary_files
from estimator_mnist.data import idx

# Seconds that a mirror may take to answer at all, and to send the next piece.
CONNECT_TIMEOUT = 4.0
READ_TIMEOUT = 10.0
# Seconds that a mirror may take for all files, however steadily it sends.
TOTAL_TIMEOUT = 300.0

# Fashion-MNIST's training images, the largest file, are 26 MB packed, 47 MB unpacked.
_SIZE_LIMIT = 64 << 20
_PIECE = 1 << 16
_AHEAD = 16  # pieces that wait to be written
_SECS_BETWEEN_LOOKS = 0.5
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def fetch(
    checksums: Mapping[str, str],
    folder: Path,
    base_urls: Sequence[str],
    connect_timeout: float = CONNECT_TIMEOUT,
    read_timeout: float = READ_TIMEOUT,
    total_timeout: float = TOTAL_TIMEOUT,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Fetches FILE.gz for each FILE of `checksums` that `folder` lacks.

    Mirrors are tried in the order in which they answer. A file appears under its name
    only once its unpacked content has the SHA-256 that `checksums` gives.

    Args:
      checksums: SHA-256, in hexadecimal, by file.
      base_urls: of the mirrors, each ending in a slash.
      connect_timeout: seconds after which mirrors that did not answer are given up.
      read_timeout: seconds after which a mirror that sends nothing is given up.
      total_timeout: seconds after which a mirror is given up that sends slowly.
      clock: seconds that only grow.

    Raises:
      DownloadError: no mirror provides all files.
      ValueError: for a base URL that is neither https nor on this machine.
    """
    for url in base_urls:
        _check_secure(url)
    missing = [file for file in checksums if not (folder / f"{file}.gz").exists()]
    if not missing:
        return
    reasons = {url: f"no answer in {connect_timeout:g} s" for url in base_urls}
    for base_url in _responsive(
        base_urls, f"{missing[0]}.gz", connect_timeout, reasons
    ):
        transfer = _Transfer(read_timeout, clock() + total_timeout, clock)
        try:
            while missing:
                name = missing[0]
                _fetch_one(transfer, base_url, name, folder, checksums[name])
                missing.pop(0)
            return
        except (OSError, ValueError) as error:
            reasons[base_url] = _reason(error)
    raise errors.DownloadError(
        "; ".join(f"{url}: {reason}" for url, reason in reasons.items())
    )


def _check_secure(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ValueError(f"{url}: only https is fetched from")


def _responsive(
    base_urls: Sequence[str], name: str, connect_timeout: float, reasons: dict[str, str]
) -> Iterator[str]:
    """Asks all mirrors at once; yields those that answer, the quickest first.

    Adds to `reasons` why others do not.
    """
    answers: queue.SimpleQueue[tuple[str, Exception | None]] = queue.SimpleQueue()

    def ask(base_url: str) -> None:
        try:
            with _session() as session:
                session.head(base_url + name, timeout=connect_timeout)
            answers.put((base_url, None))
        except (OSError, ValueError) as error:
            answers.put((base_url, error))

    for base_url in base_urls:
        # Daemons: without a network, looking up a name may take long and has no
        # timeout; neither the caller nor the end of the program waits for it.
        threading.Thread(target=ask, args=[base_url], daemon=True).start()
    deadline = time.monotonic() + connect_timeout
    for _ in base_urls:
        try:
            base_url, error = answers.get(timeout=max(0, deadline - time.monotonic()))
        except queue.Empty:
            return
        if error is None:
            yield base_url
        else:
            reasons[base_url] = _reason(error)


def _reason(error: Exception) -> str:
    """Describes an error in words; requests' own are three layers of internals."""
    if isinstance(error, TimeoutError):
        return "it sends too slowly"
    if isinstance(error, requests.Timeout):
        return "it went silent"
    if isinstance(error, requests.ConnectionError):
        return "no connection, or it broke off"
    return str(error)


def _fetch_one(
    transfer: "_Transfer", base_url: str, file: str, folder: Path, sha256: str
) -> None:
    url = f"{base_url}{file}.gz"
    logging.info("Fetching %s", url)
    temporary_files.remove_abandoned(str(folder))
    with files.replacing(str(folder / f"{file}.gz")) as temporary:
        with open(temporary, "wb") as out:
            for piece in transfer.pieces(url, file):
                out.write(piece)
        found = idx.unpacked_sha256(temporary, _SIZE_LIMIT)
        if found != sha256:
            raise errors.DataError(f"{url} has SHA-256 {found}, expected {sha256}")


class _Transfer:
    """Takes what a mirror sends, for as long as it may.

    A thread reads, since a socket's time-out begins again with each byte. It is a
    daemon: nobody waits for one that hangs.
    """

    def __init__(
        self, read_timeout: float, end: float, clock: Callable[[], float]
    ) -> None:
        """Takes the seconds of silence allowed, and when by `clock` all is to end."""
        self._read_timeout, self._end, self._clock = read_timeout, end, clock

    def pieces(self, url: str, file: str) -> Iterator[bytes]:
        """Yields the content behind `url`, at most _SIZE_LIMIT bytes.

        Raises:
          TimeoutError: the time is over.
          DataError: there is more.
          OSError, ValueError: of the thread.
        """
        arrived: queue.Queue[bytes | int | Exception | None] = queue.Queue(_AHEAD)
        abandoned = threading.Event()
        arguments = [url, arrived, abandoned]
        threading.Thread(target=self._read, args=arguments, daemon=True).start()
        total = done = 0
        try:
            while (piece := self._next(arrived)) is not None:
                if isinstance(piece, int):
                    total = piece
                    continue
                done += len(piece)
                if done > _SIZE_LIMIT:
                    raise errors.DataError(f"{url}: longer than {_SIZE_LIMIT} bytes")
                yield piece
                _show_progress(file, done, total)
        finally:
            abandoned.set()

    def _next(self, arrived: queue.Queue) -> bytes | int | None:
        """Returns the length, a piece, or None at the end."""
        try:
            found = arrived.get(timeout=max(0, self._end - self._clock()))
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(found, Exception):
            raise found
        return found

    def _read(self, url: str, arrived: queue.Queue, abandoned: threading.Event) -> None:
        """Puts the length, the pieces and None into `arrived`, or what went wrong."""
        end: Exception | None = None
        try:
            for found in _answer(url, self._read_timeout):
                if not _put(arrived, found, abandoned):
                    return
        except (OSError, ValueError) as error:
            end = error
        _put(arrived, end, abandoned)


def _answer(url: str, read_timeout: float) -> Iterator[bytes | int]:
    """Yields the length that a server announces, 0 for none, and the content."""
    # Unencoded, so that a server neither unpacks the file nor packs it twice.
    headers = {"Accept-Encoding": "identity"}
    with (
        _session() as session,
        session.get(
            url, headers=headers, stream=True, timeout=read_timeout
        ) as response,
    ):
        response.raise_for_status()
        _check_secure(response.url)
        yield int(response.headers.get("Content-Length", 0))
        yield from response.iter_content(_PIECE)


def _put(arrived: queue.Queue, found: object, abandoned: threading.Event) -> bool:
    """Waits for room, as long as somebody waits for more; returns whether he does."""
    while not abandoned.is_set():
        with contextlib.suppress(queue.Full):
            arrived.put(found, timeout=_SECS_BETWEEN_LOOKS)
            return True
    return False


class _TrueServers(requests.adapters.HTTPAdapter):
    """Asks the servers themselves, where a program's requests are answered here."""

    send = requests.adapters.HTTPAdapter.send  # as it was at the import


def _session() -> requests.Session:
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _TrueServers())
    return session


def _show_progress(file: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        of = f" of {total / 1e6:.1f}" if total else ""
        print(f"\r{file}: {done / 1e6:.1f}{of} MB", end=end, file=sys.stderr)
        sys.stderr.flush()
