"""An S3 server of moto's on loopback that fails as it is told to."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

#: How a request fails: with a status and a code of S3's, or 0 for no answer at all; None if it does not.
Fault = Callable[[int], "tuple[int, str] | None"]

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAX93SECRET", "AWS_SECRET_ACCESS_KEY": "X93SECRETX93SECRET"}


@dataclass
class Store:
    """``faults`` are by method and path (``GET /bucket/key``) and are given how often that was asked for, from 1."""

    address: str
    faults: dict[str, Fault] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    hangs: float = 3.0  #: seconds before a connection without an answer is closed

    @property
    def environment(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.address, "AWS_DEFAULT_REGION": "us-east-1", **KEYS}

    def bucket(self) -> Any:
        """The store as somebody fills it."""
        import s3fs

        return s3fs.S3FileSystem(
            key=KEYS["AWS_ACCESS_KEY_ID"],
            secret=KEYS["AWS_SECRET_ACCESS_KEY"],
            endpoint_url=self.address,
            use_listings_cache=False,
            skip_instance_cache=True,
        )

    def fail(self, path: str, status: int, code: str, *, times: int = 1 << 30, methods: str = "HEAD GET") -> None:
        """Let the first requests for a path fail."""
        for method in methods.split():
            self.faults[f"{method} {path}"] = lambda asked: (status, code) if asked <= times else None


@contextmanager
def s3_server() -> Iterator[Store]:
    for name in ("moto", "s3fs", "flask"):
        pytest.importorskip(name)
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    moto = DomainDispatcherApplication(create_backend_app)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        store.asked[request] += 1
        fault = store.faults.get(request, lambda asked: None)(store.asked[request])
        if fault is None:
            answer: Iterable[bytes] = moto(environ, start_response)
            return answer
        status, code = fault
        if not status:
            time.sleep(store.hangs)
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>Please wait</Message></Error>".encode()
        start_response(
            f"{status or 500} {code}", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
        )
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    server = make_server("127.0.0.1", 0, application, threaded=True)
    store = Store(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
