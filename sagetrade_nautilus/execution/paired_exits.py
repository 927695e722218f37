"""Both exits of a position that is open already, at a venue that lets two of them rest for the same quantity."""

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.enums import ContingencyType, TriggerType
from nautilus_trader.model.orders import LimitOrder, OrderList, StopMarketOrder
from nautilus_trader.model.position import Position
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.model.records import STOP_LOSS, TAKE_PROFIT
from sagetrade_nautilus.orders import closing_side
from sagetrade_nautilus.trade import Trade


def paired_exits(strategy: Strategy, trade: Trade, position: Position) -> OrderList:
    """Return a stop and a take-profit, which the trade knows from now on; whichever is filled reduces the other."""
    instrument = strategy.cache.instrument(position.instrument_id)
    factory = strategy.order_factory
    list_id = factory.generate_order_list_id()
    trade.stop_id, trade.target_id = factory.generate_client_order_id(), factory.generate_client_order_id()
    shared = {
        "trader_id": strategy.trader_id,
        "strategy_id": strategy.id,
        "instrument_id": position.instrument_id,
        "order_side": closing_side(position),
        "quantity": position.quantity,
        "ts_init": strategy.clock.timestamp_ns(),
        "reduce_only": True,
        "contingency_type": ContingencyType.OUO,
        "order_list_id": list_id,
    }
    stop = StopMarketOrder(
        client_order_id=trade.stop_id,
        trigger_price=instrument.make_price(trade.decision.sl),
        trigger_type=TriggerType.DEFAULT,
        init_id=UUID4(),
        linked_order_ids=[trade.target_id],
        tags=[trade.trade_id, STOP_LOSS],
        **shared,
    )
    target = LimitOrder(
        client_order_id=trade.target_id,
        price=instrument.make_price(trade.decision.tp),
        init_id=UUID4(),
        linked_order_ids=[trade.stop_id],
        tags=[trade.trade_id, TAKE_PROFIT],
        **shared,
    )
    return OrderList(list_id, [stop, target])
