"""Micro-trades when something goes wrong: late fills, refused closes, nonsense, a restart; and on real trades."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig, StrategyConfig
from nautilus_trader.model.data import DataType, TradeTick
from nautilus_trader.model.enums import AggressorSide, BookType, OrderSide, OrderStatus, TimeInForce
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import InstrumentId, TradeId
from nautilus_trader.model.orders import Order
from nautilus_trader.test_kit.stubs.events import TestEventStubs
from nautilus_trader.trading.strategy import Strategy

from adapters.paper.fills import DepthFillModel, DepthFillModelConfig
from catalog.instruments import instrument_for
from sagetrade_nautilus.config import ExecutionConfig
from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.execution.algorithm import MicroTrader
from sagetrade_nautilus.execution.micro import MICRO as MICRO_ID
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import DenialRecord
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.messages import DecisionRecord
from tests.support.engine import BTC, START, bars, engine
from tests.support.latch import forget, put
from tests.support.micro_market import ASKED, MS, PRICE, ROOMY, fill_late, play, thin
from tests.support.plugin import Plugin, config, decision
from tests.support.protection import Bareness
from tests.support.signals import signal


def test_a_fill_that_comes_after_the_entry_was_given_up_is_closed_at_once(tmp_path: Path) -> None:
    books = [thin(n, 50.0, PRICE * 1.01) for n in range(299, 330)]
    played, _ = play(tmp_path, books, at={400.0: fill_late})
    assert "late_fill" in played.roles
    assert played.sizes["late_fill"] == ASKED


def test_a_close_that_is_refused_is_tried_again_less_and_less_often(tmp_path: Path) -> None:
    def refuse(made: Any) -> None:
        made.kernel._controller._gate._too_many = lambda count: "a fault"

    def allow(made: Any) -> None:
        del made.kernel._controller._gate._too_many

    hours = {3_800.0: refuse, 4_100.0: allow}
    played, plugin = play(tmp_path, [thin(n, 50.0) for n in range(299, 4_400, 50)], at=hours)
    refused = [one for one in read(tmp_path / "decisions.jsonl") if isinstance(one, DenialRecord)]
    assert {one.tags[1] for one in refused} == {"time_exit"}
    assert [round((one.ts - refused[0].ts) / 1e9) for one in refused] == [0, 5, 15, 35, 75, 155]
    assert played.open == []
    assert plugin._trades == {}


def test_a_halt_of_which_the_strategy_has_not_heard_holds_back_its_close_and_takes_no_stop_away(
    tmp_path: Path,
) -> None:
    latch = tmp_path / "latch.json"
    put(latch)
    forget(tmp_path)
    stops: list[OrderStatus] = []

    def resume(made: Any) -> None:
        stops.extend(order.status for order in made.cache.orders() if order.tags[1] == "stop_loss")
        put(latch)

    hours = {3_800.0: lambda made: put(latch, State.HALTED), 4_100.0: resume}
    played, plugin = play(tmp_path, [thin(n, 50.0) for n in range(299, 4_400, 50)], at=hours, latch=latch)
    assert stops == [OrderStatus.ACCEPTED]
    assert played.roles["time_exit"] == OrderStatus.FILLED
    assert played.open == []
    assert plugin._trades == {}


def test_a_late_fill_that_cannot_be_closed_at_once_is_closed_when_it_can(tmp_path: Path) -> None:
    latch = tmp_path / "latch.json"
    put(latch)
    forget(tmp_path)

    def halted(made: Any) -> None:
        put(latch, State.HALTED)
        fill_late(made)

    books = [thin(n, 50.0, PRICE * 1.01) for n in range(299, 620)]
    played, _ = play(tmp_path, books, at={400.0: halted, 500.0: lambda made: put(latch)}, latch=latch)
    assert played.roles["late_fill"] == OrderStatus.FILLED
    assert played.open == []


class Asker(Strategy):
    """Sends one order to the algorithm at a given second."""

    def __init__(self, ask: Callable[[Strategy], Order]) -> None:
        super().__init__(StrategyConfig(strategy_id="asker", order_id_tag="001"))
        self._ask = ask

    def on_start(self) -> None:
        self.clock.set_time_alert_ns("ask", START + 301_000 * MS, lambda event: self.submit_order(self._ask(self)))


def asked(folder: Path, ask: Callable[[Strategy], Order], before: Callable[[Any], None] = lambda made: None) -> Any:
    """Run an `Asker` and return the engine, which the caller disposes of."""
    made = engine(folder, limits=ROOMY, book_type=BookType.L2_MBP)
    made.add_data(sorted([*bars([PRICE] * 3), thin(299, 50.0)], key=lambda item: item.ts_init))
    made.add_exec_algorithm(MicroTrader())
    made.add_strategy(Asker(ask))
    before(made)
    made.run()
    return made


def limit(strategy: Strategy, params: dict[str, str] | None, price: float = PRICE, **options: Any) -> Order:
    instrument = instrument_for(BTC)
    return strategy.order_factory.limit(
        instrument.id,
        OrderSide.BUY,
        instrument.make_qty(0.1),
        instrument.make_price(price),
        exec_algorithm_id=MICRO_ID,
        exec_algorithm_params=params,
        tags=["t-1", "entry"],
        **options,
    )


@pytest.mark.parametrize(
    ("params", "options", "said"),
    [
        (None, {}, "missing required field `cap`"),
        ({"cap": "40001.00", "kap": "1"}, {}, "unknown field `kap`"),
        ({"cap": "39999.00"}, {}, "not a policy that can be followed"),
        ({"cap": "40000.005"}, {}, "does not lie on a tick"),
        ({"cap": "NaN"}, {}, "parameters of MICRO"),
        ({"cap": "40001.00", "lifetime_s": "0"}, {}, "lifetime_s"),
        ({"cap": "40001.00"}, {"time_in_force": TimeInForce.IOC}, "'gtc'"),
    ],
)
def test_an_order_that_cannot_be_worked_is_denied_with_a_reason(
    tmp_path: Path, params: dict[str, str] | None, options: dict[str, Any], said: str
) -> None:
    made = asked(tmp_path, lambda strategy: limit(strategy, params, **options))
    (order,) = made.cache.orders()
    assert order.status == OrderStatus.DENIED
    assert said in order.last_event.reason
    made.dispose()


def test_an_entry_that_a_restart_finds_at_the_venue_is_cancelled(tmp_path: Path) -> None:
    def left_over(made: Any) -> None:
        order = limit(made.trader.strategies()[0], {"cap": "40001.00"}, price=PRICE - 1_000)
        made.cache.add_order(order)
        order.apply(TestEventStubs.order_submitted(order))
        order.apply(TestEventStubs.order_accepted(order))
        made.cache.update_order(order)
        kept.append(order.client_order_id)
        made.kernel.msgbus.subscribe(topic="events.order.*", handler=heard.append)

    kept: list[Any] = []
    heard: list[Any] = []
    made = asked(tmp_path, lambda strategy: limit(strategy, {"cap": "40001.00"}), left_over)
    answers = [type(event).__name__ for event in heard if event.client_order_id in kept]
    assert answers == ["OrderCanceled"]
    made.dispose()


class TickSignals(Actor):
    """Publishes a signal at every so many trades, first to buy, then to sell, and so on."""

    def __init__(self, every: int) -> None:
        super().__init__(ActorConfig(component_id="ticks"))
        self._every, self._count = every, 0

    def on_start(self) -> None:
        self.subscribe_trade_ticks(InstrumentId.from_str(BTC))

    def on_trade_tick(self, tick: TradeTick) -> None:
        self._count += 1
        if self._count % self._every == 0:
            score = 0.8 if self._count // self._every % 2 else -0.8
            message = signal(score, tick.price.as_double(), tick.ts_init)
            self.publish_data(DataType(CompositeSignal, metadata={"instrument_id": BTC}), message)


def test_on_real_trades_the_cap_the_lifetime_and_the_exits_hold(tmp_path: Path, shared_data: Path) -> None:
    instrument = instrument_for(BTC)
    table = pq.read_table(shared_data / "bars" / "binance_btcusdt-trades.parquet").to_pandas()
    ticks = [
        TradeTick(
            instrument.id,
            instrument.make_price(row.price),
            instrument.make_qty(max(row.quantity, 1e-5)),
            AggressorSide.SELLER if row.buyer_maker else AggressorSide.BUYER,
            TradeId(str(row.trade_id)),
            row.timestamp.value,
            row.timestamp.value,
        )
        for row in table.itertuples()
    ]
    latency_ns, execution = 20 * MS, ExecutionConfig(style="micro", lifetime_s=3.0, reprice_interval_s=0.5)
    depth = DepthFillModel(DepthFillModelConfig(slippage_bps=0.5, depth=4_000.0))
    made = engine(tmp_path, limits=ROOMY, fill_model=depth, latency_ns=latency_ns)
    made.add_data(ticks)
    made.add_actor(TickSignals(150))
    made.add_exec_algorithm(MicroTrader())
    made.add_strategy(Plugin(config(execution=execution), lambda seen: decision(seen, target_duration=4.0)))
    bare = Bareness(made)
    made.run(end=ticks[-1].ts_init + 10_000 * MS)
    journal = read(tmp_path / "decisions.jsonl")
    prices = {one.trade_id: one.price for one in journal if isinstance(one, DecisionRecord)}
    entries = [order for order in made.cache.orders() if order.tags[1] == "entry"]
    assert len(entries) >= 4
    for order in entries:
        reference, sign = prices[order.tags[0]], 1 if order.is_buy else -1
        filled = [event for event in order.events if isinstance(event, OrderFilled)]
        assert all(sign * (event.last_px.as_double() / reference - 1) <= 5e-4 for event in filled)
        assert order.is_closed
        assert order.ts_last - order.ts_init <= 3_000 * MS + 2 * latency_ns + MS
    assert any(order.filled_qty.as_double() > 0 for order in entries)
    assert made.cache.positions_open() == []
    assert bare.end().longest_ns <= 2 * latency_ns
    made.dispose()
