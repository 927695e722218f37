"""`sagetool stop`, `status`, `resume` and `password`: the kill switch, from any terminal, whether or not a node runs.

This module imports neither Nautilus nor a strategy, so that a stop takes a fraction of a second, and works when they
do not.
"""

import getpass
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from sagetrade_nautilus import durable
from sagetrade_nautilus.cli.latches import DEFAULT_LATCH, STATE, AnyLatchOption, OneLatchOption, latches, the_one
from sagetrade_nautilus.errors import KillSwitchError, cause
from sagetrade_nautilus.guard.breaker import memory
from sagetrade_nautilus.guard.breaker.breaker import Memory
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.switch.confirmation import Confirmation
from sagetrade_nautilus.guard.switch.heartbeat import beside, look, parse
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.life import is_held, told
from sagetrade_nautilus.guard.switch.password import Password
from sagetrade_nautilus.guard.switch.state import LatchRecord, State, StateChange
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

ANSWER_S_MAX = 1.0
ANSWER_LOOK_S = 0.01

_COLOURS = {
    State.RUNNING: "green",
    State.NO_ENTRIES: "yellow",
    State.REDUCE_ONLY: "yellow",
    State.HALTED: "bold red",
}


def stop(
    reason: Annotated[str, typer.Option(help="Why; it is written down.")] = "no reason given",
    flatten: Annotated[bool, typer.Option("--flatten", help="Close the open positions too.")] = False,
    state: Annotated[State, typer.Option(help="How much to stop.")] = State.HALTED,
    latch: AnyLatchOption = None,
) -> None:
    """Stop trading, now and until somebody resumes it. It needs no permission, and only ever tightens.

    Every node whose folder is below ./state is stopped, unless --latch names one.

    halted: nothing leaves but cancels. reduce_only: resting entries are cancelled too, positions may be reduced.
    no_entries: nothing that opens or enlarges. It survives every restart.

    Example: sagetool stop --flatten --reason "wrong prices"
    """
    if state is State.RUNNING:
        raise typer.BadParameter("`sagetool resume` does that", param_hint="--state")
    console, found = Console(), latches(latch)
    if not found:
        raise KillSwitchError(
            f"no kill switch is below {Path.cwd() / STATE}, so NOTHING was stopped; run it where the nodes run, or "
            "name a node's own with --latch"
        )
    engaged, failed = [], []
    for one in found:
        before = look(beside(one))
        try:
            engaged.append((one, before, Latch(one).engage(state, reason, who(), time.time_ns(), flatten)))
        except KillSwitchError as error:  # the others must be stopped all the same
            failed.append(f"{one}: NOT stopped: {error}")
    for one, before, change in engaged:
        _print_change(console, change, one)
        console.print(_answer(one, before, change), highlight=False, soft_wrap=True)
        if flatten and not change.flatten:
            failed.append(f"{one}: it is {change.after}, but positions are NOT being closed: {change.problem}")
    if failed:
        raise KillSwitchError("; ".join(failed))


def status(latch: AnyLatchOption = None) -> None:
    """Say whether the node runs, what its kill switch says and why, and whether the circuit breaker has tripped.

    Example: sagetool status --latch state/paper/latch.json
    """
    console, found = Console(), latches(latch) or [DEFAULT_LATCH]
    hidden = [one for one in found if _is_hidden(one)]
    for number, one in enumerate(one for one in found if one not in hidden):
        if number:
            console.print()
        console.print(f"node: {escape(told(one))}", highlight=False, soft_wrap=True)
        _print_record(console, Latch(one).read(), one)
        _print_breaker(console, MemoryFile(memory.beside(one)).load())
    if hidden:
        raise KillSwitchError(
            f"{', '.join(map(str, hidden))}: this user may not look there, so what it says is not known, and a node "
            "may be trading; ask as the user that runs the node"
        )


