"""What a command does at the paper venue, as Nautilus's `SimulatedExchange` has it, and its rejections."""

from collections.abc import Callable, Mapping

import msgspec
from nautilus_trader.backtest.engine import OrderMatchingEngine
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import (
    BatchCancelOrders,
    CancelAllOrders,
    CancelOrder,
    ModifyOrder,
    TradingCommand,
)
from nautilus_trader.model.enums import OrderSide, OrderStatus, OrderType
from nautilus_trader.model.events import OrderRejected, OrderUpdated
from nautilus_trader.model.identifiers import AccountId, InstrumentId
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import StateError
from sagetrade_nautilus.orders import orders_of

type Engines = Mapping[InstrumentId, OrderMatchingEngine]
AT_THE_MARKET = frozenset({OrderType.MARKET, OrderType.MARKET_TO_LIMIT})
REFUSAL = "the paper venue rejects a configured share of orders"


class Commands:
    """Carries out commands at the matching engines.

    Parameters
    ----------
    engines : mapping
        The matching engine of each instrument.
    msgbus, cache : MessageBus, Cache
        The venue's own.
    account_id : AccountId
        Whose orders they are.
    is_refused : callable
        Tells whether the venue rejects an order for no reason.
    """

    def __init__(
        self,
        engines: Engines,
        msgbus: MessageBus,
        cache: Cache,
        account_id: AccountId,
        is_refused: Callable[[Order], bool],
    ) -> None:
        self._engines = engines
        self._msgbus = msgbus
        self._cache = cache
        self._account_id = account_id
        self._is_refused = is_refused

    def needs_a_price(self, command: TradingCommand) -> bool:
        """Tell whether `command` cannot be judged before the market has been seen."""
        return any(
            order.order_type in AT_THE_MARKET and self._engines[order.instrument_id].best_bid_price() is None
            for order in orders_of(command)
        )

    def carry_out(self, command: TradingCommand, now: int) -> None:
        """Do what `command` says, at `now`."""
        engine = self._engines[command.instrument_id]
        if orders := orders_of(command):
            self._submit(orders, now)
        elif isinstance(command, ModifyOrder):
            self._modify(command, engine, now)
        elif isinstance(command, CancelOrder):
            engine.process_cancel(command, self._account_id)
        elif isinstance(command, BatchCancelOrders):
            for cancel in command.cancels:
                self._engines[cancel.instrument_id].process_cancel(cancel, self._account_id)
        elif isinstance(command, CancelAllOrders):
            self._cancel_all(command, engine)

    def _submit(self, orders: list[Order], now: int) -> None:
        for sent in orders:
            order = self._cache.order(sent.client_order_id)
            if order.status != OrderStatus.SUBMITTED:
                continue  # it was here before
            if order.parent_order_id is None and self._is_refused(order):
                names = (order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id)
                self._say(OrderRejected(*names, self._account_id, REFUSAL, UUID4(), now, now))
            else:
                self._engines[order.instrument_id].process_order(order, self._account_id)

    def _modify(self, command: ModifyOrder, engine: OrderMatchingEngine, now: int) -> None:
        order = self._cache.order(command.client_order_id)
        if order is None or order.status != OrderStatus.SUBMITTED:
            engine.process_modify(command, self._account_id)
            return
        names = (order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id)
        price = command.price or (order.price if order.has_price else None)
        trigger = command.trigger_price or (order.trigger_price if order.has_trigger_price else None)
        quantity = command.quantity or order.quantity
        self._say(
            OrderUpdated(
                *names, order.venue_order_id, self._account_id, quantity, price, trigger, UUID4(), now, now
            )
        )  # fmt: skip

    def _cancel_all(self, command: CancelAllOrders, engine: OrderMatchingEngine) -> None:
        """Cancel what one strategy has open; Nautilus's exchange would cancel everybody's."""
        for order in self._cache.orders_open(instrument_id=command.instrument_id, strategy_id=command.strategy_id):
            if command.order_side in (OrderSide.NO_ORDER_SIDE, order.side) and not order.is_closed:
                engine.cancel_order(order)

    def _say(self, event: OrderRejected | OrderUpdated) -> None:
        self._msgbus.send("ExecEngine.process", event)


def saved_command(raw: bytes) -> tuple[int, str]:
    """Return when a command that was saved on its way arrives, UNIX nanoseconds, and the command as it was packed.

    Raises
    ------
    StateError
        It was damaged since.
    """
    try:
        return msgspec.json.decode(raw, type=tuple[int, str])
    except UNDECODABLE as error:
        raise StateError(f"a saved command is damaged: {error}; compare with the venue by hand") from None
