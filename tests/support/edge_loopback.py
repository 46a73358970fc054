"""A Centre and a desk on the loopback interface, for tests of the whole Edge."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.edge_centre import Centre


class Desk:
    """What arrived, by key; `arrived` is set with the first."""

    def __init__(self) -> None:
        self.taken: dict[str, bytes] = {}
        self.arrived = threading.Event()


@contextmanager
def serving(centre: Centre, desk: Desk) -> Iterator[str]:
    """Serve both; answers the base address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = centre.get(self.path)
            allowed = self.path.startswith("/log/") or self.headers.get("Authorization") == "Bearer edge-key"
            self.send_response(401 if not allowed else 404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            desk.taken[self.headers["Idempotency-Key"]] = body
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            desk.arrived.set()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
