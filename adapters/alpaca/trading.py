"""Alpaca's trading interface as typed calls: account, clock, assets, positions, orders, executions."""

from collections.abc import Callable
from typing import Any, Final

from adapters.alpaca import schemas
from adapters.alpaca.constants import ACTIVITIES_MAX, ORDERS, ORDERS_MAX
from adapters.alpaca.http import AlpacaHttp, AlpacaRefusedError, Params
from adapters.alpaca.parsing import nanos, rfc3339

NOT_FOUND: Final = 404
SIMPLE: Final = frozenset({"", "simple"})
"""Classes of orders without legs."""
_MICROSECOND: Final = 1_000


class TradingApi:
    """What can be asked of an account. Every call raises an `AlpacaError` of the kind that says what became of it.

    Parameters
    ----------
    http : AlpacaHttp
        Who asks.
    """

    def __init__(self, http: AlpacaHttp) -> None:
        self._http = http

    async def account(self) -> schemas.Account:
        """Return the account with its money."""
        return await self._http.ask("GET", "/v2/account", schemas.Account)

    async def clock(self) -> schemas.Clock:
        """Return the broker's time, and whether the stock market is open."""
        return await self._http.ask("GET", "/v2/clock", schemas.Clock)

    async def calendar(self, start: str, end: str) -> list[schemas.Day]:
        """Return the trading days between two days ('2026-11-25'), both included."""
        return await self._http.ask("GET", "/v2/calendar", list[schemas.Day], params={"start": start, "end": end})

    async def asset(self, symbol: str) -> schemas.Asset | None:
        """Return what can be traded under `symbol` ('AAPL', 'BTC/USD'), ``None`` if Alpaca does not know it."""
        try:
            return await self._http.ask("GET", f"/v2/assets/{symbol.replace('/', '%2F')}", schemas.Asset)
        except AlpacaRefusedError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    async def assets(self, kind: str) -> list[schemas.Asset]:
        """Return the active assets of a class: 'us_equity' or 'crypto'."""
        params = {"status": "active", "asset_class": kind}
        return await self._http.ask("GET", "/v2/assets", list[schemas.Asset], params=params)

    async def positions(self) -> list[schemas.Position]:
        """Return the open positions."""
        return await self._http.ask("GET", "/v2/positions", list[schemas.Position])

    async def open_orders(self) -> list[schemas.Order]:
        """Return the orders that are at work; those that belong to a bracket stand for themselves."""
        return await self._orders({"status": "open"}, 0)

    async def orders_since(self, since_ns: int) -> list[schemas.Order]:
        """Return the orders that were submitted after `since_ns`, whatever became of them."""
        return await self._orders({"status": "all"}, since_ns)

    async def _orders(self, params: Params, since_ns: int) -> list[schemas.Order]:
        """Return all pages. Orders of one moment may be split over two: each page begins a little before its turn."""
        found: dict[str, schemas.Order] = {}
        after = since_ns
        while True:
            asked = {**params, "limit": ORDERS_MAX, "direction": "asc", "nested": "false", "after": rfc3339(after)}
            page = await self._http.ask("GET", ORDERS, list[schemas.Order], params=asked)
            fresh = [order for order in page if order.id not in found]
            found.update((order.id, order) for order in fresh)
            if len(page) < ORDERS_MAX:
                return list(found.values())
            last = max(nanos(order.submitted_at or order.created_at or "") for order in page)
            after = last - _MICROSECOND if fresh else last

    async def order(self, order_id: str) -> schemas.Order | None:
        """Return an order by Alpaca's id with its legs, ``None`` if Alpaca does not have it."""
        return await self._found(f"{ORDERS}/{order_id}", {"nested": "true"})

    async def order_of_client(self, client_order_id: str) -> schemas.Order | None:
        """Return an order by our id with its legs, ``None`` if Alpaca does not have it."""
        found = await self._found(f"{ORDERS}:by_client_order_id", {"client_order_id": client_order_id})
        if found is None or found.legs or found.order_class in SIMPLE:
            return found
        return await self.order(found.id)

    async def _found(self, path: str, params: Params) -> schemas.Order | None:
        try:
            return await self._http.ask("GET", path, schemas.Order, params=params)
        except AlpacaRefusedError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    async def submit(self, body: dict[str, Any], wanted: Callable[[], bool] = lambda: True) -> schemas.Order:
        """Send an order. It is sent again only if it surely did not arrive, and while it is `wanted`."""
        return await self._http.ask("POST", ORDERS, schemas.Order, body=body, repeatable=False, wanted=wanted)

    async def replace(self, order_id: str, body: dict[str, Any]) -> schemas.Order:
        """Ask for an order to be replaced by another. It is sent again only if it surely did not arrive."""
        return await self._http.ask("PATCH", f"{ORDERS}/{order_id}", schemas.Order, body=body, repeatable=False)

    async def cancel(self, order_id: str) -> None:
        """Ask for an order to be cancelled. One that is gone already is refused."""
        await self._http.ask("DELETE", f"{ORDERS}/{order_id}", object)

    async def fills_since(self, since_ns: int) -> list[schemas.Fill]:
        """Return every execution after `since_ns`, the oldest first."""
        found: list[schemas.Fill] = []
        params: dict[str, str | int] = {"after": rfc3339(since_ns), "direction": "asc", "page_size": ACTIVITIES_MAX}
        while True:
            page = await self._http.ask("GET", "/v2/account/activities/FILL", list[schemas.Fill], params=params)
            found += page
            if len(page) < ACTIVITIES_MAX:
                return found
            params["page_token"] = page[-1].id
