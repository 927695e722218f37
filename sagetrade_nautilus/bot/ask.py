"""What a command is given, and what it gives back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from sagetrade_nautilus.bot.authority import Role
from sagetrade_nautilus.bot.desk import Desk
from sagetrade_nautilus.bot.notices.hearers import Hearer
from sagetrade_nautilus.bot.pictures.charts import Draw
from sagetrade_nautilus.bot.store import BotStore, Settings
from sagetrade_nautilus.bot.telegram.wire import Reply, Rows
from sagetrade_nautilus.bot.words.voice import Marked, Voice
from sagetrade_nautilus.guard.switch.codes import Codes
from sagetrade_nautilus.overview import Overview

Doubly = Literal["never", "if_set", "always"]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One person's command.

    Parameters
    ----------
    user_id, role : int, Role
        Who asks, and in which role.
    argument : str
        What stood behind the command; it comes from outside.
    now_ns : int
        The wall's clock, UNIX nanoseconds.
    commands : mapping of str to Command
        All there are, for whoever explains them.
    """

    user_id: int
    role: Role
    argument: str
    now_ns: int
    voice: Voice
    desk: Desk
    store: BotStore
    commands: Mapping[str, "Command"]

    @property
    def by(self) -> str:
        """What the journal calls the person."""
        return f"telegram:{self.user_id}"

    @property
    def choices(self) -> Mapping[str, str]:
        """What else the person chose, by name."""
        return self.store.settings(self.user_id).choices

    @property
    def zone(self) -> ZoneInfo:
        """The person's time zone."""
        return Hearer.kept(self.user_id, self.voice.language, self.choices).tz

    async def draw(self, draw: Draw | None) -> bytes | None:
        """Return the picture that `draw` makes, on a thread; ``None`` where there is none, or it fails."""
        try:
            return None if draw is None else await asyncio.to_thread(draw)
        except Exception as error:  # noqa: BLE001 - the edge to a library that draws; the journal tells
            self.desk.note("picture", f"failed: {type(error).__name__}", self.by)
            return None

    def look(self) -> Overview:
        """Return the node as it is now."""
        return self.desk.look()

    def reply(self, *lines: Marked, rows: Rows = (), picture: bytes | None = None) -> Reply:
        """Return an answer of these lines."""
        return Reply(self.voice.page(*lines), rows, picture)

    def say(self, key: str, rows: Rows = (), **values: object) -> Reply:
        """Return an answer of one message of the catalogue."""
        return self.reply(self.voice.say(key, **values), rows=rows)

    def choose(self, **changes: object) -> None:
        """Take up what the person chose."""
        settings: Settings = self.store.settings(self.user_id)
        self.store.choose(self.user_id, msgspec.structs.replace(settings, **changes))


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that changes what may trade, before it is done: exactly what, and how.

    Parameters
    ----------
    effect : str
        Exactly what it would change, from what and to what: a code is good for this and nothing else.
    shown : Marked
        The same for a person.
    do : callable
        Does it, given what `redeem` returned.
    doubly : {'never', 'if_set', 'always'}
        Whether it is confirmed by the password too: what 'always' is cannot be done where none is set.
    redeem : callable, optional
        Takes the person's codes, the code, the password and the time, and returns what `do` needs; it raises
        `CodeError`, and is called on a thread.
    """

    effect: str
    shown: Marked
    do: Callable[[object], Awaitable[Reply]]
    doubly: Doubly = "never"
    redeem: Callable[[Codes, str, str, int], object] | None = None


@dataclass(frozen=True)
class Command:
    """A command: who may give it, and what it does. Its name and description stand in the catalogues."""

    role: Role
    run: Callable[[Ask], Awaitable[Reply | Deed]]
