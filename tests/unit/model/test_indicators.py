"""Every indicator against an independent pandas or NumPy computation of its formula."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagetrade_nautilus.model.indicators import ATR, EMA, MACD, RSI, SMA, Bollinger, Stochastic

price_lists = st.lists(st.floats(min_value=1.0, max_value=1e5), min_size=40, max_size=100)
lengths = st.integers(min_value=2, max_value=14)
bar_lists = st.lists(
    st.tuples(
        st.floats(min_value=100.0, max_value=1e4),
        st.floats(min_value=0.0, max_value=50.0),
        st.floats(min_value=0.0, max_value=50.0),
    ),
    min_size=40,
    max_size=80,
)


def bar_frame(rows: list[tuple[float, float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["close", "up", "down"])
    return frame.assign(high=frame.close + frame.up, low=frame.close - frame.down)


@settings(deadline=None)
@given(price_lists, lengths)
def test_sma_is_the_mean_of_the_window(prices: list[float], length: int) -> None:
    sma = SMA(length)
    got = [sma.update(price) for price in prices]
    expected = [np.mean(prices[max(0, end - length) : end]) for end in range(1, len(prices) + 1)]
    assert got == pytest.approx(expected, rel=1e-12)
    assert sma.ready


@settings(deadline=None)
@given(price_lists, lengths)
def test_ema_is_the_recursive_average(prices: list[float], length: int) -> None:
    """The EMA is pandas' ewm(span=length, adjust=False)."""
    ema = EMA(length)
    got = [ema.update(price) for price in prices]
    expected = pd.Series(prices).ewm(span=length, adjust=False).mean()
    assert got == pytest.approx(expected.tolist(), rel=1e-10)
    assert ema.value == got[-1]


@settings(deadline=None)
@given(price_lists, lengths)
def test_rsi_is_wilders(prices: list[float], length: int) -> None:
    """The RSI is 100 * gain / (gain + loss) of Wilder averages, in [0, 100]."""
    rsi = RSI(length)
    got = [rsi.update(price) for price in prices]
    moves = pd.Series(prices).diff().fillna(0.0)
    gain = moves.clip(lower=0.0).ewm(alpha=1.0 / length, adjust=False).mean()
    loss = (-moves).clip(lower=0.0).ewm(alpha=1.0 / length, adjust=False).mean()
    expected = (100.0 * gain / (gain + loss)).fillna(50.0)
    assert got[length - 1 :] == pytest.approx(expected.tolist()[length - 1 :], abs=1e-6)
    assert all(0.0 <= value <= 100.0 for value in got)


def test_rsi_of_one_way_and_of_no_way() -> None:
    """The RSI is 100 of a price that only rises, 0 of one that only falls, and 50 of one that never moved."""

    def last(prices: list[float]) -> float:
        rsi = RSI(5)
        return [rsi.update(price) for price in prices][-1]

    assert last([100.0 + step for step in range(20)]) == 100.0
    assert last([100.0 - step for step in range(20)]) == 0.0
    assert last([100.0] * 20) == 50.0


@settings(max_examples=30, deadline=None)
@given(bar_lists, lengths)
def test_atr_is_the_wilder_average_of_true_ranges(rows: list[tuple[float, float, float]], length: int) -> None:
    frame = bar_frame(rows)
    atr = ATR(length)
    got = [atr.update(bar.high, bar.low, bar.close) for bar in frame.itertuples()]
    previous = frame.close.shift(1).fillna(frame.close)
    ranges = np.maximum(frame.high, previous) - np.minimum(frame.low, previous)
    expected = ranges.ewm(alpha=1.0 / length, adjust=False).mean()
    assert got == pytest.approx(expected.tolist(), rel=1e-9, abs=1e-9)
    assert atr.ready


@settings(deadline=None)
@given(price_lists)
def test_macd_is_the_difference_of_two_emas(prices: list[float]) -> None:
    """Line, signal and histogram follow from pandas' ewm; the line changes sign where the averages cross."""
    macd = MACD(3, 8, 4)
    series = pd.Series(prices)
    line = series.ewm(span=3, adjust=False).mean() - series.ewm(span=8, adjust=False).mean()
    signal = line.ewm(span=4, adjust=False).mean()
    for step, price in enumerate(prices):
        assert macd.update(price) == pytest.approx(line[step], abs=1e-7)
        assert macd.signal == pytest.approx(signal[step], abs=1e-7)
        assert macd.histogram == pytest.approx(line[step] - signal[step], abs=1e-7)
        assert macd.ready == (step >= 7)


@settings(max_examples=30, deadline=None)
@given(bar_lists, lengths)
def test_bollinger_bands_stand_two_deviations_off(rows: list[tuple[float, float, float]], length: int) -> None:
    """The bands are the mean of typical prices and twice their population deviation; %b places the close."""
    frame = bar_frame(rows)
    typical = (frame.high + frame.low + frame.close) / 3.0
    bands = Bollinger(length, 2.0)
    for end, bar in enumerate(frame.itertuples(), start=1):
        percent_b = bands.update(bar.high, bar.low, bar.close)
        window = typical[max(0, end - length) : end]
        mean, width = window.mean(), 2.0 * window.std(ddof=0)
        assert (bands.lower, bands.middle, bands.upper) == pytest.approx((mean - width, mean, mean + width), abs=1e-6)
        assert bands.ready == (end >= length)
        if width > 1e-3:
            assert percent_b == pytest.approx((bar.close - mean + width) / (2.0 * width), abs=1e-4)


def test_bollinger_of_a_flat_price_lies_in_the_middle() -> None:
    bands = Bollinger(4)
    assert [bands.update(100.0, 100.0, 100.0) for _ in range(8)] == [0.5] * 8


@settings(max_examples=30, deadline=None)
@given(bar_lists, lengths)
def test_stochastic_places_the_close_in_the_range(rows: list[tuple[float, float, float]], length: int) -> None:
    """%K is where the close lies between lowest low and highest high; %D sums three of them by range."""
    frame = bar_frame(rows)
    stochastic = Stochastic(length, 3)
    above, span = [], []
    for end, bar in enumerate(frame.itertuples(), start=1):
        got = stochastic.update(bar.high, bar.low, bar.close)
        window = frame[max(0, end - length) : end]
        lowest, highest = window.low.min(), window.high.max()
        above.append(bar.close - lowest)
        span.append(highest - lowest)
        if highest - lowest > 1e-3:
            assert got == pytest.approx(100.0 * above[-1] / span[-1], abs=1e-6)
            assert stochastic.slow == pytest.approx(100.0 * sum(above[-3:]) / sum(span[-3:]), abs=1e-6)
        assert stochastic.ready == (end >= length)
