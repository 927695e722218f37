"""A strategy that starts with a position of its own in the cache, as reconciliation leaves it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.enums import OmsType, OrderSide, OrderStatus
from nautilus_trader.model.identifiers import PositionId, StrategyId, TraderId
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.position import Position
from nautilus_trader.test_kit.stubs.events import TestEventStubs

from catalog.instruments import instrument_for
from sagetrade_nautilus.config import ExecutionConfig
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import DenialRecord, StateRecord
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.messages import MEMORY_TOPIC, DecisionRecord, Memo, Verdict, decision_record
from sagetrade_nautilus.model.selection import NONE
from sagetrade_nautilus.model.sizing import TradeHistory
from sagetrade_nautilus.trade import SavedTrade
from tests.support.engine import BTC, MINUTE, START, bars, engine
from tests.support.latch import forget, put
from tests.support.plugin import Plugin, config, decision
from tests.support.signals import SignalFeed, signal

INSTRUMENT = instrument_for(BTC)
STRATEGY = StrategyId("p-001")
KEY = f"sagetrade.trade.{STRATEGY}.{BTC}"
PRICE = 40_000.0
FLAT = [PRICE] * 20
LATER = START + 10_000 * MINUTE


class Found:
    """A run that begins with open positions, and what became of them."""

    def __init__(
        self,
        folder: Path,
        style: str = "bracket",
        scores: dict[int, float] | None = None,
        latch: Path | None = None,
    ) -> None:
        self.folder = folder
        self.engine = engine(folder, latch=latch)
        self.plugin = Plugin(config(execution=ExecutionConfig(style=style, ack_timeout_s=0.0)), decision)
        self.engine.add_strategy(self.plugin)
        self.engine.add_actor(SignalFeed(scores or {}))
        self._count = 0

    def hold(
        self, trade_id: str | None = "p-0007", side: OrderSide = OrderSide.BUY, owner: StrategyId = STRATEGY
    ) -> Any:
        """Put an open position into the cache, and return its entry."""
        self._count += 1
        factory = OrderFactory(TraderId("BACKTESTER-001"), owner, TestClock())
        factory.set_client_order_id_count(self._count)
        tags = None if trade_id is None else [trade_id, "entry"]
        entry = factory.market(INSTRUMENT.id, side, Quantity(0.1, 5), tags=tags)
        entry.apply(TestEventStubs.order_submitted(entry))
        position_id = PositionId(f"FOUND-{self._count}")
        fill = TestEventStubs.order_filled(entry, INSTRUMENT, position_id=position_id, last_px=Price(PRICE, 2))
        entry.apply(fill)
        self.engine.cache.add_order(entry, position_id)
        self.engine.cache.update_order(entry)
        self.engine.cache.add_position(Position(INSTRUMENT, fill), OmsType.HEDGING)
        return entry

    def rest(self, trade_id: str = "p-0007") -> Any:
        """Put a stop for the last position into the cache, as one that rests at the venue, and return it."""
        factory = OrderFactory(TraderId("BACKTESTER-001"), STRATEGY, TestClock())
        factory.set_client_order_id_count(100)
        size, price = Quantity(0.1, 5), Price(39_600.0, 2)
        tags = [trade_id, "stop_loss"]
        stop = factory.stop_market(INSTRUMENT.id, OrderSide.SELL, size, price, reduce_only=True, tags=tags)
        stop.apply(TestEventStubs.order_submitted(stop))
        stop.apply(TestEventStubs.order_accepted(stop))
        self.engine.cache.add_order(stop, PositionId(f"FOUND-{self._count}"))
        self.engine.cache.update_order(stop)
        return stop

    def save(self, entry: Any, due_ns: int, *partners: str) -> None:
        """Save the trade of `entry`, as the life before did: its stop is 1% away and its take-profit 2%."""
        asked = signal(0.5, PRICE)
        chosen = decision(asked)
        record = decision_record(
            "p",
            chosen,
            asked,
            ts=START,
            verdict=Verdict.TAKEN,
            why="",
            cost_bps=0.0,
            grant=NONE,
            trade_id=entry.tags[0],
        )
        saved = SavedTrade(
            record=record,
            decision=chosen,
            entry_id=entry.client_order_id.value,
            due_ns=due_ns,
            composite=None,
            partners=frozenset(partners),
        )
        self.engine.cache.add(KEY, msgspec.msgpack.encode(saved))

    def run(self, closes: list[float]) -> None:
        self.engine.add_data(bars(closes))
        self.engine.run()
        self.held = [position.signed_qty for position in self.engine.cache.positions_open()]
        self.saved = self.engine.cache.get(KEY)
        orders = sorted(self.engine.cache.orders(), key=lambda order: order.ts_init)
        self.exits = {order.tags[1]: order for order in orders if order.is_reduce_only}
        self.states = {name: order.status for name, order in self.exits.items()}
        self.engine.dispose()
        lines = list(read(self.folder / "decisions.jsonl"))
        self.deeds = [line.state for line in lines if isinstance(line, StateRecord)]
        self.denials = {line.reason.split(":")[0] for line in lines if isinstance(line, DenialRecord)}
        self.trade_ids = [line.trade_id for line in lines if isinstance(line, DecisionRecord) and line.trade_id]


def test_a_position_without_exits_gets_those_of_its_saved_decision(tmp_path: Path) -> None:
    found = Found(tmp_path)
    found.save(found.hold(), LATER)
    found.run(FLAT)
    assert found.deeds[0] == "taken_up"
    assert str(found.exits["stop_loss"].trigger_price) == "39600.00"
    assert str(found.exits["take_profit"].price) == "40800.00"
    assert found.held == [0.1]


def test_its_stop_closes_it_and_takes_the_target_along(tmp_path: Path) -> None:
    found = Found(tmp_path)
    found.save(found.hold(), LATER)
    found.run([*FLAT, 39_000.0, 39_000.0])
    assert found.held == []
    assert found.states == {"stop_loss": OrderStatus.FILLED, "take_profit": OrderStatus.CANCELED}


def test_a_position_of_which_nothing_is_known_gets_the_configured_stop(tmp_path: Path) -> None:
    found = Found(tmp_path)
    found.hold(trade_id=None, side=OrderSide.SELL)
    found.run(FLAT)
    assert found.deeds[0] == "found"
    assert str(found.exits["stop_loss"].trigger_price) == "40800.00"
    assert str(found.exits["take_profit"].price) == "39200.00"


def test_what_came_due_while_nobody_looked_is_closed_at_once(tmp_path: Path) -> None:
    found = Found(tmp_path, "micro")
    found.save(found.hold(), START)
    found.run(FLAT)
    assert found.held == []
    assert found.states == {"time_exit": OrderStatus.FILLED}


def test_a_second_position_in_one_instrument_is_closed(tmp_path: Path) -> None:
    found = Found(tmp_path)
    found.hold(trade_id="p-0003", side=OrderSide.SELL)
    found.save(found.hold(), LATER)
    found.run(FLAT)
    assert found.held == [0.1]
    assert found.states["restart"] == OrderStatus.FILLED
    assert found.states["stop_loss"] == OrderStatus.ACCEPTED


class Halted(Found):
    """A run that begins under a halt, which a person ends after 33 minutes; the engine's node is told as a live one."""

    def __init__(self, folder: Path) -> None:
        latch = folder / "latch.json"
        put(latch, State.HALTED)
        forget(folder)
        super().__init__(folder, latch=latch)
        self.halted_orders: list[Any] = []
        self.engine.kernel.clock.set_time_alert_ns("end", START + 33 * MINUTE, lambda event: self._resume(latch))

    def _resume(self, latch: Path) -> None:
        orders = self.engine.cache.orders()
        self.halted_orders = [(order.tags[1], order.status) for order in orders if order.is_reduce_only]
        put(latch)
        self.engine.kernel._controller._respond()


