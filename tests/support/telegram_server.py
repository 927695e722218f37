"""A server on this machine that speaks the Bot API, faults included, and the people who write to the bot."""

import contextlib
import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

TOKEN = "4711:AAcAnArY-0123456789-abcdefghijklmnop"  # noqa: S105 - of nobody
BOT = {"id": 4711, "is_bot": True, "first_name": "SageTrade", "username": "sage_bot"}
WAIT_S = 30.0


@dataclass(frozen=True)
class Call:
    """What the bot asked for."""

    method: str
    values: dict[str, Any]
    at: float = field(default_factory=time.monotonic)
    photo: bytes = b""

    @property
    def text(self) -> str:
        return str(self.values.get("text") or self.values.get("caption") or "")

    @property
    def taps(self) -> list[str]:
        """What the buttons under the message stand for."""
        markup = json.loads(self.values.get("reply_markup") or "{}")
        return [button["callback_data"] for row in markup.get("inline_keyboard", []) for button in row]


@dataclass
class Fault:
    """How the next calls of one method end: a status with a body, a connection that is cut, or none for `hang_s`."""

    method: str = ""
    status: int = 0
    retry_after: int = 0
    cut: bool = False
    hang_s: float = 0.0
    times: int = 1


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: object) -> None:
        """Say nothing of clients that are gone."""


