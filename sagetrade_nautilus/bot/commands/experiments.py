"""/experiments and /approve: what was tried, and what an approval would be of. Nothing is approved in a chat."""

import asyncio

from sagetrade_nautilus.bot.ask import Ask
from sagetrade_nautilus.bot.commands.account import RUN, TAP_BYTES_MAX
from sagetrade_nautilus.bot.telegram.wire import Button, Reply, Rows
from sagetrade_nautilus.bot.words.voice import Marked, Voice
from sagetrade_nautilus.experiments.book import BookEntry
from sagetrade_nautilus.experiments.experiment import ExperimentState
from sagetrade_nautilus.report.text import MISSING, number, percent

SHOWN = 10


async def experiments(ask: Ask) -> Reply:
    """List the experiments, or show the one that is named."""
    found = await _all(ask)
    if ask.argument:
        return _one(ask, found)
    if not found:
        return ask.say("experiments.none")
    lines = [ask.voice.say("experiments.title")]
    for entry in found[:SHOWN]:
        state = ask.voice.word("experiment_state", entry.state)
        lines.append(ask.voice.say("experiments.line", id=ask.voice.code(entry.id), title=entry.name, state=state))
    return ask.reply(*lines, rows=tuple(row for entry in found[:SHOWN] for row in _row("experiments", entry.id)))


async def approve(ask: Ask) -> Reply:
    """Show what an approval would be of, and how it is signed: with a key, which no chat can hold."""
    if not ask.argument:
        return ask.say("experiments.which")
    return _one(ask, await _all(ask))


async def _all(ask: Ask) -> tuple[BookEntry, ...]:
    return await asyncio.to_thread(ask.desk.counsel.experiments.list)


def _one(ask: Ask, found: tuple[BookEntry, ...]) -> Reply:
    entry = next((entry for entry in found if entry.id == ask.argument), None)
    if entry is None:
        return ask.say("experiments.unknown", id=ask.argument)
    voice = ask.voice
    lines = [
        voice.say("experiments.head", id=voice.code(entry.id), title=entry.name),
        voice.row("state", voice.word("experiment_state", entry.state)),
        voice.row("hypothesis", entry.hypothesis),
    ]
    if entry.total_return is not None:
        lines += [*_figures(entry, voice)]
    return ask.reply(*lines, *_approval(entry, voice))


def _figures(entry: BookEntry, voice: Voice) -> tuple[Marked, ...]:
    """Return what it did against the baseline."""
    sharpe = [number(value, 2) for value in (entry.baseline_sharpe, entry.sharpe)]
    gain = [
        MISSING if value is None else percent(100.0 * value, 1, signed=True)
        for value in (entry.baseline_return, entry.total_return)
    ]
    return tuple(
        voice.row(label, voice.say("experiments.change", before=voice.fixed(before), after=voice.fixed(after)))
        for label, (before, after) in (("sharpe", sharpe), ("return", gain))
    )


def _approval(entry: BookEntry, voice: Voice) -> tuple[Marked, ...]:
    if entry.state != ExperimentState.RECOMMENDED:
        return (Marked(""), voice.say("experiments.not_waiting"))
    command = f"sagetool experiment approve {entry.id} --config {entry.config}"
    return (
        Marked(""),
        voice.say(
            "experiments.would_approve",
            proposal=voice.code(entry.proposal),
            branch=voice.code(entry.branch),
            base=voice.code(entry.base),
        ),
        voice.say("experiments.sign", command=voice.code(command)),
    )


def _row(command: str, experiment_id: str) -> Rows:
    tap = f"{RUN}{command} {experiment_id}"
    return ((Button(experiment_id, tap),),) if len(tap.encode()) <= TAP_BYTES_MAX else ()
