"""The REST interface, and the whole of it."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.support.alpaca_server import answers, market
from tests.support.alpaca_server.account import CLOSED, OPEN, Account
from tests.support.alpaca_server.refusal import RefusalError
from tests.support.alpaca_server.streams import Streams
from tests.support.http_server import in_background

KEY, SECRET = "PKCANARYKEY2B9C", "canary-secret-77e1"
Json = dict[str, Any]


class AlpacaServer(ThreadingHTTPServer):
    """Alpaca. Each request whose method and path begin with a key of `faults` takes the next fault there:

    a number is answered with that status and has no effect; 'cut' breaks the connection before the request has an
    effect, 'lost' after it; 'slow' answers after `slow_s`, 'hang' has no effect and does not answer; 'nonsense'
    has its effect and answers with no JSON.

    With `days` the calendar has those alone, and stocks have bars in their hours alone, none of those that open at a
    `silent` time.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.RLock()
        self.streams = Streams(KEY, SECRET)
        self.account = Account(self.streams.update)
        self.faults: dict[str, list[int | str]] = {}
        self.retry_after = ""
        self.slow_s = 1.0
        self.page_rows = 10_000
        self.orders_max = 500
        self.status = "ACTIVE"
        self.is_suspended = False
        self.is_open = True
        self.days: list[Json] | None = None
        self.silent: set[str] = set()
        self.requests: list[tuple[str, str, Json]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of who was killed while it asked."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def stream_url(self) -> str:
        return self.streams.url

    def asked(self, method: str, path: str) -> list[Json]:
        """Return the bodies and queries of the requests to a path."""
        return [sent for asked, where, sent in self.requests if asked == method and where == path]

    def move(self, symbol: str, bid: str, ask: str) -> None:
        """Take a price somewhere, and tell it on the stream."""
        with self.lock:
            self.account.move(symbol, bid, ask)
        frame = {"T": "q", "S": symbol, "t": _now(), "bp": float(bid), "bs": 5, "ap": float(ask), "as": 7}
        self.streams.data(self.path_of(symbol), frame)

    def path_of(self, symbol: str) -> str:
        return "/v1beta3/crypto/us" if "/" in symbol else "/v2/iex"

    def fault(self, method: str, path: str) -> int | str | None:
        for prefix, faults in self.faults.items():
            if f"{method} {path}".startswith(prefix) and faults:
                return faults.pop(0)
        return None


@contextmanager
def alpaca_server() -> Iterator[AlpacaServer]:
    server = AlpacaServer()
    with closing(server.streams), in_background(server):
        yield server


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


class _Handler(BaseHTTPRequestHandler):
    server: AlpacaServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the base class calls them so

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _handle(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        sent = dict(parse_qsl(parts.query)) | (json.loads(raw, parse_float=str, parse_int=str) if raw else {})
        with self.server.lock:
            self.server.requests.append((self.command, path, sent))
            fault = self.server.fault(self.command, path)
        if (self.headers["APCA-API-KEY-ID"], self.headers["APCA-API-SECRET-KEY"]) != (KEY, SECRET):
            self._answer(401, {"code": 40110000, "message": "request is not authorized"})
        elif isinstance(fault, int):
            self._answer(fault, {"code": fault * 100_000, "message": f"a fault with {KEY}"})
        elif fault in ("cut", "hang"):
            time.sleep(self.server.slow_s if fault == "hang" else 0.0)
            self.close_connection = True
        else:
            status, content = self._act(path, sent)
            if fault == "slow":
                time.sleep(self.server.slow_s)
            if fault == "lost":
                self.close_connection = True
            else:
                self._answer(status, b"<html>" if fault == "nonsense" else content)

    def _act(self, path: str, sent: Json) -> tuple[int, Any]:
        try:
            with self.server.lock:
                return 200, self._route(path)(path, sent)
        except RefusalError as refusal:
            return refusal.status, {"code": refusal.code, "message": refusal.message}

    def _route(self, path: str) -> Callable[[str, Json], Any]:
        named = {
            "GET /v2/account": lambda path, sent: answers.account(
                self.server.account, self.server.status, is_suspended=self.server.is_suspended
            ),
            "GET /v2/clock": self._clock,
            "GET /v2/calendar": self._calendar,
            "GET /v2/assets": self._assets,
            "GET /v2/positions": lambda path, sent: answers.positions(self.server.account),
            "GET /v2/orders": self._orders,
            "POST /v2/orders": lambda path, sent: self.server.account.submit(sent),
            "DELETE /v2/orders": self._cancel_all,
            "GET /v2/orders:by_client_order_id": lambda path, sent: self._one(sent["client_order_id"]),
            "GET /v2/account/activities/FILL": self._fills,
        }
        found = named.get(f"{self.command} {path}")
        if found is not None:
            return found
        prefixes: dict[str, Callable[[str, Json], Any]] = {
            "GET /v2/assets/": self._asset,
            "GET /v2/orders/": lambda path, sent: self.server.account._known(path.split("/")[-1]),
            "PATCH /v2/orders/": lambda path, sent: self.server.account.replace(path.split("/")[-1], sent),
            "DELETE /v2/orders/": lambda path, sent: self.server.account.cancel(path.split("/")[-1]),
            "GET /v2/stocks/": self._market,
            "GET /v1beta3/crypto/us/": self._market,
        }
        for prefix, act in prefixes.items():
            if f"{self.command} {path}".startswith(prefix):
                return act
        raise RefusalError(404, 40410000, "endpoint not found.")

    def _one(self, name: str) -> Json:
        """By our own id Alpaca gives an order without its legs."""
        return {**self.server.account.of_client(name), "legs": None}

    def _clock(self, path: str, sent: Json) -> Json:
        return {
            "timestamp": "2026-11-25T12:00:00.123456789-05:00",
            "is_open": self.server.is_open,
            "next_open": "2026-11-27T09:30:00-05:00",
            "next_close": "2026-11-25T16:00:00-05:00",
        }

    def _calendar(self, path: str, sent: Json) -> list[Json]:
        days = self.server.days
        if days is None:
            days = [market.calendar_day("2026-11-25"), market.calendar_day("2026-11-27", close="13:00")]
        extra = {"settlement_date": "2026-11-30"}
        return [day | extra for day in days if sent.get("start", "") <= day["date"] <= sent.get("end", "9")]

    def _assets(self, path: str, sent: Json) -> list[Json]:
        found = [market.asset(symbol) for symbol in market.ASSETS]
        return [asset for asset in found if asset["class"] == sent.get("asset_class", "us_equity")]

    def _asset(self, path: str, sent: Json) -> Json:
        asked = path.removeprefix("/v2/assets/")
        for symbol in market.ASSETS:
            if asked in (symbol, symbol.replace("/", "")):  # pairs had no slash once, and are still found so
                return market.asset(symbol)
        raise RefusalError(404, 40410000, f"asset not found for {asked}")

    def _orders(self, path: str, sent: Json) -> list[Json]:
        states = {"open": OPEN, "closed": CLOSED, "all": OPEN + CLOSED}[sent.get("status", "open")]
        inside = {leg["id"] for order in self.server.account.orders.values() for leg in order["legs"] or []}
        nested = sent.get("nested") == "true"
        found = [
            order if nested else {**order, "legs": None}
            for order in self.server.account.orders.values()
            if order["status"] in states and not (nested and order["id"] in inside)
        ]
        if "after" in sent:
            found = [order for order in found if market.moment(order["submitted_at"]) > market.moment(sent["after"])]
        found.sort(key=lambda order: order["submitted_at"], reverse=sent.get("direction", "desc") == "desc")
        return found[: min(int(sent.get("limit", 50)), self.server.orders_max)]

    def _cancel_all(self, path: str, sent: Json) -> list[Json]:
        gone = [order for order in self.server.account.open_orders() if order["status"] != "held"]
        for order in gone:
            if order["status"] in OPEN:
                self.server.account.cancel(order["id"])
        return [{"id": order["id"], "status": 200} for order in gone]

    def _fills(self, path: str, sent: Json) -> list[Json]:
        found = self.server.account.fills
        if "after" in sent:
            found = [fill for fill in found if market.moment(fill["transaction_time"]) > market.moment(sent["after"])]
        if sent.get("direction", "desc") == "desc":
            found = found[::-1]
        if "page_token" in sent:
            names = [fill["id"] for fill in found]
            found = found[names.index(sent["page_token"]) + 1 :]
        return found[: int(sent.get("page_size", 100))]

    def _market(self, path: str, sent: Json) -> Json:
        kind = path.rsplit("/", maxsplit=1)[-1]
        if kind not in ("bars", "trades", "quotes"):
            raise RefusalError(404, 40410000, "endpoint not found.")
        return market.page(kind, sent, self.server.page_rows, self.server.days, self.server.silent)

    def _answer(self, status: int, content: Any) -> None:
        if content is None:
            status, content = (204, b"")
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.send_header("X-RateLimit-Limit", "200")
            self.send_header("X-RateLimit-Remaining", "0" if status == 429 else "199")
            reset = datetime.now(UTC) + timedelta(seconds=1)
            self.send_header("X-RateLimit-Reset", str(int(reset.timestamp())))
            if status == 429 and self.server.retry_after:
                self.send_header("Retry-After", self.server.retry_after)
            self.end_headers()
            self.wfile.write(raw)
        except OSError:  # whoever asked has left
            return
