"""Confirming a release: a one-time code bound to its exact effect, a password where one is set, and a lockout.

A code shows that a person looked at what the release would do; the password shows who. Neither is a wall against
somebody who can write files as this user: such a person can write the latch itself.
"""

from pathlib import Path

import msgspec

from sagetrade_nautilus.guard.switch.codes import Codes
from sagetrade_nautilus.guard.switch.latch import Effect, Release
from sagetrade_nautilus.guard.switch.password import Password
from sagetrade_nautilus.guard.switch.state import LatchRecord, State


class Confirmation:
    """Gives out codes for a release and takes them back. Nothing here can delay a stop.

    Parameters
    ----------
    latch : Path
        The latch whose release is confirmed.
    codes : Codes, optional
        Who counts the wrong answers; ``latch.confirm`` beside ``latch.json`` unless given.
    """

    def __init__(self, latch: Path, codes: Codes | None = None) -> None:
        self._codes = codes or Codes(latch.absolute().with_suffix(".confirm"))
        self._password = Password(latch)

    def issue(self, record: LatchRecord, to: State, now_ns: int) -> str:
        """Return a code, good for five minutes, for releasing `record` to `to`. Any earlier code is void.

        Show it to a person, together with what it does, and to nobody and nothing else.

        Raises
        ------
        CodeError
            Too many wrong answers of late, or the disk refused.
        """
        return self._codes.issue(_text(Effect.of(record, to)), now_ns)

    def confirm(
        self, record: LatchRecord, to: State, *, code: str, password: str, reason: str, by: str, now_ns: int
    ) -> Release:
        """Return the release of `record` to `to`, if `code` and, where one is set, `password` are right.

        Raises
        ------
        CodeError
            A wrong code or password (counted), no code for this effect, an expired or used one, too many wrong answers
            of late, or the disk refused. Nothing was released.
        """
        effect = Effect.of(record, to)
        self._codes.redeem(_text(effect), code, now_ns, lambda: self._password.matches(password))
        return Release(effect, reason, by, now_ns)


def _text(effect: Effect) -> str:
    return msgspec.json.encode(effect).decode()
