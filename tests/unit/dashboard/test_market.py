"""A market on the page: few enough candles, no spike lost, trades and headlines of the time that is shown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.columns import BarColumns
from sagetrade_nautilus.dashboard.book import JournalBook
from sagetrade_nautilus.dashboard.market import CANDLES_MAX, NEWS_MAX, headlines, market
from sagetrade_nautilus.guard.journal.records import TextRecord
from tests.support.records import BTC, HOUR, T0, trade

MINUTE = 60_000_000_000


def bars(count: int, seed: int = 0) -> BarColumns:
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, count)))
    open_ = np.concatenate([[100.0], close[:-1]])
    high, low = np.maximum(open_, close) * 1.001, np.minimum(open_, close) * 0.999
    return BarColumns(T0 + MINUTE * np.arange(count, dtype=np.int64), open_, high, low, close, np.ones(count))


def book(*trades: int) -> JournalBook:
    found = JournalBook()
    for number, ts in enumerate(trades):
        for record in trade(f"m-{number:04d}", ts):
            found.hear(record)
    return found


@settings(max_examples=30)
@given(st.integers(min_value=1, max_value=5_000))
def test_candles_are_few_and_keep_the_extremes(count: int) -> None:
    shown = market(book(), BTC, bars(count))
    assert shown is not None
    candles, whole = shown.candles, bars(count)
    assert 1 <= len(candles.t) <= CANDLES_MAX
    assert candles.t == sorted(set(candles.t))
    assert candles.high is not None
    assert candles.low is not None
    assert candles.open is not None
    assert (max(candles.high), min(candles.low)) == (whole.high.max(), whole.low.min())
    assert (candles.open[0], candles.close[-1]) == (whole.open[0], whole.close[-1])


def test_a_part_is_shown_finer_with_only_its_trades_and_headlines() -> None:
    found, whole = book(T0 + 40 * HOUR, T0 + HOUR), bars(5_000)
    start = T0 // 1_000_000_000
    part = market(found, BTC, whole, start, start + 3 * 3_600)
    assert part is not None
    assert [mark.trade for mark in part.marks] == ["m-0001"]
    assert len(part.news) == 1
    assert len(part.candles.t) in (181, 182)
    all_ = market(found, BTC, whole)
    assert all_ is not None
    assert len(all_.marks) == 2


@pytest.mark.parametrize(("start", "end"), [(10**15, 10**16), (0, 5), (10**16, 0)])
def test_a_time_that_is_not_there_is_an_answer_all_the_same(start: int, end: int) -> None:
    shown = market(book(T0), BTC, bars(100), start, end)
    assert shown is not None
    assert shown.first <= shown.start <= shown.end <= shown.last


def test_without_bars_the_journal_s_own_prices_are_shown() -> None:
    shown = market(book(T0, T0 + 9 * HOUR), BTC, None)
    assert shown is not None
    assert shown.candles.open is None
    assert shown.candles.close[-1] == 102.0


def test_a_market_that_nobody_knows_is_none() -> None:
    assert market(book(T0), "DOGE.X", None) is None


def test_headlines_are_the_newest_and_those_left_out_are_counted() -> None:
    texts = [
        TextRecord(ts=T0, item_id=str(k), source="s", title=f"{k:04d}", url="", published=T0 + k * MINUTE)
        for k in range(NEWS_MAX + 10)
    ]
    shown, hidden = headlines(texts, 0, 10**12)
    assert (len(shown), hidden) == (NEWS_MAX, 10)
    assert shown[0].title == f"{NEWS_MAX + 9:04d}"
