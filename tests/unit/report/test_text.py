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