def resume(
    to: Annotated[State, typer.Option(help="How much to allow.")] = State.RUNNING,
    code: Annotated[
        str | None,
        typer.Option(help="A confirmation code that you were shown before; asked for at the terminal if left out."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; it is written down.")] = "no reason given",
    latch: OneLatchOption = None,
) -> None:
    """Let trading go on. Asks for a confirmation code, and for the password where one is set.

    The code is shown in this terminal, counts for this one change, and expires in five minutes. Where several kill
    switches are below ./state, --latch must name one.

    Example: sagetool resume --latch state/paper/latch.json
    """
    latch = the_one(latch)
    console, switch = Console(), Latch(latch)
    record = _on_record(switch)
    _print_record(console, record, latch)
    if record.state <= to:
        console.print(f"It is {record.state}: nothing to resume.")
        return
    confirmation = Confirmation(latch)
    if code is None:
        code = _ask_code(console, confirmation, record, to)
    release = confirmation.confirm(
        record, to, code=code, password=_ask_password(latch), reason=reason, by=who(), now_ns=time.time_ns()
    )
    _print_change(console, switch.release(release, time.time_ns()), latch)
    breaker = MemoryFile(memory.beside(latch))
    if breaker.load() is None:
        _begin_memory(breaker)
        console.print("The circuit breaker's memory was missing or damaged; it begins anew, without losses.")


def password(latch: OneLatchOption = None) -> None:
    """Set the password that `sagetool resume` asks for. Asks for the old one, if there is one.

    Example: sagetool password --latch state/paper/latch.json
    """
    latch = the_one(latch)
    _need_terminal("setting a password")
    keeper = Password(latch)
    if keeper.is_set() and not keeper.matches(_asked("Old password: ")):
        raise KillSwitchError("wrong password; nothing was changed")
    new = _asked("New password: ")
    if new != _asked("Again: "):
        raise KillSwitchError("the two are not the same; nothing was changed, try again")
    keeper.set(new)
    print("The password is set.")


def _asked(prompt: str) -> str:
    try:
        return getpass.getpass(prompt)
    except UnicodeDecodeError:
        raise KillSwitchError("that was not UTF-8 text; set the terminal to UTF-8. Nothing was changed") from None


def _begin_memory(breaker: MemoryFile) -> None:
    try:
        breaker.save(Memory())
    except OSError as error:
        raise KillSwitchError(f"the circuit breaker's memory cannot be written: {cause(error)}") from None


def _on_record(switch: Latch) -> LatchRecord:
    """Return what the latch says; a fault is first put on record as a halt, so that a release has what to refer to."""
    record = switch.read()
    if record.is_fault:
        switch.engage(State.HALTED, f"found so: {record.reason}", who(), time.time_ns())
        record = switch.read()
    return record


def _ask_code(console: Console, confirmation: Confirmation, record: LatchRecord, to: State) -> str:
    _need_terminal("resuming without --code")
    shown = confirmation.issue(record, to, time.time_ns())
    console.print(f"\nThis would change [bold]{record.state}[/] to [bold]{to}[/]. To confirm, type  [bold]{shown}[/]")
    return str(typer.prompt("Code"))


def _ask_password(latch: Path) -> str:
    if not Password(latch).is_set():
        return ""
    _need_terminal("the password")
    return _asked("Password: ")


def _need_terminal(what: str) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise KillSwitchError(f"{what} needs a person at a terminal; nothing was changed")


def _answer(latch: Path, before: bytes | None, change: StateChange) -> str:
    """Return what the running node says that it did, waiting for it a little; or that none is running."""
    heartbeat, beat = beside(latch), parse(before)
    if beat is None or beat.stopped:
        return _silent(latch.parent)
    deadline = time.monotonic() + ANSWER_S_MAX
    while time.monotonic() < deadline:
        beat = parse(look(heartbeat)) or beat
        if beat.has_heard(change.sequence, change.after):
            closing = f", closing {beat.closing}" if change.flatten else ""
            return f"The node (process {beat.pid}) has heard it: cancelled {beat.cancelled}{closing}."
        time.sleep(ANSWER_LOOK_S)
    lives = "its heart beats, but it" if look(heartbeat) != before else "it shows no life, and"
    return (
        f"[bold red]The node (process {beat.pid}) has not answered within {ANSWER_S_MAX:g} s:[/] {lives} may hang. No "
        f"order passes its guard. If it runs, end it (kill {beat.pid}) and look at the venue yourself."
    )


def _silent(folder: Path) -> str:
    """Return what is known of a node without a heartbeat: its lock tells whether it is there."""
    try:
        if not is_held(folder):
            return "No node is running here: nothing to cancel, and none will trade until it is resumed."
        seen = "A node is running here, without a heartbeat that can be read"
    except OSError as error:
        seen = f"Whether a node is running here cannot be told ({error.strerror})"
    return f"[bold red]{seen}:[/] what it cancels is not known. No order passes its guard. Look at the venue."


def who(through: str = "cli") -> str:
    """Return who acts, and through what: 'cli:anna'."""
    try:
        return f"{through}:{getpass.getuser()}"
    except (OSError, KeyError):  # a container's user without a name
        return f"{through}:{os.getuid()}"


def _is_hidden(latch: Path) -> bool:
    """Return whether only others may read it: to their node it can say anything."""
    try:
        durable.read(latch.absolute())
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _print_record(console: Console, record: LatchRecord, path: Path) -> None:
    colour = _COLOURS[record.state]
    console.print(
        f"kill switch: [{colour}]{record.state}[/]  [dim]{escape(str(path))}[/]", highlight=False, soft_wrap=True
    )
    if record.is_fault:
        console.print(
            f"Nothing may trade, because no sound kill switch file says otherwise: {escape(record.reason)}.\n"
            "Before the first start this is normal. Else find out who touched it.\n"
            "`sagetool resume` writes a sound file, after you have confirmed it.",
            highlight=False,
            soft_wrap=True,
        )
        return
    when = datetime.fromtimestamp(record.ts / NANOS_PER_SECOND, UTC).isoformat(sep=" ", timespec="seconds")
    console.print(
        f"reason   {escape(record.reason)}\nby       {escape(record.by)}\nsince    {when}\n"
        f"flatten  {'yes: positions are to be closed' if record.flatten else 'no'}",
        highlight=False,
        soft_wrap=True,
    )


def _print_breaker(console: Console, kept: Memory | None) -> None:
    if kept is None:
        console.print(
            "circuit breaker: its memory is missing or damaged, so a node that starts stops itself. "
            "`sagetool resume` begins a new one.",
            soft_wrap=True,
        )
        return
    for trip in kept.trips:
        until = "00:00 UTC" if trip.until_next_day else "a person resumes"
        console.print(
            f"[yellow]circuit breaker[/] {trip.state}: {trip}, until {until}", highlight=False, soft_wrap=True
        )
    if not kept.trips:
        console.print("circuit breaker: nothing tripped", highlight=False)


def _print_change(console: Console, change: StateChange, path: Path) -> None:
    what = f"{change.before} -> {change.after}" if change.changed else f"{change.after}, as it was"
    flatten = ", closing positions" if change.flatten else ""
    colour = _COLOURS[change.after]
    console.print(f"[{colour}]{what}[/]{flatten}  [dim]{escape(str(path))}[/]", highlight=False, soft_wrap=True)
    if change.problem:
        console.print(f"[bold red]but:[/] {escape(change.problem)}", highlight=False, soft_wrap=True)
