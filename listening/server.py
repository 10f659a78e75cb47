"""The listening test's server: a thread for each request. Knows sockets and HTTP alone."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from listening.reception import MOST_BYTES, Asked, Reception

_PATIENCE_S = 30.0  # until a listener's line is given up


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, host: str, port: int, reception: Reception) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.reception = reception
        super().__init__((host, port), _Handler)

    def handle_error(self, *_: object) -> None:
        """A listener whose line broke asks again."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "antiphon", ""
    timeout = _PATIENCE_S

    def do_GET(self) -> None:
        """Answered by the reception."""
        self._answer()

    def do_POST(self) -> None:
        """Answered by the reception."""
        self._answer()

    def _answer(self) -> None:
        size = self.headers.get("Content-Length", "0")
        if not size.isdecimal() or int(size) > MOST_BYTES:
            self.close_connection = True
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        headers = {name.lower(): self.headers.get_all(name, []) for name in self.headers}
        asked = Asked(self.command, self.path, headers, self.rfile.read(int(size)))
        answer = self.server.reception.answer(asked)
        self.send_response(answer.status)
        for name, value in answer.headers():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: object) -> None:
        """Who listened when is nobody's business."""


@contextmanager
def served(host: str, port: int, reception: Reception) -> Iterator[int]:
    """Serve while within; the port, which the system chooses for port 0."""
    server = _Server(host, port, reception)
    serving = Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
