"""A decision on its way: from the entry's submission until the position is closed or the entry is dead."""

from nautilus_trader.model.data import Bar
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId, PositionId
from nautilus_trader.model.position import Position

from sagetrade_nautilus.messages import DecisionRecord
from sagetrade_nautilus.model.decision import Decision, MarketState, PositionState
from sagetrade_nautilus.model.readings import Composite

NANOS_PER_SECOND = 1_000_000_000


class Trade:
    """What a strategy remembers of one decision that it took.

    Parameters
    ----------
    record : DecisionRecord
        The decision as it was journaled.
    decision : Decision
        The decision itself: where its exits are.
    entry_id : ClientOrderId
        The entry order.
    due_ns : int
        When its time is over, in UNIX nanoseconds.
    composite : Composite
        The one that it was decided on.

    Attributes
    ----------
    composite : Composite
        The last one that was published for its instrument.
    position_id : PositionId, optional
        The position that it opened, once it did.
    stop_id, target_id : ClientOrderId, optional
        A micro-trade's exits, once they were sent.
    closing : str, optional
        Why it is being closed, once it is.
    close_id : ClientOrderId, optional
        The order that closes it, once that was sent.
    refusals : int
        How often a change of its exits, or its close, was refused.
    """

    __slots__ = (
        "close_id",
        "closing",
        "composite",
        "decision",
        "due_ns",
        "entry_id",
        "instrument_id",
        "position_id",
        "record",
        "refusals",
        "stop_id",
        "target_id",
        "trade_id",
    )

    def __init__(
        self, record: DecisionRecord, decision: Decision, entry_id: ClientOrderId, due_ns: int, composite: Composite
    ) -> None:
        self.record = record
        self.decision = decision
        self.trade_id = record.trade_id or ""
        self.instrument_id = InstrumentId.from_str(record.instrument_id)
        self.entry_id = entry_id
        self.due_ns = due_ns
        self.composite = composite
        self.position_id: PositionId | None = None
        self.stop_id: ClientOrderId | None = None
        self.target_id: ClientOrderId | None = None
        self.closing: str | None = None
        self.close_id: ClientOrderId | None = None
        self.refusals = 0


def market_state(bar: Bar, position: Position, trade: Trade) -> MarketState:
    """Return what a plugin's `on_tick` sees of the trade and its position at the close of `bar`."""
    price = bar.close.as_double()
    long = position.is_long
    move = price / position.avg_px_open - 1.0
    held = PositionState(
        trade_id=trade.trade_id,
        side="buy" if long else "sell",
        quantity=position.quantity.as_double(),
        entry_price=position.avg_px_open,
        age_seconds=(bar.ts_init - position.ts_opened) / NANOS_PER_SECOND,
        unrealized_bps=(move if long else -move) * 10_000.0,
    )
    return MarketState(bar.ts_init, price, bar.high.as_double(), bar.low.as_double(), (held,), trade.composite)


def tightens(stop: float, wish: float, state: MarketState) -> bool:
    """Tell whether moving a stop to `wish` brings it nearer to the price without passing it."""
    return stop < wish < state.price if state.positions[0].side == "buy" else state.price < wish < stop
