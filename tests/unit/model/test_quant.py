"""The quantitative signal: what it says, when it speaks, and what gaps do to it."""

from itertools import pairwise
from math import exp, isfinite, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagetrade_nautilus.config import QuantConfig, QuantFeature
from sagetrade_nautilus.errors import ConfigError, DataError
from sagetrade_nautilus.model.quant import MAX_GAP_BARS, QuantModel
from sagetrade_nautilus.model.readings import QuantReading

BAR_NS = 300_000_000_000
START_NS = 1_640_995_200_000_000_000
FEATURES = [
    QuantFeature(kind="return", length=3, weight=-0.3),
    QuantFeature(kind="rsi", length=5, weight=-0.4),
    QuantFeature(kind="zscore", length=8, weight=-0.3),
    QuantFeature(kind="ema_cross", length=3, slow_length=8, weight=0.2),
]
WARM_UP_BARS = 6 + 12

Row = tuple[int, float, float, float, float, float]


def config(features: list[QuantFeature] | None = None, min_change: float = 0.0) -> QuantConfig:
    return QuantConfig(
        features=FEATURES if features is None else features,
        volatility_length=6,
        regime_length=12,
        trend_length=8,
        min_change=min_change,
    )


def one(kind: str, weight: float, length: int = 5, slow_length: int | None = None) -> list[QuantFeature]:
    return [QuantFeature(kind=kind, length=length, weight=weight, slow_length=slow_length)]


def bar(step: int, close: float, volume: float = 1.0) -> Row:
    return START_NS + step * BAR_NS, close, close * 1.001, close * 0.999, close, volume


def dead_bar(step: int, close: float) -> Row:
    return START_NS + step * BAR_NS, close, close, close, close, 0.0


def walk(bars: int, seed: int = 5) -> list[Row]:
    closes = 40_000.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0, 2e-3, bars)))
    return [bar(step, close) for step, close in enumerate(closes.tolist())]


def drive(rows: list[Row], model: QuantModel | None = None) -> list[QuantReading | None]:
    model = model or QuantModel(config(), 300.0)
    return [model.update(*row) for row in rows]


def test_it_is_silent_until_everything_is_warm() -> None:
    """The first reading comes with the last bar of the warm-up, and `ready` turns there."""
    model = QuantModel(config(), 300.0)
    rows = walk(WARM_UP_BARS + 3)
    states = [(model.update(*row) is not None, model.ready) for row in rows]
    assert states == [(False, False)] * (WARM_UP_BARS - 1) + [(True, True)] * 4


def test_a_long_feature_makes_the_warm_up_longer() -> None:
    model = QuantModel(config(one("zscore", 1.0, length=40)), 300.0)
    readings = drive(walk(50), model)
    assert [reading is not None for reading in readings] == [False] * 39 + [True] * 11


def test_the_score_is_the_weighted_sum_of_its_components() -> None:
    """Components explain the score: weights in [0, 1] that sum to 1, and the sign of a bet in the score."""
    for row, reading in zip(rows := walk(80), drive(rows), strict=True):
        if reading is None:
            continue
        assert reading.score == pytest.approx(sum(c.weight * c.score for c in reading.components), abs=1e-15)
        assert [c.name for c in reading.components] == ["return_3", "rsi_5", "zscore_8", "ema_cross_3_8"]
        assert sum(c.weight for c in reading.components) == pytest.approx(1.0)
        assert [c.weight for c in reading.components] == pytest.approx([0.25, 1 / 3, 0.25, 1 / 6])
        rsi = reading.components[1]
        assert rsi.score == -(rsi.value - 50.0) / 50.0
        assert {c.kind for c in reading.components} == {"quant"}
        assert reading.price == row[4]


def test_a_negative_weight_bets_against_the_feature() -> None:
    rows = walk(60)
    forward = drive(rows, QuantModel(config(one("rsi", 0.5)), 300.0))
    against = drive(rows, QuantModel(config(one("rsi", -0.5)), 300.0))
    pairs = [(a.score, b.score) for a, b in zip(forward, against, strict=True) if a and b]
    assert len(pairs) == 60 - WARM_UP_BARS + 1
    assert all(a == -b != 0.0 for a, b in pairs)


