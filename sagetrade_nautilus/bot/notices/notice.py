"""What a person is told unasked, as values: one struct for each kind of event, and its line in either language."""

from enum import StrEnum
from typing import ClassVar, Final

import msgspec

from sagetrade_nautilus.bot.words.figures import Show
from sagetrade_nautilus.bot.words.say import has, say
from sagetrade_nautilus.guard.breaker.breaker import LOSS_LIMITS
from sagetrade_nautilus.model.text.clean import clean
from sagetrade_nautilus.report.text import number

OUTSIDE_CHARS_MAX: Final = 160


class Kind(StrEnum):
    """What a person may choose to be told of."""

    OPENED = "opened"
    CLOSED = "closed"
    ORDER_FAILED = "order_failed"
    LIMIT = "limit"
    BREAKER = "breaker"
    KILL_SWITCH = "kill_switch"
    STALE = "stale"
    CONNECTION = "connection"
    EXPERIMENT = "experiment"
    UNOWNED = "unowned"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What goes to one person: plain text, and a picture (PNG) if there is one. A critical one is never dropped."""

    text: str
    picture: bytes | None = None
    critical: bool = False


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """An event at `ts` (UNIX nanoseconds)."""

    kind: ClassVar[Kind]
    ts: int

    @property
    def critical(self) -> bool:
        """Whether it is told in quiet hours too."""
        return False


class Opened(Base, frozen=True, kw_only=True):
    """A position was opened."""

    kind = Kind.OPENED
    instrument_id: str
    side: str
    quantity: float
    price: float
    strategy: str


class Closed(Base, frozen=True, kw_only=True):
    """A position was closed; `net` is after fees, in `currency`, `seconds` how long it was open."""

    kind = Kind.CLOSED
    instrument_id: str
    side: str
    quantity: float
    entry_price: float
    exit_price: float
    net: float
    currency: str
    strategy: str
    seconds: float


class OrderFailed(Base, frozen=True, kw_only=True):
    """An order was 'rejected' by the venue, 'denied' by the guard, or is 'unresolved': the venue does not answer."""

    kind = Kind.ORDER_FAILED
    client_order_id: str
    instrument_id: str
    what: str
    reason: str

    @property
    def critical(self) -> bool:
        return self.what == "unresolved"


class LimitNear(Base, frozen=True, kw_only=True):
    """A limit is used to 80% and more, or `reached`."""

    kind = Kind.LIMIT
    limit: str
    value: float
    threshold: float
    reached: bool

    @property
    def critical(self) -> bool:
        return self.limit in LOSS_LIMITS


class Tripped(Base, frozen=True, kw_only=True):
    """A rule of the circuit breaker tripped, or was `released`."""

    kind = Kind.BREAKER
    rule: str
    value: float
    threshold: float
    state: str
    until_next_day: bool
    released: bool = False

    @property
    def critical(self) -> bool:
        return True


class Switched(Base, frozen=True, kw_only=True):
    """What may trade has changed, to `state`."""

    kind = Kind.KILL_SWITCH
    state: str
    reason: str

    @property
    def critical(self) -> bool:
        return True


class Stale(Base, frozen=True, kw_only=True):
    """An instrument's price is too old to trade on, or is fresh again.

    Where there has `never` been one, `age_s` is how long it has been waited for.
    """

    kind = Kind.STALE
    instrument_id: str
    age_s: float
    fresh: bool = False
    never: bool = False


class Connected(Base, frozen=True, kw_only=True):
    """A client has lost its connection, or has it again."""

    kind = Kind.CONNECTION
    client: str
    connected: bool


class ExperimentDone(Base, frozen=True, kw_only=True):
    """An experiment has come to `state`; the Sharpe ratios are the baseline's and its own, where both were measured."""

    kind = Kind.EXPERIMENT
    experiment_id: str
    title: str
    state: str
    sharpe: tuple[float, float] | None = None


class CanaryEnded(Base, frozen=True, kw_only=True):
    """An experiment's canary is over; `figures` are the criteria that it broke where it is `given_up`."""

    kind = Kind.EXPERIMENT
    experiment_id: str
    given_up: bool
    figures: str

    @property
    def critical(self) -> bool:
        return self.given_up


