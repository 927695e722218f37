"""What a strategy plugin says: a decision to enter, or an action on a position that it holds."""

from collections.abc import Iterator
from enum import Enum
from math import isfinite, nan
from typing import Any, Literal

import msgspec

from sagetrade_nautilus.model.readings import Composite

Side = Literal["buy", "sell"]
OrderType = Literal["market", "limit"]

MAX_REASON_CHARS = 400


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The wish to open a position. Sizing and the guard may shrink it or refuse it; nothing enlarges it.

    Parameters
    ----------
    side : {'buy', 'sell'}
        Direction of the entry.
    size_pct : float
        Share of equity to commit, in percent, in (0, 100].
    order_type : {'market', 'limit'}
        How to enter. A limit entry rests at the last price that the signal saw.
    tp, sl : float
        Absolute prices of the take-profit and the stop-loss. They must lie on opposite sides of the price.
    target_duration : float
        Seconds after which the position is closed whatever it shows, > 0.
    expected_edge_bps : float
        What the plugin expects to earn before costs, in basis points of the notional.
    reason : str
        One line for people; kept in the journal.
    signal_ids : tuple[str, ...]
        The ids of the composite signals that led here, at least one.
    instrument_id : str, optional
        What to trade, one of the strategy's instruments; that of the signal if left out.
    """

    side: Side
    size_pct: float
    order_type: OrderType = "market"
    tp: float
    sl: float
    target_duration: float
    expected_edge_bps: float
    reason: str
    signal_ids: tuple[str, ...]
    instrument_id: str | None = None

    def fault(self, price: float) -> str | None:
        """Return what is wrong with this decision at `price`, or ``None`` when it is sound."""
        return next((fault for fault in self._faults(price) if fault), None)

    def _faults(self, price: float) -> Iterator[str | Literal[False]]:
        for name in ("size_pct", "tp", "sl", "target_duration", "expected_edge_bps"):
            value = getattr(self, name)
            yield not _is_number(value) and f"{name} must be a finite number, got {value!r}"
        yield self.side not in ("buy", "sell") and f"side must be 'buy' or 'sell', got {self.side!r}"
        yield self.order_type not in ("market", "limit") and (
            f"order_type must be 'market' or 'limit', got {self.order_type!r}"
        )
        yield not 0.0 < self.size_pct <= 100.0 and f"size_pct must lie in (0, 100], got {self.size_pct}"
        yield self.target_duration <= 0.0 and f"target_duration must be > 0 seconds, got {self.target_duration}"
        low, high = (self.sl, self.tp) if self.side == "buy" else (self.tp, self.sl)
        yield not 0.0 < low < price < high and (
            f"a {self.side} at {price} needs sl and tp around the price, got sl={self.sl} tp={self.tp}"
        )
        named = isinstance(self.reason, str) and 0 < len(self.reason.strip()) <= MAX_REASON_CHARS
        yield not named and f"reason must be a string of 1 to {MAX_REASON_CHARS} characters"
        known = isinstance(self.signal_ids, tuple) and self.signal_ids
        yield not known and "signal_ids must be a tuple that names at least one signal"


class PositionState(msgspec.Struct, frozen=True, gc=False):
    """An open position as its plugin sees it.

    `price` is the last of its instrument, NaN where none is known; `unrealized_bps` the move since entry in the
    position's favour, before costs.
    """

    trade_id: str
    side: Side
    quantity: float
    entry_price: float
    age_seconds: float
    unrealized_bps: float
    instrument_id: str = ""
    price: float = nan


class MarketState(msgspec.Struct, frozen=True, gc=False):
    """One instrument at one bar's close, and what the plugin holds.

    Parameters
    ----------
    ts : int
        When the bar closed, in UNIX nanoseconds.
    price, high, low : float
        The bar's close, high and low.
    positions : tuple[PositionState, ...]
        What is open in this instrument: none or one.
    composite : Composite, optional
        The last one that was published for the instrument.
    instrument_id : str
        The instrument, such as 'BTCUSDT.BINANCE'.
    elsewhere : tuple[PositionState, ...]
        What the plugin holds in its other instruments, at their last prices.
    open, volume : float
        The bar's open, and what was traded in it.
    """

    ts: int
    price: float
    high: float
    low: float
    positions: tuple[PositionState, ...]
    composite: Composite | None = None
    instrument_id: str = ""
    elsewhere: tuple[PositionState, ...] = ()
    open: float = nan
    volume: float = nan


class ActionKind(Enum):
    """What may be done to an open position: it can only shrink, or be protected better."""

    CLOSE = "close"
    MOVE_STOP = "move_stop"


class PositionAction(msgspec.Struct, frozen=True, kw_only=True):
    """An action on an open position.

    `stop_price` is needed by MOVE_STOP alone. A stop is only ever moved towards the price: a wider one is refused.
    """

    trade_id: str
    kind: ActionKind
    reason: str
    stop_price: float | None = None

    def fault(self) -> str | None:
        """Return what is wrong with this action, or ``None`` when it is sound."""
        if not isinstance(self.kind, ActionKind):
            return f"kind must be {' or '.join(map(str, ActionKind))}, got {self.kind!r}"
        if self.kind is ActionKind.MOVE_STOP and not _is_number(self.stop_price):
            return f"MOVE_STOP needs a stop_price, a finite number, got {self.stop_price!r}"
        return None if isinstance(self.reason, str) else f"reason must be a string, got {self.reason!r}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
