"""A person who is told things: in which language, when, and of what. Read from what the person chose."""

import datetime as dt
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from sagetrade_nautilus.bot.notices.notice import Kind
from sagetrade_nautilus.bot.notices.quiet import Hours
from sagetrade_nautilus.bot.words.say import Language
from sagetrade_nautilus.errors import ConfigError

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFF: Final = "off"
ALL: Final = "all"
DEFAULTS: Final = {"zone": "UTC", "notices": ALL, "quiet": OFF, "daily": "08:00", "weekly": "mon 08:00"}
"""The names under which a person's choices are kept, and what holds where nothing was chosen."""
_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


class Hearer(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One person, and that person's choices.

    Parameters
    ----------
    zone : str
        The time zone, as 'Asia/Riyadh'.
    kinds : frozenset[Kind]
        What is told.
    quiet : (time, time), optional
        Between which only what is critical is told.
    daily : time, optional
        When a summary of the day comes; ``None`` for never.
    weekly : (int, time), optional
        On which weekday (0 is Monday) and when that of the week comes.
    """

    user_id: int
    language: Language
    zone: str = "UTC"
    kinds: frozenset[Kind] = frozenset(Kind)
    quiet: Hours | None = None
    daily: dt.time | None = None
    weekly: tuple[int, dt.time] | None = None

    @cached_property
    def tz(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.zone)

    @classmethod
    def of(cls, user_id: int, language: Language, choices: Mapping[str, str]) -> "Hearer":
        """Return a person with what `choices` say; what they do not say is as `DEFAULTS` have it.

        `zone` is a time zone's name; `notices` 'all', 'off' or kinds with commas between; `quiet` 'off' or
        '22:00-07:00'; `daily` 'off' or '08:00'; `weekly` 'off' or 'mon 08:00'. Other names are not looked at.

        Raises
        ------
        ConfigError
            A choice says nothing of these; the message names it.
        """
        said = {**DEFAULTS, **choices}
        return cls(
            user_id=user_id,
            language=language,
            zone=_zone(said["zone"]),
            kinds=_kinds(said["notices"]),
            quiet=_quiet(said["quiet"]),
            daily=None if said["daily"] == OFF else _time("daily", said["daily"]),
            weekly=_weekly(said["weekly"]),
        )

    @classmethod
    def kept(cls, user_id: int, language: Language, choices: Mapping[str, str]) -> "Hearer":
        """Return a person with what was kept of the choices; those that say nothing are as if not chosen.

        Whoever's file was damaged is told too much rather than nothing.
        """
        sound = {name: said for name, said in choices.items() if name in DEFAULTS and _says(user_id, name, said)}
        return cls.of(user_id, language, sound)


def _says(user_id: int, name: str, said: str) -> bool:
    try:
        Hearer.of(user_id, "en", {name: said})
    except ConfigError:
        return False
    return True


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(f"zone: {name!r} is no time zone; write it as Asia/Riyadh or UTC") from None
    return name


def _kinds(said: str) -> frozenset[Kind]:
    if said in (ALL, OFF):
        return frozenset(Kind) if said == ALL else frozenset()
    try:
        return frozenset(Kind(word.strip()) for word in said.split(","))
    except ValueError:
        known = ", ".join(Kind)
        raise ConfigError(f"notices: {said!r} is not 'all', 'off' or some of {known}") from None


def _quiet(said: str) -> Hours | None:
    if said == OFF:
        return None
    begin, _, end = said.partition("-")
    return _time("quiet", begin), _time("quiet", end)


def _weekly(said: str) -> tuple[int, dt.time] | None:
    if said == OFF:
        return None
    day, _, hour = said.partition(" ")
    if day not in WEEKDAYS:
        raise ConfigError(f"weekly: {said!r} names no day; write it as 'mon 08:00', or 'off'")
    return WEEKDAYS.index(day), _time("weekly", hour)


def _time(name: str, said: str) -> dt.time:
    match = _TIME.fullmatch(said.strip())
    if match is None:
        raise ConfigError(f"{name}: {said!r} is no time of day; write it as 08:00")
    return dt.time(int(match[1]), int(match[2]))
