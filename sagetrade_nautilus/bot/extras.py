"""Where other parts of SageTrade join the bot: answers, pictures, settings, experiments. Protocols and plain values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from sagetrade_nautilus.config.bot import Language
from sagetrade_nautilus.overview import HeldPosition, Overview


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """One experiment as a person is told of it.

    Parameters
    ----------
    experiment_id, title, state : str
        What it is called, what it tries, and how far it is.
    report : str
        What came of it, in a few lines.
    effect : str
        What an approval would do, exactly: a code is bound to these words. '' where nothing waits for one.
    """

    experiment_id: str
    title: str
    state: str
    report: str = ""
    effect: str = ""


class ExperimentBook(Protocol):
    """Knows the experiments. Each method may wait for a disk: it is called on a thread.

    It may raise a `SageTradeError`, whose message the person is told.
    """

    def list(self) -> list[Experiment]:
        """Return all experiments, the newest first."""
        ...

    def show(self, experiment_id: str) -> Experiment | None:
        """Return one experiment, ``None`` if there is none of that id."""
        ...

    def approve(self, experiment_id: str, by: str, now_ns: int) -> str:
        """Write down that the person `by` approves, and return what follows from it, in a line."""
        ...


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


class Choices(msgspec.Struct, frozen=True):
    """What else a person may choose by `/settings NAME VALUE`.

    Parameters
    ----------
    defaults : mapping
        Each name, and what holds where nothing was chosen.
    check : callable
        Raises `ConfigError`, which names the way out, for choices that make no sense.
    """

    defaults: Mapping[str, str]
    check: Callable[[Mapping[str, str]], object]


@dataclass(frozen=True, kw_only=True)
class Extras:
    """What the bot can do beside its own commands; each part may be missing.

    `stop` is called when the node stops.
    """

    answerer: Answerer | None = None
    artist: Artist | None = None
    choices: Choices | None = None
    experiments: ExperimentBook | None = None
    stop: Callable[[], object] = lambda: None
