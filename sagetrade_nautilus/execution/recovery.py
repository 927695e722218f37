"""After a restart: a strategy takes up the positions that it finds, with what it had saved of their decisions.

Nautilus has reconciled by then, so its cache holds what the venue has. A position without a stop gets one. Nothing is
sent that may be at the venue already.
"""

from collections.abc import Iterable

import msgspec
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId, PositionId
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.account import held_positions, result
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.execution.entries import Entries
from sagetrade_nautilus.execution.exits import TIME_EXIT, Exits
from sagetrade_nautilus.execution.legs import LEG_FAILED, partners
from sagetrade_nautilus.messages import (
    MEMORY_TOPIC,
    ORDER_WATCH_TOPIC,
    DecisionRecord,
    Memo,
    OrderWatch,
    Verdict,
)
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.model.records import read_tags
from sagetrade_nautilus.model.recovery import Held, Kind, TakeUp, Working, take_up
from sagetrade_nautilus.model.sizing import TradeHistory
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.strategy_config import SageStrategyConfig
from sagetrade_nautilus.trade import SavedTrade, Trade

RESTART = "restart"
STOPS = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP_MARKET})


def remember(strategy: Strategy, trade: Trade) -> None:
    """Save what a restart needs of `trade`, before its orders leave; it takes the place of the instrument's last."""
    _save(strategy, _name(strategy, trade.instrument_id), SavedTrade.of(trade))


def free_legs(strategy: Strategy, trade_id: str, trades: Iterable[Trade]) -> None:
    """Have none of `trades` depend any more on the trade of that id, which has opened, over a restart too."""
    for other in partners(trade_id, trades):
        other.partners -= {trade_id}
        remember(strategy, other)


def remember_result(strategy: Strategy, entries: Entries, closed: Position) -> None:
    """Add what a closed position made to the history of the strategy's trades, and save that."""
    invested = closed.avg_px_open * closed.peak_qty.as_double()
    entries.history = entries.history.plus(result(closed) / invested)
    _save(strategy, _history_name(strategy), entries.history)


def recall_history(strategy: Strategy) -> TradeHistory:
    """Return how the strategy's closed trades went before a restart; none if that cannot be read."""
    found = _recall(strategy, _history_name(strategy), TradeHistory, "the history of its trades: it begins anew")
    return found or TradeHistory()


def _save(strategy: Strategy, name: str, value: msgspec.Struct) -> None:
    raw = msgspec.msgpack.encode(value)
    strategy.cache.add(name, raw)  # which Nautilus keeps if its cache has a database
    strategy.msgbus.publish(MEMORY_TOPIC, Memo(name, raw))


def take_up_trades(
    strategy: Strategy, entries: Entries, exits: Exits, settings: SageStrategyConfig
) -> dict[InstrumentId, Trade]:
    """Return the trades that go on, under their exits. Whatever else was open is on its way out."""
    plans: dict[InstrumentId, tuple[TakeUp, Trade | None]] = {}
    held = [position.instrument_id for position in strategy.cache.positions_open(strategy_id=strategy.id)]
    for instrument_id in dict.fromkeys([*map(InstrumentId.from_str, settings.instruments), *held]):
        saved = _saved(strategy, instrument_id)
        if saved is not None:
            entries.taken = max(entries.taken, int((saved.record.trade_id or "0").rsplit("-", 1)[-1]))
        positions = held_positions(strategy.cache, instrument_id=instrument_id, strategy_id=strategy.id)
        orders = strategy.cache.orders(instrument_id=instrument_id, strategy_id=strategy.id)
        orders = sorted((order for order in orders if not order.is_closed), key=lambda order: order.ts_init)
        plan = take_up(
            [_held(strategy, position) for position in positions],
            [_working(strategy, order) for order in orders],
            None if saved is None else saved.record.trade_id,
        )
        plans[instrument_id] = plan, _trade(strategy, settings, plan, saved)
    trades = {name: trade for name, (_, trade) in plans.items() if trade is not None}
    for trade_id in _opened(strategy):
        free_legs(strategy, trade_id, trades.values())
    for plan, trade in plans.values():
        _carry_out(strategy, exits, plan, trade)
    return trades


def _opened(strategy: Strategy) -> set[str]:
    """Return the ids of the trades of which an order was filled."""
    orders = strategy.cache.orders(strategy_id=strategy.id)
    return {read_tags(order).trade_id for order in orders if order.filled_qty > 0}


