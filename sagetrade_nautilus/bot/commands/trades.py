"""/trades, /daily, /weekly and /performance: what has been closed, and what came of it. Days are UTC days."""

from collections.abc import Sequence
from itertools import accumulate
from statistics import median
from typing import Final

from sagetrade_nautilus.bot.ask import Ask
from sagetrade_nautilus.bot.commands.account import explain_rows, menu
from sagetrade_nautilus.bot.telegram.wire import Reply
from sagetrade_nautilus.bot.words.periods import Period, covering
from sagetrade_nautilus.bot.words.voice import Marked, Voice
from sagetrade_nautilus.guard.journal.trades import ClosedTrade
from sagetrade_nautilus.model.records import symbol_of
from sagetrade_nautilus.model.round_trips import TradeAmounts
from sagetrade_nautilus.nanos import NANOS_PER_DAY
from sagetrade_nautilus.overview import Overview

DAYS_OF_WEEK: Final = 7
SHOWN: Final = 10
SHOWN_MAX: Final = 200


async def trades(ask: Ask) -> Reply:
    """List the last closed trades; as many as are asked for."""
    count = _how_many(ask.argument)
    if not count:
        return ask.say("trades.how_many", said=ask.argument)
    closed, currency = (await ask.desk.history.read()).trades, ask.look().guard.currency
    latest = closed[-count:][::-1]
    if not latest:
        return ask.say("trades.none", rows=(menu(ask.voice, "open_positions", "status"),))
    lines = [ask.voice.say("trades.title", n=ask.voice.number(len(latest), 0), all=ask.voice.number(len(closed), 0))]
    for trade in latest:
        lines += [Marked(""), *_trade(trade, currency, ask.voice)]
    return ask.reply(*lines, rows=explain_rows([trade.trade_id for trade in latest], ask.voice))


def _how_many(said: str) -> int:
    """Return how many trades are asked for, at most `SHOWN_MAX`; 0 where what was said is no such number."""
    if not said:
        return SHOWN
    return min(int(said), SHOWN_MAX) if said.isdecimal() else 0


async def daily(ask: Ask) -> Reply:
    """Add up what was closed in the last days, this one first."""
    return await _days(ask, "trades.daily")


async def weekly(ask: Ask) -> Reply:
    """Add up what was closed in the last seven days, and by strategy."""
    seen, voice = ask.look(), ask.voice
    today = seen.ts // NANOS_PER_DAY
    closed = [
        trade
        for trade in (await ask.desk.history.read()).trades
        if today - DAYS_OF_WEEK < trade.amounts.exit_ts // NANOS_PER_DAY <= today
    ]
    first = voice.day((today - DAYS_OF_WEEK + 1) * NANOS_PER_DAY)
    lines = [voice.say("trades.weekly", first=first, last=voice.day(seen.ts))]
    picture = await _equity(ask, seen, Period.WEEK)
    rows = (menu(voice, "daily", "performance"),)
    return ask.reply(*lines, *summary(closed, seen.guard.currency, voice), rows=rows, picture=picture)


