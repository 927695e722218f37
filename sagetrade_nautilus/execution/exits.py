"""The way out of a trade: its take-profit and stop-loss, and how it is closed.

A bracket's exits are sent with its entry. A micro-trade's exits follow what its entry has filled: they are sent with
the first fill, and changed whenever they cover something else than the position. Nothing in here remembers what it
wished for: after every answer the exits are compared with the position anew. Where the venue lets a position have one
exit alone, that is a stop which follows in the same way, and the take-profit is watched.
"""

from collections.abc import Callable

from nautilus_trader.model.enums import OrderStatus, OrderType
from nautilus_trader.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderEvent,
    OrderFilled,
    OrderModifyRejected,
    OrderUpdated,
)
from nautilus_trader.model.identifiers import ClientOrderId, PositionId
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.account import is_dust
from sagetrade_nautilus.config import ExecutionConfig
from sagetrade_nautilus.execution.alerts import Alerts
from sagetrade_nautilus.execution.lone_stop import REFUSALS_MAX, REFUSED, UNPROTECTED, UNWELCOME, LoneStop
from sagetrade_nautilus.execution.micro import NEVER_ASKED_S
from sagetrade_nautilus.execution.paired_exits import paired_exits
from sagetrade_nautilus.messages import GATE_ENDPOINT
from sagetrade_nautilus.model.one_exit import Stop, due
from sagetrade_nautilus.model.records import STOP_LOSS, TAKE_PROFIT, read_tags
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.orders import closing_order
from sagetrade_nautilus.trade import Trade, tightens

DOUBLINGS_MAX = 6
TIME_EXIT = "time_exit"
ENDED = (*REFUSED, OrderCanceled)
ANSWERED = (OrderAccepted, OrderUpdated, OrderModifyRejected)


