"""Brings Nautilus to what Alpaca says of our orders: each piece of news once, whatever comes late, twice or never."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Final

from nautilus_trader.execution.reports import OrderStatusReport
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.identifiers import ClientOrderId, TradeId
from nautilus_trader.model.orders import Order

from adapters.alpaca import reports, schemas
from adapters.alpaca.parsing import nanos
from adapters.alpaca.teller import Teller
from adapters.alpaca.tracks import Track, Tracks, number_of
from adapters.alpaca.trading import TradingApi
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE, NANOS_PER_SECOND

LOOKBACK_NS: Final = NANOS_PER_MINUTE
"""How far before the last known execution others are looked for again, in nanoseconds."""
DOUBT_NS: Final = 5 * NANOS_PER_SECOND
"""For how long a change that left no trace may still be on its way, in nanoseconds."""
UNDECIDED: Final = frozenset({"accepted", "pending_new"})
"""States in which the replacement of an order may still fail."""


class Ledger:
    """Knows what Nautilus was told of our orders, and tells it the rest.

    Parameters
    ----------
    api : TradingApi
        Who is asked for what was missed.
    tracks : Tracks
        What was told.
    teller : Teller
        Who tells it.
    on_foreign : callable
        Is handed each order that is none of ours, or that Nautilus has given up.
    """

    def __init__(
        self, api: TradingApi, tracks: Tracks, teller: Teller, on_foreign: Callable[[schemas.Order], None]
    ) -> None:
        self._api = api
        self._tracks = tracks
        self._teller = teller
        self._on_foreign = on_foreign
        self._fetched_ns = teller.now_ns()
        self._strange: set[str] = set()  # orders of others, as long as their executions are looked for again
        self._lock = asyncio.Lock()

    async def hear(self, update: schemas.TradeUpdate) -> None:
        """Take a message of the stream of trade updates. Raises an `AlpacaError` if more must be asked and cannot."""
        async with self._lock:
            order = update.order
            track = self._tracks.find(order)
            if track is not None and not _is_late(track):
                if update.price and update.qty and update.event in ("fill", "partial_fill"):
                    self._accept(track, order)
                    at = nanos(update.timestamp or order.updated_at or "")
                    execution = (update.qty, update.price, update.event == "fill")
                    self._fill(track, order.id, Decimal(order.filled_qty or 0), execution, at)
                if update.event == "order_replace_rejected":
                    self._refuse_change(track, "Alpaca did not replace it")
            await self._bring(order)

    async def bring(self, order: schemas.Order) -> None:
        """Bring Nautilus to what Alpaca says of an order. Raises an `AlpacaError` as `hear` does."""
        async with self._lock:
            await self._bring(order)

    async def sweep(self) -> None:
        """Ask for whatever may have been missed, and clear up what is in doubt. Raises an `AlpacaError`."""
        async with self._lock:
            await self._fetch_fills()
            seen = set()
            for order in await self._api.open_orders():
                seen |= {order.id, *(leg.id for leg in order.legs or ())}
                track = self._tracks.find(order)
                if track is not None and track.order.is_closed:
                    self._on_foreign(order)
                elif track is not None:  # others' orders are Nautilus's reconciliation's
                    await self._bring(order)
            for track in self._tracks.open():
                if track.current not in seen:
                    await self._look_for(track)
                await self._doubt(track)

    async def catch_up(self) -> None:
        """Tell the executions that were missed. Raises an `AlpacaError`."""
        async with self._lock:
            await self._fetch_fills()

    async def take_past(self, told: Collection[OrderStatusReport]) -> list[Order]:
        """Tell what Nautilus's own reconciliation of a start would leave out; return what has ended of our orders.

        Raises an `AlpacaError`.

        Parameters
        ----------
        told : collection of OrderStatusReport
            What Alpaca says of all orders.
        """
        await self.give_up_lost({report.client_order_id for report in told})
        over = [report for report in told if not report.is_open and not report.filled_qty.as_decimal()]
        return await self.end_gone({report.client_order_id: report.venue_order_id.value for report in over})

    async def give_up_lost(self, reported: Collection[ClientOrderId]) -> None:
        """Tell of what another life of the node had sent, and Alpaca does not have, that it was not taken.

        So a strategy finds a position bare, and protects it, that would count as protected until Nautilus has given up
        its exits. One that arrives later still is cancelled. Raises an `AlpacaError`.

        Parameters
        ----------
        reported : collection of ClientOrderId
            What Alpaca has told that it has.
        """
        async with self._lock:
            for track in self._tracks.open():
                order = track.order
                family = {order.client_order_id, order.parent_order_id, *(order.linked_order_ids or ())}
                is_unheard = track.current is None and order.status == OrderStatus.SUBMITTED
                if not is_unheard or not family.isdisjoint(reported):
                    continue
                if await self._api.order_of_client(order.client_order_id.value) is None:
                    self.refuse(track, "it was sent by a node that has died since, and Alpaca does not have it")

    async def end_gone(self, gone: Mapping[ClientOrderId, str]) -> list[Order]:
        """Tell of what ended at Alpaca while nobody listened that it has; return those orders.

        Nautilus leaves out what ended without a fill where the instrument had another position before: a strategy
        would count a position as protected that is bare. Raises an `AlpacaError`.

        Parameters
        ----------
        gone : mapping of ClientOrderId to str
            What Alpaca has told that it is over, and that nothing was filled of, with Alpaca's own id.
        """
        async with self._lock:
            ended = [track for track in self._tracks.open() if track.order.client_order_id in gone]
            for track in ended:
                found = await self._api.order(gone[track.order.client_order_id])
                if found is not None:
                    await self._bring(found)
            return [track.order for track in ended]

    def refuse(self, track: Track, reason: str) -> None:
        """Tell that Alpaca did not take an order."""
        if not (track.accepted or track.closed):
            track.closed = True
            self._teller.rejected(track, reason)

    def refuse_change(self, track: Track, reason: str) -> None:
        """Tell that an order was not changed."""
        track.wanted = None
        self._teller.modify_rejected(track, reason)

    # What is said of an order

    async def _look_for(self, track: Track) -> None:
        """Ask for an order that is not among the open ones: it is over, or never arrived."""
        if track.current is not None:
            found = await self._api.order(track.current)
        else:
            found = await self._api.order_of_client(track.order.client_order_id.value)
        if found is not None:
            await self._bring(found)

    async def _bring(self, order: schemas.Order) -> None:
        if self._tracks.lacks_legs(order):
            order = await self._api.order(order.id) or order
        self._tracks.learn_legs(order)
        track = self._tracks.find(order)
        if track is None or _is_late(track):
            self._on_foreign(order)
            return
        if order.status == "rejected":
            self._reject(track, order)
        else:
            self._accept(track, order)
            await self._follow(track, order)
        for leg in order.legs or ():
            await self._bring(leg)

    async def _follow(self, track: Track, order: schemas.Order) -> None:
        """Tell what has become of an order that was accepted."""
        await self._learn_past(order)
        ends = order.status in reports.CLOSED and not track.closed
        if track.misses_fills(order) or track.is_replaced_by(order) or (ends and order.replaces):
            await self._fetch_fills()
        if order.status == "replaced":
            await self._succeed(track, order)
            return
        if track.is_replaced_by(order) and order.status not in UNDECIDED:
            self._change(track, order)
        if order.status in reports.CLOSED and order.id == track.current and not track.misses_fills(order):
            self._close(track, order)

    async def _learn_past(self, order: schemas.Order) -> None:
        """Take Alpaca's names of the orders that this one has replaced."""
        number = order.replaces
        while number is not None and self._tracks.find_id(number) is None:
            before = await self._api.order(number)
            if before is None or self._tracks.find(before) is None:
                return
            number = before.replaces

    async def _succeed(self, track: Track, order: schemas.Order) -> None:
        """Go on with the order that has replaced the current one."""
        if order.id != track.current or order.replaced_by is None:
            return
        successor = await self._api.order(order.replaced_by)
        if successor is not None:
            self._tracks.find(successor)
            await self._fetch_fills()
            if track.is_replaced_by(successor):
                self._change(track, successor)
            await self._bring(successor)

    # What is told

    def _accept(self, track: Track, order: schemas.Order) -> None:
        if not track.accepted:
            track.accepted, track.current = True, order.replaces or order.id
            self._teller.accepted(track, order)

    def _reject(self, track: Track, order: schemas.Order) -> None:
        if track.current not in (None, order.id):
            self._refuse_change(track, "Alpaca rejected the replacement")
        elif not track.closed:
            track.closed = True
            self._teller.rejected(track, "Alpaca rejected it")

    def _refuse_change(self, track: Track, reason: str) -> None:
        if track.wanted is not None:
            self.refuse_change(track, reason)

    def _change(self, track: Track, order: schemas.Order) -> None:
        """Tell that an order was replaced by another."""
        track.current, track.wanted = order.id, None
        track.number = max(track.number, number_of(track.order, order))
        self._teller.updated(track, order)

    def _close(self, track: Track, order: schemas.Order) -> None:
        if not track.closed:
            track.closed = True
            self._refuse_change(track, f"the order is {order.status}")
            self._teller.ended(track, order)

    def _fill(
        self, track: Track, order_id: str, cumulative: Decimal, execution: tuple[str, str, bool], at: int
    ) -> None:
        """Tell an execution, once: its quantity, its price, and whether it was the order's last."""
        qty, price, last = execution
        name: TradeId = reports.trade_id(order_id, cumulative)
        if not track.knows(name, order_id, cumulative):
            track.trades.add(name.value)
            track.executed[order_id] = track.executed.get(order_id, Decimal(0)) + Decimal(qty)
            self._teller.filled(track, name, qty, price, at=at, last=last)

    # What was missed

    async def _fetch_fills(self) -> None:
        """Tell the executions that the stream did not."""
        fills = await self._api.fills_since(self._fetched_ns - LOOKBACK_NS)
        for fill in fills:
            track = self._tracks.find_id(fill.order_id)
            at = nanos(fill.transaction_time)
            if track is not None and track.accepted:
                self._fill(track, fill.order_id, Decimal(fill.cum_qty), (fill.qty, fill.price, fill.type == "fill"), at)
            elif fill.order_id not in self._strange:
                await self._tell_unheard(fill.order_id)
            self._fetched_ns = max(self._fetched_ns, at)
        self._strange.intersection_update(fill.order_id for fill in fills)

    async def _tell_unheard(self, order_id: str) -> None:
        """Tell of an order of ours that was filled before anything was heard of it, or after Nautilus has given it up.

        It may be over, so no open order tells of it; and what is executed meanwhile of others lets it be forgotten.
        """
        order = await self._api.order(order_id)
        self._strange.add(order_id)
        if order is not None and self._tracks.find(order) is not None:
            await self._bring(order)

    async def _doubt(self, track: Track) -> None:
        """Give up a change of which there is no trace."""
        if track.wanted is not None and self._teller.now_ns() - track.asked_ns >= DOUBT_NS:
            found = await self._api.order_of_client(track.wanted)
            if found is None:
                self._refuse_change(track, "the change never reached Alpaca")
            else:
                await self._bring(found)


def _is_late(track: Track) -> bool:
    """Tell whether Nautilus has given the order up, as one that never arrived."""
    return not track.accepted and (track.closed or track.order.is_closed)