class TelegramServer:
    """Keeps updates for the bot, and everything that the bot sends."""

    def __init__(self, token: str = TOKEN) -> None:
        self._token = token
        self._updates: list[dict[str, Any]] = []
        self._ids = itertools.count(1_000)
        self._messages = itertools.count(1)
        self._changed = threading.Condition()
        self.calls: list[Call] = []
        self.put_ns = 0
        """When the last update was put there, CLOCK_MONOTONIC."""
        self.faults: list[Fault] = []
        self._server = _Quiet(("127.0.0.1", 0), type("_OwnHandler", (_Handler,), {"outer": self}))
        threading.Thread(target=lambda: self._server.serve_forever(0.02), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        with self._changed:
            self._token = ""
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    # What people do

    def write(self, user_id: int, text: str, *, age_s: float = 0.0, update_id: int = 0, **more: Any) -> int:
        """Have a person write to the bot; return the message's id. `more` are further fields of the message."""
        number = next(self._messages)
        message = {
            "message_id": number,
            "date": int(time.time() - age_s),
            "chat": {"id": user_id, "type": "private", "first_name": "P"},
            "from": {"id": user_id, "is_bot": False, "first_name": "P"},
            "text": text,
            **more,
        }
        if text.startswith("/"):
            size = len(text.split(maxsplit=1)[0])
            message.setdefault("entities", [{"type": "bot_command", "offset": 0, "length": size}])
        self.put({"message": message}, update_id)
        return number

    def tap(self, user_id: int, data: str, message_id: int = 1, **more: Any) -> None:
        """Have a person tap on a button under one of the bot's messages."""
        number = next(self._messages)
        chat = {"id": user_id, "type": "private", "first_name": "P"}
        tap = {
            "id": str(number),
            "chat_instance": "1",
            "data": data,
            "from": {"id": user_id, "is_bot": False, "first_name": "P"},
            "message": {"message_id": message_id, "date": int(time.time()), "chat": chat, "from": BOT, "text": "?"},
            **more,
        }
        self.put({"callback_query": tap})

    def put(self, update: dict[str, Any], update_id: int = 0) -> None:
        """Put an update as it is; with the next number unless one is given."""
        with self._changed:
            self._updates.append({"update_id": update_id or next(self._ids), **update})
            self.put_ns = time.monotonic_ns()
            self._changed.notify_all()

    # What the bot did

    def sent(self, user_id: int | None = None) -> list[Call]:
        """Return the messages that the bot has sent or edited, to one person or to all."""
        methods = ("sendMessage", "sendPhoto", "editMessageText")
        calls = [call for call in list(self.calls) if call.method in methods]
        return [call for call in calls if user_id in (None, int(call.values["chat_id"]))]

    def wait(self, user_id: int, count: int = 1, wait_s: float = WAIT_S) -> Call:
        """Wait until the bot has sent `count` messages to a person, and return the last of these."""
        return self.until(lambda: self.sent(user_id)[count - 1 : count], wait_s)[0]

    def until(self, found: Callable[[], Any], wait_s: float = WAIT_S) -> Any:
        """Wait until `found` is true, and return what it is."""
        deadline = time.monotonic() + wait_s
        with self._changed:
            while not (what := found()):
                left = deadline - time.monotonic()
                assert left > 0, f"the bot did not answer; it sent {[call.text for call in self.sent()][-5:]}"
                self._changed.wait(min(left, 0.02))
        return what

    def ask(self, user_id: int, text: str) -> Call:
        """Have a person write, and return the bot's answer."""
        before = len(self.sent(user_id))
        self.write(user_id, text)
        return self.wait(user_id, before + 1)

    # The Bot API

    def _answer(self, call: Call) -> Any:
        if call.method == "getUpdates":
            return self._poll(int(call.values.get("offset") or 0), float(call.values.get("timeout") or 0))
        if call.method == "getMe":
            return BOT
        if call.method in ("sendMessage", "sendPhoto", "editMessageText"):
            chat = {"id": int(call.values["chat_id"]), "type": "private", "first_name": "P"}
            sent = {"message_id": next(self._messages), "date": int(time.time()), "chat": chat, "from": BOT}
            return {**sent, "text": call.text}
        return True

    def _poll(self, offset: int, timeout_s: float) -> list[dict[str, Any]]:
        """Return what is there; an update below `offset` has been heard and is forgotten."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            self._updates = [update for update in self._updates if update["update_id"] >= offset]
            while not self._updates and self._token and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
            return list(self._updates)

    def _fault(self, method: str) -> Fault | None:
        with self._changed:
            for fault in self.faults:
                if fault.method in ("", method) and fault.times:
                    fault.times -= 1
                    return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    outer: TelegramServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together: apart, the second waits 40 ms for the first to be acknowledged
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # whoever asked went away half-way, as a node does that ends
            self.close_connection = True
            return
        found = re.fullmatch(r"/bot([^/]+)/(\w+)", self.path)
        with contextlib.suppress(OSError):
            if found is None or found[1] != self.outer._token:
                self._say(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
                return
            values, photo = _values(body, self.headers.get("content-type", ""))
            self._obey(Call(found[2], values, photo=photo))

    def _obey(self, call: Call) -> None:
        fault = self.outer._fault(call.method)
        if fault is not None and fault.hang_s:
            time.sleep(fault.hang_s)
        if fault is not None and fault.cut:
            self.close_connection = True
            self.connection.close()
            return
        if fault is not None and fault.status:
            said = {"ok": False, "error_code": fault.status, "description": "a fault of the test"}
            more = {"parameters": {"retry_after": fault.retry_after}} if fault.retry_after else {}
            self._say(fault.status, {**said, **more})
            return
        with self.outer._changed:
            self.outer.calls.append(call)
            self.outer._changed.notify_all()
        self._say(200, {"ok": True, "result": self.outer._answer(call)})

    def _say(self, status: int, said: dict[str, Any]) -> None:
        raw = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
        self.wfile.flush()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def _values(body: bytes, kind: str) -> tuple[dict[str, Any], bytes]:
    """Return what a form holds, and the picture in it."""
    if not kind.startswith("multipart/"):
        return dict(parse_qsl(body.decode())), b""
    form = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    values: dict[str, Any] = {}
    photo = b""
    for part in form.iter_parts():  # type: ignore[attr-defined]
        name = part.get_param("name", header="content-disposition")
        raw = part.get_payload(decode=True)
        if part.get_filename():
            photo = raw
        else:
            values[str(name)] = raw.decode()
    return values, photo


@contextlib.contextmanager
def telegram(token: str = TOKEN) -> Iterator[TelegramServer]:
    """Run a server as long as the block does."""
    server = TelegramServer(token)
    try:
        yield server
    finally:
        server.close()
