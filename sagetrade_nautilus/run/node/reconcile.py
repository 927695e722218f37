"""Are our books the venue's? Asked before a live run may send anything, and again and again while it runs."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from typing import Any, Final

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import GenerateOrderStatusReports, GeneratePositionStatusReports
from nautilus_trader.execution.reports import OrderStatusReport, PositionStatusReport
from nautilus_trader.live.node import TradingNode

from sagetrade_nautilus.messages import RECONCILED_ENDPOINT
from sagetrade_nautilus.model.books import Books, differences

type Differences = dict[str, tuple[str, ...]]

UNTOLD: Final[Differences] = {"*": ("the venue has not told what is open there",)}
LOOKS_AT_START: Final = 3
PAUSE_S: Final = 1.0


class Reconciler:
    """Compares what the strategies of a node hold with what the venue says, and tells the guard.

    Parameters
    ----------
    node : TradingNode
        A node that is built, whose guard awaits reconciliation.
    """

    def __init__(self, node: TradingNode) -> None:
        self._node = node
        self._last: Differences = {}
        self._books: Differences = {}
        self._forgotten: Differences = {}
        self._told: Differences = {}

    async def at_start(self) -> Differences:
        """Compare after Nautilus has reconciled and before any strategy starts; if all agrees, the guard lets trade.

        What was filled between the two looks alike to a difference, so one is looked at again.
        """
        found = UNTOLD
        for turn in range(LOOKS_AT_START):
            await asyncio.sleep(PAUSE_S if turn else 0.0)
            theirs = await self._ask()
            found = UNTOLD if theirs is None else differences(self._ours(), theirs)
            if not found:
                self._tell(found)
                break
        return found

    async def watch(self, interval_s: float) -> None:
        """Compare every `interval_s` until cancelled."""
        while True:
            await asyncio.sleep(interval_s)
            await self.look()

    async def look(self) -> Differences:
        """Ask the venue, compare, and tell the guard what changed; return what counts as different now.

        What differs in the same way twice running is a difference; what agrees again is none any more. A venue that
        cannot be asked changes nothing.
        """
        theirs = await self._ask()
        if theirs is not None:
            now = differences(self._ours(), theirs)
            self._books = {symbol: lines for symbol, lines in now.items() if self._last.get(symbol) == lines}
            self._last = now
            self._take()
        return self._told

    async def watch_memory(
        self, fault: Callable[[], Awaitable[str | None]], symbols: Iterable[str], interval_s: float
    ) -> None:
        """Ask every `interval_s` whether our orders are remembered; once they were not, `symbols` are only reduced.

        That does not end while the node lives: what happened meanwhile is missing in its memory for good.
        """
        while not self._forgotten:
            await asyncio.sleep(interval_s)
            said = await fault()
            self._forgotten = {} if said is None else dict.fromkeys(symbols, (said,))
            self._take()
        await asyncio.Event().wait()

    def _take(self) -> None:
        books, forgotten = self._books, self._forgotten
        found = {symbol: books.get(symbol, ()) + forgotten.get(symbol, ()) for symbol in {**books, **forgotten}}
        if found != self._told:
            self._tell(found)

    def _tell(self, found: Differences) -> None:
        self._told = found
        self._node.kernel.msgbus.send(RECONCILED_ENDPOINT, found)

    async def _ask(self) -> Books | None:
        now = self._node.kernel.clock.timestamp_ns()
        common: dict[str, Any] = {"instrument_id": None, "start": None, "end": None, "ts_init": now}
        orders: list[OrderStatusReport] = []
        positions: list[PositionStatusReport] = []
        try:
            for client in self._node.kernel.exec_engine._clients.values():
                question = GenerateOrderStatusReports(open_only=True, command_id=UUID4(), **common)
                orders += await client.generate_order_status_reports(question)
                positions += await client.generate_position_status_reports(
                    GeneratePositionStatusReports(command_id=UUID4(), **common)
                )
        except Exception as error:  # noqa: BLE001 - a client's edge: whatever its venue answers, this run goes on
            self._node.kernel.logger.warning(f"the venue's books cannot be read: {type(error).__name__}: {error}")
            return None
        return _theirs(orders, positions)

    def _ours(self) -> Books:
        cache, strategies = self._node.cache, set(self._node.trader.strategy_ids())
        orders: dict[str, frozenset[str]] = {}
        held: dict[str, Decimal] = {}
        for order in cache.orders_open():
            if order.strategy_id in strategies and not order.is_emulated:
                symbol = order.instrument_id.value
                orders[symbol] = orders.get(symbol, frozenset()) | {order.client_order_id.value}
        for position in cache.positions_open():
            if position.strategy_id in strategies:
                symbol = position.instrument_id.value
                held[symbol] = held.get(symbol, Decimal(0)) + position.signed_decimal_qty()
        return Books(orders, held)


def _theirs(orders: Iterable[OrderStatusReport], positions: Iterable[PositionStatusReport]) -> Books:
    resting: dict[str, frozenset[str]] = {}
    held: dict[str, Decimal] = {}
    for order in orders:
        if order.is_open:
            symbol, name = order.instrument_id.value, order.client_order_id or order.venue_order_id
            resting[symbol] = resting.get(symbol, frozenset()) | {name.value}
    for position in positions:
        symbol = position.instrument_id.value
        held[symbol] = held.get(symbol, Decimal(0)) + position.signed_decimal_qty
    return Books(resting, held)
