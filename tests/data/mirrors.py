"""Web servers on this machine that serve well, or with a given fault."""

import contextlib
import http.server
import sys
import threading


class Mirror:
    """Serves `files` by name; `faults` maps a name to what goes wrong with it."""

    def __init__(self, files, faults=()):
        self.files, self.faults, self.asked = files, dict(faults), []
        self.closing = threading.Event()

    def answer(self, request):
        name = request.path.lstrip("/")
        fault = self.faults.get(name)
        if fault == "silent":
            self.closing.wait()
        if name not in self.files or fault == "missing":
            request.send_error(404)
            return
        content = self.files[name]
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        if request.command == "GET":
            self.asked.append(name)
            self.send(request, content, fault)

    def send(self, request, content, fault):
        half = len(content) // 2
        request.wfile.write(content[:half])
        request.wfile.flush()
        if fault == "stalls":
            self.closing.wait()
        elif fault == "drips":
            while not self.closing.wait(0.02):
                request.wfile.write(b"x")
                request.wfile.flush()
        elif fault != "breaks off":
            request.wfile.write(content[half:])


@contextlib.contextmanager
def serving(mirror):
    """Gives the base URL under which `mirror` answers."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            mirror.answer(self)

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            # Clients that give up waiting are what these servers are for.
            if not isinstance(sys.exc_info()[1], ConnectionError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        mirror.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
