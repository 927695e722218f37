"""/pause, /resume, /emergency_stop and /flatten: the kill switch, from a pocket."""

import time
from functools import partial
from typing import cast

import msgspec

from sagetrade_nautilus.bot.ask import Ask, Deed
from sagetrade_nautilus.bot.authority import Role
from sagetrade_nautilus.bot.commands.account import menu
from sagetrade_nautilus.bot.telegram.wire import Reply, Rows
from sagetrade_nautilus.bot.words.voice import Marked, Voice
from sagetrade_nautilus.guard.switch.codes import Codes
from sagetrade_nautilus.guard.switch.confirmation import Confirmation
from sagetrade_nautilus.guard.switch.latch import Effect, Release
from sagetrade_nautilus.guard.switch.state import LatchRecord, State

PAUSED = "paused by Telegram"
STOPPED = "emergency stop by Telegram"
FLATTENED = "flattened by Telegram"
RESUMED = "resumed by Telegram"


async def pause(ask: Ask) -> Reply | Deed:
    """Let nothing open or enlarge until somebody resumes; positions and their exits go on."""
    record = ask.desk.record()
    if record.state >= State.NO_ENTRIES:
        return ask.say("switch.already", state=ask.voice.word("state", record.state), rows=_after(ask.voice))
    return Deed(
        effect=_tightening(record, State.NO_ENTRIES, flatten=False),
        shown=ask.voice.say("switch.would_pause"),
        do=partial(_pause, ask),
    )


async def flatten(ask: Ask) -> Reply | Deed:
    """Halt, cancel everything and close every position at the market."""
    record, seen, voice = ask.desk.record(), ask.look(), ask.voice
    if record.state is State.HALTED and record.flatten:
        return ask.say("switch.already_flat", rows=_after(voice))
    return Deed(
        effect=_tightening(record, State.HALTED, flatten=True),
        shown=voice.say(
            "switch.would_flatten",
            positions=voice.number(len(seen.positions), 0),
            orders=voice.number(len(seen.orders), 0),
        ),
        do=partial(_stop, ask, FLATTENED, flatten=True),
    )


async def emergency_stop(ask: Ask) -> Reply:
    """Halt at once: no code, no question. Exits that rest at the venue stay, so that positions are protected."""
    return await _stop(ask, STOPPED, None, flatten=False)


async def resume(ask: Ask) -> Reply | Deed:
    """Let trade again what was paused or stopped. After anything but a pause only an owner may."""
    record, voice = ask.desk.record(), ask.voice
    if record.is_fault:
        return ask.say("switch.fault", reason=record.reason)
    if record.state is State.RUNNING:
        return ask.say("switch.runs")
    if record.state > State.NO_ENTRIES and ask.role < Role.OWNER:
        return ask.say("switch.owner_only", state=voice.word("state", record.state))
    return Deed(
        effect=msgspec.json.encode(Effect.of(record, State.RUNNING)).decode(),
        shown=voice.say(
            "switch.would_resume",
            state=voice.word("state", record.state),
            by=record.by,
            when=voice.date(record.ts),
            reason=voice.word("said", record.reason),
        ),
        do=partial(_resume, ask),
        doubly="if_set",
        redeem=partial(_confirm, ask, record),
    )


def _confirm(ask: Ask, record: LatchRecord, codes: Codes, code: str, password: str, now_ns: int) -> Release:
    """Have the release confirmed as `sagetool resume` does; wrong answers are counted to the person."""
    return Confirmation(ask.desk.latch.path, codes).confirm(
        record, State.RUNNING, code=code, password=password, reason=RESUMED, by=ask.by, now_ns=now_ns
    )


async def _resume(ask: Ask, granted: object) -> Reply:
    change = await ask.desk.release(cast("Release", granted))
    lines = [ask.voice.say("switch.resumed", state=ask.voice.word("state", change.after))]
    trips = ask.look().guard.trips
    if trips:
        lines.append(ask.voice.say("switch.breaker_holds"))
    if change.problem:
        lines.append(ask.voice.say("switch.problem", problem=change.problem))
    return ask.reply(*lines, rows=(menu(ask.voice, "status", "pause"),))


async def _pause(ask: Ask, granted: object) -> Reply:
    change, began_ns = ask.desk.engage(State.NO_ENTRIES, PAUSED, ask.by)
    done = await ask.desk.done(change, began_ns)
    lines = [ask.voice.say("switch.paused", ms=ask.voice.number(done.stopped_ms, 1))]
    if change.problem:
        lines.append(ask.voice.say("switch.problem", problem=change.problem))
    return ask.reply(*lines, rows=_after(ask.voice))


async def _stop(ask: Ask, reason: str, granted: object, *, flatten: bool) -> Reply:
    """Halt before anything else, and then say what came of it."""
    before, open_count = ask.desk.record(), len(ask.look().positions)
    change, began_ns = ask.desk.engage(State.HALTED, reason, ask.by, flatten=flatten)
    done, voice = await ask.desk.done(change, began_ns), ask.voice
    ms = voice.number(done.stopped_ms, 1)
    lines = [voice.say("switch.stopped" if before.state < State.HALTED else "switch.stopped_again", ms=ms)]
    if done.answered_ms is None:
        lines.append(voice.say("switch.no_answer"))
    else:
        lines.append(
            voice.say(
                "switch.done",
                cancelled=voice.number(done.cancelled, 0),
                ms=voice.number(done.answered_ms, 1),
            )
        )
        lines += await _left(ask, open_count, began_ns, flatten=flatten)
    if flatten and not change.flatten:
        lines.append(voice.say("switch.not_flattening"))
    if change.problem:
        lines.append(voice.say("switch.problem", problem=change.problem))
    return ask.reply(*lines, rows=_after(voice))


async def _left(ask: Ask, open_count: int, began_ns: int, *, flatten: bool) -> list[Marked]:
    """Say what is still there once the venue has had time to answer."""
    seen, voice = await ask.desk.settled(flatten=flatten), ask.voice
    if flatten and open_count and not seen.positions:
        span = voice.number((time.monotonic_ns() - began_ns) / 1e9, 1)
        return [voice.say("switch.closed", n=voice.number(open_count, 0), seconds=span)]
    orders, positions = (voice.number(len(found), 0) for found in (seen.orders, seen.positions))
    if not seen.positions and not seen.orders:
        return [voice.say("switch.nothing_left")]
    key = "switch.left_closing" if flatten else "switch.left_protected" if seen.orders else "switch.left_bare"
    return [voice.say(key, positions=positions, orders=orders)]


def _tightening(record: LatchRecord, state: State, *, flatten: bool) -> str:
    return msgspec.json.encode({"from": record.digest, "to": state, "flatten": flatten}).decode()


def _after(voice: Voice) -> Rows:
    return (menu(voice, "status", "resume"),)
