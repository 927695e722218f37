"""Who was not heard: journaled with the person, but not so often that a flood of messages fills the journal."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from sagetrade_nautilus.bot.authority import Refusal
from sagetrade_nautilus.bot.telegram.wire import Incoming

QUIET_S: Final = 60.0
REMEMBERED: Final = 1_000
STRANGERS_PER_HOUR: Final = 60
HOUR_S: Final = 3_600.0


class Refusals:
    """Has refusals journaled: of one person and one kind at most once a minute, with how many there were since.

    Parameters
    ----------
    note : callable
        Journals a subject, a state and a person.
    """

    def __init__(self, note: Callable[[str, str, str], None]) -> None:
        self._note = note
        self._last: OrderedDict[tuple[int, Refusal], float] = OrderedDict()
        self._silent: dict[tuple[int, Refusal], int] = {}
        self._strangers = 0
        self._hour_s = float("-inf")

    def is_news(self, incoming: Incoming, refusal: Refusal, now_s: float, *, known: bool) -> bool:
        """Return whether this is to be told; it has been journaled then."""
        key = (incoming.user_id, refusal)
        if now_s - self._last.get(key, float("-inf")) < QUIET_S or not (known or self._may_tell_of_strangers(now_s)):
            self._silent[key] = self._silent.get(key, 0) + 1
            return False
        self._last[key] = now_s
        self._last.move_to_end(key)
        while len(self._last) > REMEMBERED:
            self._silent.pop(self._last.popitem(last=False)[0], None)
        more = self._silent.pop(key, 0)
        state = f"refused: {refusal}" + (f", and {more} times before" if more else "")
        self._note("message", state, f"telegram:{incoming.user_id}")
        return True

    def _may_tell_of_strangers(self, now_s: float) -> bool:
        """Whether there were few strangers this hour: anybody can find a bot, from many accounts."""
        if now_s - self._hour_s >= HOUR_S:
            self._hour_s, self._strangers = now_s, 0
        self._strangers += 1
        return self._strangers <= STRANGERS_PER_HOUR
