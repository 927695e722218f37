"""Where other parts of SageTrade join the bot: answers, pictures, experiments. Protocols and plain values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from sagetrade_nautilus.config.bot import Language
from sagetrade_nautilus.experiments.book import ExperimentBook
from sagetrade_nautilus.overview import HeldPosition, Overview


class Answer(msgspec.Struct, frozen=True):
    """An answer to a question in plain words: HTML as Telegram knows it, and a picture (PNG)."""

    text: str
    picture: bytes | None = None


class Answerer(Protocol):
    """Answers what is no command. It can reach no order."""

    async def answer(self, text: str, language: Language, overview: Overview, choices: Mapping[str, str]) -> Answer:
        """Return the answer to a person's words, which come from outside; `choices` are what the person chose."""
        ...


type Draw = Callable[[], bytes]
"""Draws a picture (PNG), on a thread."""


class Artist(Protocol):
    """Prepares pictures, on the event loop; ``None`` where there is too little to draw."""

    def equity(self, days: int, choices: Mapping[str, str]) -> Draw | None:
        """Return what draws equity over the last days."""
        ...

    def position(self, held: HeldPosition, choices: Mapping[str, str]) -> Draw | None:
        """Return what draws an open position on its chart."""
        ...


@dataclass(frozen=True, kw_only=True)
class Extras:
    """What the bot can do beside its own commands.

    `stop` is called when the node stops.
    """

    answerer: Answerer
    artist: Artist
    experiments: ExperimentBook
    stop: Callable[[], object] = lambda: None
