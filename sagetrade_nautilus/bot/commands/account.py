"""/status, /portfolio, /open_positions and /balance: what the account holds now."""

from collections import defaultdict

from sagetrade_nautilus.bot.ask import Ask
from sagetrade_nautilus.bot.telegram.wire import Button, Reply, Rows
from sagetrade_nautilus.bot.words.voice import Marked, Voice
from sagetrade_nautilus.guard.view import GuardView
from sagetrade_nautilus.model.records import symbol_of
from sagetrade_nautilus.overview import HeldPosition, Overview
from sagetrade_nautilus.report.text import cents, percent

RUN = "r:"
"""What a tap begins with that stands for a command."""
SHOWN_MAX = 5
TAP_BYTES_MAX = 64


async def status(ask: Ask) -> Reply:
    """Say what may trade, what it is worth, and how fresh what it knows is."""
    seen, voice = ask.look(), ask.voice
    guard = seen.guard
    lines = [switch_line(guard, voice)]
    if guard.reason:
        lines.append(reason_line(guard, voice))
    lines += [
        voice.row("equity", voice.money(guard.equity, guard.currency)),
        voice.row("today", day_change(guard, voice)),
        voice.row("budget_left", voice.percent(100.0 * guard.budget_left, 0)),
        voice.row("positions", voice.number(len(seen.positions), 0)),
        voice.row("orders", voice.number(len(seen.orders), 0)),
        voice.row("price_age", voice.span(_oldest_price_s(seen))),
    ]
    if guard.reduce_only:
        lines.append(voice.say("status.reduce_only", names=voice.fixed(", ".join(guard.reduce_only))))
    lines.append(voice.say("status.run", run=guard.run, at=voice.date(seen.ts)))
    pause = ("pause",) if guard.state == "running" else ("resume",)
    return ask.reply(*lines, rows=(menu(voice, "open_positions", "portfolio", "risk"), menu(voice, "trades", *pause)))


async def portfolio(ask: Ask) -> Reply:
    """Say what the account is worth, and where its money is."""
    seen, voice = ask.look(), ask.voice
    guard = seen.guard
    nets: dict[str, float] = defaultdict(float)
    for held in seen.positions:
        nets[held.instrument_id] += (held.notional or 0.0) * (1.0 if held.side == "long" else -1.0)
    open_pnl = sum(held.unrealized or 0.0 for held in seen.positions)
    gross = sum(held.notional or 0.0 for held in seen.positions)
    lines = [
        voice.say("portfolio.title"),
        voice.row("equity", voice.money(guard.equity, guard.currency)),
        voice.row("today", day_change(guard, voice)),
        voice.row("from_peak", _from_peak(guard, voice)),
        voice.row("open_pnl", voice.money(open_pnl, guard.currency, signed=True)),
        voice.row("gross_exposure", _share(gross, guard, voice)),
        voice.row("net_exposure", _share(sum(nets.values()), guard, voice)),
    ]
    lines += [
        voice.say("portfolio.holding", symbol=voice.fixed(symbol_of(name)), value=_share(net, guard, voice))
        for name, net in sorted(nets.items(), key=lambda item: (-abs(item[1]), item[0]))
    ]
    if any(held.notional is None for held in seen.positions):
        lines.append(voice.say("portfolio.unpriced"))
    return ask.reply(*lines, rows=(menu(voice, "open_positions", "balance", "performance"),))


async def open_positions(ask: Ask) -> Reply:
    """Say what is open, under which exits, and what it stands at; the one that is named, with its chart."""
    seen, voice = ask.look(), ask.voice
    if not seen.positions:
        return ask.say("positions.none", rows=(menu(voice, "trades", "status"),))
    one = next((held for held in seen.positions if held.trade_id and held.trade_id == ask.argument), None)
    if one is not None:
        picture = await ask.draw(ask.desk.counsel.charts.position(one, ask.zone))
        return ask.reply(*_position(one, seen, voice), rows=explain_rows([one.trade_id], voice), picture=picture)
    lines = [voice.say("positions.title", n=voice.number(len(seen.positions), 0))]
    for held in seen.positions:
        lines += [Marked(""), *_position(held, seen, voice)]
    named = [held for held in seen.positions if held.trade_id]
    charts = trade_rows("chart", "open_positions", [held.trade_id for held in named], voice)
    return ask.reply(*lines, rows=(*charts, *explain_rows([held.trade_id for held in named], voice)))


