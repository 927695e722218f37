"""What the account says, line by line: risk, positions, results, costs, and why nothing is traded."""

from collections.abc import Iterable
from math import fsum
from typing import Final

from sagetrade_nautilus.bot.advisor.facts import Facts
from sagetrade_nautilus.bot.words.figures import Show
from sagetrade_nautilus.guard.breaker.breaker import LOSS_LIMITS
from sagetrade_nautilus.model.round_trips import TradeAmounts
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.overview import HeldPosition

LIMITS_SHOWN: Final = 5


def standing(facts: Facts, show: Show) -> Iterable[str]:
    """Yield in one line each whether trading is allowed, and how much of the day's loss budget is used."""
    yield show.text(f"state.{facts.state}")
    yield show.text("line.budget", used=show.share(1.0 - facts.budget_left))


def limits(facts: Facts, show: Show) -> Iterable[str]:
    """Yield the limits of losses, and of the others those that are used most."""
    losses = [limit for limit in facts.limits if limit.name in LOSS_LIMITS]
    others = [limit for limit in facts.limits if limit.name not in LOSS_LIMITS and limit.used]
    for limit in [*losses, *others[:LIMITS_SHOWN]]:
        yield show.text(
            "line.limit",
            limit=show.word("limit", limit.name),
            value=show.measured(limit.name, limit.value),
            threshold=show.measured(limit.name, limit.threshold),
            used=show.share(limit.used),
        )


def at_stake(facts: Facts, show: Show) -> Iterable[str]:
    """Yield what would be lost if every stop of an open position were hit, and which positions have none.

    Where a price is not known, neither is the sum.
    """
    losses = [_to_stop(held, held.stop_loss) for held in facts.positions if held.stop_loss is not None]
    known = [loss for loss in losses if loss is not None]
    bare = [held.trade_id or held.instrument_id for held in facts.positions if held.stop_loss is None]
    if losses:
        total = fsum(known) if len(known) == len(losses) else None
        yield show.text("line.at_stake", money=show.money(total, facts.currency))
    if bare:
        yield show.text("line.no_stop", trades=show.listed(bare))


def held_lines(facts: Facts, show: Show) -> Iterable[str]:
    """Yield each open position with its worth and its exits."""
    for held in facts.positions:
        yield show.text(
            "line.held",
            name=held.instrument_id.rpartition(".")[0],
            side=show.word("side", held.side),
            quantity=show.amount(held.quantity),
            entry=show.price(held.entry_price),
            last=show.price(held.last_price),
            unrealized=show.money(held.unrealized, facts.currency, signed=True),
            age=show.span((facts.ts - held.opened_ns) / NANOS_PER_SECOND),
        )
        if held.stop_loss is not None or held.take_profit is not None:
            stop, target = show.price(held.stop_loss), show.price(held.take_profit)
            yield show.text("line.exits", stop=stop, target=target)


def result(facts: Facts, show: Show) -> Iterable[str]:
    """Yield how the closed trades of the period ended, and where equity stands."""
    closed = _counted(facts)
    if closed:
        nets = [made.net_pnl for _, made in closed]
        won = [net for net in nets if net > 0.0]
        yield show.text(
            "line.result",
            net=show.money(fsum(nets), facts.currency, signed=True),
            trades=str(len(closed)),
            won=str(len(won)),
            fees=show.money(fsum(made.fees for _, made in closed), facts.currency),
        )
        if len(closed) > 1:
            yield _best_and_worst(closed, facts, show)
    uncounted = len(facts.closed) - len(closed)
    if uncounted:
        yield show.text("line.uncounted", trades=str(uncounted))
    if facts.equity is not None:
        yield show.text("line.equity", equity=show.money(facts.equity, facts.currency))
        if facts.day_start is not None:
            yield show.text("line.day", change=show.money(facts.equity - facts.day_start, facts.currency, signed=True))
    if facts.positions:
        worths = [held.unrealized for held in facts.positions]
        known = [worth for worth in worths if worth is not None]
        total = fsum(known) if len(known) == len(worths) else None
        unrealized = show.money(total, facts.currency, signed=True)
        yield show.text("line.open", positions=str(len(worths)), unrealized=unrealized)


def fees(facts: Facts, show: Show) -> Iterable[str]:
    """Yield what a trade costs, and what was paid in the period."""
    rules = facts.rules
    yield show.text("line.fee", fee=show.bps(rules.taker_fee_bps), slippage=show.bps(rules.slippage_bps))
    paid = [made.fees for _, made in _counted(facts)]
    if paid:
        period = show.word("advisor.period", facts.period.value)
        money = show.money(fsum(paid), facts.currency)
        yield show.text("line.paid", period=period, fees=money, trades=str(len(paid)))


def idle(facts: Facts, show: Show) -> Iterable[str]:
    """Yield why nothing, or little, is traded: the switch, strategies that are off, old prices, refused decisions."""
    yield from standing(facts, show)
    if facts.disabled:
        yield show.text("line.disabled", strategies=show.listed(facts.disabled))
    stale = [reading.name for reading in facts.readings if not reading.is_fresh]
    if stale:
        yield show.text("line.stale", names=show.listed(stale), max=show.span(facts.rules.max_price_age_s))
    silent = [reading.name for reading in facts.readings if reading.composite is None]
    if silent:
        yield show.text("line.silent", names=show.listed(silent))
    if not facts.verdicts:
        yield show.text("line.no_decision")
    for kind, count in facts.verdicts:
        yield show.text(f"verdicts.{kind.value}", count=str(count))
    if facts.failures:
        yield show.text("line.failures", count=str(facts.failures))


def _counted(facts: Facts) -> list[tuple[str, TradeAmounts]]:
    """Return the closed trades whose result is known in the account's currency: their ids, and what they made."""
    made = ((trade.trade_id, trade.counted_in(facts.currency)) for trade in facts.closed)
    return [(trade_id, amounts) for trade_id, amounts in made if amounts is not None]


def _best_and_worst(closed: list[tuple[str, TradeAmounts]], facts: Facts, show: Show) -> str:
    ranked = sorted((made.net_pnl, trade_id) for trade_id, made in closed)
    (worst, worst_id), (best, best_id) = ranked[0], ranked[-1]
    return show.text(
        "line.extremes",
        best=show.money(best, facts.currency, signed=True),
        best_id=best_id,
        worst=show.money(worst, facts.currency, signed=True),
        worst_id=worst_id,
    )


def _to_stop(held: HeldPosition, stop: float) -> float | None:
    """Return what is lost from now on if the stop fills at its price; 0 where it would lock in a gain from here."""
    if held.last_price is None:
        return None
    fall = held.last_price - stop if held.side == "long" else stop - held.last_price
    return max(0.0, fall * held.quantity)
