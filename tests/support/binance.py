"""A server that speaks Binance's public interface: klines of a made-up market, exchange information, weights, bans."""

import json
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from tests.support.http_server import Reply, Request, ScriptedServer

UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
INFO = {
    "symbols": [
        {
            "symbol": "SOLUSDT",
            "quoteAsset": "USDT",
            "filters": [
                {"filterType": "PRICE_FILTER", "tickSize": "0.01000000"},
                {"filterType": "LOT_SIZE", "stepSize": "0.00100000"},
                {"filterType": "NOTIONAL", "minNotional": "5.00000000"},
            ],
        }
    ]
}


class BinanceServer(ScriptedServer):
    """Answers as Binance does; `missing` are the opens (ms) of bars that it does not have, `faults` come first."""

    def __init__(self, missing: Iterable[int] = (), faults: Iterable[Reply] = ()) -> None:
        self.missing = set(missing)
        self.faults = list(faults)
        self.weight = 2
        super().__init__(route=self._answer)

    def _answer(self, request: Request) -> Reply:
        if self.faults:
            return self.faults.pop(0)
        address = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/api/v3/time":
            return Reply(body=b'{"serverTime":1704067200000}')
        if asked["symbol"] not in ("BTCUSDT", "SOLUSDT"):
            return Reply(status=400, body=b'{"code":-1121,"msg":"Invalid symbol."}')
        if address.path == "/api/v3/exchangeInfo":
            return Reply(body=json.dumps(INFO).encode())
        headers = {"x-mbx-used-weight-1m": str(self.weight)}
        return Reply(body=json.dumps(self._klines(asked)).encode(), headers=headers)

    def _klines(self, asked: dict[str, str]) -> list[list[object]]:
        step = int(asked["interval"][:-1]) * UNIT_MS[asked["interval"][-1]]
        first = -(-int(asked["startTime"]) // step) * step
        opens = range(first, int(asked["endTime"]) + 1, step)
        return [_kline(ms, step) for ms in opens if ms not in self.missing][: int(asked["limit"])]


def _kline(open_ms: int, step: int) -> list[object]:
    price = 100.0 + open_ms // step % 50
    prices = [f"{value:.8f}" for value in (price, price + 1, price - 1, price + 0.5)]
    return [open_ms, *prices, "12.50000000", open_ms + step - 1, "1250.0", 7, "6.0", "600.0", "0"]
