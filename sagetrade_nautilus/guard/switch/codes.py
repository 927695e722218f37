"""One-time codes: each is shown to a person together with what it would do, and good for exactly that, once.

A code shows that a person looked. It is no wall against somebody who can write files as this user.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import CodeError
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that looks like something else
CODE_LENGTH = 8
CODE_LIFE_S = 300.0
FREE_FAILURES = 2
LOCKOUT_S_MIN = 30
LOCKOUT_S_MAX = 3_600
LOCK_PATIENCE_S = 2.0

_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


class _Challenge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    effect: str
    issued_ns: int
    salt: str
    mac: str


class _Ledger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that is out, if any, and the wrong answers since the last right one."""

    challenge: _Challenge | None = None
    failures: int = 0
    locked_until_ns: int = 0


class Codes:
    """Gives out codes and takes them back, one at a time.

    Wrong answers are counted on the disk, before they are looked at: the third locks for 30 s, each further one for
    twice as long, up to an hour.

    Parameters
    ----------
    path : Path
        The file of the code that is out and of the wrong answers, mode 0600. It outlives the process.
    life_s : float
        How long a code is good, in seconds.
    """

    def __init__(self, path: Path, life_s: float = CODE_LIFE_S) -> None:
        self._path = path.absolute()
        self._life_ns = round(life_s * NANOS_PER_SECOND)

    def issue(self, effect: str, now_ns: int) -> str:
        """Return a code for `effect`, which says exactly what is to be done. Any earlier code is void.

        Show it to a person, together with what it does, and to nobody and nothing else.

        Raises
        ------
        CodeError
            Too many wrong answers of late, or the disk refused.
        """
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        salt = secrets.token_hex(16)
        challenge = _Challenge(effect, now_ns, salt, _mac(code, salt, effect))
        with self._locked():
            ledger = self._load()
            _refuse_while_locked(ledger, now_ns)
            self._save(msgspec.structs.replace(ledger, challenge=challenge))
        return f"{code[:4]}-{code[4:]}"

    def redeem(self, effect: str, code: str, now_ns: int, also: Callable[[], bool] = lambda: True) -> None:
        """Return if `code` is the one for `effect`, and `also` holds; it is used up then.

        Parameters
        ----------
        also : callable
            What must hold besides, such as a password; it may take its time, and its failure counts as a wrong answer.

        Raises
        ------
        CodeError
            A wrong code or password (counted), no code for this effect, an expired or used one, too many wrong answers
            of late, or the disk refused.
        """
        with self._locked():
            ledger = self._load()
            _refuse_while_locked(ledger, now_ns)
            challenge = self._good_challenge(ledger, effect, now_ns)
            failed = _one_failure_more(ledger, now_ns)
            self._save(failed)
        # Out of the lock: a password takes half a second, for which a stop must not wait.
        typed = code.upper().translate(_ALIKE)
        code_is_right = hmac.compare_digest(_mac(typed, challenge.salt, effect), challenge.mac)
        if not (also() and code_is_right):
            wait_s = _wait_s(failed, now_ns)
            raise CodeError(f"wrong code or password; {_consequence(wait_s)}. Nothing was done.", "wrong", wait_s)
        with self._locked():
            if self._load().challenge != challenge:
                raise CodeError("this code was used, or replaced by a newer one; nothing was done", "void")
            self._save(_Ledger())

    def void(self) -> None:
        """Let the code that is out, if any, be good for nothing; wrong answers stay counted.

        Raises
        ------
        CodeError
            The disk refused.
        """
        with self._locked():
            self._save(msgspec.structs.replace(self._load(), challenge=None))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the folder's lock, and tell the disk's refusals as something that was not done."""
        try:
            with durable.locked(self._path.parent, LOCK_PATIENCE_S):
                yield
        except OSError as error:
            raise CodeError(
                f"{self._path}: {error}. Without a count of wrong answers nothing is done.", "disk"
            ) from error

    def _good_challenge(self, ledger: _Ledger, effect: str, now_ns: int) -> _Challenge:
        challenge = ledger.challenge
        if challenge is None or challenge.effect != effect:
            raise CodeError("there is no code for this; it was used, or what it was for has changed since", "void")
        if not 0 <= now_ns - challenge.issued_ns < self._life_ns:
            raise CodeError("this code has expired; ask for a new one", "expired")
        return challenge

    def _load(self) -> _Ledger:
        try:
            ledger = msgspec.json.decode(durable.read(self._path), type=_Ledger)
            if ledger.challenge is not None:
                bytes.fromhex(ledger.challenge.salt), bytes.fromhex(ledger.challenge.mac)
        except FileNotFoundError:
            return _Ledger()
        except UNDECODABLE as error:
            raise CodeError(
                f"{self._path}: damaged: {error}. Look who touched it, then remove it by hand; nothing was done.",
                "disk",
            ) from error
        return ledger

    def _save(self, ledger: _Ledger) -> None:
        durable.replace(self._path, msgspec.json.encode(ledger) + b"\n")
        durable.sync_folder(self._path.parent)


def _refuse_while_locked(ledger: _Ledger, now_ns: int) -> None:
    if ledger.failures > FREE_FAILURES and now_ns < ledger.locked_until_ns:
        wait_s = _wait_s(ledger, now_ns)
        raise CodeError(f"locked after {ledger.failures} wrong answers: {_consequence(wait_s)}", "locked", wait_s)


def _mac(code: str, salt: str, effect: str) -> str:
    message = code.encode("utf-8", "surrogatepass") + b"\0" + effect.encode()
    return hmac.new(bytes.fromhex(salt), message, hashlib.sha256).hexdigest()


def _one_failure_more(ledger: _Ledger, now_ns: int) -> _Ledger:
    failures = ledger.failures + 1
    over = failures - FREE_FAILURES
    wait_s = 0 if over < 1 else min(LOCKOUT_S_MAX, LOCKOUT_S_MIN * 2 ** min(over - 1, 16))
    return msgspec.structs.replace(ledger, failures=failures, locked_until_ns=now_ns + wait_s * NANOS_PER_SECOND)


def _wait_s(ledger: _Ledger, now_ns: int) -> int:
    return max(0, -(-(ledger.locked_until_ns - now_ns) // NANOS_PER_SECOND))


def _consequence(wait_s: int) -> str:
    return f"try again in {wait_s} s" if wait_s > 0 else "try again"
