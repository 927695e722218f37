"""Every way on which an order can leave a strategy, for tests and figures: each opens 0.1, or tries to."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.examples.algorithms.twap import TWAPExecAlgorithm
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.enums import OrderSide, TriggerType
from nautilus_trader.model.events import OrderEvent, OrderFilled, OrderSubmitted, OrderUpdated
from nautilus_trader.model.identifiers import ExecAlgorithmId, OrderListId
from nautilus_trader.model.orders import Order, OrderList
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from tests.support.engine import SECOND, START, engine, trades
from tests.support.latch import forget, put
from tests.support.scripted import INSTRUMENT, Scripted

PRICE = 40_000.0
STOPPED_AT = 10
FLAT = [PRICE] * 120
type Way = Callable[[Strategy], None]


def _market(strategy: Strategy, size: float = 0.1) -> Order:
    quantity = strategy.cache.instrument(INSTRUMENT).make_qty(size)
    return strategy.order_factory.market(INSTRUMENT, OrderSide.BUY, quantity)


def risk_engine(strategy: Strategy) -> None:
    strategy.submit_order(_market(strategy))


def direct(strategy: Strategy) -> None:
    """Straight to the execution engine's endpoint, past the risk engine."""
    strategy.msgbus.send(
        "ExecEngine.execute", SubmitOrder(strategy.trader_id, strategy.id, _market(strategy), UUID4(), 0)
    )


def resting(strategy: Strategy) -> None:
    instrument = strategy.cache.instrument(INSTRUMENT)
    price = instrument.make_price(PRICE * 1.001)
    strategy.submit_order(strategy.order_factory.limit(INSTRUMENT, OrderSide.BUY, instrument.make_qty(0.1), price))


def emulated(strategy: Strategy) -> None:
    """A stop in the emulator, which releases it at the next price."""
    instrument = strategy.cache.instrument(INSTRUMENT)
    strategy.submit_order(
        strategy.order_factory.stop_market(
            INSTRUMENT,
            OrderSide.BUY,
            instrument.make_qty(0.1),
            instrument.make_price(PRICE - 100.0),
            emulation_trigger=TriggerType.LAST_PRICE,
        )
    )


def algorithm(strategy: Strategy) -> None:
    """Nautilus's TWAP: a slice now and one every ten seconds."""
    order = strategy.order_factory.market(
        INSTRUMENT,
        OrderSide.BUY,
        strategy.cache.instrument(INSTRUMENT).make_qty(0.1),
        exec_algorithm_id=ExecAlgorithmId("TWAP"),
        exec_algorithm_params={"horizon_secs": 60, "interval_secs": 10},
    )
    strategy.submit_order(order)


def order_list(strategy: Strategy) -> None:
    orders = [_market(strategy, 0.05), _market(strategy, 0.06)]
    strategy.submit_order_list(OrderList(OrderListId("L-1"), orders))


def bracket(strategy: Strategy) -> None:
    instrument = strategy.cache.instrument(INSTRUMENT)
    strategy.submit_order_list(
        strategy.order_factory.bracket(
            INSTRUMENT,
            OrderSide.BUY,
            instrument.make_qty(0.1),
            tp_price=instrument.make_price(PRICE * 1.05),
            sl_trigger_price=instrument.make_price(PRICE * 0.95),
        )
    )


def modify(strategy: Strategy) -> None:
    """Enlarge and pull to the market what rests; `far` has put it there."""
    for order in strategy.cache.orders_open(instrument_id=INSTRUMENT):
        instrument = strategy.cache.instrument(INSTRUMENT)
        strategy.modify_order(order, instrument.make_qty(0.2), instrument.make_price(PRICE * 1.001))


def far(strategy: Strategy) -> None:
    """Rest an entry far from the market."""
    instrument = strategy.cache.instrument(INSTRUMENT)
    price = instrument.make_price(PRICE * 0.92)
    strategy.submit_order(strategy.order_factory.limit(INSTRUMENT, OrderSide.BUY, instrument.make_qty(0.1), price))


def later(strategy: Strategy) -> None:
    """By a timer, when nothing has happened on the market."""
    due = strategy.clock.utc_now() + timedelta(seconds=1)
    strategy.clock.set_time_alert("later", due, lambda event: strategy.submit_order(_market(strategy)))


PATHS: dict[str, Way] = {
    "risk_engine": risk_engine,
    "direct": direct,
    "resting": resting,
    "emulated": emulated,
    "algorithm": algorithm,
    "order_list": order_list,
    "bracket": bracket,
    "modify": modify,
    "timer": later,
}


def nothing(strategy: Strategy) -> None:
    """Do nothing."""


def after_the_stop(
    folder: Path,
    path: Way,
    *,
    guarded: bool,
    earlier: Way = nothing,
    flatten: bool = False,
) -> list[str]:
    """Return what left or was done at the venue after the stop, which comes just before `path` is gone."""
    latch = put(folder / "latch.json", ts=START, sequence=1)
    forget(folder)
    stopped_ns = START + STOPPED_AT * SECOND

    def stop(strategy: Scripted) -> None:
        Latch(latch.path).engage(State.HALTED, "a drill", "test", START, flatten=flatten)
        path(strategy)

    made = engine(folder, guarded=guarded, limits=LimitConfig(no_duplicate_s=0.0), latch=latch.path)
    made.add_exec_algorithm(TWAPExecAlgorithm())
    made.add_data(trades(FLAT))
    strategy = Scripted({2: earlier, STOPPED_AT: stop})
    made.add_strategy(strategy)
    made.run()
    left = [
        type(event).__name__
        for order in made.cache.orders()
        for event in order.events
        if _is_of_the_venue(event) and event.ts_event >= stopped_ns
    ]
    made.dispose()
    return left


def _is_of_the_venue(event: OrderEvent) -> bool:
    """An order that an algorithm slices is updated by it as well, in the node alone."""
    changed = isinstance(event, OrderUpdated) and event.venue_order_id is not None
    return changed or isinstance(event, OrderSubmitted | OrderFilled)


def before(name: str) -> Way:
    return far if name == "modify" else nothing
