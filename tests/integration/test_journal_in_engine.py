"""What a real engine does is in the journal: orders from first to last, changes of state, and who made them."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from nautilus_trader.model.enums import OrderSide, TimeInForce, TriggerType

from adapters.paper.fills import DepthFillModel, DepthFillModelConfig
from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.execution.commands import cancel_again
from sagetrade_nautilus.guard.journal.journal import check, read
from sagetrade_nautilus.guard.journal.records import (
    JournalRecord,
    OrderRecord,
    RunRecord,
    StateRecord,
    TextRecord,
    TripRecord,
)
from sagetrade_nautilus.guard.journal.scribe import EVENTS
from sagetrade_nautilus.messages import CONTROL_TOPIC, StrategySwitch
from tests.support.attack_run import attacked
from tests.support.attacks import WITHIN_BOUNDS, Attack, HostileModel, texts
from tests.support.engine import SECOND, START, bars, engine, trades
from tests.support.scripted import INSTRUMENT, Scripted

WIDE = LimitConfig(max_daily_loss_pct=1.0, max_day_drop_pct=90.0, price_collar_pct=90.0)


def _journal(folder: Path, script: dict[int, Any], closes: list[float]) -> list[JournalRecord]:
    made = engine(folder, limits=WIDE)
    made.add_data(bars(closes))
    made.add_strategy(Scripted(script))
    made.run()
    made.dispose()
    assert check(folder / "decisions.jsonl").fault is None
    return read(folder / "decisions.jsonl")


def _orders(records: list[JournalRecord]) -> list[OrderRecord]:
    return [record for record in records if isinstance(record, OrderRecord)]


def test_the_first_line_names_the_run_and_its_trader(tmp_path: Path) -> None:
    first = _journal(tmp_path, {}, [40_000.0] * 4)[0]
    assert isinstance(first, RunRecord)
    assert first.trader == "BACKTESTER-001"


def test_an_order_is_followed_from_first_to_last(tmp_path: Path) -> None:
    script = {2: lambda strategy: strategy.market(0.1, tags=["t-1", "entry"])}
    found = _orders(_journal(tmp_path, script, [40_000.0] * 6))
    assert [record.event for record in found] == ["initialized", "submitted", "filled"]
    assert {record.tags for record in found} == {("t-1", "entry")}
    made, filled = found[0], found[-1]
    assert (made.side, made.order_type, made.quantity, made.instrument_id) == ("buy", "market", 0.1, str(INSTRUMENT))
    assert (filled.last_qty, filled.last_px, filled.currency, filled.liquidity) == (0.1, 40_000.0, "USDT", "taker")


def test_a_changed_and_cancelled_order_shows_both(tmp_path: Path) -> None:
    made: list[Any] = []

    def rest(strategy: Scripted) -> None:
        factory = strategy.order_factory
        made.append(factory.limit(INSTRUMENT, OrderSide.BUY, strategy.qty(0.1), strategy.price(39_000.0)))
        strategy.submit_order(made[0])

    script = {
        2: rest,
        4: lambda strategy: strategy.modify_order(made[0], price=strategy.price(38_000.0)),
        6: lambda strategy: strategy.cancel_order(made[0]),
    }
    found = _orders(_journal(tmp_path, script, [40_000.0] * 10))
    events = {record.event: record for record in found}
    assert events["initialized"].price == 39_000.0
    assert events["updated"].price == 38_000.0
    assert found[-1].event == "canceled"


def test_a_day_that_is_lost_is_journaled_once_and_released_by_the_next(tmp_path: Path) -> None:
    closes = [40_000.0] * 4 + [36_000.0] * 300
    script = {2: lambda strategy: strategy.market(0.4), **{n: lambda s: s.market(0.1) for n in (10, 20)}}
    records = _journal(tmp_path, script, closes)
    trips = [record for record in records if isinstance(record, TripRecord)]
    assert [(trip.rule, trip.state, trip.release) for trip in trips] == [
        ("max_daily_loss_pct", "reduce_only", "next_day")
    ]
    assert trips[0].value >= trips[0].threshold == 1.0
    states = [record for record in records if isinstance(record, StateRecord)]
    assert [(record.subject, record.state, record.by) for record in states] == [
        ("circuit_breaker:max_daily_loss_pct", "released", "circuit_breaker")
    ]


def test_who_disabled_a_strategy_is_journaled(tmp_path: Path) -> None:
    script = {2: lambda strategy: strategy.msgbus.publish(CONTROL_TOPIC, StrategySwitch("m", False, "a person"))}
    record = _journal(tmp_path, script, [40_000.0] * 4)[-1]
    assert isinstance(record, StateRecord)
    assert (record.subject, record.state, record.by) == ("strategy:m", "disabled", "a person")


def test_an_engine_does_not_start_on_an_altered_journal(tmp_path: Path) -> None:
    _journal(tmp_path, {2: lambda strategy: strategy.market(0.1)}, [40_000.0] * 6)
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"buy"', b'"bye"', 1))
    with pytest.raises(GuardError, match="begin a new journal"):
        engine(tmp_path)


def test_every_kind_of_event_of_an_order_is_journaled(tmp_path: Path) -> None:
    """Cancelled all at once is the exception: Nautilus publishes no pending cancel then, only what the venue says."""
    kept: dict[str, Any] = {}

    def limit(strategy: Scripted, name: str, price: float, **options: Any) -> None:
        kept[name] = strategy.order_factory.limit(
            INSTRUMENT, OrderSide.BUY, strategy.qty(0.01), strategy.price(price), **options
        )
        strategy.submit_order(kept[name])

    def stops(strategy: Scripted) -> None:
        factory, size = strategy.order_factory, strategy.qty(0.01)
        emulated = {"emulation_trigger": TriggerType.LAST_PRICE}
        strategy.submit_order(
            factory.stop_market(INSTRUMENT, OrderSide.BUY, size, strategy.price(40_100.0), **emulated)
        )
        strategy.submit_order(
            factory.stop_limit(INSTRUMENT, OrderSide.BUY, size, strategy.price(40_050.0), strategy.price(40_110.0))
        )

    expiry = pd.Timestamp(START + 8 * SECOND, tz="UTC")
    script = {
        2: lambda strategy: strategy.market(50.0),  # denied
        3: lambda strategy: strategy.market(0.05, tags=["t-1", "entry"]),  # filled in parts
        4: lambda strategy: limit(strategy, "expires", 30_000.0, time_in_force=TimeInForce.GTD, expire_time=expiry),
        5: lambda strategy: limit(strategy, "crosses", 41_000.0, post_only=True),  # rejected
        6: stops,  # emulated, then released; triggered
        7: lambda strategy: limit(strategy, "rests", 39_000.0),
        8: lambda strategy: strategy.modify_order(kept["rests"], price=strategy.price(38_900.0)),
        9: lambda strategy: strategy.modify_order(kept["rests"], quantity=strategy.qty(90.0)),  # refused
        10: lambda strategy: strategy.cancel_order(kept["rests"]),
        14: lambda strategy: cancel_again(strategy.msgbus, strategy.clock, kept["rests"]),  # rejected
    }
    made = engine(tmp_path, limits=WIDE, fill_model=DepthFillModel(DepthFillModelConfig(depth=500.0)))
    made.add_data(trades([40_000.0] * 11 + [40_200.0] * 9))
    made.add_strategy(Scripted(script))
    made.run()
    made.dispose()
    found = {record.event for record in _orders(read(tmp_path / "decisions.jsonl"))}
    assert found == {*EVENTS.values(), "partially_filled"}


def test_a_text_behind_a_decision_is_journaled_with_the_other_addresses_of_its_story(tmp_path: Path) -> None:
    told = texts(Attack("story", ("Bitcoin approved as legal tender",) * 3, sources=("A", "B", "C")))
    attacked(tmp_path, told, HostileModel(WITHIN_BOUNDS["always +1"]))
    [text] = [record for record in read(tmp_path / "decisions.jsonl") if isinstance(record, TextRecord)]
    assert (text.source, text.url) == ("A", "https://evil.example/0")
    assert text.also_at == ("https://evil.example/1", "https://evil.example/2")
