"""What the advisor and the summaries remember of the past: decisions, trades, failed orders and headlines. Bounded.

It hears the journal's own records, so that a file read at the start and a bus heard later fill it alike.
"""

from collections import Counter, deque
from collections.abc import Iterable
from typing import Final

import msgspec

from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.guard.fills import fee_is_base, fill_of
from sagetrade_nautilus.guard.records import JournalRecord, OrderRecord, TextRecord
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from sagetrade_nautilus.model.records import ENTRY
from sagetrade_nautilus.model.round_trips import trade_amounts
from sagetrade_nautilus.model.text.clean import clean
from sagetrade_nautilus.model.text.entities import link

TRADES_MAX: Final = 5_000
DECISIONS_MAX: Final = 5_000
HEADLINES_MAX: Final = 500
FAILURES_MAX: Final = 5_000
TITLE_CHARS_MAX: Final = 160
FAILED: Final = frozenset({"rejected", "denied"})


class Headline(msgspec.Struct, frozen=True, kw_only=True):
    """A text that was heard. `title` and `source` are others' words, cleaned and cut; `ts` is when it was published."""

    item_id: str
    title: str
    source: str
    ts: int
    symbols: tuple[str, ...]

    @classmethod
    def of(cls, item_id: str, title: str, source: str, ts: int, symbols: Iterable[str] | None = None) -> "Headline":
        """Return a headline of outside text; whom it is about is read from its title where nobody says."""
        shown = clean(title, TITLE_CHARS_MAX)
        about = link(shown) if symbols is None else tuple(symbols)
        return cls(item_id=item_id, title=shown, source=clean(source, 40), ts=ts, symbols=about)


class ClosedTrade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade that is over.

    `net` is after `fees`, both in the account's currency; both are ``None`` where a fee was taken in another one.
    `side` is that of the entry, 'buy' or 'sell'; `exit_role` what closed it ('take_profit').
    """

    trade_id: str
    strategy: str
    instrument_id: str
    side: str
    opened_ns: int
    closed_ns: int
    quantity: float
    entry_price: float
    exit_price: float
    net: float | None
    fees: float | None
    exit_role: str


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade with the decision behind it; `fills` in the order in which they came, `closed` once it is over."""

    trade_id: str
    decision: DecisionRecord | None = None
    fills: tuple[OrderRecord, ...] = ()
    closed: ClosedTrade | None = None


