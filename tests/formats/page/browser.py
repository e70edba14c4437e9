"""Chromium with one page in it, driven through the DevTools protocol."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.request

import pytest

from estimator_mnist.formats.page import javascript

_SECONDS = 60
_ENABLED = ("Page", "Runtime", "Log", "Network")
# What a page says of itself where something is wrong.
_COMPLAINTS = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")


class Browser:
    """A tab.

    Attributes:
      events: [{"method": ..., "params": ...}] since it was opened.
    """

    def __init__(self, connection):
        self.events = []
        self._connection = connection
        self._calls = 0
        for domain in _ENABLED:
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        """Calls a method of the protocol; returns its result."""
        self._calls += 1
        message = {"id": self._calls, "method": method, "params": params}
        self._connection.send(json.dumps(message))
        while True:
            answer = json.loads(self._connection.recv())
            if answer.get("id") == self._calls:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def open(self, path):
        """Opens a file, and waits until it has been loaded."""
        self.events.clear()
        self.call("Page.navigate", url=pathlib.Path(path).as_uri())
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")

    def evaluate(self, expression):
        """Returns the value of a JavaScript expression, awaited if it is a promise."""
        done = self.call(
            "Runtime.evaluate",
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
        )
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def wait(self, condition):
        """Waits until a JavaScript expression is true."""
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            if self.evaluate(f"Boolean({condition})"):
                return
            time.sleep(0.02)
        raise AssertionError(f"never became true: {condition}")

    def resize(self, width, height, scheme="light"):
        """Makes the window so large, in CSS pixels, light or dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.prefer("color-scheme", scheme)

    def prefer(self, feature, value):
        """Sets what the user prefers, as CSS's prefers-... asks for it."""
        features = [{"name": f"prefers-{feature}", "value": value}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def draw(self, *points):
        """Draws a line with the mouse."""
        for kind, (x, y) in zip(
            ["mousePressed", *["mouseMoved"] * len(points)],
            [points[0], *points],
            strict=True,
        ):
            self.mouse(kind, x, y)
        self.mouse("mouseReleased", *points[-1])
        self.let_timers_run()

    def mouse(self, kind, x, y):
        self.call(
            "Input.dispatchMouseEvent",
            type=kind,
            x=x,
            y=y,
            button="left",
            buttons=int(kind != "mouseReleased"),
            clickCount=1,
        )

    def touch(self, *points):
        """Draws a line with a finger."""
        for kind, places in [
            ("touchStart", points[:1]),
            *(("touchMove", [point]) for point in points),
            ("touchEnd", []),
        ]:
            touches = [{"x": x, "y": y} for x, y in places]
            self.call("Input.dispatchTouchEvent", type=kind, touchPoints=touches)
        self.let_timers_run()

    def let_timers_run(self):
        """Waits for what the page has put off to a timer, as it does its answer."""
        self.evaluate("new Promise((done) => setTimeout(done, 1))")

    def press(self, key, code=0, text="", modifiers=0):
        """Presses a key, and lets go."""
        keys = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
        self.call("Input.dispatchKeyEvent", **down, **keys)
        self.call("Input.dispatchKeyEvent", type="keyUp", **keys)

    def requests(self):
        """Returns the addresses that were asked for since the page was opened."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self):
        """Returns what the page has complained of since it was opened."""
        return [event for event in self.events if event["method"] in _COMPLAINTS]


@contextlib.contextmanager
def chromium(*flags):
    """Yields a Browser; skips the test where there is no Chromium, or no driver."""
    websocket = pytest.importorskip("websocket", reason="no websocket-client")
    found = [path for path in map(shutil.which, javascript.CHROMIUM) if path]
    if not found:
        pytest.skip(f"none of {', '.join(javascript.CHROMIUM)} is on PATH")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                found[0],
                *javascript.CHROMIUM_FLAGS,
                *javascript.no_sandbox(),
                "--remote-debugging-port=0",
                "--remote-allow-origins=*",
                f"--user-data-dir={profile}",
                *flags,
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            connection = websocket.create_connection(
                _address(process, profile), timeout=_SECONDS
            )
            with contextlib.closing(connection):
                yield Browser(connection)
        finally:
            process.kill()
            process.wait()


def _address(process, profile):
    """Returns the address of the tab, when Chromium is ready."""
    file = os.path.join(profile, "DevToolsActivePort")
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, ValueError, StopIteration):
            port = pathlib.Path(file).read_text().split()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
                tabs = json.load(answer)
            return next(t["webSocketDebuggerUrl"] for t in tabs if t["type"] == "page")
        time.sleep(0.05)
    raise AssertionError(f"Chromium did not start: {process.poll()}")
