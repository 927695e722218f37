"""What an observer sees of a real engine: positions with their exits, signals, limits, prices and strategies."""

import msgspec
import pytest
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import MessageBus, TestClock
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.test_kit.stubs.component import TestComponentStubs

from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.observer import Observer
from sagetrade_nautilus.overview import Overview
from tests.support.engine import BTC, MINUTE, START
from tests.support.plugin import FLAT, play


class Looker(Actor):
    """Looks at every bar's close."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Overview] = []

    def on_start(self) -> None:
        self.observer = Observer(self.msgbus, self.cache, self.clock)
        self.subscribe_bars(BarType.from_str(f"{BTC}-5-MINUTE-LAST-EXTERNAL"))

    def on_bar(self, bar: Bar) -> None:
        self.seen.append(self.observer.look())


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[Overview]:
    """A buy at the second of six bars, looked at after each."""
    looker = Looker()
    play(tmp_path_factory.mktemp("run"), closes=FLAT[:6], prepare=lambda made, plugin: made.add_actor(looker))
    return looker.seen


def test_nothing_is_open_before_the_first_signal(seen: list[Overview]) -> None:
    assert (seen[0].positions, seen[0].orders, seen[0].signals) == ((), (), ())
    assert seen[0].guard.equity == pytest.approx(100_000.0)
    assert seen[0].balances == {"USDT": 100_000.0}


def test_a_position_is_shown_with_its_exits_and_its_worth(seen: list[Overview]) -> None:
    held = seen[-1].positions[0]
    assert (held.instrument_id, held.side, held.trade_id) == (BTC, "long", "p-0001")
    assert held.quantity == pytest.approx(0.25)
    assert held.notional == pytest.approx(10_000.0)
    assert held.unrealized == pytest.approx(0.0)
    assert (held.stop_loss, held.take_profit) == (39_600.0, 40_800.0)


def test_resting_orders_are_shown_with_their_roles(seen: list[Overview]) -> None:
    assert [(order.role, order.side, order.status) for order in seen[-1].orders] == [
        ("stop_loss", "sell", "accepted"),
        ("take_profit", "sell", "accepted"),
    ]


def test_the_newest_composite_and_price_are_shown_with_their_time(seen: list[Overview]) -> None:
    last = seen[-1]
    assert last.signals[0].ts == START + 10 * MINUTE
    assert last.signals[0].composite.score == 0.8
    assert (last.prices[0].price, last.prices[0].age_s) == (40_000.0, 0.0)


def test_every_limit_and_every_strategy_is_shown(seen: list[Overview]) -> None:
    guard = seen[-1].guard
    limits = {limit.limit: limit for limit in guard.limits}
    assert limits["max_open_trades"].value == 1.0
    assert [(strategy.label, strategy.enabled) for strategy in guard.strategies] == [("p", True)]
    assert (guard.state, guard.reason) == ("running", "")


def test_an_overview_travels_as_json(seen: list[Overview]) -> None:
    assert msgspec.json.decode(msgspec.json.encode(seen[-1]), type=Overview) == seen[-1]


def test_where_nobody_guards_there_is_nothing_to_see() -> None:
    clock = TestClock()
    with pytest.raises(GuardError, match="nobody guards this node"):
        Observer(MessageBus(TraderId("T-1"), clock), TestComponentStubs.cache(), clock)
