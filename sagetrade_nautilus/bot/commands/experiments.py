"""/experiments and /approve: what was tried, and a person's word on it."""

import asyncio
from functools import partial

import msgspec

from sagetrade_nautilus.bot.ask import Ask, Deed
from sagetrade_nautilus.bot.commands.account import RUN, TAP_BYTES_MAX
from sagetrade_nautilus.bot.extras import Experiment, ExperimentBook
from sagetrade_nautilus.bot.text import Marked
from sagetrade_nautilus.bot.wire import Button, Reply, Rows
from sagetrade_nautilus.errors import SageTradeError

SHOWN = 10


async def experiments(ask: Ask) -> Reply:
    """List the experiments, or show the one that is named."""
    book = ask.desk.extras.experiments
    if book is None:
        return ask.say("experiments.no_book")
    try:
        if ask.argument:
            return _one(ask, await asyncio.to_thread(book.show, ask.argument))
        found = (await asyncio.to_thread(book.list))[:SHOWN]
    except SageTradeError as error:
        return ask.say("experiments.problem", problem=str(error))
    if not found:
        return ask.say("experiments.none")
    lines = [ask.voice.say("experiments.title")]
    for experiment in found:
        lines.append(
            ask.voice.say(
                "experiments.line",
                id=ask.voice.code(experiment.experiment_id),
                title=experiment.title,
                state=ask.voice.word("experiment_state", experiment.state),
            )
        )
    return ask.reply(*lines, rows=tuple(row for one in found for row in _row("experiments", one.experiment_id)))


async def approve(ask: Ask) -> Reply | Deed:
    """Approve an experiment. It can change what is put at risk: the password is needed too."""
    book = ask.desk.extras.experiments
    if book is None:
        return ask.say("experiments.no_book")
    if not ask.argument:
        return ask.say("experiments.which")
    try:
        found = await asyncio.to_thread(book.show, ask.argument)
    except SageTradeError as error:
        return ask.say("experiments.problem", problem=str(error))
    if found is None or not found.effect:
        return _one(ask, found)
    effect = {"approve": found.experiment_id, "effect": found.effect, "report": found.report}
    return Deed(
        effect=msgspec.json.encode(effect).decode(),
        shown=ask.voice.say(
            "experiments.would_approve", id=ask.voice.code(found.experiment_id), title=found.title, effect=found.effect
        ),
        do=partial(_approve, ask, book, found.experiment_id),
        doubly="always",
    )


async def _approve(ask: Ask, book: ExperimentBook, experiment_id: str, granted: object) -> Reply:
    try:
        follows = await asyncio.to_thread(book.approve, experiment_id, ask.by, ask.now_ns)
    except SageTradeError as error:
        return ask.say("experiments.problem", problem=str(error))
    ask.desk.note(f"experiment:{experiment_id}", "approved", ask.by)
    return ask.say("experiments.approved", id=ask.voice.code(experiment_id), follows=follows)


def _one(ask: Ask, found: Experiment | None) -> Reply:
    if found is None:
        return ask.say("experiments.unknown", id=ask.argument)
    voice = ask.voice
    lines = [
        voice.say("experiments.head", id=voice.code(found.experiment_id), title=found.title),
        voice.row("state", voice.word("experiment_state", found.state)),
        *(voice.outside(line) if line else Marked("") for line in found.report.split("\n")),
    ]
    if not found.effect:
        return ask.reply(*lines)
    return ask.reply(
        *lines,
        voice.row("effect", found.effect),
        rows=_row("approve", found.experiment_id, voice.say("button.approve")),
    )


def _row(command: str, experiment_id: str, label: str = "") -> Rows:
    tap = f"{RUN}{command} {experiment_id}"
    return ((Button(label or experiment_id, tap),),) if len(tap.encode()) <= TAP_BYTES_MAX else ()