def test_a_lone_ema_cross_scores_full_strength() -> None:
    """With the cross as the only feature the score is exactly 1 or -1, and so is the confidence 1."""
    features = one("ema_cross", 0.7, length=3, slow_length=8)
    readings = [r for r in drive(walk(200), QuantModel(config(features), 300.0)) if r]
    assert {r.score for r in readings} == {1.0, -1.0}
    assert {r.confidence for r in readings} == {1.0}


def test_it_speaks_only_when_something_changed() -> None:
    """With a minimal change, exactly the readings that differ enough from the last one spoken remain."""
    rows = walk(400)
    everything = drive(rows)
    sparse = drive(rows, QuantModel(config(min_change=0.3), 300.0))
    last: QuantReading | None = None
    for full, got in zip(everything, sparse, strict=True):
        worth = full is not None and (
            last is None or abs(full.score - last.score) >= 0.3 or full.regime is not last.regime
        )
        assert got == (full if worth else None)
        last = got or last
    assert 5 < sum(r is not None for r in sparse) < sum(r is not None for r in everything)


def test_volatility_is_the_deviation_of_log_returns_in_an_hour() -> None:
    """Volatility is the sample deviation of the last log returns times the root of the bars in an hour."""
    rows = walk(60)
    reading = drive(rows)[-1]
    returns = np.diff(np.log([row[4] for row in rows]))[-6:]
    assert reading is not None
    assert reading.volatility == pytest.approx(np.std(returns, ddof=1) * sqrt(12), rel=1e-9)


def test_confidence_is_strength_times_agreement() -> None:
    """Confidence is |score| * |sum(w*s)| / sum(w*|s|), and 0 where two features cancel."""
    for reading in filter(None, drive(walk(80))):
        voices = sum(c.weight * abs(c.score) for c in reading.components)
        assert reading.confidence == pytest.approx(reading.score**2 / voices)
    cancelling = [*one("rsi", 0.5), *one("rsi", -0.5)]
    quarrel = [r for r in drive(walk(60), QuantModel(config(cancelling), 300.0)) if r]
    assert {(r.score, r.confidence) for r in quarrel} == {(0.0, 0.0)}


rows_with_gaps = st.lists(
    st.tuples(
        st.integers(min_value=1, max_value=20),
        st.floats(min_value=-0.5, max_value=0.5),
        st.sampled_from([0.0, 1.0, 1e12]),
        st.booleans(),
    ),
    min_size=20,
    max_size=150,
)


def rows_of(draws: list[tuple[int, float, float, bool]]) -> list[Row]:
    step, close, rows = 0, 100.0, []
    for gap, move, volume, dead in draws:
        step += gap if gap > 16 else 1
        close = min(1e9, max(1e-6, close * exp(move)))
        rows.append(dead_bar(step, close) if dead else bar(step, close, volume))
    return rows


@settings(max_examples=60, deadline=None)
@given(rows_with_gaps)
def test_every_reading_is_finite_and_in_bounds(draws: list[tuple[int, float, float, bool]]) -> None:
    """Gaps, crashes and bars without volume never give a NaN, an infinity or a number out of its range."""
    for reading in filter(None, drive(rows_of(draws))):
        numbers = [reading.score, reading.confidence, reading.volatility, reading.price]
        numbers += [number for c in reading.components for number in (c.value, c.score, c.weight)]
        assert all(isfinite(number) for number in numbers)
        assert -1.0 <= reading.score <= 1.0
        assert 0.0 <= reading.confidence <= 1.0
        assert reading.volatility >= 0.0
        assert all(-1.0 <= c.score <= 1.0 and 0.0 <= c.weight <= 1.0 for c in reading.components)


@settings(max_examples=40, deadline=None)
@given(rows_with_gaps, st.integers(min_value=1, max_value=149))
def test_the_future_never_changes_the_past(draws: list[tuple[int, float, float, bool]], cut: int) -> None:
    """The readings of a prefix of the bars are the prefix of the readings."""
    rows = rows_of(draws)
    assert drive(rows[:cut]) == drive(rows)[:cut]


