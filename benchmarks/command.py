"""The command line of a benchmark: what it measures, what it takes, and what was wrong with it in one line."""

import argparse
from typing import NoReturn


class Command(argparse.ArgumentParser):
    """The command line of ``python -m benchmarks.NAME``.

    Parameters
    ----------
    name : str
        The module's, without the package.
    about : str
        The module's docstring, which its help shows.
    takes : str
        How long it takes on two cores with nothing given, in words.
    """

    def __init__(self, name: str, about: str | None, takes: str) -> None:
        super().__init__(
            prog=f"python -m benchmarks.{name}",
            description=(about or "").replace("``", ""),
            epilog=f"It takes {takes}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; --help says what it takes\n")


def from_zero(word: str) -> int:
    """Return a whole number from 0."""
    if not word.isdecimal():
        raise argparse.ArgumentTypeError(f"{word!r} is no whole number from 0")
    return int(word)


def from_one(word: str) -> int:
    """Return a whole number from 1."""
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word!r} is no whole number from 1")
    return int(word)