def test_a_position_that_is_found_bare_under_a_halt_gets_its_exits_when_the_halt_ends(tmp_path: Path) -> None:
    found = Halted(tmp_path)
    found.save(found.hold(), LATER)
    found.run(FLAT)
    assert found.halted_orders == []
    assert found.states == {"stop_loss": OrderStatus.ACCEPTED, "take_profit": OrderStatus.ACCEPTED}
    assert found.held == [0.1]


def test_what_came_due_before_a_start_under_a_halt_keeps_its_stop_until_it_can_be_closed(tmp_path: Path) -> None:
    found = Halted(tmp_path)
    found.save(found.hold(), START)
    found.rest()
    found.run(FLAT)
    assert found.halted_orders == [("stop_loss", OrderStatus.ACCEPTED)]
    assert found.states["time_exit"] == OrderStatus.FILLED
    assert found.held == []


def test_a_second_position_that_is_found_under_a_halt_is_closed_when_the_halt_ends(tmp_path: Path) -> None:
    found = Halted(tmp_path)
    found.hold(trade_id="p-0003", side=OrderSide.SELL)
    found.save(found.hold(), LATER)
    found.run(FLAT)
    assert found.held == [0.1]
    assert found.states["restart"] == OrderStatus.FILLED


def test_a_saved_trade_that_cannot_be_read_is_as_good_as_none(tmp_path: Path) -> None:
    found = Found(tmp_path)
    found.hold()
    found.engine.cache.add(KEY, b"nonsense")
    found.run(FLAT)
    assert found.deeds[0] == "found"
    assert str(found.exits["stop_loss"].trigger_price) == "39200.00"


