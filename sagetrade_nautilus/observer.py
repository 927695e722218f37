"""What looks at a running node and tells what it sees, as an `Overview`."""

from collections import deque

import msgspec
from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.model.identifiers import ClientOrderId, Venue
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position

from sagetrade_nautilus.data import CompositeSignal, TextItem, TextSignal
from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.guard.standing import known
from sagetrade_nautilus.guard.view import GuardView
from sagetrade_nautilus.messages import GUARD_VIEW_ENDPOINT, NODE_VIEW_ENDPOINT
from sagetrade_nautilus.model.records import STOP_LOSS, TAKE_PROFIT, read_tags
from sagetrade_nautilus.overview import (
    HeldPosition,
    LastPrice,
    LastSignal,
    NodeStatus,
    Overview,
    ScoredText,
    WorkingOrder,
)
from sagetrade_nautilus.prices import Prices

COMPOSITES_TOPIC = f"data.{CompositeSignal.__name__}*"
TEXT_SIGNALS_TOPIC = f"data.{TextSignal.__name__}*"
TEXT_ITEMS_TOPIC = f"data.{TextItem.__name__}*"
TEXTS_MAX = 50
"""How many scored texts are kept."""
ITEMS_MAX = 1_000


class Observer:
    """Listens on a node's bus and tells what the node looks like; it can change nothing.

    Make one in an actor's `on_start`, once the guard stands.

    Raises
    ------
    GuardError
        There is no guard on this bus.
    """

    def __init__(self, msgbus: MessageBus, cache: CacheFacade, clock: Clock) -> None:
        if GUARD_VIEW_ENDPOINT not in msgbus.endpoints():
            raise GuardError("nobody guards this node: name the guard as its controller")
        self._msgbus = msgbus
        self._cache = cache
        self._clock = clock
        self._started_ns: int = clock.timestamp_ns()
        self._signals: dict[str, LastSignal] = {}
        self._titles: dict[str, str] = {}
        self._texts: deque[ScoredText] = deque(maxlen=TEXTS_MAX)
        msgbus.subscribe(topic=COMPOSITES_TOPIC, handler=self._on_composite)
        msgbus.subscribe(topic=TEXT_ITEMS_TOPIC, handler=self._on_item)
        msgbus.subscribe(topic=TEXT_SIGNALS_TOPIC, handler=self._on_text)

    def look(self) -> Overview:
        """Return the node as it is now."""
        guard = self.guard()
        now_ns: int = self._clock.timestamp_ns()
        prices = Prices(self._cache, now_ns)
        account = self._cache.account_for_venue(Venue(guard.venue))
        totals = {} if account is None else account.balances_total()
        resting = [*self._cache.orders_open(), *self._cache.orders_inflight()]
        alive = {order.client_order_id: order for order in resting}
        return Overview(
            ts=now_ns,
            started_ns=self._started_ns,
            guard=guard,
            balances={str(currency): float(total.as_double()) for currency, total in totals.items()},
            positions=tuple(
                sorted(
                    (_held(position, prices, self._cache, alive) for position in self._cache.positions_open()),
                    key=lambda held: (held.opened_ns, held.trade_id, held.instrument_id),
                )
            ),
            orders=tuple(
                sorted((_working(order) for order in alive.values()), key=lambda order: order.client_order_id)
            ),
            signals=tuple(self._signals[name] for name in sorted(self._signals)),
            prices=tuple(
                LastPrice(
                    instrument_id=str(instrument_id),
                    price=known(prices.last(instrument_id)),
                    age_s=known(prices.market(instrument_id).age_s),
                )
                for instrument_id in sorted(self._cache.instrument_ids(), key=str)
            ),
            last_text_ns=self._texts[-1].ts if self._texts else None,
            node=self.node(),
            texts=tuple(
                msgspec.structs.replace(text, title=self._titles.get(text.item_id, ""))
                for text in reversed(self._texts)
            ),
        )

    def guard(self) -> GuardView:
        """Return what the guard says now."""
        said: list[GuardView] = []
        self._msgbus.send(GUARD_VIEW_ENDPOINT, said.append)
        return said[0]

    def node(self) -> NodeStatus | None:
        """Return how the node runs, ``None`` in a backtest."""
        said: list[NodeStatus] = []
        if NODE_VIEW_ENDPOINT in self._msgbus.endpoints():
            self._msgbus.send(NODE_VIEW_ENDPOINT, said.append)
        return said[0] if said else None

    def _on_composite(self, signal: CompositeSignal) -> None:
        name = str(signal.instrument_id)
        self._signals[name] = LastSignal(
            instrument_id=name, ts=signal.ts_init, signal_id=signal.signal_id, composite=signal.reading
        )

    def _on_item(self, item: TextItem) -> None:
        self._titles[item.item_id] = item.title
        if len(self._titles) > ITEMS_MAX:
            del self._titles[next(iter(self._titles))]

    def _on_text(self, signal: TextSignal) -> None:
        self._texts.append(
            ScoredText(
                ts=signal.ts_init,
                published=signal.ts_event,
                item_id=signal.item_id,
                entity=signal.entity,
                source=signal.source,
                title="",  # whoever scores a text hears of it before us, and tells at once
                url=signal.url,
                event=signal.event,
                sentiment=signal.sentiment,
                impact=signal.impact_score,
                confidence=signal.confidence,
            )
        )


def _held(position: Position, prices: Prices, cache: CacheFacade, alive: dict[ClientOrderId, Order]) -> HeldPosition:
    last = prices.last(position.instrument_id)
    quantity = position.quantity.as_double()
    opening = cache.order(position.opening_order_id)
    trade_id = read_tags(opening).trade_id
    exits: dict[str, Order] = {}
    for order in alive.values():
        tags = read_tags(order)
        if order.is_reduce_only and trade_id and tags.trade_id == trade_id:
            exits.setdefault(tags.role, order)
    return HeldPosition(
        instrument_id=str(position.instrument_id),
        side="long" if position.is_long else "short",
        quantity=quantity,
        entry_price=position.avg_px_open,
        last_price=known(last),
        notional=known(quantity * last),
        unrealized=known((last - position.avg_px_open) * position.signed_qty),
        opened_ns=position.ts_opened,
        strategy=str(position.strategy_id),
        trade_id=trade_id,
        take_profit=_number(exits.get(TAKE_PROFIT), "price"),
        stop_loss=_number(exits.get(STOP_LOSS), "trigger_price"),
    )


def _working(order: Order) -> WorkingOrder:
    trade_id, role = read_tags(order)
    return WorkingOrder(
        client_order_id=str(order.client_order_id),
        instrument_id=str(order.instrument_id),
        side=order.side_string().lower(),
        order_type=order.type_string().lower(),
        quantity=order.quantity.as_double(),
        filled=order.filled_qty.as_double(),
        price=_number(order, "price"),
        trigger_price=_number(order, "trigger_price"),
        status=order.status_string().lower(),
        strategy=str(order.strategy_id),
        trade_id=trade_id,
        role=role,
    )


def _number(order: Order | None, name: str) -> float | None:
    value = getattr(order, name, None)
    return None if value is None else float(value.as_double())
