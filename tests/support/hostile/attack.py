"""What an attack is, and how most are written."""

from typing import Final

import msgspec

SAY: Final = "print('ESCA' + 'PED', "


class Hostile(msgspec.Struct, frozen=True):
    """One attack.

    Parameters
    ----------
    name : str
        What it tries.
    source : str
        The program.
    project : bool
        Whether it imports the project.
    """

    name: str
    source: str
    project: bool = False


def call(name: str, body: str) -> Hostile:
    """Return an attack that makes system calls itself."""
    head = "import ctypes, os, struct\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    return Hostile(name, head + body.replace("SAY(", SAY))


def plugin(name: str, body: str) -> Hostile:
    """Return an attack that is a strategy."""
    return Hostile(
        name, f"from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig\n{body}", project=True
    )
