"""Sizing: never above the wish or the risk, monotone, zero on nonsense, rounded down."""

from math import inf, isclose, nan

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config import SizingConfig
from sagetrade_nautilus.model.sizing import SizingInput, TradeHistory, notional, quantity

METHODS = ("fixed_fraction", "volatility_scaled", "kelly_lite")

money = st.floats(1.0, 1e9)
percent = st.floats(0.01, 100.0)
share = st.floats(0.0, 1.0)
price = st.floats(0.01, 1e6)
volatility = st.floats(1e-5, 0.5)
fraction = st.floats(1e-4, 0.5)
histories = st.builds(
    lambda count, rate, win, loss: TradeHistory(count, int(count * rate), win, loss),
    st.integers(0, 1000),
    share,
    st.floats(0.0, 0.2),
    st.floats(0.0, 0.2),
)


@st.composite
def inputs(draw: st.DrawFn) -> SizingInput:
    entry = draw(price)
    stop = entry * (1.0 - draw(fraction))
    return SizingInput(draw(money), draw(percent), draw(share), entry, stop, draw(volatility), draw(histories))


@given(inputs(), st.sampled_from(METHODS), percent)
def test_a_size_is_never_above_the_granted_wish(asked: SizingInput, method: str, risk: float) -> None:
    size = notional(asked, SizingConfig(method=method, max_trade_risk_pct=risk))  # type: ignore[arg-type]
    assert 0.0 <= size <= asked.account_balance * asked.size_pct / 100.0 * asked.share * (1 + 1e-12)


@given(inputs(), st.sampled_from(("fixed_fraction", "kelly_lite")), percent)
def test_the_loss_at_the_stop_is_never_above_the_risk(asked: SizingInput, method: str, risk: float) -> None:
    size = notional(asked, SizingConfig(method=method, max_trade_risk_pct=risk))  # type: ignore[arg-type]
    lost = size * abs(asked.price - asked.stop_price) / asked.price
    assert lost <= asked.account_balance * risk / 100.0 * (1 + 1e-9)


@given(inputs(), st.sampled_from(METHODS), st.floats(1.0, 3.0))
def test_more_equity_never_means_a_smaller_position(asked: SizingInput, method: str, factor: float) -> None:
    config = SizingConfig(method=method)  # type: ignore[arg-type]
    richer = SizingInput(
        asked.account_balance * factor,
        asked.size_pct,
        asked.share,
        asked.price,
        asked.stop_price,
        asked.volatility,
        asked.history,
    )
    assert notional(richer, config) >= notional(asked, config) * (1 - 1e-12)


@given(inputs(), st.floats(1.0, 10.0))
def test_more_volatility_never_means_a_larger_position(asked: SizingInput, factor: float) -> None:
    config = SizingConfig(method="volatility_scaled")
    wilder = SizingInput(
        asked.account_balance,
        asked.size_pct,
        asked.share,
        asked.price,
        asked.stop_price,
        asked.volatility * factor,
        asked.history,
    )
    assert notional(wilder, config) <= notional(asked, config) * (1 + 1e-12)


FIELDS = ("account_balance", "size_pct", "share", "price", "stop_price", "volatility")
NONSENSE = [(field, value) for field in FIELDS for value in (nan, inf, -inf)]
NONSENSE += [(field, -1.0) for field in ("account_balance", "size_pct", "share", "price")]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("field", "value"), NONSENSE)
def test_nonsense_gives_no_position(method: str, field: str, value: float) -> None:
    sound = SizingInput(10_000.0, 10.0, 1.0, 100.0, 99.0, 0.01)
    asked = msgspec.structs.replace(sound, **{field: value})
    assert notional(asked, SizingConfig(method=method)) == 0.0  # type: ignore[arg-type]


def test_a_negative_volatility_gives_no_position_where_it_is_used() -> None:
    asked = SizingInput(10_000.0, 10.0, 1.0, 100.0, 99.0, -0.01)
    assert notional(asked, SizingConfig(method="volatility_scaled")) == 0.0


def test_kelly_without_an_edge_takes_nothing() -> None:
    losing = TradeHistory(count=200, wins=80, mean_win=0.01, mean_loss=0.01)
    asked = SizingInput(10_000.0, 100.0, 1.0, 100.0, 99.0, 0.01, losing)
    assert notional(asked, SizingConfig(method="kelly_lite")) == 0.0


def test_kelly_grows_with_the_sample() -> None:
    config = SizingConfig(method="kelly_lite", max_trade_risk_pct=100.0)
    sizes = []
    for count in (10, 100, 1000):
        history = TradeHistory(count, int(count * 0.6), mean_win=1.0, mean_loss=1.0)
        sizes.append(notional(SizingInput(10_000.0, 100.0, 1.0, 100.0, 50.0, 0.01, history), config))
    assert 0.0 < sizes[0] < sizes[1] < sizes[2]
    assert isclose(sizes[1], 10_000.0 * (0.6 - 0.4) * 0.25 * 100 / 150)


@given(st.lists(st.floats(-0.5, 0.5), max_size=40))
def test_a_history_keeps_the_exact_means(results: list[float]) -> None:
    history = TradeHistory()
    for result in results:
        history = history.plus(result)
    wins = [result for result in results if result > 0.0]
    losses = [-result for result in results if result <= 0.0]
    assert (history.count, history.wins) == (len(results), len(wins))
    assert isclose(history.mean_win, sum(wins) / len(wins) if wins else 0.0, abs_tol=1e-12)
    assert isclose(history.mean_loss, sum(losses) / len(losses) if losses else 0.0, abs_tol=1e-12)


@given(st.floats(0.0, 1e7), price, st.sampled_from([1.0, 0.1, 0.01, 0.001, 0.00001]))
def test_a_quantity_is_rounded_down_to_the_step(amount: float, at: float, step: float) -> None:
    size = quantity(amount, at, step)
    assert 0.0 <= size <= amount / at * (1 + 1e-12)
    assert amount / at - size < step * (1 + 1e-6) + 1e-9 * amount / at