async def performance(ask: Ask) -> Reply:
    """Add up everything that was ever closed here, and by strategy."""
    closed, seen = (await ask.desk.history.read()).trades, ask.look()
    since = closed[0].amounts.entry_ts if closed else seen.started_ns
    lines = [ask.voice.say("trades.performance", since=ask.voice.day(since))]
    period = covering((seen.ts - since) // NANOS_PER_DAY + 1)
    found = summary(closed, seen.guard.currency, ask.voice)
    return ask.reply(
        *lines, *found, rows=(menu(ask.voice, "daily", "weekly", "trades"),), picture=await _equity(ask, seen, period)
    )


def summary(closed: Sequence[ClosedTrade], currency: str, voice: Voice) -> list[Marked]:
    """Return what came of `closed`: results, shares, the deepest fall of what was earned, and each strategy's part."""
    if not closed:
        return [voice.say("trades.none")]
    counted = _counted(closed, currency)
    uncounted = len(closed) - len(counted)
    notes = [voice.say("advisor.line.uncounted", trades=voice.number(uncounted, 0))] if uncounted else []
    if not counted:
        return notes
    results = [made.net_pnl for _, made in counted]
    wins, losses = [pnl for pnl in results if pnl > 0.0], [pnl for pnl in results if pnl < 0.0]
    lost = -sum(losses)
    lines = [
        *notes,
        voice.row("trades", voice.number(len(counted), 0)),
        voice.row("net", voice.money(sum(results), currency, signed=True)),
        voice.row("fees", voice.money(sum(made.fees for _, made in counted), currency)),
        voice.row("win_rate", voice.percent(100.0 * len(wins) / len(counted))),
        voice.row("profit_factor", voice.number(sum(wins) / lost if lost else None)),
        voice.row("best", voice.money(max(results), currency, signed=True)),
        voice.row("worst", voice.money(min(results), currency, signed=True)),
        voice.row("fall", voice.money(-deepest_fall(results), currency)),
        voice.row("held", voice.span(median((made.exit_ts - made.entry_ts) / 1e9 for _, made in counted))),
        Marked(""),
        voice.say("trades.by_strategy"),
    ]
    for name in sorted({trade.strategy for trade, _ in counted}):
        own = [made.net_pnl for trade, made in counted if trade.strategy == name]
        profit = voice.money(sum(own), currency, signed=True)
        lines.append(voice.say("trades.strategy", name=voice.fixed(name), n=voice.number(len(own), 0), profit=profit))
    return lines


def deepest_fall(results: Sequence[float]) -> float:
    """Return how far the sum of `results`, one after another, fell at most from where it had been; never below 0."""
    sums = list(accumulate(results, initial=0.0))
    return max(peak - value for peak, value in zip(accumulate(sums, max), sums, strict=True))


async def _equity(ask: Ask, seen: Overview, period: Period) -> bytes | None:
    return await ask.draw(ask.desk.counsel.charts.equity(period, seen.ts, ask.zone))


async def _days(ask: Ask, title: str) -> Reply:
    seen, voice = ask.look(), ask.voice
    today, currency = seen.ts // NANOS_PER_DAY, seen.guard.currency
    by_day: dict[int, list[float]] = {}
    for _, made in _counted((await ask.desk.history.read()).trades, currency):
        by_day.setdefault(made.exit_ts // NANOS_PER_DAY, []).append(made.net_pnl)
    lines = [voice.say(title)]
    for day in range(today, today - DAYS_OF_WEEK, -1):
        results = by_day.get(day, [])
        profit = voice.money(sum(results), currency, signed=True)
        lines.append(
            voice.say("trades.day", day=voice.day(day * NANOS_PER_DAY), n=voice.number(len(results), 0), profit=profit)
        )
    return ask.reply(*lines, rows=(menu(voice, "weekly", "trades"),))


def _trade(trade: ClosedTrade, currency: str, voice: Voice) -> list[Marked]:
    amounts, made = trade.amounts, trade.counted_in(currency)
    invested = amounts.quantity * amounts.entry_price
    net, fees = (None, None) if made is None else (made.net_pnl, made.fees)
    light = "➖" if not net else "✅" if net > 0.0 else "❌"
    return [
        voice.say(
            "trades.head",
            light=Marked(light),
            side=voice.word("side", amounts.side),
            quantity=voice.amount(amounts.quantity),
            symbol=voice.fixed(symbol_of(trade.instrument_id)),
        ),
        voice.say("trades.prices", entry=voice.amount(amounts.entry_price), exit=voice.amount(amounts.exit_price)),
        voice.say(
            "trades.result",
            profit=voice.money(net, currency, signed=True),
            share=voice.percent(None if net is None or not invested else 100.0 * net / invested, 2, signed=True),
            fees=voice.money(fees, currency),
        ),
        voice.say(
            "trades.end",
            reason=voice.word("role", trade.exit_purpose),
            span=voice.span((amounts.exit_ts - amounts.entry_ts) / 1e9),
            when=voice.date(amounts.exit_ts),
            trade=voice.code(trade.trade_id),
        ),
    ]


def _counted(closed: Sequence[ClosedTrade], currency: str) -> list[tuple[ClosedTrade, TradeAmounts]]:
    """Return the trades whose result is known in the account's currency, each with what it made."""
    made = ((trade, trade.counted_in(currency)) for trade in closed)
    return [(trade, amounts) for trade, amounts in made if amounts is not None]
