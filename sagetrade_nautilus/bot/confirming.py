"""From a wish to a deed: the exact effect is shown, a code is asked for, where it counts a password too, and only then.

A code is good for one effect: what it would change is looked at anew when it is given back, and must be the same.
"""

import asyncio
import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.bot.ask import Ask, Deed
from sagetrade_nautilus.bot.telegram.wire import Button, Reply, Rows
from sagetrade_nautilus.errors import CodeError
from sagetrade_nautilus.guard.switch.codes import Codes
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

CONFIRM, CANCEL = "c:", "x:"
LATE_NS: Final = 600 * NANOS_PER_SECOND
"""How long after its time a text is still taken for the password that was asked for, and deleted."""
_CODE = re.compile(r"[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}")


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person's word: a command, its exact effect, and the code once it was given and only the
    password is missing.
    """

    command: str
    argument: str
    effect: str
    asked_ns: int
    code: str = ""


class Confirming:
    """Keeps what waits for confirmation, one thing for each person; a restart forgets it, but not whom a password was
    asked of.

    Parameters
    ----------
    folder : Path
        Where wrong answers are counted, in a file for each person.
    life_s : float
        How long a code is good.
    auto_approve : collection of str
        Commands that need none.
    asked : dict of int to int
        Who has been asked for the password and has not given it, and when that began; it is kept over a restart, so
        that a password which is typed then is deleted too.
    """

    def __init__(self, folder: Path, life_s: float, auto_approve: Collection[str], asked: dict[int, int]) -> None:
        self._folder = folder
        self._life_s = life_s
        self._auto_approve = frozenset(auto_approve)
        self._asked = asked
        self._pending: dict[int, Pending] = {}

    def pending(self, user_id: int) -> Pending | None:
        """Return what waits for a person's word."""
        return self._pending.get(user_id)

    def awaits_password(self, user_id: int, now_ns: int) -> bool:
        """Whether the next words of a person are a password, if perhaps too late."""
        asked_ns = self._asked.get(user_id)
        return asked_ns is not None and now_ns - asked_ns < round(self._life_s * NANOS_PER_SECOND) + LATE_NS

    async def begin(self, ask: Ask, command: str, deed: Deed) -> Reply:
        """Show what would be done and ask for a code; or do it, where none is needed."""
        if deed.doubly == "always" and not await asyncio.to_thread(ask.desk.password.is_set):
            ask.desk.note(f"command:{command}", "refused: no password is set", ask.by)
            return ask.say("confirm.no_password", latch=ask.voice.code(str(ask.desk.latch.path)))
        if command in self._auto_approve and deed.doubly == "never":
            ask.desk.note(f"command:{command}", f"approved by the configuration: {deed.effect}", ask.by)
            return await deed.do(None)
        try:
            code = await asyncio.to_thread(self._codes(ask.user_id).issue, deed.effect, ask.now_ns)
        except CodeError as error:
            return self._refused(ask, command, error)
        self._end(ask.user_id)
        self._pending[ask.user_id] = Pending(
            command=command, argument=ask.argument, effect=deed.effect, asked_ns=ask.now_ns
        )
        ask.desk.note(f"command:{command}", f"asked: {deed.effect}", ask.by)
        return ask.reply(
            deed.shown,
            ask.voice.say("confirm.code", code=ask.voice.code(code), life=ask.voice.span(self._life_s)),
            rows=_choice(ask, code),
        )

    async def take_code(self, ask: Ask, deed: Deed, code: str) -> Reply:
        """Take a code for what waits, of which `deed` is what it would do now; do it, or ask for the password."""
        pending = self._pending[ask.user_id]
        if deed.effect != pending.effect:
            return await self.changed(ask)
        if deed.doubly == "never" or (
            deed.doubly == "if_set" and not await asyncio.to_thread(ask.desk.password.is_set)
        ):
            return await self._redeem(ask, deed, code, "")
        self._pending[ask.user_id] = msgspec.structs.replace(pending, code=code)
        self._asked[ask.user_id] = pending.asked_ns
        return ask.say("confirm.password", rows=((Button(ask.voice.say("button.cancel"), CANCEL),),))

    async def take_password(self, ask: Ask, deed: Deed, password: str) -> Reply:
        """Take the password for what waits, whose code was given."""
        pending = self._pending[ask.user_id]
        if deed.effect != pending.effect:
            return await self.changed(ask)
        return await self._redeem(ask, deed, pending.code, password)

    async def changed(self, ask: Ask) -> Reply:
        """Give up what waits, since it is not what it was when it was shown."""
        await self.forget(ask)
        return ask.say("confirm.changed")

    async def forget(self, ask: Ask) -> bool:
        """Give up what waits, and return whether there was anything."""
        pending = self._end(ask.user_id)
        if pending is None:
            return False
        ask.desk.note(f"command:{pending.command}", "given up", ask.by)
        await asyncio.to_thread(self._codes(ask.user_id).void)
        return True

    async def _redeem(self, ask: Ask, deed: Deed, code: str, password: str) -> Reply:
        command = self._pending[ask.user_id].command
        try:
            granted = await asyncio.to_thread(self._take, ask, deed, code, password)
        except CodeError as error:
            return self._refused(ask, command, error)
        self._end(ask.user_id)
        ask.desk.note(f"command:{command}", f"confirmed: {deed.effect}", ask.by)
        return await deed.do(granted)

    def _take(self, ask: Ask, deed: Deed, code: str, password: str) -> object:
        codes = self._codes(ask.user_id)
        if deed.redeem is not None:
            return deed.redeem(codes, code, password, ask.now_ns)
        also = (lambda: True) if deed.doubly == "never" else (lambda: ask.desk.password.matches(password))
        codes.redeem(deed.effect, code, ask.now_ns, also)
        return None

    def _refused(self, ask: Ask, command: str, error: CodeError) -> Reply:
        """Say why a code was not taken. A wrong one leaves what waits as it is, all else gives it up."""
        ask.desk.note(f"command:{command}", f"refused: {error.why}", ask.by)
        if error.why not in ("wrong", "locked"):
            self._end(ask.user_id)
        if error.wait_s:
            return ask.say(f"confirm.{error.why}_wait", wait=ask.voice.span(float(error.wait_s)))
        return ask.say(f"confirm.{error.why}")

    def _end(self, user_id: int) -> Pending | None:
        """Have nothing wait for a person any more, and return what did."""
        self._asked.pop(user_id, None)
        return self._pending.pop(user_id, None)

    def _codes(self, user_id: int) -> Codes:
        return Codes(self._folder / f"telegram-{user_id}.confirm", self._life_s)


def is_code(text: str) -> bool:
    """Whether a person's words look like a code."""
    return _CODE.fullmatch(text.strip()) is not None


def _choice(ask: Ask, code: str) -> Rows:
    return (
        (
            Button(ask.voice.say("button.confirm"), f"{CONFIRM}{code}"),
            Button(ask.voice.say("button.cancel"), CANCEL),
        ),
    )
