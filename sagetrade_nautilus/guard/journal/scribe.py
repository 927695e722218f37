"""The scribe: hears the bus and writes down what happened. It changes nothing."""

from collections.abc import Iterable

import msgspec
from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.model.data import DataType
from nautilus_trader.model.enums import LiquiditySide, OrderSide, OrderType
from nautilus_trader.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderDenied,
    OrderEmulated,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderInitialized,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
    OrderTriggered,
    OrderUpdated,
)
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.data import TEXT_REPEATS_TOPIC, TextItem, bus_topic
from sagetrade_nautilus.guard.breaker.breaker import Trip
from sagetrade_nautilus.guard.journal.journal import Journal
from sagetrade_nautilus.guard.journal.records import (
    CutRecord,
    DenialRecord,
    OrderRecord,
    StateRecord,
    TextRecord,
    TripRecord,
)
from sagetrade_nautilus.guard.standing import Standing, known
from sagetrade_nautilus.guard.switch.state import StateChange
from sagetrade_nautilus.messages import (
    CONTROL_TOPIC,
    DECISIONS_TOPIC,
    ENTRIES_TOPIC,
    NOTES_TOPIC,
    ORDER_WATCH_TOPIC,
    DecisionRecord,
    EntryEnd,
    Note,
    OrderWatch,
    StrategySwitch,
)
from sagetrade_nautilus.model.text.pipeline import Repeat

REMEMBERED_TEXTS = 50_000
"""How many texts wait to be named by a decision: more than an aggregator weighs at a time."""
EVENTS: dict[type[OrderEvent], str] = {
    OrderInitialized: "initialized",
    OrderDenied: "denied",
    OrderEmulated: "emulated",
    OrderReleased: "released",
    OrderSubmitted: "submitted",
    OrderAccepted: "accepted",
    OrderRejected: "rejected",
    OrderTriggered: "triggered",
    OrderPendingUpdate: "pending_update",
    OrderPendingCancel: "pending_cancel",
    OrderUpdated: "updated",
    OrderModifyRejected: "modify_rejected",
    OrderCancelRejected: "cancel_rejected",
    OrderCanceled: "canceled",
    OrderExpired: "expired",
    OrderFilled: "filled",
}
REASONED = (OrderDenied, OrderRejected, OrderModifyRejected, OrderCancelRejected)
SIDES = {OrderSide.BUY: "buy", OrderSide.SELL: "sell"}
ORDER_TYPES = {kind: kind.name.lower() for kind in OrderType}
LIQUIDITY = {LiquiditySide.MAKER: "maker", LiquiditySide.TAKER: "taker"}


