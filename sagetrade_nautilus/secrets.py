"""Keys and tokens: read here and nowhere else, and wrapped so that no log, message or traceback can show them.

A secret comes from the environment; or, where `NAME_FILE` names one there, from a file of its own, as containers mount
them; or from ``config/secrets.env``: lines of ``NAME=value``. A file that others than its owner may read is refused.
"""

import hmac
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn, Self

from sagetrade_nautilus.errors import ConfigError, cause

SECRETS_FILE = Path("config/secrets.env")
FILE_BYTES_MAX = 65_536
MASK = "Secret(***)"
FILE_SUFFIX = "_FILE"
KNOWN: Final = {
    "APCA_API_KEY_ID": "Alpaca: trading, data, news, the watchdog",
    "APCA_API_SECRET_KEY": "Alpaca, with the above",
    "SAGETRADE_REDIS_USERNAME": "Redis, where it asks for a user name",
    "SAGETRADE_REDIS_PASSWORD": "Redis, where it asks for a password",
    "REDDIT_CLIENT_ID": "texts from Reddit",
    "REDDIT_CLIENT_SECRET": "texts from Reddit",
    "X_BEARER_TOKEN": "texts from X",
    "TELEGRAM_TOKEN": "the Telegram bot",
    "TELEGRAM_API_ID": "texts from Telegram",
    "TELEGRAM_API_HASH": "texts from Telegram",
    "TELEGRAM_SESSION": "texts from Telegram",
    "LLM_API_KEY": "the language model, where its endpoint asks for a key",
    "GITHUB_TOKEN": "opening pull requests of experiments",
}
"""Every secret that this project reads, and what for."""


FORMS: Final = {
    "TELEGRAM_TOKEN": (
        re.compile(r"[0-9]+:[A-Za-z0-9_-]{30,}"),
        "no bot's token: that is a number, a colon and some 35 letters, as @BotFather gives it",
    ),
}
"""What a secret must look like where that is known, and what to say of one that does not."""


class Secret:
    """A value that shows itself to nobody but `reveal`.

    Its text forms are a mask, it cannot be pickled, no JSON encoder takes it, and it compares in constant time.

    Parameters
    ----------
    value : str
        What is to be kept.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value: Final = value

    def reveal(self) -> str:
        """Return the value, for the one call that sends it to whom it is for."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(_bytes(self), _bytes(other))

    def __hash__(self) -> int:
        return hash(Secret)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret is not to be pickled")


def _bytes(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogatepass")


def read_secret(name: str, *, environment: Mapping[str, str] = os.environ, path: Path = SECRETS_FILE) -> Secret:
    """Return the secret `name`: of the environment, of the file that `NAME_FILE` names there, or of that at `path`.

    Raises
    ------
    ConfigError
        It is nowhere, or empty, or the file cannot be trusted or read. The message never shows a value.
    """
    found = find_secret(name, environment=environment, path=path)
    if found is None:
        raise ConfigError(
            f"{name} is not set: export it, or put a line {name}=... into {path} and keep that file to yourself "
            f"(chmod 600 {path})"
        )
    return found


def find_secret(name: str, *, environment: Mapping[str, str] = os.environ, path: Path = SECRETS_FILE) -> Secret | None:
    """Return the secret `name` as `read_secret` does, ``None`` where it is nowhere or empty.

    Raises
    ------
    ConfigError
        The file cannot be trusted or read, or the value was copied badly.
    """
    value = _value(name, environment, path)
    if not value:
        return None
    if not value.isprintable() or value != value.strip():
        raise ConfigError(f"{name}: it holds blanks at an end, or characters that cannot be seen; copy it again")
    form, what = FORMS.get(name, (None, ""))
    if form is not None and form.fullmatch(value) is None:
        raise ConfigError(f"{name}: what is set there is {what}; copy it again")
    return Secret(value)


def present(*, environment: Mapping[str, str] = os.environ, path: Path = SECRETS_FILE) -> list[Secret]:
    """Return every secret that is there, so that none is shown; a file that cannot be read is left out."""
    found: list[Secret] = []
    with suppress(ConfigError):  # who needs one of them is told
        found.extend(Secret(value) for value in _parse(path).values() if value)
    for name in KNOWN:
        try:
            value = _value(name, environment, path)
        except ConfigError:
            continue
        if value:
            found.append(Secret(value))  # also one that was copied badly: most of it is the true one
    return found


def _value(name: str, environment: Mapping[str, str], path: Path) -> str | None:
    return environment.get(name) or _mounted(name, environment) or _parse(path).get(name)


def _mounted(name: str, environment: Mapping[str, str]) -> str | None:
    """Return what the secret's own file holds, without the line's end; ``None`` where the environment names no file."""
    named = environment.get(name + FILE_SUFFIX)
    if not named:
        return None
    if not Path(named).exists():
        raise ConfigError(f"{name}{FILE_SUFFIX}: {named}: no such file; mount it there, or take the variable away")
    return _read(Path(named), is_mounted=True).removesuffix("\n").removesuffix("\r")


def _parse(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(_read(path).splitlines(), start=1):
        stripped = line.strip().removeprefix("export ")
        if not stripped or stripped.startswith("#"):
            continue
        name, separator, value = stripped.partition("=")
        if not separator or not name.strip().isidentifier():
            raise ConfigError(
                f"{path}, line {number}: not NAME=value; mend that line (it is not shown, it may hold a secret)"
            )
        found[name.strip()] = _unquote(value.strip())
    return found


def _unquote(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def _is_open_to_others(status: os.stat_result, *, is_mounted: bool) -> bool:
    """Whether anybody else may read or write the file; a group of ours may read what root has mounted for it.

    That is how Kubernetes mounts a secret for a pod with an `fsGroup`, whatever mode is asked for.
    """
    others = stat.S_IRWXG | stat.S_IRWXO
    if is_mounted and status.st_uid == 0 != os.geteuid() and status.st_gid == os.getegid():
        others &= ~stat.S_IRGRP
    return bool(status.st_mode & others)


def _read(path: Path, *, is_mounted: bool = False) -> str:
    """Return the file's text, empty if there is none; one that others could read or write is refused."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {cause(error)}") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ConfigError(f"{path}: it is not a regular file; put a file of lines NAME=value there")
        if _is_open_to_others(status, is_mounted=is_mounted):
            raise ConfigError(f"{path}: others may read or write it; `chmod 600 {path}`, and replace the keys in it")
        if status.st_uid not in (0, os.geteuid()) and os.geteuid() != 0:
            raise ConfigError(
                f"{path}: it belongs to another user ({status.st_uid}); make it yours: chown $USER {path}"
            )
        raw = os.read(descriptor, FILE_BYTES_MAX + 1)
    finally:
        os.close(descriptor)
    try:
        if len(raw) > FILE_BYTES_MAX:
            raise ConfigError(f"{path}: it is larger than {FILE_BYTES_MAX} bytes")
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: it is not UTF-8 text; save it as UTF-8") from None
