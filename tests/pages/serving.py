"""Stands in for TensorFlow Serving, which runs in Docker: the same REST API."""

import contextlib
import http.server
import json
import pathlib
import threading
from collections.abc import Iterator

import tensorflow as tf

PORT = 8501


class Model:
    """The newest model in a folder of exports, and what the server answers of it."""

    def __init__(self, exports: pathlib.Path) -> None:
        newest = max(exports.iterdir(), key=lambda path: int(path.name))
        self._loaded = tf.saved_model.load(str(newest), tags=["serve"])

    def answers(self, rows: list) -> list[dict[str, object]]:
        """Returns, for each row of the signature's one input, a row of each output."""
        signature = self._loaded.signatures["serving_default"]
        ((name, spec),) = signature.structured_input_signature[1].items()
        outputs = signature(**{name: tf.constant(rows, spec.dtype)})
        return [
            {key: outputs[key][row].numpy().tolist() for key in sorted(outputs)}
            for row in range(len(rows))
        ]


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers POST /v1/models/NAME:predict in its row format."""

    model: Model

    def do_POST(self) -> None:
        rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        predictions = self.model.answers(rows["instances"])
        answer = json.dumps({"predictions": predictions}, indent=4)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{answer}\n".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextlib.contextmanager
def served(exports: pathlib.Path) -> Iterator[None]:
    """Serves the newest model in a folder of exports."""
    handler = type("Handler", (_Handler,), {"model": Model(exports)})
    with http.server.HTTPServer(("127.0.0.1", PORT), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
