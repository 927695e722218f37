"""/risk: every limit, the value that it is held against, and how far that is from it."""

from math import isinf

import msgspec

from sagetrade_nautilus.bot.ask import Ask
from sagetrade_nautilus.bot.commands.account import menu
from sagetrade_nautilus.bot.text import Marked, Voice
from sagetrade_nautilus.bot.wire import Reply
from sagetrade_nautilus.guard.view import LimitView
from sagetrade_nautilus.report.text import number

OF_ORDERS = (
    "price_collar_pct",
    "no_duplicate_s",
    "max_order_notional",
    "max_order_notional_pct",
)
"""Limits of single orders, that have no value while there is none."""
UNITS = {"_pct": "%", "_bps": " bps", "_ms": " ms", "_s": " s"}
NEAR, OVER = 0.8, 1.0


async def risk(ask: Ask) -> Reply:
    """List the limits, the one that is nearest to its threshold first."""
    seen, voice = ask.look(), ask.voice
    guard = seen.guard
    lines = [voice.say("risk.title", budget=voice.percent(100.0 * guard.budget_left, 0))]
    lines += [
        voice.say("risk.trip", rule=limit_name(trip.rule, voice), when=voice.date(trip.ts)) for trip in guard.trips
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
        lines.append(voice.say("form.row", label=limit_name(name, voice), value=amount(name, thresholds[name], voice)))
    for instrument, quantity in sorted(ask.desk.limits.max_order_quantity.items()):
        label = limit_name("max_order_quantity", voice)
        lines.append(
            voice.say("risk.quantity", label=label, symbol=voice.fixed(instrument), value=voice.amount(quantity))
        )
    return ask.reply(*lines, rows=(menu(voice, "status", "portfolio"),))


def limit_name(name: str, voice: Voice) -> Marked:
    """Return what a limit is called in the person's language."""
    return voice.word("limit", name)


def amount(name: str, value: float | None, voice: Voice) -> Marked:
    """Return a limit's number in its unit, which stands at the end of its name."""
    unit = next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")
    if name == "max_messages_per_s":
        unit = ""
    if value is None:
        return voice.say("risk.unknown")
    digits = 0 if not unit and float(value).is_integer() else 2
    return voice.fixed(f"{number(value, digits)}{unit}")


def _limit(view: LimitView, voice: Voice) -> list[Marked]:
    used = _used(view)
    light = "⚪" if view.value is None else "🔴" if used >= OVER else "🟡" if used >= NEAR else "🟢"
    head = voice.say("risk.limit", light=Marked(light), name=limit_name(view.limit, voice))
    if view.value is None:
        return [head, voice.say("risk.no_value", threshold=amount(view.limit, view.threshold, voice))]
    left = amount(view.limit, view.threshold - view.value, voice)
    return [
        head,
        voice.say(
            "risk.value",
            value=amount(view.limit, view.value, voice),
            threshold=amount(view.limit, view.threshold, voice),
            left=left,
        ),
    ]


def _used(view: LimitView) -> float:
    """Return the share of the threshold that is used up."""
    return 0.0 if view.value is None or view.threshold <= 0.0 else view.value / view.threshold
