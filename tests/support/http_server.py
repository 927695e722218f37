"""A real web server on this machine that answers by a script, faults included."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer


@dataclass(frozen=True)
class Reply:
    """What the server says next.

    `cut` closes the connection after that many bytes of the body; `pause_s` waits before each of its bytes.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    pause_s: float = 0.0


@dataclass(frozen=True)
class Request:
    """What the server was asked; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class ScriptedServer:
    """Gives `replies` in turn, the last for ever; what it was asked is in `requests`."""

    def __init__(self, *replies: Reply, route: Callable[[Request], Reply] | None = None) -> None:
        self.requests: list[Request] = []
        self.replies = list(replies)
        self._route = route
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.02), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _next(self, request: Request) -> Reply:
        self.requests.append(request)
        if self._route is not None:
            return self._route(request)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                size = int(self.headers.get("content-length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers, self.rfile.read(size))
                with contextlib.suppress(OSError):
                    self._answer(outer._next(request))

            do_PUT = do_POST = do_GET  # noqa: N815 - the base class calls it so

            def _answer(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                body = reply.body if reply.cut is None else reply.body[: reply.cut]
                if reply.pause_s:
                    for number in range(len(body)):
                        time.sleep(reply.pause_s)
                        self.wfile.write(body[number : number + 1])
                else:
                    self.wfile.write(body)
                if reply.cut is not None:
                    self.close_connection = True
                    self.connection.close()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        return Handler


@contextlib.contextmanager
def in_background[Server: BaseServer](server: Server) -> Iterator[Server]:
    """Have a server answer, on a thread of its own, as long as the block does."""
    thread = threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def serving(*replies: Reply, route: Callable[[Request], Reply] | None = None) -> Iterator[ScriptedServer]:
    """Run a server as long as the block does."""
    server = ScriptedServer(*replies, route=route)
    try:
        yield server
    finally:
        server.close()
