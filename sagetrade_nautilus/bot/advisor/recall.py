"""What the advisor and the summaries remember of the past: decisions, trades, failed orders and headlines. Bounded.

It hears the journal's own records, so that a file read at the start and a bus heard later fill it alike.
"""

from collections import Counter, deque
from collections.abc import Iterable
from typing import Final

import msgspec

from sagetrade_nautilus.guard.journal.records import JournalRecord, OrderRecord, TextRecord
from sagetrade_nautilus.guard.journal.trades import ClosedTrade, JournaledTrade, Trades
from sagetrade_nautilus.messages import DecisionRecord, Verdict
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


class Recall:
    """Remembers. Nothing in it grows without bound: the oldest is forgotten first."""

    def __init__(self) -> None:
        self._trades = Trades(TRADES_MAX, TRADES_MAX)
        self._decisions: deque[DecisionRecord] = deque(maxlen=DECISIONS_MAX)
        self._failures: deque[OrderRecord] = deque(maxlen=FAILURES_MAX)
        self._headlines: dict[str, Headline] = {}

    def hear(self, record: JournalRecord) -> None:
        """Take one record, in the order of the journal."""
        self._trades.hear(record)
        match record:
            case DecisionRecord():
                self._decisions.append(record)
            case OrderRecord() if record.event in FAILED:
                self._failures.append(record)
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
        return tuple(trade for trade in self._trades.closed if start_ns <= trade.amounts.exit_ts < end_ns)

    def trade(self, trade_id: str) -> JournaledTrade | None:
        """Return what is known of a trade."""
        return self._trades.trade(trade_id)

    def newest(self, side: str | None, instruments: frozenset[str]) -> JournaledTrade | None:
        """Return the trade of the newest fill on `side` ('buy', 'sell' or either) in one of `instruments`."""
        found = [
            (fill.ts, number, trade)
            for number, trade in enumerate(self._trades)
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
