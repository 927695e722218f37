"""From a journal's records to trades: what each has filled so far, and what those made that are over.

Whoever tells of trades from a journal asks here, so that all tell the same: the bot, its advisor, the dashboard. Pure;
money is what the journal keeps, added up without rounding in between.
"""

from collections.abc import Collection, Iterator

import msgspec

from sagetrade_nautilus.guard.journal.fills import fee_is_base, fill_of
from sagetrade_nautilus.guard.journal.records import JournalRecord, OrderRecord
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from sagetrade_nautilus.model.records import ENTRY, FillRecord, purpose_of, read_tags
from sagetrade_nautilus.model.round_trips import TradeAmounts, is_closed, trade_amounts

replace = msgspec.structs.replace


class ClosedTrade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade that is over.

    Parameters
    ----------
    key : str
        As of its `JournaledTrade`.
    exit_purpose : str
        What the last exit was for: 'take_profit', 'stop_loss', 'time_exit', 'flatten' and the like.
    fee_currencies : frozenset[str]
        What its fees were taken in, but for the base currency, which `amounts` counts by its worth.
    """

    key: str
    trade_id: str
    strategy: str
    instrument_id: str
    amounts: TradeAmounts
    exit_purpose: str
    fee_currencies: frozenset[str] = frozenset()

    def counted_in(self, currency: str) -> TradeAmounts | None:
        """Return what it made, in the account's currency; ``None`` where a fee was taken in another one."""
        return self.amounts if self.fee_currencies <= {currency} else None


class JournaledTrade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade as far as a journal tells of it.

    Parameters
    ----------
    key : str
        Its id; where a restarted node has used that before, the id, '@' and the moment of its decision.
    decision : DecisionRecord, optional
        ``None`` where the journal does not hold it. Such a trade is never over: its entries may be elsewhere.
    orders : tuple[OrderRecord, ...]
        Its fills as they were journaled, in their order.
    fills : tuple[FillRecord, ...]
        What each of them moved and cost.
    asked : dict[str, float]
        The price that each of its orders asked for last, by the order's id.
    closed : ClosedTrade, optional
        What it made, while its fills leave nothing open: a late one can open it again.
    """

    key: str
    trade_id: str
    decision: DecisionRecord | None = None
    orders: tuple[OrderRecord, ...] = ()
    fills: tuple[FillRecord, ...] = ()
    asked: dict[str, float] = {}
    closed: ClosedTrade | None = None

    def with_order(self, record: OrderRecord) -> "JournaledTrade":
        """Return the trade after one more event of one of its orders."""
        asked = record.price if record.price is not None else record.trigger_price
        trade = self if asked is None else replace(self, asked={**self.asked, record.client_order_id: asked})
        fill = fill_of(record, trade.key, self.decision.strategy if self.decision else "", trade._reference(record))
        if fill is None:
            return trade
        trade = replace(trade, orders=(*trade.orders, record), fills=(*trade.fills, fill))
        return replace(trade, closed=trade._end())

    def _reference(self, record: OrderRecord) -> float | None:
        """Return the price that the decision saw, for an entry, or that an exit asked for."""
        if read_tags(record).role == ENTRY:
            return None if self.decision is None else self.decision.price
        return self.asked.get(record.client_order_id)

    def _end(self) -> ClosedTrade | None:
        if self.decision is None or not is_closed(self.fills):
            return None
        exits = [role for record in self.orders if (role := read_tags(record).role) != ENTRY]
        paid = (record for record in self.orders if record.commission and not fee_is_base(record))
        return ClosedTrade(
            key=self.key,
            trade_id=self.trade_id,
            strategy=self.decision.strategy,
            instrument_id=self.decision.instrument_id,
            amounts=trade_amounts(self.fills),
            exit_purpose=purpose_of(exits[-1]),
            fee_currencies=frozenset(record.currency for record in paid if record.currency),
        )


class Trades:
    """Hears a journal's records in order, and keeps its trades.

    Parameters
    ----------
    kept_max : int, optional
        How many trades are kept with all that is known of them; the oldest is forgotten first.
    closed_max : int, optional
        How many of those that are over are kept with what they made.
    """

    def __init__(self, kept_max: int | None = None, closed_max: int | None = None) -> None:
        self._kept_max = kept_max
        self._closed_max = closed_max
        self._kept: dict[str, JournaledTrade] = {}
        self._closed: dict[str, ClosedTrade] = {}
        self._keys: dict[str, str] = {}

    def __iter__(self) -> Iterator[JournaledTrade]:
        """Iterate over the trades that are kept, in the order in which they began."""
        return iter(self._kept.values())

    @property
    def closed(self) -> Collection[ClosedTrade]:
        """The trades that are over, in the order in which they ended."""
        return self._closed.values()

    def trade(self, trade_id: str) -> JournaledTrade | None:
        """Return the trade that goes by an id now."""
        return self._kept.get(self._keys.get(trade_id, ""))

    def hear(self, record: JournalRecord) -> JournaledTrade | None:
        """Take one record; return the trade that it began or filled, if it did."""
        match record:
            case DecisionRecord():
                return self._begin(record)
            case OrderRecord():
                return self._hear_order(record)
            case _:
                return None

    def _begin(self, record: DecisionRecord) -> JournaledTrade | None:
        trade_id = record.trade_id
        if trade_id is None or record.verdict is not Verdict.TAKEN:
            return None
        is_used = trade_id in self._kept or trade_id in self._closed
        key = f"{trade_id}@{record.ts}" if is_used else trade_id
        return self._keep(JournaledTrade(key=key, trade_id=trade_id, decision=record))

    def _hear_order(self, record: OrderRecord) -> JournaledTrade | None:
        trade_id, role = read_tags(record)
        known = self.trade(trade_id)
        if not role or (known is None and record.last_qty is None):
            return None
        before = known or JournaledTrade(key=trade_id, trade_id=trade_id)
        trade = before.with_order(record)
        if len(trade.fills) > len(before.fills):
            return self._keep(trade)
        if known is not None:
            self._kept[trade.key] = trade
        return None

    def _keep(self, trade: JournaledTrade) -> JournaledTrade:
        self._kept[trade.key] = trade
        self._keys[trade.trade_id] = trade.key
        if self._kept_max is not None and len(self._kept) > self._kept_max:
            self._forget(next(iter(self._kept.values())))
        if trade.closed is not None:
            self._closed.pop(trade.key, None)  # a late fill has it end later
            self._closed[trade.key] = trade.closed
            if self._closed_max is not None and len(self._closed) > self._closed_max:
                del self._closed[next(iter(self._closed))]
        elif trade.decision is not None:
            self._closed.pop(trade.key, None)
        return trade

    def _forget(self, trade: JournaledTrade) -> None:
        del self._kept[trade.key]
        if self._keys.get(trade.trade_id) == trade.key:
            del self._keys[trade.trade_id]
