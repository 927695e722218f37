"""Orders that Alpaca has and Nautilus does not expect: of another hand, or given up and at work all the same.

Nautilus takes no news of an order that it has rejected. So one that was given up and stands alone goes on under
Alpaca's own id of it, as an order of the same strategy: that hears what becomes of it, and has what it has filled.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus
from nautilus_trader.execution.reports import OrderStatusReport
from nautilus_trader.model.enums import ContingencyType
from nautilus_trader.model.identifiers import ClientOrderId

from adapters.alpaca import schemas
from adapters.alpaca.http import TROUBLE
from adapters.alpaca.ledger import Ledger
from adapters.alpaca.reconciliation import Reconciliation
from adapters.alpaca.sender import Sender
from adapters.alpaca.tracks import Track, Tracks
from adapters.alpaca.trading import TradingApi
from sagetrade_nautilus.orders import unsent_copy

POLL_S: Final = 0.1
OVER: Final = frozenset({"filled", "canceled", "expired", "rejected", "replaced", "pending_cancel"})
"""States of an order that does nothing any more, or soon."""


class Foreign:
    """Reports what is none of ours, and ends what Nautilus has given up.

    Parameters
    ----------
    api : TradingApi
        Where it is cancelled.
    sender : Sender
        Who knows whether orders of ours are on their way.
    ledger, tracks, reports
        What is known of our orders, and who makes news and reports of Alpaca's.
    msgbus, cache : MessageBus, Cache
        The node's.
    tell : callable
        Takes a report to Nautilus.
    complain : callable
        Logs an error.
    """

    def __init__(
        self,
        api: TradingApi,
        sender: Sender,
        ledger: Ledger,
        tracks: Tracks,
        reports: Reconciliation,
        msgbus: MessageBus,
        cache: Cache,
        tell: Callable[[OrderStatusReport], object],
        complain: Callable[[str], object],
    ) -> None:
        self._api = api
        self._sender = sender
        self._ledger = ledger
        self._tracks = tracks
        self._reports = reports
        self._msgbus = msgbus
        self._cache = cache
        self._tell = tell
        self._complain = complain

    async def take(self, order: schemas.Order) -> None:
        """Report an order that is none of ours. One that Nautilus has given up and that is at work is cancelled.

        The exits of a bracket that was given up are not: they end with its entry, or protect what that has filled. All
        of it is nobody's then.
        """
        while self._sender.is_sending:  # it may belong to a bracket of which Alpaca has not told us yet
            await asyncio.sleep(POLL_S)
        track = self._tracks.find(order)
        try:
            if track is not None and _is_unwanted(track) and order.status not in OVER:
                self._complain(f"{track.order.client_order_id} was given up and is at work: it is cancelled")
                await self._api.cancel(order.id)
            if track is not None and (track.accepted or self._goes_on(track, order)):
                await self._ledger.bring(order)
                return
            report = self._reports.foreign(order)
            if report is not None:
                self._tell(report)
        except TROUBLE as error:
            self._complain(f"an order of {order.symbol} that is none of ours cannot be reported: {error}")

    def _goes_on(self, track: Track, order: schemas.Order) -> bool:
        """Have an order that was given up go on under another name; not one with exits, which would stay behind."""
        if track.order.contingency_type != ContingencyType.NO_CONTINGENCY:
            return False
        again = unsent_copy(track.order, ClientOrderId(order.id))
        if self._cache.order(again.client_order_id) is None:
            self._complain(
                f"{track.order.client_order_id} was given up, and Alpaca has it: it goes on as {again.client_order_id}"
                f", and what that opens is closed by {again.strategy_id}, once nothing is halted"
            )
            self._cache.add_order(again, self._cache.position_id(track.order.client_order_id))
            self._msgbus.publish(f"events.order.{again.strategy_id}", again.init_event)
        self._tracks.rename(order, again)
        return True


def _is_unwanted(track: Track) -> bool:
    return track.order.is_closed and (track.accepted or track.order.parent_order_id is None)
