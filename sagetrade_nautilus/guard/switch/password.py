"""An optional password for releasing the kill switch, kept as a salted scrypt hash beside the latch."""

import hashlib
import hmac
import secrets
from pathlib import Path

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import KillSwitchError

PASSWORD_CHARS_MIN = 10
LOCK_PATIENCE_S = 2.0
SALT_BYTES = 16
COST_LOG2 = 17  # with a block of 8: 128 MiB and about half a second, as OWASP's cheat sheet advises for scrypt
BLOCK = 8


class _Hash(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="scrypt", tag_field="algorithm"):
    cost_log2: int
    block: int
    salt: str
    key: str


class Password:
    """The password's file, mode 0600. Without the file no password is asked.

    Parameters
    ----------
    latch : Path
        The latch that it protects; ``latch.json`` has ``latch.password``.
    """

    def __init__(self, latch: Path) -> None:
        self._path = latch.absolute().with_suffix(".password")

    def is_set(self) -> bool:
        """Return whether a password is asked for.

        Raises
        ------
        KillSwitchError
            There is a file, but it cannot be trusted or read.
        """
        return self._load() is not None

    def matches(self, password: str) -> bool:
        """Return whether `password` is the one that is set; anything is where none is set.

        Raises
        ------
        KillSwitchError
            There is a file, but it cannot be trusted or read.
        """
        stored = self._load()
        if stored is None:
            return True
        return hmac.compare_digest(bytes.fromhex(stored.key), _derive(password, bytes.fromhex(stored.salt)))

    def set(self, password: str) -> None:
        """Ask for `password` from now on.

        Raises
        ------
        KillSwitchError
            It has fewer than 10 characters, or the disk refused; what was set before still is.
        """
        if len(password) < PASSWORD_CHARS_MIN:
            raise KillSwitchError(f"a password has at least {PASSWORD_CHARS_MIN} characters; choose a longer one")
        salt = secrets.token_bytes(SALT_BYTES)
        stored = _Hash(COST_LOG2, BLOCK, salt.hex(), _derive(password, salt).hex())
        try:
            with durable.locked(self._path.parent, LOCK_PATIENCE_S):
                durable.replace(self._path, msgspec.json.encode(stored) + b"\n")
                durable.sync_folder(self._path.parent)
        except OSError as error:
            raise KillSwitchError(f"{self._path}: the password was not set: {error}") from error

    def _load(self) -> _Hash | None:
        try:
            stored = msgspec.json.decode(durable.read(self._path), type=_Hash)
            bytes.fromhex(stored.key), bytes.fromhex(stored.salt)
        except FileNotFoundError:
            return None
        except (OSError, *UNDECODABLE) as error:
            raise KillSwitchError(
                f"{self._path}: the password's file cannot be trusted: {error}. Restore it, or remove it by hand and "
                "set a new password with `sagetool password`."
            ) from error
        if (stored.cost_log2, stored.block) != (COST_LOG2, BLOCK):
            raise KillSwitchError(f"{self._path}: made with another cost of scrypt; remove it and set a new password")
        return stored


def _derive(password: str, salt: bytes) -> bytes:
    memory_bytes = 2 * 128 * BLOCK * 2**COST_LOG2
    raw = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(raw, salt=salt, n=2**COST_LOG2, r=BLOCK, p=1, maxmem=memory_bytes, dklen=32)
