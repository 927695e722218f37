"""A plugin learns of the past first, of all its instruments in the order in which their bars closed."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.objects import Price, Quantity

from sagetrade_nautilus.data import EARLY_BARS_MAX
from sagetrade_nautilus.execution.past import Past
from sagetrade_nautilus.execution.sight import market_state
from sagetrade_nautilus.model.decision import MarketState
from sagetrade_nautilus.strategy_config import SageStrategyConfig

NAMES = ["BTCUSDT.BINANCE", "ETHUSDT.BINANCE"]
NOW = 1_000


def bar(name: str, ts: int) -> Bar:
    price = Price(100.0, 2)
    return Bar(BarType.from_str(f"{name}-5-MINUTE-LAST-EXTERNAL"), *[price] * 4, Quantity(1.0, 2), ts, ts)


class Feed:
    """Stands for the strategy: is asked, and answers when the test says so."""

    def __init__(self, warm_up_h: float = 24.0) -> None:
        self.callbacks: dict[str, Any] = {}
        self.starts: list[datetime] = []
        self.warnings: list[str] = []
        self.clock = SimpleNamespace(utc_now=lambda: datetime(2022, 1, 2, tzinfo=UTC), timestamp_ns=lambda: NOW)
        self.log = SimpleNamespace(warning=self.warnings.append)
        self.cache: Any = None
        self.told: list[tuple[int, str]] = []
        strategy: Any = self
        self.past = Past(strategy, SageStrategyConfig(instruments=NAMES, warm_up_h=warm_up_h), self._tell)

    def _tell(self, state: MarketState) -> None:
        assert state.positions == ()
        assert state.composite is None
        self.told.append((state.ts, state.instrument_id))

    def request_bars(self, bar_type: BarType, start: datetime, callback: Any) -> None:
        self.starts.append(start)
        self.callbacks[bar_type.instrument_id.value] = callback

    def answer(self, name: str, *moments: int) -> None:
        for ts in moments:
            self.past.take(bar(name, ts))
        self.callbacks[name](None)

    def live(self, name: str, ts: int) -> None:
        self.past.go_on(market_state(self.cache, name, bar(name, ts), (), None))


@pytest.fixture
def feed() -> Feed:
    made = Feed()
    made.past.ask()
    return made


BTC, ETH = NAMES


def test_the_past_of_all_instruments_is_told_in_the_order_of_time_once_all_have_answered(feed: Feed) -> None:
    assert feed.starts == [datetime(2022, 1, 2, tzinfo=UTC) - timedelta(hours=24)] * 2
    feed.past.take(bar(ETH, 200))  # asked by somebody else
    feed.answer(ETH, 100, 200, 300)
    assert feed.told == []
    feed.answer(BTC, 100, 200, 300)
    assert feed.told == [(100, BTC), (100, ETH), (200, BTC), (200, ETH), (300, BTC), (300, ETH)]
    feed.live(BTC, 400)
    assert feed.told[-1] == (400, BTC)


def test_a_bar_that_comes_meanwhile_is_told_after_the_past_and_once(feed: Feed) -> None:
    feed.live(BTC, 300)
    feed.answer(BTC, 100, 200, 300)
    feed.answer(ETH, 100)
    assert feed.told == [(100, BTC), (100, ETH), (200, BTC), (300, BTC)]


def test_a_bar_that_has_not_closed_is_no_past(feed: Feed) -> None:
    feed.answer(BTC, NOW, NOW + 1)
    feed.answer(ETH)
    assert feed.told == [(NOW, BTC)]


def test_an_answer_that_does_not_come_is_given_up_and_what_came_is_told(feed: Feed) -> None:
    feed.answer(ETH, 100)
    for ts in range(200, 201 + EARLY_BARS_MAX):
        feed.live(BTC, ts)
    assert feed.told == [(100, ETH), (200, BTC), (201, BTC), (202, BTC)]
    assert len(feed.warnings) == 1
    feed.answer(BTC, 100)
    assert (100, BTC) not in feed.told


def test_where_no_past_is_wanted_none_is_asked_for_and_every_bar_is_told_at_once() -> None:
    feed = Feed(warm_up_h=0.0)
    feed.past.ask()
    feed.live(BTC, 100)
    assert (feed.callbacks, feed.told) == ({}, [(100, BTC)])


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.booleans(), st.integers(1, NOW)), max_size=20, unique=True))
def test_however_it_comes_nothing_is_told_twice_or_backwards(events: list[tuple[str, bool, int]]) -> None:
    feed = Feed()
    feed.past.ask()
    newest = dict.fromkeys(NAMES, 0)
    for name, is_past, ts in sorted(events, key=lambda event: event[2]):
        if is_past:
            feed.past.take(bar(name, ts))
        elif ts > newest[name]:
            newest[name] = ts
            feed.live(name, ts)
    for name in NAMES:
        feed.callbacks[name](None)
    for name in NAMES:
        moments = [ts for ts, about in feed.told if about == name]
        assert moments == sorted(set(moments))
