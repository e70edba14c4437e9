"""Stands in for TensorFlow Serving, which runs in Docker: the same REST API."""

import contextlib
import http.server
import json
import pathlib
import threading
from collections.abc import Iterator

import tensorflow as tf

PORT = 8501


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers POST /v1/models/NAME:predict in its row format.

    Each of `instances` is a row of the signature's one input, and has a row of each
    output, by name.
    """

    signature = None

    def do_POST(self) -> None:
        rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps({"predictions": self._predict(rows["instances"])}, indent=4)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{answer}\n".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _predict(self, rows: list) -> list[dict[str, object]]:
        ((name, spec),) = self.signature.structured_input_signature[1].items()
        outputs = self.signature(**{name: tf.constant(rows, spec.dtype)})
        return [
            {key: outputs[key][row].numpy().tolist() for key in sorted(outputs)}
            for row in range(len(rows))
        ]


@contextlib.contextmanager
def served(models: pathlib.Path) -> Iterator[None]:
    """Serves the newest model in a folder of exports."""
    newest = max(models.iterdir(), key=lambda path: int(path.name))
    model = tf.saved_model.load(str(newest), tags=["serve"])
    signature = {"signature": model.signatures["serving_default"]}
    handler = type("Handler", (_Handler,), signature)
    with http.server.HTTPServer(("127.0.0.1", PORT), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
