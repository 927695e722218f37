"""A venue of the test's own, in the process of a real `TradingNode`.

It writes one line to FOLDER/venue.jsonl for everything that reaches it, at the moment at which the client is told to
send it, on CLOCK_MONOTONIC.
"""

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.providers import InstrumentProvider
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.reports import OrderStatusReport, PositionStatusReport
from nautilus_trader.live.execution_client import LiveExecutionClient
from nautilus_trader.live.factories import LiveExecClientFactory
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import (
    AccountType,
    AggressorSide,
    LiquiditySide,
    OmsType,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionSide,
    TimeInForce,
)
from nautilus_trader.model.identifiers import (
    AccountId,
    ClientId,
    ClientOrderId,
    InstrumentId,
    TradeId,
    Venue,
    VenueOrderId,
)
from nautilus_trader.model.objects import AccountBalance, Money, Price, Quantity
from nautilus_trader.model.orders import Order

from catalog.instruments import instrument_for

BTC = InstrumentId.from_str("BTCUSDT.BINANCE")
VENUE = "BINANCE"
PRICE = 40_000.0


class Log:
    """Appends lines to a file, each written whole at once, so that a killed process loses none."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, what: str, **fields: Any) -> None:
        line = {"at": time.monotonic_ns(), "what": what, **fields}
        os.write(self._descriptor, json.dumps(line).encode() + b"\n")


def read_log(folder: Path) -> list[dict[str, Any]]:
    """Return what the venue of a node in `folder` noted."""
    path = folder / "venue.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class RecordingVenue(LiveExecutionClient):
    """Accepts everything: fills market orders whole, in `parts`; lets others rest; cancels those after `cancel_s`."""

    log: Log
    parts = 1
    cancel_s = 0.0
    fill_s = 0.0
    deaf_to_cancels = 0
    races = False
    """Whether half of an order is filled while its cancel is on the way."""
    holds: tuple[str, str] | None = None
    """What it reports at a start: the size of a long position, and of a buy order that rests."""

    def __init__(self, loop: asyncio.AbstractEventLoop, msgbus: Any, cache: Any, clock: LiveClock) -> None:
        super().__init__(
            loop, ClientId(VENUE), Venue(VENUE), OmsType.NETTING, AccountType.MARGIN, USDT, InstrumentProvider(),
            msgbus, cache, clock,
        )  # fmt: skip
        self._set_account_id(AccountId(f"{VENUE}-001"))
        self._count = 0

    async def _connect(self) -> None:
        self._cache.add_instrument(instrument_for(str(BTC)))
        balance = AccountBalance(Money(1e7, USDT), Money(0, USDT), Money(1e7, USDT))
        self.generate_account_state([balance], [], True, self._clock.timestamp_ns())
        await self._await_account_registered()
        self._tick()

    async def _disconnect(self) -> None:
        pass

    def tick(self, price: float = PRICE) -> None:
        self._count += 1
        now = self._clock.timestamp_ns()
        tick = TradeTick(
            BTC, Price(price, 2), Quantity(1, 5), AggressorSide.BUYER, TradeId(str(self._count)), now, now
        )  # fmt: skip
        self._msgbus.send("DataEngine.process", tick)

    def _tick(self) -> None:
        self.tick()
        self._loop.call_later(0.02, self._tick)

    # Everything that leaves

    def submit_order(self, command: Any) -> None:
        self._note("submit", command.order)
        super().submit_order(command)

    def submit_order_list(self, command: Any) -> None:
        for order in command.order_list.orders:
            self._note("submit", order)
        super().submit_order_list(command)

    def modify_order(self, command: Any) -> None:
        self._note("modify", self._cache.order(command.client_order_id))
        super().modify_order(command)

    def cancel_order(self, command: Any) -> None:
        self._note("cancel", self._cache.order(command.client_order_id))
        super().cancel_order(command)

    def _note(self, what: str, order: Order) -> None:
        self.log.note(
            what,
            id=order.client_order_id.value,
            made=order.ts_init,
            kind=order.order_type.name,
            side=order.side.name,
            quantity=str(order.quantity),
            reduces=order.is_reduce_only,
            tags=order.tags or [],
        )

    # What becomes of it

    async def _submit_order(self, command: Any) -> None:
        await self._take(command.order)

    async def _submit_order_list(self, command: Any) -> None:
        for order in command.order_list.orders:
            await self._take(order)

    async def _take(self, order: Order) -> None:
        now = self._clock.timestamp_ns()
        names = (order.strategy_id, order.instrument_id, order.client_order_id)
        self.generate_order_submitted(*names, now)
        self.generate_order_accepted(*names, VenueOrderId(f"V-{order.client_order_id.value}"), now)
        if order.order_type == OrderType.MARKET:
            await self._fill(order)

    async def _fill(self, order: Order) -> None:
        left = order.quantity.as_decimal()
        for part in range(self.parts, 0, -1):
            await asyncio.sleep(self.fill_s)
            size = Quantity(left / part, 5)
            left -= size.as_decimal()
            self.fill(order, size, f"{order.client_order_id.value}-{part}")

    def fill(self, order: Order, quantity: Quantity, trade: str) -> None:
        self.log.note("fill", id=order.client_order_id.value, side=order.side.name, quantity=str(quantity))
        self.generate_order_filled(
            order.strategy_id, order.instrument_id, order.client_order_id,
            VenueOrderId(f"V-{order.client_order_id.value}"), None, TradeId(trade[-36:]), order.side, order.order_type,
            quantity, Price(PRICE, 2), USDT, Money(0, USDT), LiquiditySide.TAKER, self._clock.timestamp_ns(),
        )  # fmt: skip

    async def _modify_order(self, command: Any) -> None:
        order = self._cache.order(command.client_order_id)
        self.generate_order_updated(
            order.strategy_id, order.instrument_id, order.client_order_id, order.venue_order_id,
            command.quantity or order.quantity, command.price, command.trigger_price, self._clock.timestamp_ns(),
        )  # fmt: skip

    async def _cancel_order(self, command: Any) -> None:
        if self.deaf_to_cancels > 0:
            type(self).deaf_to_cancels -= 1
            return
        await asyncio.sleep(self.cancel_s)
        order = self._cache.order(command.client_order_id)
        if order is not None and not order.is_closed and order.order_type != OrderType.MARKET:
            if self.races:
                self.fill(order, Quantity(order.leaves_qty.as_double() / 2, 5), f"{order.client_order_id.value}-race")
                await asyncio.sleep(self.fill_s)
            self.log.note("cancelled", id=order.client_order_id.value)
            self.generate_order_canceled(
                order.strategy_id, order.instrument_id, order.client_order_id,
                VenueOrderId(f"V-{order.client_order_id.value}"), self._clock.timestamp_ns(),
            )  # fmt: skip

    # What it reports at a start

    async def generate_order_status_reports(self, command: Any) -> list[OrderStatusReport]:
        if self.holds is None:
            return []
        now = self._clock.timestamp_ns()
        return [
            OrderStatusReport(
                account_id=self.account_id, instrument_id=BTC, client_order_id=ClientOrderId("OUTSIDE-1"),
                venue_order_id=VenueOrderId("V-OUTSIDE-1"), order_side=OrderSide.BUY, order_type=OrderType.LIMIT,
                time_in_force=TimeInForce.GTC, order_status=OrderStatus.ACCEPTED, price=Price(PRICE / 2, 2),
                quantity=Quantity.from_str(self.holds[1]), filled_qty=Quantity(0, 5), report_id=UUID4(),
                ts_accepted=now, ts_last=now, ts_init=now,
            )
        ]  # fmt: skip

    async def generate_fill_reports(self, command: Any) -> list[Any]:
        return []

    async def generate_position_status_reports(self, command: Any) -> list[PositionStatusReport]:
        if self.holds is None:
            return []
        now = self._clock.timestamp_ns()
        return [
            PositionStatusReport(
                account_id=self.account_id, instrument_id=BTC, position_side=PositionSide.LONG,
                quantity=Quantity.from_str(self.holds[0]), report_id=UUID4(), ts_last=now, ts_init=now,
                avg_px_open=None,
            )
        ]  # fmt: skip


class VenueFactory(LiveExecClientFactory):
    @staticmethod
    def create(loop: Any, name: str, config: Any, msgbus: Any, cache: Any, clock: Any) -> RecordingVenue:
        return RecordingVenue(loop, msgbus, cache, clock)
