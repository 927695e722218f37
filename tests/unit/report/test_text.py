import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.report import text


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0.0, "0.00"), (-0.0, "0.00"), (-0.001, "0.00"), (1234.5, "+1,234.50"), (-2.5, "−2.50")],
)
def test_numbers_have_true_minus_signs_and_no_negative_zero(value: float | None, shown: str) -> None:
    assert text.number(value, signed=True) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1_234.5, "+1,234 BTC"),
        (999.4, "+999.40 BTC"),
        (0.005, "+0.01 BTC"),
        (-0.0043, "−0.0043 BTC"),
        (0.00001234, "+0.000012 BTC"),
        (0.0, "0.00 BTC"),
        (1e-9, "0.00 BTC"),
        (None, "–"),
    ],
)
def test_little_of_a_dear_currency_is_not_shown_as_nothing(value: float | None, shown: str) -> None:
    assert text.money(value, "BTC", signed=True) == shown


@pytest.mark.parametrize(("start", "digits"), [(100_000.0, 0), (1_000.0, 0), (999.0, 3), (1.0, 5), (0.01, 7), (0.0, 0)])
def test_equity_is_shown_with_six_digits_at_least(start: float, digits: int) -> None:
    assert text.equity_digits(start) == digits


@given(st.floats(5e-9, 0.00499))
def test_what_is_less_than_half_a_cent_has_two_significant_digits(value: float) -> None:
    assert float(text.cents(value)) == pytest.approx(value, rel=0.0501)


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
def test_a_shown_number_reads_back_within_its_rounding(value: float, digits: int) -> None:
    shown = text.number(value, digits, signed=True).replace(",", "").replace("−", "-")
    assert float(shown) == pytest.approx(value, abs=0.5000001 * 10.0**-digits, rel=1e-12)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "–"),
        (0.0, "0 s"),
        (59.0, "59 s"),
        (60.0, "1 min"),
        (3_600.0, "1.0 h"),
        (90_000.0, "25.0 h"),
        (200_000.0, "2.3 d"),
    ],
)
def test_durations_take_a_fitting_unit(seconds: float | None, shown: str) -> None:
    assert text.duration(seconds) == shown


@pytest.mark.parametrize(("words", "shown"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_lists_read_like_a_sentence(words: list[str], shown: str) -> None:
    assert text.listed(words) == shown


def test_small_things_are_worded_right() -> None:
    assert (text.count(1, "trade"), text.count(1_400, "trade")) == ("1 trade", "1,400 trades")
    assert (text.horizon(60), text.horizon(240)) == ("60 min", "4 h")
    assert text.spaced("low_vol_ranging") == "low-volatility ranging"
    assert (text.money(-16_619.2, "USDT", signed=True), text.money(12.345, "USDT")) == ("−16,619 USDT", "12.35 USDT")
    assert text.money(None, "USDT") == text.percent(None) == "–"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.0, "0.00"),
        (28_190.584, "28,190.58"),
        (100.0, "100.00"),
        (99.5, "99.5000"),
        (1.08432, "1.08432"),
        (0.00001234, "0.0000123400"),
        (-3.5, "−3.50000"),
    ],
)
def test_a_small_price_is_never_shown_as_nothing(value: float | None, shown: str) -> None:
    assert text.price(value) == shown


@given(st.floats(1e-9, 1e9))
def test_a_shown_price_is_within_half_a_cent_or_six_significant_digits(value: float) -> None:
    assert float(text.price(value).replace(",", "")) == pytest.approx(value, rel=5.1e-6, abs=0.0051 * (value >= 100))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.8119675168960458, "0.811968"),
        (-0.5, "−0.5"),
        (60.0, "60"),
        (1e-05, "1e-05"),
        (7, "7"),
        (-3, "−3"),
        (True, "true"),
        ("fixed-risk", "fixed-risk"),
        (None, "–"),
    ],
)
def test_a_setting_is_shown_with_six_significant_digits_and_a_word_as_it_is(
    value: str | float | bool | None, shown: str
) -> None:
    assert text.setting(value) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("+0.16% against the baseline's -4.30%", "+0.16% against the baseline's −4.30%"),
        ("drawdown_gain_pct: -5.361, must be at most 2", "drawdown_gain_pct: −5.361, must be at most 2"),
        ("exp-20261126-001, 2022-01-24..2022-01-26, 1e-05", "exp-20261126-001, 2022-01-24..2022-01-26, 1e-05"),
    ],
)
def test_only_a_hyphen_that_is_a_minus_becomes_one(said: str, shown: str) -> None:
    assert text.typeset(said) == shown
