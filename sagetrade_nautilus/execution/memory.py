"""What a live node remembers over its death.

Venues know orders by their ids, but not whose they are: after a restart Nautilus would take all of them for somebody
else's. `OrderMemory` keeps every order's events, and what strategies note, in one file, and puts back into the cache
what is still open before the node asks the venue. Nautilus's own reconciliation then compares both. Where the cache has
a database behind it, Nautilus does that itself, but for orders that were only made: `CacheMemory` sees to those.
"""

from pathlib import Path
from typing import Any

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.enums import OmsType, OrderStatus, TriggerType
from nautilus_trader.model.events import OrderEvent, OrderSubmitted
from nautilus_trader.model.identifiers import AccountId

from sagetrade_nautilus.execution.order_store import OrderStore
from sagetrade_nautilus.messages import MEMORY_TOPIC, Memo

NOTE = "memo-"


class OrderMemoryConfig(ActorConfig, frozen=True, kw_only=True):
    """Configuration of `OrderMemory`.

    Parameters
    ----------
    path : str
        The file, made if it is missing. It survives `kill -9`; a power cut may take the last moments with it.
    oms_type : {'HEDGING', 'NETTING'}
        How the node keeps positions.
    """

    path: str
    oms_type: str = "HEDGING"


class OrderMemory(Actor):
    """Keeps orders and notes, and restores them. Name it among the node's actors, not beside a cache database.

    Raises
    ------
    StateError
        Another process holds the file, or it is damaged.
    """

    def __init__(self, config: OrderMemoryConfig) -> None:
        super().__init__(config)
        self._store = OrderStore(Path(config.path), survives_power_loss=False)

    def register_base(self, portfolio: Any, msgbus: Any, cache: Any, clock: Any) -> None:
        """Restore the cache. Nautilus calls this before any strategy exists and before it asks the venue."""
        super().register_base(portfolio, msgbus, cache, clock)
        self._store.restore(self.cache, OmsType[self.config.oms_type])
        with self._store.changes():
            self._store.add_events(assume_sent(self.cache, self.clock.timestamp_ns()), self.cache)
        for name, raw in self._store.notes(NOTE).items():
            self.cache.add(name.removeprefix(NOTE), raw)
        self._kept = {instrument.id for instrument in self._store.instruments()}
        msgbus.subscribe(topic="events.order.*", handler=self._on_order, priority=1)
        msgbus.subscribe(topic=MEMORY_TOPIC, handler=self._on_memo)

    def on_start(self) -> None:
        pass

    def on_dispose(self) -> None:
        self._store.close()

    def _on_order(self, event: OrderEvent) -> None:
        with self._store.changes():
            if event.instrument_id not in self._kept:
                self._store.add_instrument(self.cache.instrument(event.instrument_id))
                self._kept.add(event.instrument_id)
            self._store.add_events([event], self.cache)

    def _on_memo(self, memo: Memo) -> None:
        with self._store.changes():
            self._store.write("notes", f"{NOTE}{memo.name}", memo.raw)


class CacheMemory(Actor):
    """Name it among the node's actors where the cache has a database behind it."""

    def register_base(self, portfolio: Any, msgbus: Any, cache: Any, clock: Any) -> None:
        """See to what the cache was loaded with. Nautilus calls this before it asks the venue."""
        super().register_base(portfolio, msgbus, cache, clock)
        assume_sent(self.cache, self.clock.timestamp_ns())

    def on_start(self) -> None:
        pass


def assume_sent(cache: Cache, now: int) -> list[OrderSubmitted]:
    """Take orders that were made, and of which no more is known, as sent, and return the events that say so.

    So Nautilus asks the venue for them, and gives up those that never arrived. As long as one is only made, it does
    neither, and whoever waits for the order waits for good.
    """
    events = []
    for order in cache.orders():
        if order.status != OrderStatus.INITIALIZED or order.emulation_trigger != TriggerType.NO_TRIGGER:
            continue
        names = (order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id)
        event = OrderSubmitted(*names, AccountId(f"{order.instrument_id.venue}-001"), UUID4(), now, now)
        order.apply(event)
        cache.update_order(order)
        events.append(event)
    return events
