"""One entry as a source delivers it, before it is a text on the bus."""

import hashlib
from collections import OrderedDict
from typing import Final

import msgspec

from sagetrade_nautilus.data import RawText

TITLE_CHARS: Final = 10_000
BODY_CHARS: Final = 50_000
URL_CHARS: Final = 2_000
REMEMBERED: Final = 20_000
LATEST_NS: Final = 4_102_444_800_000_000_000
"""The year 2100: what claims a later time has none, and would not fit where times are kept."""


class Post(msgspec.Struct, frozen=True):
    """One entry of a feed or network.

    Parameters
    ----------
    key : str
        The source's own id of it.
    source : str
        Whom it counts for when influence is capped: all that strangers can write to is one source ('x', 'reddit').
    published_ns : int
        When it was published, UTC nanoseconds; 0 where the source does not say.
    """

    key: str
    source: str
    title: str
    body: str
    url: str
    published_ns: int

    @property
    def is_dated(self) -> bool:
        """Whether it says when it was published, in a time that can be one."""
        return 0 < self.published_ns < LATEST_NS

    def raw_text(self, seen_ns: int) -> RawText:
        """Return the text as first seen at `seen_ns`: as it came, but bounded in length and valid Unicode."""
        return RawText(
            self.published_ns,
            seen_ns,
            source=_valid(self.source),
            title=_valid(self.title[:TITLE_CHARS]),
            body=_valid(self.body[:BODY_CHARS]),
            url=_valid(self.url[:URL_CHARS]),
            first_seen_known=True,
        )


class Seen:
    """Remembers which posts were passed on, in bounded memory; an edited title makes a post new."""

    def __init__(self, capacity: int = REMEMBERED) -> None:
        self._capacity = capacity
        self._keys: OrderedDict[bytes, None] = OrderedDict()

    def is_new(self, post: Post) -> bool:
        """Take note of `post`, and tell whether it had not been met."""
        content = f"{post.key}\0{post.title}".encode(errors="replace")
        key = hashlib.blake2b(content, digest_size=12).digest()
        known = key in self._keys
        self._keys[key] = None
        self._keys.move_to_end(key)
        if len(self._keys) > self._capacity:
            self._keys.popitem(last=False)
        return not known


def _valid(text: str) -> str:
    """Replace lone surrogates, which JSON can carry and no file or bus can."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
