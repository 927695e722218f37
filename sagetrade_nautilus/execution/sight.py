"""What a plugin sees: an instrument at a bar's close, and what it holds there and elsewhere; and what it answers."""

from collections.abc import Iterable
from typing import Any

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.data import Bar
from nautilus_trader.model.position import Position

from sagetrade_nautilus.model.decision import MarketState, PositionAction, PositionState
from sagetrade_nautilus.model.readings import Composite
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.prices import Prices
from sagetrade_nautilus.trade import Trade


def market_state(
    cache: CacheFacade, instrument_id: str, bar: Bar, held: Iterable[Trade], composite: Composite | None
) -> MarketState:
    """Return what a plugin that holds `held` sees at the close of `bar`, which is of `instrument_id`."""
    price, now_ns = bar.close.as_double(), bar.ts_init  # a feed's bar comes after its close
    mine: list[PositionState] = []
    elsewhere: list[PositionState] = []
    for trade in held:
        position = cache.position(trade.position_id)
        if trade.record.instrument_id == instrument_id:
            mine.append(position_state(trade, position, price, now_ns))
        else:
            there = Prices(cache, now_ns).last(trade.instrument_id)
            elsewhere.append(position_state(trade, position, there, now_ns))
    return MarketState(
        ts=bar.ts_event,
        price=price,
        high=bar.high.as_double(),
        low=bar.low.as_double(),
        positions=tuple(mine),
        composite=composite,
        instrument_id=instrument_id,
        elsewhere=tuple(elsewhere),
        open=bar.open.as_double(),
        volume=bar.volume.as_double(),
    )


def position_state(trade: Trade, position: Position, price: float, now_ns: int) -> PositionState:
    """Return what a plugin sees of an open position at `price`, at `now_ns`."""
    long = position.is_long
    move = price / position.avg_px_open - 1.0
    return PositionState(
        trade_id=trade.trade_id,
        side="buy" if long else "sell",
        quantity=position.quantity.as_double(),
        entry_price=position.avg_px_open,
        age_seconds=(now_ns - position.ts_opened) / NANOS_PER_SECOND,
        unrealized_bps=(move if long else -move) * 10_000.0,
        instrument_id=trade.record.instrument_id,
        price=price,
    )


def actions(answer: Any, state: MarketState) -> list[tuple[PositionAction, PositionState]] | str:
    """Return what a plugin's `answer` does to which of the positions that it was shown, or what is wrong with it."""
    if isinstance(answer, list) and not answer:  # as at almost every bar
        return []
    if not isinstance(answer, list) or not all(isinstance(action, PositionAction) for action in answer):
        return f"a list of PositionAction was expected, got {answer!r}"
    shown = {held.trade_id: held for held in (*state.positions, *state.elsewhere)}
    for action in answer:
        if action.trade_id not in shown:
            return f"{action.trade_id!r} is not an open trade"
        fault: str | None = action.fault()
        if fault is not None:
            return fault
    return [(action, shown[action.trade_id]) for action in answer]