@pytest.mark.parametrize("gap_bars", [2, 9, MAX_GAP_BARS])
def test_a_short_gap_fakes_no_volatility(gap_bars: int) -> None:
    """A return over k bars, up to the longest gap that is bridged, counts as one of 1 / sqrt(k) its size."""
    rows = walk(40)
    later = [(row[0] + (gap_bars - 1) * BAR_NS, *row[1:]) for row in walk(60)[40:]]
    reading = drive([*rows, *later[:1]])[-1]
    returns = [log(b[4] / a[4]) for a, b in pairwise(rows)][-5:]
    returns.append(log(later[0][4] / rows[-1][4]) / sqrt(gap_bars))
    assert reading is not None
    assert reading.volatility == pytest.approx(np.std(returns, ddof=1) * sqrt(12), rel=1e-9)


def test_a_long_gap_takes_back_what_was_said_and_starts_the_features_over() -> None:
    """After a long gap: a neutral reading at once, silence while the features warm up, then readings."""
    model = QuantModel(config(), 300.0)
    before = drive(walk(60), model)[-1]
    first = 60 + MAX_GAP_BARS
    after = drive([bar(first + step, 80_000.0 * (1.0 + 0.001 * (step % 3))) for step in range(12)], model)
    assert before is not None
    neutral = after[0]
    assert neutral is not None
    assert (neutral.score, neutral.confidence, neutral.components) == (0.0, 0.0, ())
    assert neutral.price == 80_000.0
    assert neutral.volatility == before.volatility
    assert neutral.regime is before.regime
    assert [reading is not None for reading in after[1:]] == [False] * 6 + [True] * 5
    assert after[7] is not None
    assert after[7].volatility < 0.05


def test_a_second_gap_in_the_warm_up_says_nothing_twice() -> None:
    model = QuantModel(config(), 300.0)
    drive(walk(60), model)
    readings = drive([bar(step, 100.0) for step in (100, 101, 150, 151)], model)
    assert [reading is not None for reading in readings] == [True, False, False, False]


def test_a_bar_in_which_nothing_traded_is_a_missing_bar() -> None:
    """Bars without volume that repeat the last close change nothing but the length of the gap."""
    rows = walk(50)
    filled = [*rows[:40], *[dead_bar(40 + step, rows[39][4]) for step in range(5)]]
    later = [(row[0] + 5 * BAR_NS, *row[1:]) for row in rows[40:]]
    assert drive([*filled, *later])[-10:] == drive([*rows[:40], *later])[-10:]


def test_bars_of_a_source_without_volume_count_where_the_price_moves() -> None:
    """A series of closes alone, without volume or range, is read like any other."""
    rows = walk(60)
    closes_only = [dead_bar(step, row[4]) for step, row in enumerate(rows)]
    assert drive(closes_only) == drive(rows)


def test_a_market_that_never_moves_says_nothing_and_breaks_nothing() -> None:
    readings = [r for r in drive([bar(step, 1.0) for step in range(60)]) if r]
    assert len(readings) == 60 - WARM_UP_BARS + 1
    assert {(r.score, r.confidence, r.volatility) for r in readings} == {(0.0, 0.0, 0.0)}


def test_bars_that_are_not_newer_are_ignored() -> None:
    """A repeated or an older bar gives no reading and leaves the model as it was."""
    rows = walk(60)
    model = QuantModel(config(), 300.0)
    expected = drive(rows)
    got = []
    for step, row in enumerate(rows):
        got.append(model.update(*row))
        assert model.update(*bar(step, 1.0)) is None
        assert model.update(*bar(step - 7, 1e6)) is None
    assert got == expected


@pytest.mark.parametrize("close", [float("nan"), float("inf"), 0.0, -1.0, 1e300])
def test_a_close_that_is_no_price_is_refused(close: float) -> None:
    model = QuantModel(config(), 300.0)
    with pytest.raises(DataError, match="is not a price"):
        model.update(START_NS, 1.0, 1.0, 1.0, close, 1.0)


def test_weights_that_are_all_zero_are_refused() -> None:
    with pytest.raises(ConfigError, match="all weights are 0"):
        QuantModel(config(one("rsi", 0.0)), 300.0)


@pytest.mark.parametrize("bar_seconds", [0.0, -60.0, float("nan")])
def test_bars_need_a_length(bar_seconds: float) -> None:
    with pytest.raises(ConfigError, match="longer than 0 seconds"):
        QuantModel(config(), bar_seconds)
