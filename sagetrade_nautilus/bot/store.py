"""What the bot must not forget over a restart: each person's settings, which updates it has heard, and whose next words
may be the password. One JSON file.

Wrong codes are counted in files of their own beside it, as those of the kill switch are.
"""

from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.config.bot import Language
from sagetrade_nautilus.decoding import UNDECODABLE

NAME: Final = "telegram.json"
LOCK_PATIENCE_S: Final = 2.0


class Settings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one person chose; ``None`` is what the configuration says.

    `choices` holds what other parts of the bot let a person choose, by their own names.
    """

    language: Language | None = None
    choices: dict[str, str] = {}


class BotFile(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    users: dict[str, Settings] = {}
    seen: tuple[int, ...] = ()
    asked: dict[int, int] = {}


class BotStore:
    """The bot's file in the node's state folder.

    Parameters
    ----------
    folder : Path
        The node's.

    Attributes
    ----------
    is_sound : bool
        Whether what is there could be read, or nothing was; else it begins anew, and the old file is kept aside.
    asked : dict of int to int
        Who has been asked for the password and has not given it, and when that began, UNIX nanoseconds.
    """

    def __init__(self, folder: Path) -> None:
        self._path = (folder / NAME).absolute()
        self.is_sound = True
        self._kept = self._load()
        self.asked = dict(self._kept.asked)

    @property
    def seen(self) -> tuple[int, ...]:
        """The updates that were heard, the oldest first."""
        return self._kept.seen

    def settings(self, user_id: int) -> Settings:
        """Return what a person chose."""
        return self._kept.users.get(str(user_id), Settings())

    def choose(self, user_id: int, settings: Settings) -> None:
        """Take up what a person chose; the next snapshot holds it."""
        self._kept = msgspec.structs.replace(self._kept, users={**self._kept.users, str(user_id): settings})

    def snapshot(self, seen: tuple[int, ...]) -> bytes:
        """Return everything as it is now, with the updates that were heard, for `write`."""
        self._kept = msgspec.structs.replace(self._kept, seen=seen, asked=dict(self.asked))
        return msgspec.json.encode(self._kept)

    def write(self, raw: bytes) -> None:
        """Put a snapshot on the disk. It may wait for the disk: call it on a thread, one at a time.

        Raises
        ------
        OSError
            The disk refused; what stood there still does.
        """
        with durable.locked(self._path.parent, LOCK_PATIENCE_S):
            durable.replace(self._path, raw + b"\n")
            durable.sync_folder(self._path.parent)

    def _load(self) -> BotFile:
        try:
            return msgspec.json.decode(durable.read(self._path), type=BotFile)
        except FileNotFoundError:
            return BotFile()
        except (OSError, *UNDECODABLE):
            self.is_sound = False
            if self._path.is_file():
                self._path.replace(self._path.with_suffix(".damaged"))
            return BotFile()