class Unowned(Base, frozen=True, kw_only=True):
    """A position is open that no strategy manages, or is no more."""

    kind = Kind.UNOWNED
    instrument_id: str
    gone: bool = False

    @property
    def critical(self) -> bool:
        return True


Notice = (
    Opened
    | Closed
    | OrderFailed
    | LimitNear
    | Tripped
    | Switched
    | Stale
    | Connected
    | ExperimentDone
    | CanaryEnded
    | Unowned
)


def line(notice: Notice, show: Show) -> str:
    """Return what is said of a notice. Reasons and titles come from outside; they are cleaned and cut."""
    key, values = _said(notice, show)
    return say(show.language, f"notice.{key}", **values)


def _said(notice: Notice, show: Show) -> tuple[str, dict[str, str]]:
    match notice:
        case Opened():
            return "opened", {
                "name": _name(notice.instrument_id),
                "side": show.word("side", notice.side),
                "quantity": show.amount(notice.quantity),
                "price": show.price(notice.price),
                "strategy": notice.strategy,
            }
        case Closed():
            return f"closed_{'gain' if notice.net > 0.0 else 'loss'}", {
                "name": _name(notice.instrument_id),
                "side": show.word("side", notice.side),
                "quantity": show.amount(notice.quantity),
                "entry": show.price(notice.entry_price),
                "exit": show.price(notice.exit_price),
                "net": show.money(notice.net, notice.currency, signed=True),
                "strategy": notice.strategy,
                "age": show.span(notice.seconds),
            }
        case OrderFailed():
            values = {"name": _name(notice.instrument_id), "order": notice.client_order_id}
            return f"order_{notice.what}", {**values, "reason": show.cause(notice.reason)}
        case ExperimentDone():
            before, after = notice.sharpe or (None, None)
            return "experiment_plain" if notice.sharpe is None else "experiment", {
                "experiment": notice.experiment_id,
                "title": _outside(notice.title),
                "state": say(show.language, f"experiment_state.{notice.state}"),
                "before": number(before),
                "after": number(after),
            }
        case CanaryEnded():
            values = {"experiment": notice.experiment_id, "figures": _outside(notice.figures)}
            return "canary_given_up" if notice.given_up else "canary_endured", values
        case _:
            return _said_of_state(notice, show)


def _said_of_state(notice: Notice, show: Show) -> tuple[str, dict[str, str]]:
    match notice:
        case LimitNear():
            gravest = "limit_reached" if notice.critical else "limit_full"
            return gravest if notice.reached else "limit_near", _limit(notice.limit, notice, show)
        case Tripped():
            key = "released" if notice.released else "tripped"
            till = "" if notice.released else f"_{'day' if notice.until_next_day else 'person'}"
            return f"{key}{till}", _limit(notice.rule, notice, show)
        case Switched():
            key = "switched" if notice.reason else "switched_plain"
            return key, {"state": show.text(f"state.{notice.state}"), "reason": show.cause(notice.reason)}
        case Stale():
            key = "fresh" if notice.fresh else "stale_never" if notice.never else "stale"
            return key, {"name": _name(notice.instrument_id), "age": show.span(notice.age_s)}
        case Connected():
            return "connected" if notice.connected else "disconnected", {"client": _client(notice.client, show)}
        case Unowned():
            return "unowned_gone" if notice.gone else "unowned", {"name": _name(notice.instrument_id)}
        case _:
            raise TypeError(f"{type(notice).__name__} is no notice")


def _limit(name: str, notice: LimitNear | Tripped, show: Show) -> dict[str, str]:
    return {
        "limit": show.word("limit", name),
        "value": show.measured(name, notice.value),
        "threshold": show.measured(name, notice.threshold),
    }


def _client(client: str, show: Show) -> str:
    """Return 'orders of BINANCE' for 'exec BINANCE'; any other name as it is."""
    kind, _, venue = client.partition(" ")
    key = f"notice.client.{kind}"
    return say(show.language, key, venue=venue) if has(show.language, key) else client


def _name(instrument_id: str) -> str:
    return instrument_id.rpartition(".")[0] or instrument_id


def _outside(text: str) -> str:
    return clean(text, OUTSIDE_CHARS_MAX) if text else ""