class Exits:
    """Protects and closes the trades of one strategy; make it where the strategy starts.

    Parameters
    ----------
    strategy : Strategy
        In whose name the orders are sent.
    config : ExecutionConfig
        After `ack_timeout_s` a close that is waiting for the entry's end, or was
        refused, is tried again, and after every further refusal in twice that time.
        `stop_limit_offset_bps` is how far below its trigger a stop-limit may still sell.
    """

    def __init__(self, strategy: Strategy, config: ExecutionConfig) -> None:
        self._strategy = strategy
        self._patience_ns = round((config.ack_timeout_s or NEVER_ASKED_S) * NANOS_PER_SECOND)
        self._alerts = Alerts(strategy.clock)
        self._lone = LoneStop(strategy, config.stop_limit_offset_bps)
        self._flattening: dict[PositionId, ClientOrderId] = {}
        self.locked = False
        """Whether the strategy was told that trading is halted."""

    def _is_held_back(self) -> bool:
        """Tell whether trading is halted: a closing order would be denied, so no exit may be cancelled for it.

        The gate is asked: it knows of a halt before anybody is told, and at a start nobody has been.
        """
        answers: list[bool] = []
        if not self.locked:
            self._strategy.msgbus.send(GATE_ENDPOINT, answers.append)
        return answers != [True]

    def close_at(self, trade: Trade, due_ns: int, tag: str) -> None:
        """Close `trade` at `due_ns`, UNIX nanoseconds, whatever it shows then."""
        self._alerts.set(f"exit-{trade.trade_id}", due_ns, lambda: self.close(trade, tag))

    def forget(self, trade: Trade) -> None:
        """Forget the trade, which is over."""
        for what in ("exit", "bare", "halt"):
            self._alerts.cancel(f"{what}-{trade.trade_id}")
        if trade.one_exit:
            self.release(trade)  # of a few coins that nothing could sell a stop may still rest

    def watch(self, trade: Trade, high: float, now: float) -> None:
        """Close a trade with one exit at the market, where its take-profit or the end of its stop was reached.

        Parameters
        ----------
        high, now : float
            The highest price since the last look, and the last one.
        """
        if not trade.one_exit or trade.closing is not None or self._position(trade) is None:
            return
        reached = due(high, now, trade.decision.tp, self._lone.worst(trade))
        if reached is not None and not self._is_held_back():
            self.close(trade, reached)

    def close(self, trade: Trade, tag: str) -> None:
        """Close the trade: first what its entry still has at the venue, then its exits and its position.

        A second call does not wait for the entry any longer. What is held back by a halt is closed at its end.
        """
        position = self._position(trade)
        if position is None:
            return
        waited = trade.closing is not None
        trade.closing = trade.closing or tag
        if self._is_held_back():
            self._again_unless_told(trade, lambda: self.close(trade, tag))
            return
        entry = self._order(trade.entry_id)
        if entry is not None and not entry.is_closed and not waited:
            self._strategy.cancel_order(entry)
            self.close_at(trade, self._strategy.clock.timestamp_ns() + self._patience_ns, tag)
            return
        self._leave(trade, position)

    def abandon(self, trade: Trade, tag: str) -> None:
        """Give a trade up, whatever it has come to: what its entry may still bring is closed when it comes."""
        if self._position(trade) is not None:
            self.close(trade, tag)
        trade.closing = trade.closing or tag
        entry = self._order(trade.entry_id)
        if entry is not None and not entry.is_closed and not entry.is_pending_cancel:
            self._strategy.cancel_order(entry)

    def settle(self, trade: Trade) -> bool:
        """Go on with closing a trade whose entry or position has changed; tell whether it is over."""
        entry = self._order(trade.entry_id)
        if entry is not None and not entry.is_closed:
            return False
        position = self._position(trade)
        if position is None:
            return True
        if trade.closing is not None:
            self._leave(trade, position)
        return False

    def release(self, trade: Trade) -> None:
        """Cancel what a trade without a position still has at the venue.

        One by one: Nautilus's `cancel_all_orders` takes the stops of other strategies in the instrument along.
        """
        for order in self._resting(trade):
            if not order.is_closed and not order.is_pending_cancel:
                self._strategy.cancel_order(order)

    def _resting(self, trade: Trade) -> list[Order]:
        if trade.follows:
            found = (self._order(order_id) for order_id in (trade.entry_id, trade.stop_id, trade.target_id))
            return [order for order in found if order is not None]
        cache, mine = self._strategy.cache, {"instrument_id": trade.instrument_id, "strategy_id": self._strategy.id}
        alive = (cache.orders_open(**mine), cache.orders_inflight(**mine), cache.orders_emulated(**mine))
        return sorted((order for orders in alive for order in orders), key=lambda order: order.client_order_id.value)

    def flatten(self, position: Position, tag: str) -> None:
        """Close a position that no trade stands for, and ask again until it is gone."""
        closing = self._order(self._flattening.get(position.id))
        if position.is_closed:
            self._flattening.pop(position.id, None)
            return
        may_close = not self._is_held_back() and not is_dust(self._strategy.cache, position)
        if may_close and (closing is None or closing.is_closed):
            trade_id = read_tags(self._order(position.opening_order_id)).trade_id or position.id.value
            order = closing_order(self._strategy.order_factory, position, [trade_id, tag])
            self._flattening[position.id] = order.client_order_id
            self._strategy.submit_order(order, position_id=position.id)
        due_ns = self._strategy.clock.timestamp_ns() + self._patience_ns
        self._alerts.set(f"flatten-{position.id}", due_ns, lambda: self.flatten(position, tag))

    def protect(self, trade: Trade) -> None:
        """Have exits that follow their position cover it: no less, and no more."""
        position = self._position(trade)
        if not trade.follows or position is None or trade.closing is not None:
            return
        if self._is_held_back():
            self._again_unless_told(trade, lambda: self.protect(trade))
            return
        if trade.one_exit:
            if self._lone.protect(trade, position) is Stop.CUT:
                self.close(trade, UNPROTECTED)
            return
        if trade.stop_id is None:
            if trade.target_id is None:  # else that is on its way out, and both are sent when it has gone
                exits = paired_exits(self._strategy, trade, position)
                self._strategy.submit_order_list(exits, position_id=position.id)
            return
        for order in (self._order(trade.stop_id), self._order(trade.target_id)):
            if order is None or order.is_closed or order.is_inflight:
                continue  # what is in flight answers, and is compared then
            if order.leaves_qty != position.quantity:
                self._strategy.modify_order(order, quantity=position.quantity + order.filled_qty)

    def hear(self, trade: Trade, event: OrderEvent) -> None:
        """Answer an event of the order that closes the trade, of exits that follow, or of a bracket's stop."""
        if event.client_order_id == trade.close_id and isinstance(event, ENDED):
            wait_ns = self._patience_ns << min(trade.refusals, DOUBLINGS_MAX)
            trade.refusals += 1
            self.close_at(trade, self._strategy.clock.timestamp_ns() + wait_ns, TIME_EXIT)
        if trade.closing is not None:
            is_gone = event.client_order_id == trade.stop_id and isinstance(event, (*ENDED, OrderFilled))
            if trade.one_exit and is_gone:
                self.close(trade, trade.closing)
            elif isinstance(event, OrderCanceled) and self._was_backed(trade):
                self.settle(trade)
            return
        if trade.one_exit and event.client_order_id == trade.stop_id:
            reason = self._lone.answer(trade, event)
            if reason is None:
                self.protect(trade)
            else:
                self.close(trade, reason)
        elif event.client_order_id in (trade.stop_id, trade.target_id):
            self._answer(trade, event)
        elif not trade.follows and isinstance(event, ENDED) and _stops(self._order(event.client_order_id)):
            wait_ns = self._patience_ns if isinstance(event, OrderCanceled) else 0
            due_ns = self._strategy.clock.timestamp_ns() + wait_ns  # one that ends with its position is no loss
            self._alerts.set(f"bare-{trade.trade_id}", due_ns, lambda: self._close_if_bare(trade))

    def _was_backed(self, trade: Trade) -> bool:
        """Tell whether the venue refused a close as the exits still held what it sells, and they are gone now."""
        leaving = self._order(trade.close_id)
        refused = leaving is not None and leaving.status == OrderStatus.REJECTED
        return refused and all(order.is_closed for order in self._resting(trade))

    def _close_if_bare(self, trade: Trade) -> None:
        """Close a position whose bracket has no stop any more."""
        if trade.closing is None and self._position(trade) is not None and not any(map(_stops, self._resting(trade))):
            self.close(trade, UNPROTECTED)

    def _answer(self, trade: Trade, event: OrderEvent) -> None:
        """Answer an event of one of the exits. A position that they do not cover any more is closed."""
        exits = [order for order in (self._order(trade.stop_id), self._order(trade.target_id)) if order is not None]
        alive = [order for order in exits if not order.is_closed]
        is_held = self._position(trade) is not None
        trade.refusals += is_held and isinstance(event, UNWELCOME)
        if isinstance(event, REFUSED) or trade.refusals > REFUSALS_MAX:
            self.close(trade, UNPROTECTED)
        elif isinstance(event, OrderFilled) and event.client_order_id not in [order.client_order_id for order in alive]:
            self.close(trade, STOP_LOSS if event.client_order_id == trade.stop_id else TAKE_PROFIT)  # what grew since
        elif isinstance(event, OrderCanceled | OrderCancelRejected) and 0 < len(alive) < len(exits) and is_held:
            for order in alive:
                self._strategy.cancel_order(order)  # one without the other is no protection: both are sent anew
        elif isinstance(event, OrderCanceled) and is_held:
            trade.stop_id = trade.target_id = None
            self.protect(trade)
        elif isinstance(event, ANSWERED):
            self.protect(trade)

    def move_stop(self, trade: Trade, stop_price: float, price: float) -> None:
        """Move the stop towards the price; a stop that is wider, or beyond the price, is left as it is."""
        strategy, position = self._strategy, self._position(trade)
        if position is None:
            return
        if trade.one_exit:
            self._lone.move(trade, stop_price, price)
            return
        for order in strategy.cache.orders_open(strategy_id=strategy.id):
            mine = order.position_id == trade.position_id or order.client_order_id == trade.stop_id
            stops = order.order_type == OrderType.STOP_MARKET
            if mine and stops and tightens(order.trigger_price.as_double(), stop_price, price, long=position.is_long):
                instrument = strategy.cache.instrument(order.instrument_id)
                strategy.modify_order(order, trigger_price=instrument.make_price(stop_price))

    def _leave(self, trade: Trade, position: Position) -> None:
        leaving = self._order(trade.close_id)
        if self._is_held_back() or (leaving is not None and not leaving.is_closed):
            return
        if trade.one_exit and not self._lone.is_free(trade):  # its coins are sold when it is gone, and not before
            self.close_at(trade, self._strategy.clock.timestamp_ns() + self._patience_ns, trade.closing or TIME_EXIT)
            return
        self.release(trade)
        order = closing_order(self._strategy.order_factory, position, [trade.trade_id, trade.closing or TIME_EXIT])
        trade.close_id = order.client_order_id  # before it is sent: it may be denied at once
        self._strategy.submit_order(order, position_id=position.id)

    def _again_unless_told(self, trade: Trade, deed: Callable[[], None]) -> None:
        """Try again in a while; a strategy that was told of the halt is told of its end too."""
        if not self.locked:
            due_ns = self._strategy.clock.timestamp_ns() + self._patience_ns
            self._alerts.set(f"halt-{trade.trade_id}", due_ns, deed)

    def _position(self, trade: Trade) -> Position | None:
        """Return the trade's position while it is open; of so few coins that nothing could sell them it is not."""
        found = self._strategy.cache.position(trade.position_id) if trade.position_id is not None else None
        return None if found is None or found.is_closed or is_dust(self._strategy.cache, found) else found

    def _order(self, client_order_id: ClientOrderId | None) -> Order | None:
        return None if client_order_id is None else self._strategy.cache.order(client_order_id)


def _stops(order: Order | None) -> bool:
    return read_tags(order).role == STOP_LOSS
