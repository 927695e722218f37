"""Everything that an answer may say: one flat set of facts, taken from what the node shows and what is remembered."""

from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from sagetrade_nautilus.bot.advisor.question import Question
from sagetrade_nautilus.bot.advisor.recall import Headline, Recall
from sagetrade_nautilus.bot.advisor.symbols import COIN_SYMBOLS, base
from sagetrade_nautilus.bot.words.periods import Period, span
from sagetrade_nautilus.config import AggregatorConfig, CostConfig, LimitConfig
from sagetrade_nautilus.guard.breaker.breaker import Trip
from sagetrade_nautilus.guard.journal.records import OrderRecord
from sagetrade_nautilus.guard.journal.trades import ClosedTrade, JournaledTrade
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from sagetrade_nautilus.model.aggregation import MARKET_WIDE
from sagetrade_nautilus.model.readings import Component, Composite
from sagetrade_nautilus.nanos import NANOS_PER_DAY, NANOS_PER_SECOND
from sagetrade_nautilus.overview import HeldPosition, Overview

HEADLINES_SHOWN: Final = 5


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration says that an answer needs.

    Parameters
    ----------
    round_trip_bps, taker_fee_bps, slippage_bps : float
        What entering and leaving costs; what each fill and each order that takes liquidity costs.
    neutral_band : float
        The absolute score below which a composite has no direction.
    max_price_age_s : float
        How old a price may be.
    """

    round_trip_bps: float
    taker_fee_bps: float
    slippage_bps: float
    neutral_band: float
    max_price_age_s: float

    @classmethod
    def of(cls, costs: CostConfig, aggregator: AggregatorConfig, limits: LimitConfig) -> "Rules":
        """Return the rules of a run with these sections."""
        return cls(
            round_trip_bps=costs.round_trip_bps,
            taker_fee_bps=costs.taker_fee_bps,
            slippage_bps=costs.slippage_bps,
            neutral_band=aggregator.neutral_band,
            max_price_age_s=limits.max_price_age_s,
        )


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one instrument; what is not is ``None``.

    Parameters
    ----------
    name, symbol : str
        'BTCUSDT' and 'BTC'.
    composite : Composite, optional
        The newest, `age_s` seconds old.
    is_fresh : bool
        Whether the last price is young enough to trade on.
    decision : DecisionRecord, optional
        The newest about it.
    """

    instrument_id: str
    name: str
    symbol: str
    price: float | None
    price_age_s: float | None
    is_fresh: bool
    composite: Composite | None
    age_s: float | None
    decision: DecisionRecord | None

    @property
    def parts(self) -> tuple[Component, ...]:
        """The parts of the score that add anything to it, the largest contribution first."""
        parts = self.composite.components if self.composite is not None else ()
        return tuple(sorted((part for part in parts if contribution(part)), key=lambda part: -abs(contribution(part))))


