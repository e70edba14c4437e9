"""Answers the known addresses of MNIST and Fashion-MNIST while a program runs.

At the lowest public level of Python and of requests, so that urlopen, urlretrieve,
requests.get, Keras's get_file and pandas are answered alike. All other addresses are
left alone; one that fails is named.
"""

import contextlib
import email.message
import io
import sys
import threading
import urllib.error
import urllib.request
import urllib.response
from collections.abc import Callable, Iterator
from typing import Any

import requests
import urllib3

from estimator_mnist import errors
from estimator_mnist.data import (
    addresses,
    datasets,
    download,  # noqa: F401 - before requests changes: it asks the true servers
)

_TYPE = "application/octet-stream"
_Open = Callable[..., Any]


@contextlib.contextmanager
def answered(data_dir: str | None) -> Iterator[None]:
    """Answers the known addresses of this process until the block ends.

    Args:
      data_dir: folder of the data sets; else they come from a cache, or the verified
        download.
    """
    answers = _Answers(data_dir)
    doors: list[tuple[type, str, Callable[[_Open], _Open]]] = [
        (urllib.request.OpenerDirector, "open", answers.of_urllib),
        (requests.adapters.HTTPAdapter, "send", answers.of_requests),
    ]
    if sys.version_info < (3, 14):  # Python 2's urllib.URLopener, gone since
        doors.append((urllib.request.URLopener, "open", answers.of_urllib))
    with contextlib.ExitStack() as stack:
        for owner, name, answering in doors:
            former = vars(owner)[name]
            setattr(owner, name, answering(former))
            stack.callback(setattr, owner, name, former)
        yield


class _Answers:
    """Finds what known addresses had, and says which other ones have failed."""

    def __init__(self, data_dir: str | None) -> None:
        self._data_dir = data_dir
        self._lock = threading.Lock()
        self._loaded: dict[str, datasets.DataSet] = {}
        self._named: BaseException | None = None

    def of_urllib(self, former: _Open) -> _Open:
        """Returns a method in place of `OpenerDirector.open`."""

        def open(opener: Any, fullurl: Any, *args: Any, **kwargs: Any) -> Any:
            is_request = isinstance(fullurl, urllib.request.Request)
            url = fullurl.full_url if is_request else str(fullurl)
            try:
                content = self._content(url)
            except errors.DataError as error:
                raise urllib.error.URLError(f"{url}: {error}") from error
            if content is None:
                return self._left_alone(url, former, opener, fullurl, *args, **kwargs)
            headers = email.message.Message()
            for name, value in _headers(content).items():
                headers[name] = value
            if is_request and fullurl.get_method() == "HEAD":
                content = b""
            return urllib.response.addinfourl(io.BytesIO(content), headers, url, 200)

        return open

    def of_requests(self, former: _Open) -> _Open:
        """Returns a method in place of `HTTPAdapter.send`."""

        def send(adapter: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                content = self._content(request.url)
            except errors.DataError as error:
                raise requests.ConnectionError(f"{request.url}: {error}") from error
            if content is None:
                return self._left_alone(
                    request.url, former, adapter, request, *args, **kwargs
                )
            is_head = request.method == "HEAD"
            response = urllib3.HTTPResponse(
                io.BytesIO(b"" if is_head else content),
                _headers(content),
                200,
                reason="OK",
                preload_content=False,
                request_method=request.method,
            )
            return adapter.build_response(request, response)

        return send

    def _content(self, url: str) -> bytes | None:
        address = addresses.find(url)
        if address is None:
            return None
        with self._lock:
            if address.dataset not in self._loaded:
                loaded = datasets.load(address.dataset, self._data_dir)
                self._loaded[address.dataset] = loaded
            return addresses.content(address, self._loaded[address.dataset])

    def _left_alone(self, url: str, former: _Open, *args: Any, **kwargs: Any) -> Any:
        try:
            return former(*args, **kwargs)
        except OSError as error:
            if error is not self._named:
                self._named = error  # once, where one call is within another
                print(f"{url}: could not be read: {error}", file=sys.stderr)
            raise


def _headers(content: bytes) -> dict[str, str]:
    return {"Content-Length": str(len(content)), "Content-Type": _TYPE}
