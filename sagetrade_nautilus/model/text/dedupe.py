"""Remember which stories were told, so that one that ten papers tell counts once."""

from collections import deque
from typing import Final

import msgspec

from sagetrade_nautilus.model.text.meaning import MeaningMemory
from sagetrade_nautilus.model.text.titles import Title, address_key, is_edit, is_near, read_title, search_keys

POSTINGS: Final = 32
"""How many stories are looked at for one name: the latest."""
MAX_ADDRESSES: Final = 50


class Story(msgspec.Struct, gc=False):
    """A story as it was first told, and where it was told again.

    Parameters
    ----------
    title : Title
        Of the text that told it first.
    ts : int
        When that was first known, UNIX nanoseconds.
    address : str
        Its address without what does not matter, or ''.
    item_id : str
        Of the item that told it first; empty where that text was refused.
    also_at : tuple[str, ...]
        Other addresses where it was told again, in the order in which they were met; at most `MAX_ADDRESSES`.
    """

    title: Title
    ts: int
    address: str
    item_id: str = ""
    also_at: tuple[str, ...] = ()

    def tell_again(self, url: str, address: str) -> None:
        """Note that it stands at `url` too."""
        if url and address != self.address and url not in self.also_at and len(self.also_at) < MAX_ADDRESSES:
            self.also_at = (*self.also_at, url)


class StoryMemory:
    """Remembers the stories of the last time, bounded in number and age.

    Which story a text repeats depends on nothing but the texts before it.

    Parameters
    ----------
    capacity : int
        How many stories are remembered, >= 1; the oldest is forgotten first.
    window_ns : int
        A story is forgotten this long after it was first told.
    meanings : MeaningMemory, optional
        What recognises a story told in quite other words; without it the words alone decide.
    """

    def __init__(self, capacity: int, window_ns: int, meanings: MeaningMemory[Story] | None = None) -> None:
        self._capacity = capacity
        self._window_ns = window_ns
        self._meanings = meanings
        self._by_age: deque[Story] = deque()
        self._by_key: dict[str, Story] = {}
        self._by_address: dict[str, Story] = {}
        self._by_name: dict[str, tuple[Story, ...]] = {}
        self._next_ns = 0

    def __len__(self) -> int:
        return len(self._by_age)

    def meet(self, title: str, url: str, ts: int) -> tuple[Story, bool]:
        """Return the story that a text tells, and whether it is a new one.

        Parameters
        ----------
        title : str
            Cleaned.
        url : str
            Its address, or ''.
        ts : int
            When it was first known, UNIX nanoseconds; not before that of the text before.
        """
        if ts >= self._next_ns:
            self._forget(ts)
        read = read_title(title)
        address = address_key(url)
        names = search_keys(read)
        story = self._by_key.get(read.key) or self._edited(read, address) or self._near(read, names)
        if story is None:
            story = Story(read, ts, address)
            known = self._meant(title, story)
            if known is None:
                self._remember(story, names)
                return story, True
            story = known
        story.tell_again(url, address)
        return story, False

    def _meant(self, title: str, story: Story) -> Story | None:
        """Return the story that `story` tells in other words; where there is none, remember what it means."""
        at = self._meanings.embed(title) if self._meanings is not None else None
        if self._meanings is None or at is None:
            return None
        known = self._meanings.find(story.title, at, story.ts)
        if known is None:
            self._meanings.remember(story.title, at, story.ts, story)
        return known

    def _edited(self, title: Title, address: str) -> Story | None:
        story = self._by_address.get(address)
        return story if story is not None and is_edit(story.title, title) else None

    def _near(self, title: Title, names: list[str]) -> Story | None:
        """Return the latest story that `title` tells, of those that share one of its names."""
        best: Story | None = None
        for name in names:
            if name in self._by_name:
                ours = frozenset(title.words)
                for story in self._by_name[name]:
                    if (best is None or story.ts > best.ts) and is_near(ours, story.title.words):
                        best = story
        return best

    def _remember(self, story: Story, names: list[str]) -> None:
        self._by_age.append(story)
        self._by_key[story.title.key] = story
        if story.address:
            self._by_address[story.address] = story
        for name in names:
            known = self._by_name.get(name)
            self._by_name[name] = (story,) if known is None else (*known[1 - POSTINGS :], story)
        if len(self._by_age) > self._capacity:
            self._drop()

    def _forget(self, ts: int) -> None:
        while self._by_age:
            self._next_ns = self._by_age[0].ts + self._window_ns
            if self._next_ns > ts:
                return
            self._drop()

    def _drop(self) -> None:
        story = self._by_age.popleft()
        del self._by_key[story.title.key]
        if self._by_address.get(story.address) is story:
            del self._by_address[story.address]
        for name in search_keys(story.title):
            known = self._by_name[name]
            if known[0] is story:
                if len(known) == 1:
                    del self._by_name[name]
                else:
                    self._by_name[name] = known[1:]
