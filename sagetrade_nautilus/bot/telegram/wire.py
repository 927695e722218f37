"""What comes from Telegram and what goes there, as plain values: the bot's core knows nothing of the network."""

from typing import Final

import msgspec


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """One message, or one tap on a button.

    Parameters
    ----------
    update_id : int
        Telegram's number of it; the same again is a replay.
    user_id, chat_id, message_id : int
        Who, where, and which message: for a tap the one that the button hangs on.
    sent_s : float, optional
        When a message was sent, UNIX seconds by Telegram's clock; a tap does not say.
    text : str
        What was written; '' for a tap.
    tap, tap_id : str
        What the button stands for, and the id by which Telegram wants to be told that it was heard; '' for a message.
    is_private, is_forwarded, is_edited, is_bot : bool
        Whether it stands in a chat of this one person, was passed on, was changed after it was sent, or a bot sent it.
    """

    update_id: int
    user_id: int
    chat_id: int
    message_id: int
    sent_s: float | None = None
    text: str = ""
    tap: str = ""
    tap_id: str = ""
    is_private: bool = True
    is_forwarded: bool = False
    is_edited: bool = False
    is_bot: bool = False

    @property
    def command(self) -> str:
        """The command's name without its slash, '' where there is none."""
        word = self.text.split(maxsplit=1)[0] if self.text.strip() else ""
        return word[1:].split("@", 1)[0].lower() if word.startswith("/") else ""

    @property
    def arguments(self) -> str:
        """What stands behind the command."""
        return self.text.split(maxsplit=1)[1].strip() if len(self.text.split(maxsplit=1)) > 1 else ""


class Button(msgspec.Struct, frozen=True):
    """A button under a message: what it says, and what a tap on it stands for (at most 64 bytes)."""

    label: str
    tap: str


Rows = tuple[tuple[Button, ...], ...]


class Reply(msgspec.Struct, frozen=True):
    """An answer to a person: HTML as Telegram knows it, buttons, and a picture (PNG) that is sent with it."""

    text: str
    rows: Rows = ()
    picture: bytes | None = None


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """A new message; `parted` has its text fit under its picture. Notices that are not `critical` may be
    dropped when too many wait.
    """

    chat_id: int
    text: str
    rows: Rows = ()
    picture: bytes | None = None
    critical: bool = False


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """A new text, with new buttons, for a message of the bot's."""

    chat_id: int
    message_id: int
    text: str
    rows: Rows = ()


class Delete(msgspec.Struct, frozen=True, kw_only=True):
    """Take a message away, such as one that holds a password."""

    chat_id: int
    message_id: int


class TapHeard(msgspec.Struct, frozen=True):
    """Tell Telegram that a tap was heard, so that the button stops waiting."""

    tap_id: str


class Menu(msgspec.Struct, frozen=True, kw_only=True):
    """The list of commands that Telegram shows beside the text field: name and description."""

    chat_id: int
    commands: tuple[tuple[str, str], ...]


CAPTION_CHARS_MAX: Final = 1_024
"""What Telegram takes under a picture."""

Outgoing = Send | Edit | Delete | TapHeard | Menu


def parted[Item: Outgoing](outgoing: Item) -> tuple[Item, ...]:
    """Return what is sent one by one, and again each by itself if it fails: a long text follows its picture."""
    if not isinstance(outgoing, Send) or outgoing.picture is None or len(outgoing.text) <= CAPTION_CHARS_MAX:
        return (outgoing,)
    return (
        msgspec.structs.replace(outgoing, text="", rows=()),
        msgspec.structs.replace(outgoing, picture=None),
    )
