"""What a journal holds, beside `messages.DecisionRecord`: one struct per kind of line.

All times are UNIX nanoseconds of the engine's clock. No record carries a random id or the wall clock's time, so that
two runs of a backtest leave the same bytes.
"""

from typing import Final

import msgspec

from sagetrade_nautilus.guard.switch.state import StateChange
from sagetrade_nautilus.messages import DecisionRecord


class RunRecord(msgspec.Struct, frozen=True, kw_only=True, tag="run", tag_field="type"):
    """The first line of every journal, and of every later run that continues it: what runs.

    `ts` is the start of the run's data; `code_version` names the release and a digest of its sources.
    """

    ts: int = 0
    name: str = "unnamed"
    config_digest: str = ""
    code_version: str = ""
    trader: str = ""


class DenialRecord(msgspec.Struct, frozen=True, kw_only=True, tag="denial", tag_field="type"):
    """An order that the gate held back. `reason` names limit, value and threshold."""

    ts: int
    client_order_id: str
    strategy: str
    instrument_id: str
    tags: tuple[str, ...]
    reason: str


BREAKER_SUBJECT: Final = "circuit_breaker:"
"""What the subject of a rule of the circuit breaker begins with, where a `StateRecord` says that it was released."""


class StateRecord(msgspec.Struct, frozen=True, kw_only=True, tag="state", tag_field="type"):
    """A change of what may happen: of which subject, to which state, and who brought it about."""

    ts: int
    subject: str
    state: str
    by: str


class TextRecord(msgspec.Struct, frozen=True, kw_only=True, tag="text", tag_field="type"):
    """A text that a decision names as its source, written before the first decision that does.

    `published` is when it says it was published, `ts` when we could first use it. `also_at` are the addresses where the
    same story had been told again by then.
    """

    ts: int
    item_id: str
    source: str
    title: str
    url: str
    published: int
    also_at: tuple[str, ...] = ()


class OrderRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="order", tag_field="type"):
    """One event of an order's life; what an event does not say is left out.

    Parameters
    ----------
    event : str
        'initialized', 'submitted', 'accepted', 'partially_filled', 'filled', 'canceled', 'rejected', 'denied',
        'expired' and the like.
    tags : tuple[str, ...]
        The order's: the id of its trade, then its role ('entry', 'take_profit', 'stop_loss', 'time_exit').
    quantity, price, trigger_price : float, optional
        What was asked for, when it was made or changed.
    last_qty, last_px, commission : float, optional
        What one fill was, and cost; `commission` is in `currency`, and positive is a cost.
    """

    ts: int
    event: str
    client_order_id: str
    tags: tuple[str, ...] = ()
    strategy: str = ""
    instrument_id: str = ""
    side: str = ""
    order_type: str = ""
    quantity: float | None = None
    price: float | None = None
    trigger_price: float | None = None
    last_qty: float | None = None
    last_px: float | None = None
    commission: float | None = None
    currency: str = ""
    liquidity: str = ""
    reason: str = ""


class CutRecord(msgspec.Struct, frozen=True, kw_only=True, tag="cut", tag_field="type"):
    """A reducing order that asked for more than was open, and left with `quantity` instead of `asked`."""

    ts: int
    client_order_id: str
    strategy: str
    instrument_id: str
    tags: tuple[str, ...]
    asked: float
    quantity: float


class TripRecord(msgspec.Struct, frozen=True, kw_only=True, tag="trip", tag_field="type"):
    """The circuit breaker tripped.

    Parameters
    ----------
    rule : str
        The limit that tripped.
    value, threshold : float
        The number that did it, and what it was held against.
    state : str
        What may trade since then.
    release : str
        'next_day' or 'person'.
    limits : tuple[tuple[str, float, float], ...]
        How far every limit was at that moment: its name, value and threshold. A value that is not known is null.
    """

    ts: int
    rule: str
    value: float
    threshold: float
    state: str
    release: str
    limits: tuple[tuple[str, float | None, float], ...]


JournalRecord = (
    RunRecord
    | DecisionRecord
    | DenialRecord
    | CutRecord
    | TripRecord
    | OrderRecord
    | StateChange
    | StateRecord
    | TextRecord
)
