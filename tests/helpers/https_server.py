"""An https server on loopback that misbehaves as it is told to, and remembers who asked for what."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

#: What a path is answered with: a status, headers and a body.
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Server:
    """``pages`` are by path without the query; a page that is called is given (method, how often it was asked)."""

    port: int
    certificate: Path
    pages: dict[str, Answer | Callable[[str, int], Answer]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)  #: by path, with the query
    hangs: float = 20.0  #: seconds before the path ``/hangs`` is answered, and ``/hangs_then`` to GET

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    def url(self, path: str, *, user: str = "", query: str = "") -> str:
        return f"https://{user + '@' if user else ''}{self.host}{path}{'?' + query if query else ''}"

    def put(self, path: str, data: bytes, etag: str = '"1"') -> None:
        self.pages[path] = (200, {"ETag": etag}, data)


@contextmanager
def https_server(folder: Path) -> Iterator[Server]:
    """A server with a certificate of its own for localhost. Skips the test where there is no openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    made = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", *subject)
    subprocess.run([openssl, "req", *made, "-keyout", key, "-out", certificate], check=True, capture_output=True)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            path = urlsplit(self.path).path
            server.asked[self.path] += 1
            if path == "/hangs" or (path == "/hangs_then" and self.command == "GET"):
                stopped.wait(server.hangs)
            page = server.pages.get(path, (404, {}, b""))
            status, headers, body = page(self.command, server.asked[self.path]) if callable(page) else page
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:  # a client that went away
            pass

    stopped = threading.Event()
    http = Quiet(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    http.socket = context.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
    server = Server(http.server_address[1], certificate)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        stopped.set()
        http.shutdown()
        http.server_close()
        thread.join()
