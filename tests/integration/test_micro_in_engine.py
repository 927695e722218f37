"""Micro-trades in a real engine whose book is thin and whose wire is slow: caps, lifetimes, exits that follow fills.

    python -m tests.integration.test_micro_in_engine FIRST LAST

runs the seeds of the wild market in this range and prints how long positions were not wholly protected.
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig, StrategyConfig
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import DataType, OrderBookDeltas, TradeTick
from nautilus_trader.model.enums import AggressorSide, BookType, LiquiditySide, OrderSide, OrderStatus, TimeInForce
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import InstrumentId, TradeId
from nautilus_trader.model.objects import Money
from nautilus_trader.model.orders import Order
from nautilus_trader.test_kit.stubs.events import TestEventStubs
from nautilus_trader.trading.strategy import Strategy

from adapters.paper.fills import DepthFillModel, DepthFillModelConfig
from catalog.instruments import instrument_for
from sagetrade_nautilus.config import ExecutionConfig, LimitConfig
from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.execution.algorithm import MicroTrader
from sagetrade_nautilus.execution.commands import cancel_again
from sagetrade_nautilus.execution.micro import MICRO as MICRO_ID
from sagetrade_nautilus.guard.journal import check, read
from sagetrade_nautilus.guard.records import DenialRecord
from sagetrade_nautilus.guard.state import State
from sagetrade_nautilus.messages import ENTRIES_TOPIC, DecisionRecord, EntryEnd
from sagetrade_nautilus.model.decision import Decision
from tests.integration.test_strategy_in_engine import Plugin, config, decision
from tests.support.engine import BTC, START, bars, book, engine
from tests.support.latch import put
from tests.support.protection import Bareness
from tests.support.signals import SignalFeed, signal

MS = 1_000_000
PRICE = 40_000.0
DECIDED = 300  # the first bar's close, in seconds
ASKED = 0.25  # 10% of 100,000 at 40,000
MICRO = ExecutionConfig(style="micro", lifetime_s=10.0, reprice_interval_s=2.0)
ROOMY = LimitConfig(max_repeated_orders=1_000, max_orders_per_minute=1_000, price_collar_pct=50.0)


def thin(second: float, size: float, price: float = PRICE) -> OrderBookDeltas:
    """Return a book with `size` at the best ask, more only 1% away, and deep bids a dollar below."""
    return book(second, [(price - 1, 50.0), (price * 0.99, 50.0)], [(price, size), (price * 1.01, 50.0)])


class Played:
    """What a run left behind, as plain values."""

    def __init__(self, made: Any, ends: list[EntryEnd], bare: Bareness, folder: Path) -> None:
        self.ends = ends
        self.bare = bare.end()
        orders = made.cache.orders()
        self.roles = {order.tags[1]: order.status for order in orders}
        self.count = Counter(order.tags[1] for order in orders)
        self.sizes = {order.tags[1]: order.quantity.as_double() for order in orders}
        self.entries = [order for order in orders if order.tags[1] == "entry"]
        self.entry_fills = [
            (event.last_px.as_double(), event.last_qty.as_double(), event.ts_event)
            for order in self.entries
            for event in order.events
            if isinstance(event, OrderFilled)
        ]
        self.open = [position.signed_qty for position in made.cache.positions_open()]
        self.sides = [position.entry for position in made.cache.positions()]
        self.trades_left = None
        made.dispose()
        self.journal = (folder / "decisions.jsonl").read_bytes()
        assert check(folder / "decisions.jsonl").fault is None

    @property
    def bought(self) -> float:
        return sum(size for _, size, _ in self.entry_fills)


def play(
    folder: Path,
    books: Sequence[OrderBookDeltas],
    answer: Callable[[CompositeSignal], Decision] = decision,
    *,
    execution: ExecutionConfig = MICRO,
    latency_ns: int = 50 * MS,
    scores: dict[int, float] | None = None,
    limits: LimitConfig = ROOMY,
    closes: int = 20,
    at: dict[float, Callable[[Any], None]] | None = None,
    latch: Path | None = None,
    venue_adjusts: bool = True,
    **changes: Any,
) -> tuple[Played, Any]:
    """Run a plugin on these books; `at` says what else happens, and when (seconds)."""
    folder.mkdir(exist_ok=True)
    made = engine(
        folder,
        limits=limits,
        latency_ns=latency_ns,
        book_type=BookType.L2_MBP,
        latch=latch,
        use_reduce_only=venue_adjusts,
    )
    made.add_data(sorted([*bars([PRICE] * closes), *books], key=lambda item: item.ts_init))
    made.add_actor(SignalFeed(scores or {1: 0.8}))
    made.add_exec_algorithm(MicroTrader())
    plugin = Plugin(config(execution=execution, **changes), answer)
    made.add_strategy(plugin)
    ends: list[EntryEnd] = []
    made.kernel.msgbus.subscribe(topic=ENTRIES_TOPIC, handler=ends.append)
    bare = Bareness(made)
    for second, deed in (at or {}).items():
        due = START + round(second * 1_000) * MS
        made.kernel.clock.set_time_alert_ns(f"at-{second}", due, lambda event, run=deed: run(made))
    made.run()
    return Played(made, ends, bare, folder), plugin


def test_a_deep_book_fills_at_once_and_the_exits_arrive_one_latency_later(tmp_path: Path) -> None:
    played, plugin = play(tmp_path, [thin(n, 50.0) for n in range(299, 320)])
    assert played.ends == [EntryEnd(played.entries[0].client_order_id.value, ASKED, close=False, why="filled")]
    assert played.entry_fills == [(PRICE, ASKED, START + (DECIDED * 1_000 + 50) * MS)]
    assert played.bare.longest_ns == 50 * MS
    assert played.roles["time_exit"] == OrderStatus.FILLED
    assert played.open == []
    assert plugin._trades == {}


@pytest.mark.parametrize("venue_adjusts", [True, False])
def test_the_exits_follow_every_part_that_is_filled(tmp_path: Path, venue_adjusts: bool) -> None:
    played, _ = play(tmp_path, [thin(n, 0.04) for n in range(299, 320)], venue_adjusts=venue_adjusts)
    assert len(played.entry_fills) == 7
    assert played.bought == pytest.approx(ASKED)
    assert played.sizes["stop_loss"] == played.sizes["take_profit"] == ASKED
    assert played.bare.longest_ns <= 150 * MS
    assert not played.bare.ended_bare


def test_a_market_that_runs_away_is_followed_to_the_cap_and_no_further(tmp_path: Path) -> None:
    books = [thin(299, 50.0), *[thin(n, 50.0, PRICE * 1.01) for n in range(300, 330)]]
    played, plugin = play(tmp_path, books, scores={1: 0.8, 3: 0.8})
    assert played.entry_fills == []
    assert [end.why for end in played.ends] == ["unfilled", "unfilled"]
    assert plugin.asked == 2
    entry = played.entries[0]
    prices = [event.price.as_double() for event in entry.events if type(event).__name__ == "OrderUpdated"]
    assert prices == [40_008.0, 40_012.0, 40_016.0, 40_020.0]
    assert entry.status == OrderStatus.CANCELED
    assert entry.ts_last == START + (DECIDED + 10) * 1_000 * MS + 100 * MS - 50 * MS


@pytest.mark.parametrize(("partial", "last"), [("keep", "time_exit"), ("close", "partial_fill")])
def test_a_part_is_kept_and_protected_or_closed(tmp_path: Path, partial: str, last: str) -> None:
    books = [thin(299, 0.1), *[thin(n, 50.0, PRICE * 1.01) for n in range(301, 330)]]
    execution = ExecutionConfig(style="micro", lifetime_s=10.0, reprice_interval_s=0.0, partial=partial)  # type: ignore[arg-type]
    played, plugin = play(tmp_path, books, execution=execution)
    assert played.bought == pytest.approx(0.1)
    assert [(end.why, end.close) for end in played.ends] == [("partial", partial == "close")]
    assert played.roles[last] == OrderStatus.FILLED
    assert played.open == []
    assert plugin._trades == {}


def test_a_stop_that_is_hit_while_the_entry_still_works_ends_both(tmp_path: Path) -> None:
    books = [thin(299, 0.1), thin(301, 0.01), *[thin(n, 0.01, PRICE * 0.98) for n in range(303, 330)]]
    played, plugin = play(tmp_path, books, lambda signal: decision(signal, sl=PRICE * 0.995))
    assert played.roles["stop_loss"] == OrderStatus.FILLED
    assert played.open == []
    assert plugin._trades == {}
    assert all(order.is_closed for order in played.entries)


def test_a_stop_that_the_venue_refuses_closes_the_position(tmp_path: Path) -> None:
    books = [thin(299, 50.0), thin(300.07, 50.0, PRICE * 0.97), *[thin(n, 50.0, PRICE * 0.97) for n in range(301, 320)]]
    played, plugin = play(tmp_path, books)
    assert played.roles["stop_loss"] == OrderStatus.REJECTED
    assert played.roles["unprotected"] == OrderStatus.FILLED
    assert played.open == []
    assert plugin._trades == {}


def test_what_was_filled_while_the_stop_was_being_filled_is_closed_too(tmp_path: Path) -> None:
    """The stop covers the first part when the price falls through it; the venue does not enlarge it by itself."""
    books = [thin(299, 0.01), thin(301, 0.03), thin(301.02, 50.0, PRICE * 0.97)]
    books += [thin(n, 50.0, PRICE * 0.97) for n in range(303, 330)]
    played, plugin = play(tmp_path, books, latency_ns=400 * MS, venue_adjusts=False)
    assert played.bought == ASKED
    assert played.sizes["stop_loss"] > 0.2  # the second order of that role: what the first did not cover
    assert played.open == []
    assert plugin._trades == {}
    assert played.bare.longest_ns <= 1_200 * MS


def test_exits_that_somebody_cancels_are_sent_again(tmp_path: Path) -> None:
    def cancel(made: Any) -> None:
        (stop,) = made.cache.orders_open(side=OrderSide.SELL)[:1]
        cancel_again(made.kernel.msgbus, made.kernel.clock, stop)

    played, plugin = play(tmp_path, [thin(n, 50.0) for n in range(299, 320)], at={310.0: cancel})
    assert played.count["stop_loss"] == played.count["take_profit"] == 2
    assert played.roles["time_exit"] == OrderStatus.FILLED
    assert played.bare.longest_ns <= 150 * MS
    assert plugin._trades == {}


def test_an_entry_that_the_guard_denies_frees_the_strategy(tmp_path: Path) -> None:
    limits = LimitConfig(max_symbol_exposure_pct=5.0)
    played, plugin = play(tmp_path, [thin(n, 50.0) for n in range(299, 305)], limits=limits, scores={1: 0.8, 3: 0.8})
    assert played.entry_fills == []
    assert [end.why for end in played.ends] == ["unfilled", "unfilled"]
    assert plugin.asked == 2


def test_a_decision_to_rest_keeps_its_price_and_its_own_lifetime(tmp_path: Path) -> None:
    books = [thin(299, 0.01, PRICE + 100), *[thin(n, 50.0, PRICE + 100) for n in range(301, 320)]]
    books += [thin(400, 50.0, PRICE - 10)]
    played, _ = play(tmp_path, books, lambda signal: decision(signal, order_type="limit"))
    assert [price for price, _, _ in played.entry_fills] == [PRICE]
    assert [end.why for end in played.ends] == ["filled"]


def test_a_short_is_worked_downward(tmp_path: Path) -> None:
    books = [book(n, [(PRICE - 10, 0.1), (PRICE * 0.98, 50.0)], [(PRICE, 50.0)]) for n in range(299, 330)]
    played, _ = play(tmp_path, books, scores={1: -0.8})
    assert played.bought == pytest.approx(ASKED)
    assert min(price for price, _, _ in played.entry_fills) >= PRICE * (1 - 5e-4)
    assert played.open == []


def test_two_runs_leave_the_same_bytes(tmp_path: Path) -> None:
    journals = [play(tmp_path / name, [thin(n, 0.04) for n in range(299, 320)])[0].journal for name in ("a", "b")]
    assert journals[0] == journals[1]


def wild(seed: int) -> tuple[list[OrderBookDeltas], int, ExecutionConfig, float]:
    """Return a book that jumps and thins at random, a latency, a policy and the side, all from the seed."""
    rng = random.Random(seed)  # noqa: S311 - a test's market
    price, books = PRICE, [thin(299, 1.0)]
    second = 300.0
    while second < 340.0:
        price = max(1_000.0, round(price * (1 + rng.gauss(0.0, rng.choice((0.0002, 0.003)))), 0))
        spread = rng.choice((1.0, 5.0, 30.0))
        sizes = [rng.choice((0.01, 0.03, 0.1, 5.0)) for _ in range(2)]
        books.append(
            book(second, [(price - spread, sizes[0]), (price * 0.99, 9.0)], [(price, sizes[1]), (price * 1.01, 9.0)])
        )
        second = round(second + rng.choice((0.02, 0.3, 1.0, 3.0)), 3)
    books += [book(n, [(price - 1, 90.0)], [(price, 90.0)]) for n in range(3_900, 3_960, 10)]
    execution = ExecutionConfig(
        style="micro",
        lifetime_s=rng.choice((1.0, 5.0, 20.0)),
        reprice_interval_s=rng.choice((0.0, 0.5, 2.0)),
        max_slippage_bps=rng.choice((1.0, 5.0, 20.0)),
        partial=rng.choice(("keep", "close")),
        ack_timeout_s=1.0,
    )
    return books, rng.choice((0, 5 * MS, 50 * MS, 400 * MS)), execution, rng.choice((0.8, -0.8))


def run_wild(folder: Path, seed: int) -> int:
    """Check one seed's invariants and return its longest unprotected time in nanoseconds."""
    books, latency_ns, execution, score = wild(seed)
    played, plugin = play(
        folder, books, execution=execution, latency_ns=latency_ns, scores={1: score}, venue_adjusts=seed % 2 == 0
    )
    sign = 1 if score > 0 else -1
    cap = PRICE * (1 + sign * execution.max_slippage_bps / 10_000)
    assert played.bought <= ASKED + 1e-9
    assert all(sign * (price - cap) <= 0.005 for price, _, _ in played.entry_fills)
    assert len(played.entries) == 1
    assert played.entries[0].is_closed
    lived_ns = played.entries[0].ts_last - (START + DECIDED * 1_000 * MS)
    assert lived_ns <= execution.lifetime_s * 1_000 * MS + 2 * latency_ns + MS
    assert played.open == []
    assert {side.name for side in played.sides} <= {"BUY" if sign > 0 else "SELL"}
    assert plugin._trades == {}
    assert not played.bare.ended_bare
    assert played.bare.longest_ns <= 2 * latency_ns
    return played.bare.longest_ns