def _carry_out(strategy: Strategy, exits: Exits, plan: TakeUp, trade: Trade | None) -> None:
    for name in plan.cancel:
        strategy.cancel_order(strategy.cache.order(ClientOrderId(name)))
    for name in plan.flatten:
        exits.flatten(strategy.cache.position(PositionId(name)), RESTART)
    if trade is None:
        return
    strategy.msgbus.publish(
        ORDER_WATCH_TOPIC, OrderWatch(trade.entry_id.value, "taken_up" if plan.is_known else "found")
    )
    if trade.closing is not None:
        return
    if trade.partners:
        exits.close(trade, LEG_FAILED)
    elif trade.due_ns <= strategy.clock.timestamp_ns():
        exits.close(trade, TIME_EXIT)
    else:
        exits.protect(trade)
        exits.close_at(trade, trade.due_ns, TIME_EXIT)


def _trade(strategy: Strategy, settings: SageStrategyConfig, plan: TakeUp, saved: SavedTrade | None) -> Trade | None:
    """Return the trade of the position that is taken up, as it stands."""
    if plan.position_id is None:
        return None
    position = strategy.cache.position(PositionId(plan.position_id))
    trade = saved.trade() if plan.is_known and saved is not None else _found(strategy, settings, position)
    trade.follows = True
    trade.position_id = position.id
    trade.stop_id = None if plan.stop_id is None else ClientOrderId(plan.stop_id)
    trade.target_id = None if plan.target_id is None else ClientOrderId(plan.target_id)
    if plan.close_id is not None:
        trade.closing, trade.close_id = RESTART, ClientOrderId(plan.close_id)
    return trade


def _found(strategy: Strategy, settings: SageStrategyConfig, position: Position) -> Trade:
    """Return a trade for a position of which nobody knows why it was opened: with the configuration's exits."""
    now, average = strategy.clock.timestamp_ns(), position.avg_px_open
    distance = average * settings.execution.recovery_stop_pct / 100.0
    away = distance if position.is_long else -distance
    why = "found after a restart, without its decision"
    decision = Decision(
        side="buy" if position.is_long else "sell",
        size_pct=100.0,
        tp=average + away,
        sl=average - away,
        target_duration=settings.execution.recovery_hold_s,
        expected_edge_bps=0.0,
        reason=why,
        signal_ids=(),
    )
    record = DecisionRecord(
        ts=now,
        decision_id=f"{settings.label}@{RESTART}",
        trade_id=_trade_id(strategy, position),
        strategy=settings.label,
        instrument_id=position.instrument_id.value,
        verdict=Verdict.TAKEN,
        why=why,
        side=decision.side,
        reason=why,
        score=0.0,
        confidence=0.0,
        volatility=0.0,
        regime="",
        price=average,
        expected_edge_bps=0.0,
        cost_bps=settings.round_trip_bps,
        size_pct=decision.size_pct,
        equity=0.0,
        share=0.0,
        policy_row=-1,
        notional=position.quantity.as_double() * average,
        signal_ids=(),
        signals=(),
        sources=(),
    )
    due_ns = now + round(decision.target_duration * NANOS_PER_SECOND)
    return Trade(record, decision, position.opening_order_id, due_ns, None)


# What is there, as values


def _held(strategy: Strategy, position: Position) -> Held:
    return Held(
        position_id=position.id.value,
        trade_id=_trade_id(strategy, position),
        quantity=position.quantity.as_double(),
    )


def _working(strategy: Strategy, order: Order) -> Working:
    position_id = strategy.cache.position_id(order.client_order_id)
    kind: Kind = "stop" if order.order_type in STOPS else "market" if order.order_type == OrderType.MARKET else "other"
    return Working(
        order_id=order.client_order_id.value,
        position_id=None if position_id is None else position_id.value,
        trade_id=read_tags(order).trade_id,
        kind=kind,
        reduces=order.is_reduce_only,
        quantity=order.leaves_qty.as_double(),
    )


def _trade_id(strategy: Strategy, position: Position) -> str:
    """Return the trade that the position's opening order names; its own id where that is not known."""
    order = strategy.cache.order(position.opening_order_id)
    return read_tags(order).trade_id or str(position.id.value)


def _saved(strategy: Strategy, instrument_id: InstrumentId) -> SavedTrade | None:
    """Return what was saved of the instrument's last trade; ``None`` if nothing was, or it cannot be read any more."""
    what = f"the saved trade in {instrument_id}: its position gets the configured exits"
    return _recall(strategy, _name(strategy, instrument_id), SavedTrade, what)


def _recall[Kept](strategy: Strategy, name: str, kind: type[Kept], what: str) -> Kept | None:
    raw = strategy.cache.get(name)
    if not raw:
        return None
    try:
        return msgspec.msgpack.decode(raw, type=kind)
    except UNDECODABLE as error:
        strategy.log.exception(f"cannot be read: {what}", error)  # noqa: TRY401 - Nautilus's logger asks for it
        return None


def _history_name(strategy: Strategy) -> str:
    return f"sagetrade.history.{strategy.id}"


def _name(strategy: Strategy, instrument_id: InstrumentId) -> str:
    return f"sagetrade.trade.{strategy.id}.{instrument_id}"
