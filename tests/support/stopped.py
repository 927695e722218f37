"""Runs that the guard stops in the middle, and what they leave."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nautilus_trader.execution.algorithm import ExecAlgorithm
from nautilus_trader.execution.config import ExecAlgorithmConfig
from nautilus_trader.model.enums import OrderSide, OrderStatus, TriggerType
from nautilus_trader.model.identifiers import ExecAlgorithmId
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.switch.response import Response, SwitchResponse
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.messages import TRADING_STATE_TOPIC, TradingState
from tests.support.engine import bars, engine
from tests.support.scripted import INSTRUMENT, Scripted

BUY, SELL = OrderSide.BUY, OrderSide.SELL
CANCELED, RESTS = OrderStatus.CANCELED, OrderStatus.ACCEPTED
WIDE = LimitConfig(
    max_open_trades=1_000,
    max_symbol_exposure_pct=1e4,
    max_exposure_pct=1e4,
    max_net_exposure_pct=1e4,
    max_order_notional_pct=1e4,
    price_collar_pct=90.0,
    max_cluster_exposure_pct=1e6,
    max_daily_loss_pct=100.0,
    max_day_drop_pct=100.0,
    max_drawdown_pct=100.0,
    max_losses_in_a_row=1_000_000,
    max_slippage_bps=1e6,
    max_messages_per_s=1_000_000,
    no_duplicate_s=0.0,
    max_repeated_orders=1_000,
    max_orders_per_minute=1_000,
)
FLAT = [40_000.0] * 12


class Holder(ExecAlgorithm):
    """Keeps every order that it is given."""

    def __init__(self) -> None:
        super().__init__(ExecAlgorithmConfig(exec_algorithm_id=ExecAlgorithmId("HOLDER")))

    def on_order(self, order: Order) -> None:
        pass


def limit(strategy: Scripted, price: float, name: str, side: OrderSide = BUY, size: float = 0.1, **more: Any) -> None:
    order = strategy.order_factory.limit(
        INSTRUMENT, side, strategy.qty(size), strategy.price(price), tags=[name], **more
    )
    strategy.submit_order(order)


def bracket(strategy: Scripted, tp: float = 44_000.0, sl: float = 36_000.0, **options: Any) -> None:
    strategy.submit_order_list(
        strategy.order_factory.bracket(
            INSTRUMENT,
            BUY,
            strategy.qty(0.1),
            tp_price=strategy.price(tp),
            sl_trigger_price=strategy.price(sl),
            entry_tags=["entry"],
            tp_tags=["target"],
            sl_tags=["stop"],
            **options,
        )
    )


def everything(strategy: Scripted) -> None:
    """Send an order of each kind that a stop meets, beside the exits of the position that is open."""
    limit(strategy, 30_000.0, "resting")
    limit(strategy, 50_000.0, "counter", SELL)
    partial = strategy.order_factory.limit(
        INSTRUMENT, SELL, strategy.qty(0.05), strategy.price(45_000.0), reduce_only=True, tags=["exit"]
    )
    strategy.submit_order(partial, strategy.cache.positions_open()[0].id)
    emulated = strategy.order_factory.stop_market(
        INSTRUMENT,
        BUY,
        strategy.qty(0.1),
        strategy.price(45_000.0),
        emulation_trigger=TriggerType.LAST_PRICE,
        tags=["emulated"],
    )
    strategy.submit_order(emulated)
    strategy.market(0.1, tags=["held"], exec_algorithm_id=ExecAlgorithmId("HOLDER"))


class StoppedRun:
    """A run in which `apply` is called at given bars, and what it left behind."""

    def __init__(
        self,
        folder: Path,
        before: Callable[[Scripted], None],
        state: State = State.HALTED,
        *,
        flatten: bool = False,
        first: Callable[[Scripted], None] = bracket,
        later: dict[int, Callable[["StoppedRun", Scripted], None]] | None = None,
        **options: Any,
    ) -> None:
        self.made = engine(folder, limits=WIDE, **options)
        self.heard: list[TradingState] = []
        self.sent = Response()

        def stop(strategy: Scripted) -> None:
            self.sent = self.apply(state, flatten=flatten)

        script: dict[int, Callable[[Scripted], None]] = {2: first, 3: before, 4: stop}
        for number, act in (later or {}).items():
            script[number] = lambda strategy, act=act: act(self, strategy)  # type: ignore[misc]
        self.made.add_data(bars(FLAT))
        self.made.add_strategy(Scripted(script))
        self.made.add_exec_algorithm(Holder())
        self.made.kernel.msgbus.subscribe(TRADING_STATE_TOPIC, self.heard.append)
        self.made.run()
        cache = self.made.cache
        self.statuses = {order.tags[0] if order.tags else "": order.status for order in cache.orders()}
        self.held = sum(position.signed_qty for position in cache.positions_open())
        self.done = self.response.done

    @property
    def response(self) -> SwitchResponse:
        return self.made.kernel._controller._response  # type: ignore[no-any-return]

    def apply(self, state: State, *, flatten: bool = False) -> Response:
        return self.response.apply(state, flatten=flatten, reason="a drill")