class LimitFact(msgspec.Struct, frozen=True):
    """A limit, its value and threshold, and the share of it that is used; the last is ``None`` while unknown."""

    name: str
    value: float | None
    threshold: float
    used: float | None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that may be said in answer to one question. Money is in `currency`, times are UNIX nanoseconds.

    Parameters
    ----------
    readings : tuple[Reading, ...]
        Of the instrument that is asked about; of all where none is named; of none where nobody trades it.
    symbols : tuple[str, ...]
        The names of all instruments of the node.
    limits : tuple[LimitFact, ...]
        The most used first.
    closed : tuple[ClosedTrade, ...]
        The trades that ended within `period`, of the instrument that is asked about.
    trade : JournaledTrade, optional
        The one that a question about a reason means.
    verdicts : tuple[tuple[Verdict, int], ...]
        How many decisions ended how, within the last 24 hours.
    failures : int
        Orders rejected or denied within the last 24 hours.
    last_failure : OrderRecord, optional
        The newest of them.
    """

    ts: int
    currency: str
    state: str
    reason: str
    trips: tuple[Trip, ...]
    equity: float | None
    day_start: float | None
    budget_left: float
    losses_in_a_row: int
    limits: tuple[LimitFact, ...]
    readings: tuple[Reading, ...]
    symbols: tuple[str, ...]
    positions: tuple[HeldPosition, ...]
    rules: Rules
    period: Period
    closed: tuple[ClosedTrade, ...]
    trade: JournaledTrade | None
    verdicts: tuple[tuple[Verdict, int], ...]
    failures: int
    last_failure: OrderRecord | None
    disabled: tuple[str, ...]
    headlines: tuple[Headline, ...]


def gather(question: Question, overview: Overview, recall: Recall, rules: Rules, zone: ZoneInfo) -> Facts:
    """Return what may be said in answer to `question`; days begin at midnight in `zone`."""
    guard, now = overview.guard, overview.ts
    meant = [price.instrument_id for price in overview.prices if question.symbol in (None, base(price.instrument_id))]
    names = frozenset(meant)
    day = (now - NANOS_PER_DAY, now + 1)
    closed = recall.closed(*span(question.period, now + 1, zone))
    failures = recall.failures(*day)
    return Facts(
        ts=now,
        currency=guard.currency,
        state=guard.state,
        reason=guard.reason,
        trips=guard.trips,
        equity=guard.equity,
        day_start=guard.day_start,
        budget_left=guard.budget_left,
        losses_in_a_row=guard.losses_in_a_row,
        limits=limit_facts(overview),
        readings=tuple(_reading(name, overview, recall, rules) for name in meant),
        symbols=tuple(price.instrument_id.rpartition(".")[0] for price in overview.prices),
        positions=tuple(held for held in overview.positions if held.instrument_id in names),
        rules=rules,
        period=question.period,
        closed=tuple(trade for trade in closed if trade.instrument_id in names),
        trade=recall.trade(question.trade_id) if question.trade_id else recall.newest(question.side, names),
        verdicts=tuple(sorted(recall.verdicts(*day).items())),
        failures=len(failures),
        last_failure=failures[-1] if failures else None,
        disabled=tuple(strategy.label for strategy in guard.strategies if not strategy.enabled),
        headlines=recall.headlines(_about(question, names))[:HEADLINES_SHOWN],
    )


def limit_facts(overview: Overview) -> tuple[LimitFact, ...]:
    """Return every limit with the share of it that is used, the most used first; unknown ones last."""
    found = [
        LimitFact(
            limit.limit,
            limit.value,
            limit.threshold,
            limit.value / limit.threshold if limit.value is not None and limit.threshold > 0.0 else None,
        )
        for limit in overview.guard.limits
    ]
    return tuple(sorted(found, key=lambda fact: (fact.used is None, -(fact.used or 0.0), fact.name)))


def contribution(part: Component) -> float:
    """Return what a part adds to its composite's score."""
    return part.weight * part.score


def _about(question: Question, instruments: frozenset[str]) -> frozenset[str]:
    """Return whose headlines are meant: the symbol that is named, or everything that the node trades.

    News of the whole market is news of every coin.
    """
    named = frozenset({question.symbol} if question.symbol is not None else map(base, instruments))
    return named | {MARKET_WIDE} if named & COIN_SYMBOLS else named


def _reading(instrument_id: str, overview: Overview, recall: Recall, rules: Rules) -> Reading:
    price = next(price for price in overview.prices if price.instrument_id == instrument_id)
    signal = next((signal for signal in overview.signals if signal.instrument_id == instrument_id), None)
    return Reading(
        instrument_id=instrument_id,
        name=instrument_id.rpartition(".")[0],
        symbol=base(instrument_id),
        price=price.price,
        price_age_s=price.age_s,
        is_fresh=price.age_s is not None and price.age_s <= rules.max_price_age_s,
        composite=None if signal is None else signal.composite,
        age_s=None if signal is None else (overview.ts - signal.ts) / NANOS_PER_SECOND,
        decision=recall.last_decision(instrument_id),
    )
