"""/explain and /why: what stands behind a trade, an order or a halt, out of the journal alone."""

import html

from sagetrade_nautilus.bot.ask import Ask
from sagetrade_nautilus.bot.commands.account import SHOWN_MAX, explain_rows, reason_line, switch_line
from sagetrade_nautilus.bot.telegram.wire import Reply
from sagetrade_nautilus.bot.words.voice import Marked, Voice
from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal.explain import Evidence, Explanation, OrderStory
from sagetrade_nautilus.guard.journal.records import DenialRecord, OrderRecord
from sagetrade_nautilus.guard.switch.state import StateChange
from sagetrade_nautilus.model.records import purpose_of, read_tags, symbol_of

HALT_WORDS = frozenset({"", "halt", "stop", "stopped", "breaker", "pause", "paused", "إيقاف", "توقف", "الإيقاف"})
CHANGES = 5
TEXTS_MAX = 5


async def explain(ask: Ask) -> Reply:
    """Say why a trade was made: decision, score, its parts, the headlines behind them, orders and fills."""
    if not ask.argument:
        return ask.say("explain.which")
    return await _trade(ask, ask.argument.split()[0])


async def why(ask: Ask) -> Reply:
    """Say why an order was held back or a trade made; without a name, why trading stands as it does."""
    if ask.argument.lower() in HALT_WORDS:
        return await _halt(ask)
    name = ask.argument.split()[0]
    history = await ask.desk.history.read()
    denials = [denial for denial in history.denials if name in (denial.client_order_id, read_tags(denial).trade_id)]
    if denials:
        lines = [ask.voice.say("why.denied", order=ask.voice.code(name))]
        return ask.reply(*lines, *(_denial(denial, ask.voice) for denial in denials[-CHANGES:]))
    trade_id = await ask.desk.trade_of(name)
    if trade_id is None:
        return ask.say("why.unknown", order=name)
    return await _trade(ask, trade_id)


async def _trade(ask: Ask, trade_id: str) -> Reply:
    closed = (await ask.desk.history.read()).trades  # which raises where there is nothing to read
    try:
        found = await ask.desk.explain(trade_id)
    except JournalError:
        latest = [trade.trade_id for trade in closed][-SHOWN_MAX:][::-1]
        if not latest:
            return ask.say("explain.none_yet", trade=trade_id)
        return ask.say("explain.unknown", trade=trade_id, rows=explain_rows(latest, ask.voice))
    return ask.reply(*explanation(found, ask.voice))


def explanation(found: Explanation, voice: Voice) -> list[Marked]:
    """Return a trade's story, from the decision to its fills."""
    decision = found.decision
    lines = [
        voice.say(
            "explain.title",
            trade=voice.code(decision.trade_id or "?"),
            side=voice.word("side", decision.side),
            symbol=voice.fixed(symbol_of(decision.instrument_id)),
        ),
        voice.say("explain.decided", when=voice.date(decision.ts), strategy=voice.fixed(decision.strategy)),
        voice.row("strategy_reason", decision.reason),
        voice.row("price", voice.amount(decision.price)),
        voice.say(
            "explain.edge",
            edge=voice.measured("bps", decision.expected_edge_bps),
            cost=voice.measured("bps", decision.cost_bps),
        ),
        voice.say(
            "explain.size",
            notional=voice.number(decision.notional),
            equity=voice.number(decision.equity),
            share=voice.percent(100.0 * decision.share, 0),
        ),
        voice.row("regime", voice.word("regime", decision.regime)),
        voice.row("score", voice.number(decision.score, 3, signed=True)),
        voice.row("confidence", voice.percent(100.0 * decision.confidence, 0)),
        Marked(""),
        voice.say("signal.parts"),
    ]
    for part in found.evidence:
        lines += _evidence(part, voice)
    lines += [Marked(""), voice.say("explain.orders")]
    for order in found.orders:
        lines += _order(order, voice)
    lines += [_denial(denial, voice) for denial in found.denials]
    lines += [
        Marked(""),
        voice.say(
            "explain.run", digest=voice.code(found.run.config_digest[:12]), code=voice.code(found.run.code_version)
        ),
    ]
    return lines


async def _halt(ask: Ask) -> Reply:
    seen, voice = ask.look(), ask.voice
    guard = seen.guard
    lines = [switch_line(guard, voice)]
    lines.append(reason_line(guard, voice) if guard.reason else voice.say("why.nothing"))
    for trip in guard.trips:
        lines.append(
            voice.say(
                "why.trip",
                rule=voice.word("limit", trip.rule),
                value=voice.measured(trip.rule, trip.value),
                threshold=voice.measured(trip.rule, trip.threshold),
                when=voice.date(trip.ts),
            )
        )
        lines.append(voice.say("why.until_next_day" if trip.until_next_day else "why.until_person"))
    changes = list((await ask.desk.history.read()).changes)[-CHANGES:][::-1]
    if changes:
        lines += [Marked(""), voice.say("why.changes")]
    lines += [_change(change, voice) for change in changes]
    return ask.reply(*lines)


def _change(change: StateChange, voice: Voice) -> Marked:
    return voice.say(
        "why.change",
        when=voice.date(change.ts),
        before=voice.word("state", change.before),
        after=voice.word("state", change.after),
        by=change.by,
        reason=voice.word("said", change.reason),
    )


def _denial(denial: DenialRecord, voice: Voice) -> Marked:
    return voice.say(
        "why.denial",
        when=voice.date(denial.ts),
        order=voice.code(denial.client_order_id),
        cause=voice.cause(denial.reason),
    )


def _evidence(part: Evidence, voice: Voice) -> list[Marked]:
    component = part.component
    lines = [
        voice.say(
            "signal.part",
            name=voice.part(component),
            score=voice.number(component.score, 3, signed=True),
            weight=voice.percent(100.0 * component.weight, 0),
            adds=voice.number(part.contribution, 3, signed=True),
        )
    ]
    for text in part.texts[:TEXTS_MAX]:
        title = voice.outside(text.title)
        link = html.escape(text.url, quote=True)
        shown = Marked(f'<a href="{link}">{title}</a>') if text.url.startswith(("https://", "http://")) else title
        lines.append(voice.say("explain.text", when=voice.date(text.published), source=text.source, title=shown))
    if part.missing:
        lines.append(voice.say("explain.missing", n=voice.number(len(part.missing), 0)))
    return lines


def _order(order: OrderStory, voice: Voice) -> list[Marked]:
    asked = order.asked
    head = voice.say(
        "explain.order",
        role=voice.word("role", purpose_of(order.role)),
        kind=voice.word("order_type", asked.order_type if asked else ""),
        quantity=voice.amount(asked.quantity if asked else None),
        price=voice.amount((asked.price or asked.trigger_price) if asked else None),
        end=voice.word("event", order.events[-1].event),
    )
    return [head, *(_fill(fill, voice) for fill in order.fills)]


def _fill(fill: OrderRecord, voice: Voice) -> Marked:
    return voice.say(
        "explain.fill",
        when=voice.date(fill.ts),
        quantity=voice.amount(fill.last_qty),
        price=voice.amount(fill.last_px),
        fee=voice.held(fill.commission or 0.0, fill.currency),
    )