def test_a_leg_whose_other_leg_never_opened_is_closed(tmp_path: Path) -> None:
    found = Found(tmp_path)
    found.save(found.hold(), LATER, "p-0008")
    found.run(FLAT)
    assert found.held == []
    assert found.states == {"leg_failed": OrderStatus.FILLED}


def test_a_leg_whose_other_leg_has_opened_goes_on_and_needs_it_no_more(tmp_path: Path) -> None:
    found = Found(tmp_path)
    found.hold("p-0008")
    found.save(found.hold(), LATER, "p-0008")
    found.run(FLAT)
    assert found.held == [0.1]
    assert msgspec.msgpack.decode(found.saved, type=SavedTrade).partners == frozenset()


def test_a_trade_that_was_saved_before_legs_were_is_read_as_one_without(tmp_path: Path) -> None:
    found = Found(tmp_path)
    found.save(found.hold(), LATER)
    before = msgspec.msgpack.decode(found.engine.cache.get(KEY))
    del before["partners"]
    found.engine.cache.add(KEY, msgspec.msgpack.encode(before))
    found.run(FLAT)
    assert found.deeds[0] == "taken_up"
    assert found.held == [0.1]


def test_trades_are_numbered_on_from_the_last_that_was_saved(tmp_path: Path) -> None:
    found = Found(tmp_path, scores={6: 0.5})
    found.save(found.hold(), START)
    found.run(FLAT)
    assert found.trade_ids == ["p-0008"]


@pytest.mark.parametrize("raw", [None, b"nonsense"])
def test_the_history_that_sizes_go_by_is_kept_and_begins_anew_where_it_cannot_be_read(
    tmp_path: Path, raw: bytes | None
) -> None:
    before = TradeHistory(9, 5, 0.01, 0.02)
    found = Found(tmp_path)
    found.engine.cache.add(f"sagetrade.history.{STRATEGY}", raw or msgspec.msgpack.encode(before))
    memos: list[Memo] = []
    found.engine.kernel.msgbus.subscribe(topic=MEMORY_TOPIC, handler=memos.append)
    found.save(found.hold(), START)
    found.run(FLAT)
    after = found.plugin._entries.history
    assert after.count == (10 if raw is None else 1)
    kept = [memo.raw for memo in memos if memo.name == f"sagetrade.history.{STRATEGY}"]
    assert msgspec.msgpack.decode(kept[-1], type=TradeHistory) == after


def test_a_position_of_nobody_lets_nothing_in_and_is_left_alone(tmp_path: Path) -> None:
    found = Found(tmp_path, scores={6: 0.5, 7: -0.5})
    found.hold(owner=StrategyId("EXTERNAL"))
    found.run(FLAT)
    assert found.denials == {"owned_positions"}
    assert found.deeds == ["reduce_only"]
    assert found.held == [0.1]
