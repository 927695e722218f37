"""A server on this machine that speaks the part of Alpaca's trading API that its switch uses, with faults."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.http_server import in_background

KEY, SECRET = "canary-key-2b9c", "canary-secret-77e1"
CONFIGURATION = "/v2/account/configurations"


class FakeAlpaca(ThreadingHTTPServer):
    """An account. Each request takes the next of `faults`, if any is left:

    a number is answered with that status; 'cut' breaks the connection; 'slow' answers after `slow_s`; 'drip' never
    ends; 'nonsense' is no JSON; 'other' is JSON of another kind; 'ignore' says yes and does nothing.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.suspended = False
        self.suspended_at_ns = 0
        self.orders = ["one", "two"]
        self.stubborn: list[str] = []
        self.faults: list[Any] = []
        self.retry_after = ""
        self.slow_s = 3.0
        self.requests: list[tuple[str, str, float]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def asked(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.requests]


@contextmanager
def alpaca() -> Iterator[FakeAlpaca]:
    with in_background(FakeAlpaca()) as server:
        yield server


class _Handler(BaseHTTPRequestHandler):
    server: FakeAlpaca
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._handle(self._read)

    def do_PATCH(self) -> None:
        self._handle(self._change)

    def do_DELETE(self) -> None:
        self._handle(self._cancel)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _handle(self, act: Any) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append((self.command, self.path.split("?")[0], time.monotonic()))
        fault = self.server.faults.pop(0) if self.server.faults else None
        if (self.headers["APCA-API-KEY-ID"], self.headers["APCA-API-SECRET-KEY"]) != (KEY, SECRET):
            self._answer(401, {"message": "unauthorized."})
        elif isinstance(fault, int):
            self._answer(fault, {"message": f"a fault with {KEY}"})
        elif fault == "cut":
            self.close_connection = True
        elif fault == "drip":
            self._drip()
        elif fault == "nonsense":
            self._answer(200, b"<html>hello</html>")
        elif fault == "other":
            self._answer(200, {"suspend_trade": "perhaps"})
        else:
            if fault == "slow":
                time.sleep(self.server.slow_s)
            self._answer(*act(body, fault == "ignore"))

    def _read(self, body: bytes, ignore: bool) -> tuple[int, Any]:
        if self.path.startswith("/v2/orders"):
            return 200, [{"id": name, "status": "accepted"} for name in self.server.orders]
        return 200, {"dtbp_check": "entry", "suspend_trade": self.server.suspended, "no_shorting": False}

    def _change(self, body: bytes, ignore: bool) -> tuple[int, Any]:
        assert self.path == CONFIGURATION
        if not ignore and json.loads(body) == {"suspend_trade": True}:
            self.server.suspended = True
            self.server.suspended_at_ns = self.server.suspended_at_ns or time.monotonic_ns()
        return 200, {"suspend_trade": True}

    def _cancel(self, body: bytes, ignore: bool) -> tuple[int, Any]:
        asked, self.server.orders = self.server.orders, list(self.server.stubborn)
        return 207, [{"id": name, "status": 422 if name in self.server.stubborn else 200} for name in asked]

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(200):
            try:
                self.wfile.write(b"1\r\n \r\n")
            except OSError:
                return
            time.sleep(0.05)

    def _answer(self, status: int, content: Any) -> None:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            if status == 429 and self.server.retry_after:
                self.send_header("Retry-After", self.server.retry_after)
            self.end_headers()
            self.wfile.write(raw)
        except OSError:  # whoever asked has left
            return
