"""Who is heard: numeric ids with roles, everybody else is not. Pure: values in, a role or a refusal out.

Nothing here trusts a name, a group or the text. What is refused is refused before anything looks at what it says.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum

from sagetrade_nautilus.bot.telegram.wire import Incoming

EMERGENCY_STOP = "emergency_stop"
SEEN_MAX = 1_000
MINUTE_S = 60.0


class Role(IntEnum):
    """What a person may do; each may what the one before may."""

    VIEWER = 1
    TRADER = 2
    OWNER = 3


class Refusal(StrEnum):
    """Why somebody is not heard."""

    BOT = "bot"
    GROUP = "group"
    STRANGER = "stranger"
    FORWARDED = "forwarded"
    EDITED = "edited"
    REPLAYED = "replayed"
    OLD = "old"
    FLOOD = "flood"


class Authority:
    """Decides who is heard, in the order in which updates come.

    Parameters
    ----------
    users : mapping of int to Role
        Who is known. An empty one admits nobody.
    message_age_s_max : float
        Messages older than this, or that much in the future, are refused.
    per_minute : int
        Messages and taps of one person within a minute.
    seen : iterable of int
        The numbers of the updates that were heard before a restart.
    since_s : float
        Messages sent before this moment are old, UNIX seconds: what was heard until then is not known.
    """

    def __init__(
        self,
        users: Mapping[int, Role],
        *,
        message_age_s_max: float,
        per_minute: int,
        seen: Iterable[int] = (),
        since_s: float = 0.0,
    ) -> None:
        self._users = dict(users)
        self._age_s_max = message_age_s_max
        self._per_minute = per_minute
        self._seen = dict.fromkeys(seen)
        self._since_s = since_s
        self._heard: dict[int, deque[float]] = {}

    @property
    def seen(self) -> tuple[int, ...]:
        """The numbers of the last updates that were heard, the oldest first: what must outlive a restart."""
        return tuple(self._seen)

    def role(self, user_id: int) -> Role | None:
        """Return a person's role, ``None`` for a stranger."""
        return self._users.get(user_id)

    def admit(self, incoming: Incoming, now_s: float) -> Role | Refusal:
        """Return the role in which `incoming` is heard, or why it is not.

        An emergency stop of whoever may is never too old and never too much; whatever else holds for it, too.
        """
        refusal = self._impersonal(incoming)
        if refusal is not None:
            return refusal
        role = self._users.get(incoming.user_id)
        if role is None:
            return Refusal.STRANGER
        if incoming.update_id in self._seen:
            return Refusal.REPLAYED
        self._remember(incoming.update_id)
        if incoming.command == EMERGENCY_STOP and role >= Role.TRADER:
            return role
        if self._is_old(incoming, now_s):
            return Refusal.OLD
        return Refusal.FLOOD if self._floods(incoming.user_id, now_s) else role

    @staticmethod
    def _impersonal(incoming: Incoming) -> Refusal | None:
        """Return why what came is not one person's own word to the bot."""
        if incoming.is_bot:
            return Refusal.BOT
        if not incoming.is_private or incoming.chat_id != incoming.user_id:
            return Refusal.GROUP
        if incoming.is_forwarded:
            return Refusal.FORWARDED
        return Refusal.EDITED if incoming.is_edited else None

    def _is_old(self, incoming: Incoming, now_s: float) -> bool:
        if incoming.tap:  # which says no time: what a button does is bound to a code, or only begins to ask for one
            return False
        sent_s = incoming.sent_s
        return sent_s is None or sent_s < self._since_s or abs(now_s - sent_s) > self._age_s_max

    def _floods(self, user_id: int, now_s: float) -> bool:
        heard = self._heard.setdefault(user_id, deque())
        while heard and now_s - heard[0] >= MINUTE_S:
            heard.popleft()
        if len(heard) >= self._per_minute:
            return True
        heard.append(now_s)
        return False

    def _remember(self, update_id: int) -> None:
        self._seen[update_id] = None
        while len(self._seen) > SEEN_MAX:
            del self._seen[next(iter(self._seen))]
