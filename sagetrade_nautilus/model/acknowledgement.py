"""What to do about an order that the venue does not answer: ask, and send again only what it says it does not have.

A pure state machine. An answer that never comes says nothing: the order may be at work. So an order is sent again only
when the venue has answered every one of `queries_max` questions in a row, `timeout_ns` apart, with "unknown", and then
under the same client order id. Whatever is not cleared up in time is given up as unresolved, never repeated.
"""

from enum import Enum

import msgspec


class Deed(Enum):
    """What is to be done about a silent order."""

    QUERY = "queried"
    RESEND = "resent"
    GIVE_UP = "unresolved"


class AckPolicy(msgspec.Struct, frozen=True, gc=False):
    """How patient to be.

    Parameters
    ----------
    timeout_ns : int
        Silence after which the venue is asked, in nanoseconds, > 0.
    queries_max : int
        Questions before the order is given up or sent again, > 0.
    resends_max : int
        How often it may be sent again, >= 0.
    """

    timeout_ns: int
    queries_max: int = 3
    resends_max: int = 0


class Silence(msgspec.Struct, frozen=True, gc=False):
    """An order that the venue has not answered.

    Parameters
    ----------
    wake_ns : int, optional
        When there is something to do next; ``None`` once the matter is closed.
    queries : int
        Questions since the order was last sent.
    unknowns : int
        How many of these the venue answered with "unknown".
    resends : int
        How often the order was sent again.
    """

    wake_ns: int | None
    queries: int = 0
    unknowns: int = 0
    resends: int = 0


def sent(policy: AckPolicy, now: int) -> Silence:
    """Return the silence that begins when an order is sent."""
    return Silence(now + policy.timeout_ns)


def unknown(silence: Silence) -> Silence:
    """Return the silence after the venue has answered a question with "unknown": one answer to one question."""
    return msgspec.structs.replace(silence, unknowns=min(silence.unknowns + 1, silence.queries))


def woken(policy: AckPolicy, silence: Silence, now: int) -> tuple[Silence, Deed | None]:
    """Return what the passing of time makes of a silence, and what is to be done."""
    if silence.wake_ns is None or now < silence.wake_ns:
        return silence, None
    later = now + policy.timeout_ns
    if silence.queries < policy.queries_max:
        return msgspec.structs.replace(silence, wake_ns=later, queries=silence.queries + 1), Deed.QUERY
    if silence.unknowns == silence.queries and silence.resends < policy.resends_max:
        return Silence(later, resends=silence.resends + 1), Deed.RESEND
    return msgspec.structs.replace(silence, wake_ns=None), Deed.GIVE_UP
