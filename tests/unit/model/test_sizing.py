"""Sizing: never above the wish or the risk, monotone, zero on nonsense, rounded down."""

from decimal import Decimal, localcontext
from math import inf, isclose, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

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
    richer = replace(asked, account_balance=asked.account_balance * factor)
    assert notional(richer, config) >= notional(asked, config) * (1 - 1e-12)


@given(inputs(), st.sampled_from(METHODS), percent, percent)
def test_more_risk_never_means_a_smaller_position(asked: SizingInput, method: str, one: float, other: float) -> None:
    low, high = (
        notional(asked, SizingConfig(method=method, max_trade_risk_pct=risk))  # type: ignore[arg-type]
        for risk in sorted((one, other))
    )
    assert low <= high * (1 + 1e-12)


@given(inputs(), st.sampled_from(("fixed_fraction", "kelly_lite")), st.floats(1.0, 10.0), st.booleans())
def test_a_wider_stop_never_means_a_larger_position(
    asked: SizingInput, method: str, factor: float, above: bool
) -> None:
    config = SizingConfig(method=method)  # type: ignore[arg-type]
    distance = (asked.price - asked.stop_price) * (1.0 if above else -1.0)
    near, wide = (replace(asked, stop_price=asked.price + distance * times) for times in (1.0, factor))
    if wide.stop_price > 0.0:
        assert notional(wide, config) <= notional(near, config) * (1 + 1e-9)


@given(inputs(), st.integers(2, 500), st.integers(2, 10), share, st.floats(1e-4, 0.2), st.floats(1e-4, 0.2))
def test_a_longer_history_of_the_same_edge_never_means_a_smaller_position(
    asked: SizingInput, count: int, times: int, rate: float, win: float, loss: float
) -> None:
    wins = int(count * rate)
    short, long = (TradeHistory(count * n, wins * n, win, loss) for n in (1, times))
    sizes = [notional(replace(asked, history=seen), SizingConfig(method="kelly_lite")) for seen in (short, long)]
    assert sizes[0] <= sizes[1] * (1 + 1e-12)


@given(inputs(), st.floats(1.0, 10.0))
def test_more_volatility_never_means_a_larger_position(asked: SizingInput, factor: float) -> None:
    config = SizingConfig(method="volatility_scaled")
    wilder = replace(asked, volatility=asked.volatility * factor)
    assert notional(wilder, config) <= notional(asked, config) * (1 + 1e-12)


FIELDS = ("account_balance", "size_pct", "share", "price", "stop_price", "volatility")
NONSENSE = [(field, value) for field in FIELDS for value in (nan, inf, -inf)]
NONSENSE += [(field, -1.0) for field in ("account_balance", "size_pct", "share", "price", "stop_price")]
NONSENSE += [(field, 0.0) for field in ("account_balance", "size_pct", "share", "price", "stop_price")]
NONSENSE += [
    ("history", history)
    for history in (
        TradeHistory(10, 5, nan, 0.01),
        TradeHistory(10, 5, 0.01, nan),
        TradeHistory(10, 5, inf, 0.01),
        TradeHistory(10, 5, 0.01, -0.01),
        TradeHistory(10, 11, 0.01, 0.01),
        TradeHistory(-1, -2, 0.01, 0.01),
    )
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("field", "value"), NONSENSE)
def test_nonsense_gives_no_position(method: str, field: str, value: object) -> None:
    sound = SizingInput(10_000.0, 10.0, 1.0, 100.0, 99.0, 0.01)
    asked = replace(sound, **{field: value})
    assert notional(asked, SizingConfig(method=method)) == 0.0  # type: ignore[arg-type]


@pytest.mark.parametrize("method", METHODS)
def test_a_size_beyond_all_numbers_is_none(method: str) -> None:
    asked = SizingInput(1e308, 100.0, 1.0, 1e-300, 1e-301, 1e-300)
    assert notional(asked, SizingConfig(method=method, max_trade_risk_pct=100.0)) == 0.0  # type: ignore[arg-type]


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


steps = st.sampled_from([Decimal(step) for step in ("1", "100", "0.5", "0.1", "0.005", "0.001", "0.00001", "1E-8")])
prices = st.decimals("0.00000001", "1000000", places=8).map(float) | price


@given(st.floats(1e-9, 1e12), prices, steps)
def test_no_quantity_costs_more_than_the_notional_and_one_step_more_would(
    amount: float, at: float, step: Decimal
) -> None:
    with localcontext(prec=200):  # exact products of the decimals that the floats print as
        size, money, per_unit = quantity(amount, at, step), Decimal(repr(amount)), Decimal(repr(at))
        assert size % step == 0
        assert size * per_unit <= money < (size + step) * per_unit


@given(st.integers(1, 10**9), prices, steps)
def test_a_notional_that_buys_whole_steps_buys_them_or_what_its_float_still_covers(
    count: int, at: float, step: Decimal
) -> None:
    with localcontext(prec=200):
        amount = float(count * step * Decimal(repr(at)))
        covered = Decimal(repr(amount)) // (Decimal(repr(at)) * step)
        assert quantity(amount, at, step) == covered * step
        assert count - 1 <= covered <= count + 1


def test_a_decimal_that_floats_cannot_hold_is_not_lost() -> None:
    assert quantity(0.25, 1.0, Decimal("0.00001")) == Decimal("0.25")
    assert quantity(12794166988296.074, 52285.99, Decimal("0.5")) == Decimal("244695892")


@pytest.mark.parametrize(("amount", "at"), [(value, 1.0) for value in (nan, inf, -inf, -1.0, 0.0)])
def test_a_nonsensical_notional_or_price_buys_nothing(amount: float, at: float) -> None:
    assert quantity(amount, at, Decimal("0.1")) == 0
    assert quantity(at, amount, Decimal("0.1")) == 0
    assert quantity(1.0, 1.0, Decimal(0)) == 0


@given(inputs(), st.sampled_from(METHODS), percent)
def test_a_part_of_the_capital_is_sized_as_an_account_of_that_size(
    asked: SizingInput, method: str, capital: float
) -> None:
    part = notional(asked, SizingConfig(method=method, capital_pct=capital))
    small = replace(asked, account_balance=asked.account_balance * capital / 100.0)
    assert isclose(part, notional(small, SizingConfig(method=method)), rel_tol=1e-9)