class Scribe:
    """Journals decisions with the texts behind them, orders, denials and changes of state.

    Parameters
    ----------
    journal : Journal
        Where it writes. What the journal raises goes on to whoever published the event, and so stops the run.
    """

    def __init__(self, journal: Journal, msgbus: MessageBus, cache: CacheFacade, clock: Clock) -> None:
        self._journal = journal
        self._msgbus = msgbus
        self._cache = cache
        self._clock = clock
        self._texts: dict[str, TextRecord] = {}
        self._also_at: dict[str, tuple[str, ...]] = {}

    def listen(self) -> None:
        """Subscribe to everything that is journaled, before anything is published."""
        self._msgbus.subscribe(topic=DECISIONS_TOPIC, handler=self.on_decision)
        self._msgbus.subscribe(topic="events.order.*", handler=self.on_order)
        self._msgbus.subscribe(topic=bus_topic(DataType(TextItem)), handler=self.on_text)
        self._msgbus.subscribe(topic=TEXT_REPEATS_TOPIC, handler=self.on_repeat)
        self._msgbus.subscribe(topic=CONTROL_TOPIC, handler=self.on_switch)
        self._msgbus.subscribe(topic=ENTRIES_TOPIC, handler=self.on_entry_end)
        self._msgbus.subscribe(topic=ORDER_WATCH_TOPIC, handler=self.on_order_watch)
        self._msgbus.subscribe(topic=NOTES_TOPIC, handler=self.on_note)

    def on_text(self, item: TextItem) -> None:
        """Keep what identifies a text, in case that a decision names it."""
        self._texts[item.item_id] = TextRecord(
            ts=item.ts_init,
            item_id=item.item_id,
            source=item.source,
            title=item.title,
            url=item.url,
            published=item.ts_event,
        )
        if len(self._texts) > REMEMBERED_TEXTS:
            del self._texts[next(iter(self._texts))]

    def on_repeat(self, repeat: Repeat) -> None:
        """Keep where else a text's story was told, in case that a decision names the text."""
        self._also_at[repeat.item_id] = repeat.also_at
        if len(self._also_at) > REMEMBERED_TEXTS:
            del self._also_at[next(iter(self._also_at))]

    def on_decision(self, record: DecisionRecord) -> None:
        """Journal the texts that no decision has named before, then the decision."""
        for item_id in record.sources:
            text = self._texts.pop(item_id, None)
            if text is not None:
                self._journal.write(msgspec.structs.replace(text, also_at=self._also_at.pop(item_id, ())))
        self._journal.write(record)

    def on_order(self, event: OrderEvent) -> None:
        """Journal one event of an order's life."""
        self._journal.write(order_record(event, self._cache.order(event.client_order_id)))

    def on_switch(self, command: StrategySwitch) -> None:
        """Journal that somebody enabled or disabled a strategy."""
        if isinstance(command, StrategySwitch):
            self.note(f"strategy:{command.strategy}", "enabled" if command.enabled else "disabled", by=command.by)

    def on_entry_end(self, end: EntryEnd) -> None:
        """Journal how a micro-trade's entry ended."""
        if isinstance(end, EntryEnd):
            self.note(f"entry:{end.client_order_id}", end.why, by="micro_trader")

    def on_order_watch(self, watch: OrderWatch) -> None:
        """Journal what was done about an order that the venue did not answer."""
        if isinstance(watch, OrderWatch):
            self.note(f"order:{watch.client_order_id}", watch.deed, by="order_manager")

    def on_note(self, note: Note) -> None:
        """Journal what somebody did from outside the node."""
        if isinstance(note, Note):
            self.note(note.subject, note.state, by=note.by)

    def on_state(self, change: StateChange) -> None:
        """Journal that the kill switch changed."""
        self._journal.write(change)

    def deny(self, order: Order, reason: str) -> None:
        """Journal that the gate held `order` back."""
        self._journal.write(
            DenialRecord(
                ts=self._clock.timestamp_ns(),
                client_order_id=order.client_order_id.value,
                strategy=order.strategy_id.value,
                instrument_id=order.instrument_id.value,
                tags=_all_tags(order),
                reason=reason,
            )
        )

    def cut(self, order: Order, asked: Quantity) -> None:
        """Journal that the gate cut `order` down from `asked`."""
        self._journal.write(
            CutRecord(
                ts=self._clock.timestamp_ns(),
                client_order_id=order.client_order_id.value,
                strategy=order.strategy_id.value,
                instrument_id=order.instrument_id.value,
                tags=_all_tags(order),
                asked=asked.as_double(),
                quantity=order.quantity.as_double(),
            )
        )

    def trip(self, trip: Trip, standings: Iterable[Standing]) -> None:
        """Journal that the circuit breaker tripped, and how far every limit was."""
        self._journal.write(
            TripRecord(
                ts=trip.ts,
                rule=trip.rule,
                value=trip.value,
                threshold=trip.threshold,
                state=trip.state.value,
                release="next_day" if trip.until_next_day else "person",
                limits=tuple((name, known(value), top) for name, value, top in standings),
            )
        )

    def note(self, subject: str, state: str, *, by: str) -> None:
        """Journal a change of state."""
        self._journal.write(StateRecord(ts=self._clock.timestamp_ns(), subject=subject, state=state, by=by))


def order_record(event: OrderEvent, order: Order | None) -> OrderRecord:
    """Return the journal's line for `event`, which has been applied to `order` if that is known."""
    if isinstance(event, OrderFilled):
        return _filled(event, order)
    if isinstance(event, OrderInitialized):
        return _initialized(event)
    updated = isinstance(event, OrderUpdated)
    return OrderRecord(
        ts=event.ts_event,
        event=EVENTS[type(event)],
        client_order_id=event.client_order_id.value,
        tags=_all_tags(order),
        quantity=event.quantity.as_double() if updated else None,
        price=event.price.as_double() if updated and event.price is not None else None,
        trigger_price=event.trigger_price.as_double() if updated and event.trigger_price is not None else None,
        reason=event.reason if isinstance(event, REASONED) else "",
    )


def _initialized(event: OrderInitialized) -> OrderRecord:
    price, trigger_price = event.options.get("price"), event.options.get("trigger_price")
    return OrderRecord(
        ts=event.ts_event,
        event=EVENTS[OrderInitialized],
        client_order_id=event.client_order_id.value,
        tags=_all_tags(event),
        strategy=event.strategy_id.value,
        instrument_id=event.instrument_id.value,
        side=SIDES[event.side],
        order_type=ORDER_TYPES[event.order_type],
        quantity=event.quantity.as_double(),
        price=None if price is None else float(price),
        trigger_price=None if trigger_price is None else float(trigger_price),
    )


def _filled(event: OrderFilled, order: Order | None) -> OrderRecord:
    whole = order is None or order.leaves_qty.as_double() == 0.0
    return OrderRecord(
        ts=event.ts_event,
        event=EVENTS[OrderFilled] if whole else "partially_filled",
        client_order_id=event.client_order_id.value,
        tags=_all_tags(order),
        strategy=event.strategy_id.value,
        instrument_id=event.instrument_id.value,
        side=SIDES[event.order_side],
        last_qty=event.last_qty.as_double(),
        last_px=event.last_px.as_double(),
        commission=event.commission.as_double(),
        currency=event.commission.currency.code,
        liquidity=LIQUIDITY.get(event.liquidity_side, ""),
    )


def _all_tags(order: Order | OrderInitialized | None) -> tuple[str, ...]:
    return tuple(order.tags or ()) if order is not None else ()