@pytest.mark.parametrize("seed", range(12))
def test_in_a_wild_market_the_bounds_hold(tmp_path: Path, seed: int) -> None:
    run_wild(tmp_path, seed)


def test_a_fill_that_comes_after_the_entry_was_given_up_is_closed_at_once(tmp_path: Path) -> None:
    def fill_late(made: Any) -> None:
        (entry,) = [order for order in made.cache.orders() if order.tags[1] == "entry"]
        assert entry.status == OrderStatus.CANCELED
        now = made.kernel.clock.timestamp_ns()
        late = OrderFilled(
            entry.trader_id, entry.strategy_id, entry.instrument_id, entry.client_order_id, entry.venue_order_id,
            entry.account_id, TradeId("late"), None, entry.side, entry.order_type, entry.quantity, entry.price,
            USDT, Money(0, USDT), LiquiditySide.TAKER, UUID4(), now, now,
        )  # fmt: skip
        made.kernel.msgbus.send("ExecEngine.process", late)

    books = [thin(n, 50.0, PRICE * 1.01) for n in range(299, 330)]
    played, _ = play(tmp_path, books, at={400.0: fill_late})
    assert "late_fill" in played.roles
    assert played.sizes["late_fill"] == ASKED


def test_a_close_that_is_refused_is_tried_again_less_and_less_often(tmp_path: Path) -> None:
    latch = tmp_path / "latch.json"
    put(latch)
    hours = {3_800.0: lambda made: put(latch, State.HALTED), 4_100.0: lambda made: put(latch)}
    played, plugin = play(tmp_path, [thin(n, 50.0) for n in range(299, 4_400, 50)], at=hours, latch=latch)
    refused = [one for one in read(tmp_path / "decisions.jsonl") if isinstance(one, DenialRecord)]
    assert {one.tags[1] for one in refused} == {"time_exit"}
    assert [round((one.ts - refused[0].ts) / 1e9) for one in refused] == [0, 5, 15, 35, 75, 155]
    assert played.open == []
    assert plugin._trades == {}


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


def main(first: int, last: int) -> None:
    """Run so many seeds and print the longest unprotected times, by latency."""
    longest: dict[int, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, last):
            latency_ns = wild(seed)[1]
            longest[latency_ns] = max(longest.get(latency_ns, 0), run_wild(Path(folder) / str(seed), seed))
    for latency_ns, bare_ns in sorted(longest.items()):
        print(f"latency {latency_ns / MS:5.0f} ms: longest unprotected {bare_ns / MS:6.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
