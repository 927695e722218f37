"""/risk: every limit, the value that it is held against, and how far that is from it."""

from math import isinf

import msgspec

from sagetrade_nautilus.bot.ask import Ask
from sagetrade_nautilus.bot.commands.account import menu
from sagetrade_nautilus.bot.telegram.wire import Reply
from sagetrade_nautilus.bot.words.voice import Marked, Voice
from sagetrade_nautilus.guard.view import LimitView

OF_ORDERS = (
    "price_collar_pct",
    "no_duplicate_s",
    "max_order_notional",
    "max_order_notional_pct",
)
"""Limits of single orders, that have no value while there is none."""
NEAR, OVER = 0.8, 1.0


async def risk(ask: Ask) -> Reply:
    """List the limits, the one that is nearest to its threshold first."""
    seen, voice = ask.look(), ask.voice
    guard = seen.guard
    lines = [voice.say("risk.title", budget=voice.percent(100.0 * guard.budget_left, 0))]
    lines += [
        voice.say("risk.trip", rule=voice.word("limit", trip.rule), when=voice.date(trip.ts)) for trip in guard.trips
    ]
    lines.append(voice.row("losses_in_a_row", voice.number(guard.losses_in_a_row, 0)))
    finite = [view for view in guard.limits if not isinf(view.threshold)]
    for view in sorted(finite, key=lambda view: (view.value is not None, -_used(view), view.limit)):
        lines += [Marked(""), *_limit(view, voice)]
    shown = {view.limit for view in guard.limits}
    thresholds = msgspec.structs.asdict(ask.desk.limits)
    of_orders = [name for name in OF_ORDERS if name not in shown and thresholds[name] is not None]
    if of_orders:
        lines += [Marked(""), voice.say("risk.of_orders")]
    for name in of_orders:
        lines.append(
            voice.say("form.row", label=voice.word("limit", name), value=voice.measured(name, thresholds[name]))
        )
    for instrument, quantity in sorted(ask.desk.limits.max_order_quantity.items()):
        label = voice.word("limit", "max_order_quantity")
        lines.append(
            voice.say("risk.quantity", label=label, symbol=voice.fixed(instrument), value=voice.amount(quantity))
        )
    return ask.reply(*lines, rows=(menu(voice, "status", "portfolio"),))


def _limit(view: LimitView, voice: Voice) -> list[Marked]:
    used = _used(view)
    light = "⚪" if view.value is None else "🔴" if used >= OVER else "🟡" if used >= NEAR else "🟢"
    head = voice.say("risk.limit", light=Marked(light), name=voice.word("limit", view.limit))
    if view.value is None:
        return [head, voice.say("risk.no_value", threshold=voice.measured(view.limit, view.threshold))]
    left = voice.measured(view.limit, view.threshold - view.value)
    return [
        head,
        voice.say(
            "risk.value",
            value=voice.measured(view.limit, view.value),
            threshold=voice.measured(view.limit, view.threshold),
            left=left,
        ),
    ]


def _used(view: LimitView) -> float:
    """Return the share of the threshold that is used up."""
    return 0.0 if view.value is None or view.threshold <= 0.0 else view.value / view.threshold
