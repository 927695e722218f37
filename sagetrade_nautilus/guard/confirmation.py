"""Confirming a release: a one-time code bound to its exact effect, a password where one is set, and a lockout.

A code shows that a person looked at what the release would do; the password shows who. Neither is a wall against
somebody who can write files as this user: such a person can write the latch itself.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard import durable
from sagetrade_nautilus.guard.latch import Effect, Release
from sagetrade_nautilus.guard.password import Password
from sagetrade_nautilus.guard.state import LatchRecord, State

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that looks like something else
CODE_LENGTH = 8
CODE_LIFE_NS = 300_000_000_000
FREE_FAILURES = 2
LOCKOUT_S_MIN = 30
LOCKOUT_S_MAX = 3_600
LOCK_PATIENCE_S = 2.0
NANOS_PER_SECOND = 1_000_000_000

_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


class _Challenge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    effect: Effect
    issued_ns: int
    salt: str
    mac: str


class _Ledger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that is out, if any, and the wrong answers since the last right one. Beside the latch, mode 0600."""

    challenge: _Challenge | None = None
    failures: int = 0
    locked_until_ns: int = 0


class Confirmation:
    """Gives out codes and takes them back.

    Wrong answers are counted on the disk, before they are looked at: the third locks for 30 s, each further one for
    twice as long, up to an hour. Nothing here can delay a stop.

    Parameters
    ----------
    latch : Path
        The latch whose release is confirmed; ``latch.json`` has ``latch.confirm``.
    """

    def __init__(self, latch: Path) -> None:
        self._path = latch.absolute().with_suffix(".confirm")
        self._password = Password(latch)

    def issue(self, record: LatchRecord, to: State, now_ns: int) -> str:
        """Return a code, good for five minutes, for releasing `record` to `to`. Any earlier code is void.

        Show it to a person, together with what it does, and to nobody and nothing else.

        Raises
        ------
        KillSwitchError
            Too many wrong answers of late, or the disk refused.
        """
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        effect, salt = Effect.of(record, to), secrets.token_hex(16)
        challenge = _Challenge(effect, now_ns, salt, _mac(code, salt, effect))
        with self._locked():
            ledger = self._load()
            self._refuse_while_locked(ledger, now_ns)
            self._save(msgspec.structs.replace(ledger, challenge=challenge))
        return f"{code[:4]}-{code[4:]}"

    def confirm(
        self, record: LatchRecord, to: State, *, code: str, password: str, reason: str, by: str, now_ns: int
    ) -> Release:
        """Return the release of `record` to `to`, if `code` and, where one is set, `password` are right.

        Raises
        ------
        KillSwitchError
            A wrong code or password (counted), no code for this effect, an expired or used one, too many wrong answers
            of late, or the disk refused.
        """
        effect = Effect.of(record, to)
        with self._locked():
            ledger = self._load()
            self._refuse_while_locked(ledger, now_ns)
            challenge = self._good_challenge(ledger, effect, now_ns)
            failed = _one_failure_more(ledger, now_ns)
            self._save(failed)
        # Out of the lock: the password takes half a second, for which a stop must not wait.
        typed = code.upper().translate(_ALIKE)
        code_is_right = hmac.compare_digest(_mac(typed, challenge.salt, effect), challenge.mac)
        if not (self._password.matches(password) and code_is_right):
            raise KillSwitchError(f"wrong code or password; {_consequence(failed, now_ns)}. Nothing was released.")
        with self._locked():
            if self._load().challenge != challenge:
                raise KillSwitchError("this code was used, or replaced by a newer one; nothing was released")
            self._save(_Ledger())
        return Release(effect, reason, by, now_ns)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the folder's lock, and tell the disk's refusals as a release that did not happen."""
        try:
            with durable.locked(self._path.parent, LOCK_PATIENCE_S):
                yield
        except OSError as error:
            raise KillSwitchError(
                f"{self._path}: {error}. Without a count of wrong answers nothing is released."
            ) from error

    @staticmethod
    def _good_challenge(ledger: _Ledger, effect: Effect, now_ns: int) -> _Challenge:
        challenge = ledger.challenge
        if challenge is None or challenge.effect != effect:
            raise KillSwitchError("there is no code for this; it was used, or the kill switch has changed since")
        if not 0 <= now_ns - challenge.issued_ns < CODE_LIFE_NS:
            raise KillSwitchError("this code has expired; ask for a new one")
        return challenge

    def _refuse_while_locked(self, ledger: _Ledger, now_ns: int) -> None:
        if ledger.failures > FREE_FAILURES and now_ns < ledger.locked_until_ns:
            raise KillSwitchError(f"locked after {ledger.failures} wrong answers: {_consequence(ledger, now_ns)}")

    def _load(self) -> _Ledger:
        try:
            return msgspec.json.decode(durable.read(self._path), type=_Ledger)
        except FileNotFoundError:
            return _Ledger()
        except (msgspec.MsgspecError, ValueError) as error:
            raise KillSwitchError(
                f"{self._path}: damaged: {error}. Look who touched it, then remove it by hand; nothing was released."
            ) from error

    def _save(self, ledger: _Ledger) -> None:
        durable.replace(self._path, msgspec.json.encode(ledger) + b"\n")
        durable.sync_folder(self._path.parent)


def _mac(code: str, salt: str, effect: Effect) -> str:
    message = code.encode("utf-8", "surrogatepass") + b"\0" + msgspec.json.encode(effect)
    return hmac.new(bytes.fromhex(salt), message, hashlib.sha256).hexdigest()


def _one_failure_more(ledger: _Ledger, now_ns: int) -> _Ledger:
    failures = ledger.failures + 1
    over = failures - FREE_FAILURES
    wait_s = 0 if over < 1 else min(LOCKOUT_S_MAX, LOCKOUT_S_MIN * 2 ** min(over - 1, 16))
    return msgspec.structs.replace(ledger, failures=failures, locked_until_ns=now_ns + wait_s * NANOS_PER_SECOND)


def _consequence(ledger: _Ledger, now_ns: int) -> str:
    wait_s = -(-(ledger.locked_until_ns - now_ns) // NANOS_PER_SECOND)
    return f"try again in {wait_s} s" if wait_s > 0 else "try again"
