"""What a running node looks like at one moment: for the bot, the metrics and the dashboard, which all ask here."""

import msgspec

from sagetrade_nautilus.guard.view import GuardView
from sagetrade_nautilus.model.readings import Composite
from sagetrade_nautilus.nanos import NANOS_PER_SECOND


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


class ClientStatus(msgspec.Struct, frozen=True):
    """A client of a live node: 'data BINANCE' or 'exec BINANCE', and whether it is connected."""

    client: str
    connected: bool


class NodeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a live node runs: its clients, how many messages wait in each queue, whether it was asked to stop."""

    clients: tuple[ClientStatus, ...]
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
    node : NodeStatus, optional
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
    node: NodeStatus | None = None
    texts: tuple[ScoredText, ...] = ()

    def price_age_s(self, last: LastPrice) -> float:
        """Return how old a price is, in seconds; where none has come yet, how long one has been waited for."""
        return (self.ts - self.started_ns) / NANOS_PER_SECOND if last.age_s is None else last.age_s
