"""What a running node looks like at one moment: for the bot, the metrics and the dashboard, which all ask here."""

from collections import deque
from math import isfinite

import msgspec
from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.model.identifiers import ClientOrderId, Venue
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position

from sagetrade_nautilus.data import CompositeSignal, TextItem, TextSignal
from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.guard.view import GuardView
from sagetrade_nautilus.messages import GUARD_VIEW_ENDPOINT, NODE_VIEW_ENDPOINT
from sagetrade_nautilus.model.readings import Composite
from sagetrade_nautilus.prices import Prices

COMPOSITES_TOPIC = f"data.{CompositeSignal.__name__}*"
TEXT_SIGNALS_TOPIC = f"data.{TextSignal.__name__}*"
TEXT_ITEMS_TOPIC = f"data.{TextItem.__name__}*"
TEXTS_MAX = 50
"""How many scored texts are kept."""
ITEMS_MAX = 1_000


class HeldPosition(msgspec.Struct, frozen=True, kw_only=True):
    """An open position.

    `entry_price` is the average, `last_price`, `notional` and `unrealized` (before fees of the exit) are in quote
    currency and ``None`` while no price is known. `take_profit` and `stop_loss` are the prices of its resting exits.
    """

    instrument_id: str
    side: str
    quantity: float
    entry_price: float
    last_price: float | None
    notional: float | None
    unrealized: float | None
    opened_ns: int
    strategy: str
    trade_id: str
    take_profit: float | None = None
    stop_loss: float | None = None


class WorkingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that rests or is on its way. `role` is its tag: 'entry', 'take_profit', 'stop_loss' and the like."""

    client_order_id: str
    instrument_id: str
    side: str
    order_type: str
    quantity: float
    filled: float
    price: float | None
    trigger_price: float | None
    status: str
    strategy: str
    trade_id: str
    role: str


class LastSignal(msgspec.Struct, frozen=True, kw_only=True):
    """The newest composite of an instrument, and when it was published (UNIX nanoseconds)."""

    instrument_id: str
    ts: int
    signal_id: str
    composite: Composite


class ScoredText(msgspec.Struct, frozen=True, kw_only=True):
    """A text as it was scored for one entity; `ts` is when, `published` when it says that it came out.

    `title` and `url` come from outside. Sentiment lies in [-1, 1], impact and confidence in [0, 1].
    """

    ts: int
    published: int
    item_id: str
    entity: str
    source: str
    title: str
    url: str
    event: str
    sentiment: float
    impact: float
    confidence: float


class LastPrice(msgspec.Struct, frozen=True, kw_only=True):
    """The newest price of an instrument, ``None`` where none is known, and how old it is."""

    instrument_id: str
    price: float | None
    age_s: float | None


class ClientView(msgspec.Struct, frozen=True):
    """A client of a live node: 'data BINANCE' or 'exec BINANCE', and whether it is connected."""

    client: str
    connected: bool


class NodeView(msgspec.Struct, frozen=True, kw_only=True):
    """How a live node runs: its clients, how many messages wait in each queue, whether it was asked to stop."""

    clients: tuple[ClientView, ...]
    queues: dict[str, int]
    stopping: bool


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """A node at one moment. Money is in `guard.currency`; what is not known is ``None``.

    Parameters
    ----------
    ts : int
        The moment, UNIX nanoseconds of the node's clock.
    started_ns : int
        When the observer was made.
    guard : GuardView
        What may trade and how far every limit is.
    balances : dict[str, float]
        The account's totals by currency.
    positions, orders, signals, prices
        What is open, what rests, the newest composites, the newest prices; each in a fixed order.
    last_text_ns : int, optional
        When a text was last scored.
    node : NodeView, optional
        How the node runs; ``None`` in a backtest.
    texts : tuple[ScoredText, ...]
        The last that were scored, the newest first.
    """

    ts: int
    started_ns: int
    guard: GuardView
    balances: dict[str, float]
    positions: tuple[HeldPosition, ...]
    orders: tuple[WorkingOrder, ...]
    signals: tuple[LastSignal, ...]
    prices: tuple[LastPrice, ...]
    last_text_ns: int | None = None
    node: NodeView | None = None
    texts: tuple[ScoredText, ...] = ()


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
        self._last_text_ns: int | None = None
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
            last_text_ns=self._last_text_ns,
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

    def node(self) -> NodeView | None:
        """Return how the node runs, ``None`` in a backtest."""
        said: list[NodeView] = []
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
        self._last_text_ns = signal.ts_init
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


def known(value: float) -> float | None:
    """Return a number, ``None`` for one that is not finite: that is how 'unknown' travels in JSON."""
    return value if isfinite(value) else None


def _held(position: Position, prices: Prices, cache: CacheFacade, alive: dict[ClientOrderId, Order]) -> HeldPosition:
    last = prices.last(position.instrument_id)
    quantity = position.quantity.as_double()
    opening = cache.order(position.opening_order_id)
    trade_id, _ = _tags(opening)
    exits = [order for order in alive.values() if order.is_reduce_only and trade_id and _tags(order)[0] == trade_id]
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
        take_profit=next((_number(order, "price") for order in exits if _tags(order)[1] == "take_profit"), None),
        stop_loss=next((_number(order, "trigger_price") for order in exits if _tags(order)[1] == "stop_loss"), None),
    )


def _working(order: Order) -> WorkingOrder:
    trade_id, role = _tags(order)
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


def _tags(order: Order | None) -> tuple[str, str]:
    """Return the id of an order's trade and its role, as SageStrategy tags them; empty where they are not known."""
    tags = [] if order is None else order.tags or []
    return (tags[0], tags[1]) if len(tags) > 1 else ("", "")


def _number(order: Order, name: str) -> float | None:
    value = getattr(order, name, None)
    return None if value is None else float(value.as_double())
