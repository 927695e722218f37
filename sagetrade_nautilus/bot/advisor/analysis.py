"""What the signals of one instrument say, line by line: score, parts, market, costs, and what would change it."""

from collections.abc import Iterable
from typing import Final

from sagetrade_nautilus.bot.advisor.facts import Facts, Reading, contribution
from sagetrade_nautilus.bot.words.figures import Show
from sagetrade_nautilus.model.readings import Component
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

PARTS_SHOWN: Final = 5
STRENGTHS: Final = ((0.6, "strong"), (0.3, "moderate"), (0.0, "weak"))
BPS_PER_PERCENT: Final = 100.0
SCORE_MAX: Final = 1.0


def verdict(reading: Reading, facts: Facts, show: Show) -> str:
    """Return in one sentence where the signals of an instrument point, or why nothing can be said."""
    composite = reading.composite
    if composite is None:
        key = "nosignal" if reading.price is not None else "noprice"
        return show.text(f"verdict.{key}", name=reading.name)
    if not reading.is_fresh:
        age, most = show.span(reading.price_age_s), show.span(facts.rules.max_price_age_s)
        return show.text("verdict.stale", name=reading.name, age=age, max=most)
    if composite.direction == 0:
        return show.text("verdict.flat", name=reading.name)
    way = "up" if composite.direction > 0 else "down"
    return show.text(f"verdict.{way}_{_strength(composite.score)}", name=reading.name)


def signals(reading: Reading, facts: Facts, show: Show) -> Iterable[str]:
    """Yield the score with its confidence and age, its parts, and the market."""
    composite = reading.composite
    if composite is not None:
        yield show.text(
            "line.score",
            score=show.score(composite.score),
            low=show.whole(-SCORE_MAX),
            high=show.whole(SCORE_MAX),
            confidence=show.share(composite.confidence),
            age=show.span(reading.age_s),
        )
        shown = reading.parts[:PARTS_SHOWN]
        if shown:
            yield made_of(shown, show)
            if not any(part.kind == "text" for part in reading.parts):
                yield show.text("line.no_text")
    yield from market(reading, show)


def made_of(parts: Iterable[Component], show: Show) -> str:
    """Return the parts of a score in one line: each with its measurement and what it adds."""
    said = [
        show.text("line.part", part=show.part(part), value=show.plain(part.value), adds=show.score(contribution(part)))
        for part in parts
    ]
    return show.text("line.parts", parts=show.text("line.and").join(said))


def market(reading: Reading, show: Show) -> Iterable[str]:
    """Yield the state of the market and the last price."""
    if reading.composite is not None:
        volatility = show.pct(reading.composite.volatility * 100.0)
        yield show.text("line.market", regime=show.regime(reading.composite.regime), volatility=volatility)
    if reading.price is not None:
        yield show.text("line.price", price=show.price(reading.price), age=show.span(reading.price_age_s))


def costs(reading: Reading, facts: Facts, show: Show) -> Iterable[str]:
    """Yield what a trade costs, against what the market moves within an hour."""
    bps = facts.rules.round_trip_bps
    shown = {"bps": show.bps(bps), "pct": show.pct(bps / BPS_PER_PERCENT)}
    if reading.composite is None:
        yield show.text("line.costs", **shown)
    else:
        move = show.pct(reading.composite.volatility * 100.0)
        yield show.text("line.costs_and_move", move=move, **shown)


def mind(reading: Reading, facts: Facts, show: Show) -> Iterable[str]:
    """Yield what would change the verdict: the neutral band, and the part without which it would be another."""
    composite, band = reading.composite, facts.rules.neutral_band
    if composite is None:
        return
    if composite.direction == 0:
        yield show.text("mind.flat", band=show.plain(band))
    else:
        turned = -band if composite.direction > 0 else band
        yield show.text("mind.directed", band=show.plain(band), turned=show.score(turned))
    if reading.parts:
        most = reading.parts[0]
        without = composite.score - contribution(most)
        yield show.text("mind.without", part=show.part(most), score=show.score(without))


def decided(reading: Reading, facts: Facts, show: Show) -> Iterable[str]:
    """Yield what became of the strategies' newest decision about the instrument."""
    made = reading.decision
    if made is not None:
        yield show.text(
            f"decided.{made.verdict.value}",
            strategy=made.strategy,
            side=show.word("side", made.side),
            age=show.span((facts.ts - made.ts) / NANOS_PER_SECOND),
            edge=show.bps(made.expected_edge_bps),
            cost=show.bps(made.cost_bps),
        )


def _strength(score: float) -> str:
    return next(name for least, name in STRENGTHS if abs(score) >= least)