class Recall:
    """Remembers. Nothing in it grows without bound: the oldest is forgotten first.

    Parameters
    ----------
    currency : str
        What the account is counted in.
    """

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._trades: dict[str, Trade] = {}
        self._closed: deque[ClosedTrade] = deque(maxlen=TRADES_MAX)
        self._decisions: deque[DecisionRecord] = deque(maxlen=DECISIONS_MAX)
        self._failures: deque[OrderRecord] = deque(maxlen=FAILURES_MAX)
        self._headlines: dict[str, Headline] = {}

    def hear(self, record: JournalRecord) -> None:
        """Take one record, in the order of the journal."""
        match record:
            case DecisionRecord():
                self._decisions.append(record)
                if record.trade_id is not None and record.verdict is Verdict.TAKEN:
                    self._keep(Trade(trade_id=record.trade_id, decision=record))
            case OrderRecord():
                self._hear_order(record)
            case TextRecord():
                self.hear_news(Headline.of(record.item_id, record.title, record.source, record.published))
            case _:
                pass

    def hear_news(self, headline: Headline) -> None:
        """Take one headline; one that is known already stays as it was."""
        if headline.item_id not in self._headlines:
            self._headlines[headline.item_id] = headline
            if len(self._headlines) > HEADLINES_MAX:
                del self._headlines[next(iter(self._headlines))]

    def closed(self, start_ns: int, end_ns: int) -> tuple[ClosedTrade, ...]:
        """Return the trades that ended from `start_ns` up to, not including, `end_ns`, the oldest first."""
        return tuple(trade for trade in self._closed if start_ns <= trade.closed_ns < end_ns)

    def trade(self, trade_id: str) -> Trade | None:
        """Return what is known of a trade."""
        return self._trades.get(trade_id)

    def newest(self, side: str | None, instruments: frozenset[str]) -> Trade | None:
        """Return the trade of the newest fill on `side` ('buy', 'sell' or either) in one of `instruments`."""
        found = [
            (fill.ts, number, trade)
            for number, trade in enumerate(self._trades.values())
            for fill in trade.fills
            if side in (None, fill.side) and fill.instrument_id in instruments
        ]
        return max(found, key=lambda item: item[:2])[2] if found else None

    def last_decision(self, instrument_id: str) -> DecisionRecord | None:
        """Return the newest decision about an instrument."""
        return next((made for made in reversed(self._decisions) if made.instrument_id == instrument_id), None)

    def verdicts(self, start_ns: int, end_ns: int) -> Counter[Verdict]:
        """Return how often each verdict was given in that time; a trade that the guard denied counts there alone."""
        made = [record for record in self._decisions if start_ns <= record.ts < end_ns]
        counted = Counter(record.verdict for record in made)
        counted[Verdict.TAKEN] -= counted[Verdict.DENIED_BY_GUARD]
        return +counted

    def failures(self, start_ns: int, end_ns: int) -> tuple[OrderRecord, ...]:
        """Return the orders that were rejected or denied in that time."""
        return tuple(order for order in self._failures if start_ns <= order.ts < end_ns)

    def headlines(self, symbols: frozenset[str]) -> tuple[Headline, ...]:
        """Return what was heard of any of `symbols`, the newest first."""
        about = [heard for heard in self._headlines.values() if symbols & set(heard.symbols)]
        return tuple(sorted(about, key=lambda heard: (-heard.ts, heard.item_id)))

    def _hear_order(self, record: OrderRecord) -> None:
        if record.event in FAILED:
            self._failures.append(record)
        if record.last_qty is None or len(record.tags) < 2:
            return
        known = self._trades.get(record.tags[0]) or Trade(trade_id=record.tags[0])
        if known.closed is not None and record.tags[1] == ENTRY:
            known = msgspec.structs.replace(known, fills=(), closed=None)  # a late fill begins another round
        trade = msgspec.structs.replace(known, fills=(*known.fills, record))
        closed = None if known.closed is not None else _closed(trade, self._currency)
        if closed is not None:
            self._closed.append(closed)
            trade = msgspec.structs.replace(trade, closed=closed)
        self._keep(trade)

    def _keep(self, trade: Trade) -> None:
        self._trades[trade.trade_id] = trade
        if len(self._trades) > TRADES_MAX:
            del self._trades[next(iter(self._trades))]


def _closed(trade: Trade, currency: str) -> ClosedTrade | None:
    """Return the trade's end, if as much was closed as was opened."""
    fills = [fill for record in trade.fills if (fill := fill_of(record)) is not None]
    try:
        amounts = trade_amounts(fills)
    except ReportError:
        return None
    exits = [record for record in trade.fills if record.tags[1] != ENTRY]
    known = all(_fee_is_known(record, currency) for record in trade.fills)
    return ClosedTrade(
        trade_id=trade.trade_id,
        strategy=fills[0].strategy if trade.decision is None else trade.decision.strategy,
        instrument_id=fills[0].instrument_id,
        side=amounts.side,
        opened_ns=amounts.entry_ts,
        closed_ns=trade.fills[-1].ts,
        quantity=amounts.quantity,
        entry_price=amounts.entry_price,
        exit_price=amounts.exit_price,
        net=amounts.net_pnl if known else None,
        fees=amounts.fees if known else None,
        exit_role=exits[-1].tags[1],
    )


def _fee_is_known(record: OrderRecord, currency: str) -> bool:
    """Tell whether a fee was taken in the account's currency or in the base, and not in some third one."""
    return record.currency in ("", currency) or not record.commission or fee_is_base(record)
