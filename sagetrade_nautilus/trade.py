"""A decision on its way: from the entry's submission until the position is closed or the entry is dead."""

import msgspec
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId, PositionId

from sagetrade_nautilus.messages import DecisionRecord
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.model.one_exit import has_one_exit
from sagetrade_nautilus.model.readings import Composite


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
    composite : Composite, optional
        The one that it was decided on.

    Attributes
    ----------
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
    partners : frozenset[str]
        The ids of the trades that were decided together with it and have not opened: where one fails to, it is given
        up.
    follows : bool
        Whether its exits are kept to what the position is: a micro-trade's, and those of a trade that was taken up.
    one_exit : bool
        Whether its venue lets the position have one exit alone, as `model.one_exit` says.
    replaced : ClientOrderId, optional
        The stop that was cancelled to be sent anew in another size.
    """

    __slots__ = (
        "close_id",
        "closing",
        "composite",
        "decision",
        "due_ns",
        "entry_id",
        "follows",
        "instrument_id",
        "one_exit",
        "partners",
        "position_id",
        "record",
        "refusals",
        "replaced",
        "stop_id",
        "target_id",
        "trade_id",
    )

    def __init__(
        self,
        record: DecisionRecord,
        decision: Decision,
        entry_id: ClientOrderId,
        due_ns: int,
        composite: Composite | None,
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
        self.partners: frozenset[str] = frozenset()
        self.one_exit = has_one_exit(record.instrument_id)
        self.follows = self.one_exit
        self.replaced: ClientOrderId | None = None

    @property
    def is_held(self) -> bool:
        """Whether its position is open and nobody closes it yet."""
        return self.position_id is not None and not self.closing

    def opens(self, position_id: PositionId, order_id: ClientOrderId) -> bool:
        """Tell whether a position that `order_id` has opened is its own: an older entry may be filled late."""
        own = order_id == self.entry_id if self.position_id is None else position_id == self.position_id
        return bool(own)


class SavedTrade(msgspec.Struct, frozen=True, kw_only=True):
    """What of a trade must outlive the process; the rest is found at the venue."""

    record: DecisionRecord
    decision: Decision
    entry_id: str
    due_ns: int
    composite: Composite | None
    partners: frozenset[str] = frozenset()

    @classmethod
    def of(cls, trade: Trade) -> "SavedTrade":
        """Return what is saved of `trade`."""
        return cls(
            record=trade.record,
            decision=trade.decision,
            entry_id=trade.entry_id.value,
            due_ns=trade.due_ns,
            composite=trade.composite,
            partners=trade.partners,
        )

    def trade(self) -> Trade:
        """Return the trade as it was when its orders were sent."""
        trade = Trade(self.record, self.decision, ClientOrderId(self.entry_id), self.due_ns, self.composite)
        trade.partners = self.partners
        return trade


def tightens(stop: float, wish: float, price: float, *, long: bool) -> bool:
    """Tell whether moving a position's stop to `wish` brings it nearer to `price` without passing it."""
    return stop < wish < price if long else price < wish < stop