async def balance(ask: Ask) -> Reply:
    """Say what the account holds in each currency."""
    seen, voice = ask.look(), ask.voice
    lines = [voice.say("balance.title", venue=voice.fixed(seen.guard.venue))]
    lines += [_holding(total, currency, seen.guard, voice) for currency, total in sorted(seen.balances.items())]
    if not seen.balances:
        lines.append(voice.say("balance.none"))
    lines.append(voice.row("equity", voice.money(seen.guard.equity, seen.guard.currency)))
    return ask.reply(*lines)


def switch_line(guard: GuardView, voice: Voice) -> Marked:
    """Return the first line of a status: what may trade, with a light that tells it from afar."""
    light = {"running": "🟢", "halted": "🔴"}.get(guard.state, "🟡")
    return voice.say("status.switch", light=Marked(light), state=voice.word("state", guard.state))


def reason_line(guard: GuardView, voice: Voice) -> Marked:
    """Return which switch holds trading back, and why."""
    return voice.say("status.reason", why=voice.cause(guard.reason))


def day_change(guard: GuardView, voice: Voice) -> Marked:
    """Return what the UTC day has brought so far: '+12.00 USDT (+0.0%)'."""
    if guard.equity is None or not guard.day_start:
        return voice.number(None)
    change = guard.equity - guard.day_start
    share = percent(100.0 * change / guard.day_start, 2, signed=True)
    return voice.fixed(f"{cents(change, signed=True)} {guard.currency} ({share})")


def menu(voice: Voice, *names: str) -> tuple[Button, ...]:
    """Return buttons that stand for commands."""
    return tuple(Button(voice.say(f"button.{name}"), f"{RUN}{name}") for name in names)


def explain_rows(trade_ids: list[str], voice: Voice) -> Rows:
    """Return a button for each of the first few trades, which explains it."""
    return trade_rows("explain", "explain", trade_ids, voice)


def trade_rows(label: str, command: str, trade_ids: list[str], voice: Voice) -> Rows:
    """Return a button for each of the first few trades, which stands for a command about it."""
    taps = [(name, f"{RUN}{command} {name}") for name in trade_ids[:SHOWN_MAX]]
    return tuple(
        (Button(voice.say(f"button.{label}", trade=Marked(name)), tap),)
        for name, tap in taps
        if len(tap.encode()) <= TAP_BYTES_MAX
    )


def _position(held: HeldPosition, seen: Overview, voice: Voice) -> list[Marked]:
    symbol = voice.fixed(symbol_of(held.instrument_id))
    profit = voice.money(held.unrealized, seen.guard.currency, signed=True)
    invested = held.quantity * held.entry_price
    share = None if held.unrealized is None or not invested else 100.0 * held.unrealized / invested
    return [
        voice.say(
            "positions.head", side=voice.word("side", held.side), quantity=voice.amount(held.quantity), symbol=symbol
        ),
        voice.say("positions.prices", entry=voice.amount(held.entry_price), last=voice.amount(held.last_price)),
        voice.say("positions.profit", profit=profit, share=voice.percent(share, 2, signed=True)),
        voice.say("positions.exits", stop=voice.amount(held.stop_loss), target=voice.amount(held.take_profit)),
        voice.say(
            "positions.origin",
            age=voice.span((seen.ts - held.opened_ns) / 1e9),
            strategy=voice.fixed(held.strategy),
            trade=voice.code(held.trade_id or "?"),
        ),
    ]


def _holding(total: float, currency: str, guard: GuardView, voice: Voice) -> Marked:
    """Return a balance: money to the cent, a coin with all its decimals, since a hundredth of one may be worth much."""
    if currency == guard.currency:
        return voice.money(total, currency)
    return voice.held(total, currency)


def _share(value: float, guard: GuardView, voice: Voice) -> Marked:
    share = 100.0 * value / guard.equity if guard.equity else None
    return voice.fixed(f"{cents(value)} {guard.currency} ({percent(share)})")


def _from_peak(guard: GuardView, voice: Voice) -> Marked:
    if guard.equity is None or not guard.peak:
        return voice.number(None)
    return voice.percent(100.0 * (guard.equity / guard.peak - 1.0), 2)


def _oldest_price_s(seen: Overview) -> float | None:
    return max(map(seen.price_age_s, seen.prices), default=None)
