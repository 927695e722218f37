"""Asking a node's ops server, from a thread of one's own."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def ask(port: int, path: str, host: str | None = None) -> tuple[int, bytes]:
    """Return the status and the body of an answer; 0 where nobody answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=10.0) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def health(port: int, kind: str) -> tuple[int, list[str]]:
    """Return the status of a health address, and the names of the checks that do not hold."""
    status, body = ask(port, f"/health/{kind}")
    checks: list[dict[str, Any]] = json.loads(body)["checks"] if body else []
    return status, [check["name"] for check in checks if not check["ok"]]


class Poller:
    """Calls something again and again beside a node, until it is left; what it raised is raised then."""

    def __init__(self, look: Callable[[], None], every_s: float = 0.02) -> None:
        self._look = look
        self._every_s = every_s
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Poller":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._error is not None and error[0] is None:
            raise self._error

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._look()
            except BaseException as error:  # noqa: BLE001 - told by whoever waits for the thread
                self._error = error
                return
            time.sleep(self._every_s)
