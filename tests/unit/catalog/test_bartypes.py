"""Bar specifications: only what Nautilus has gets to it, since it aborts the process on anything else."""

import pytest
from nautilus_trader.model.data import BarSpecification

from catalog.bartypes import parse_bar_spec, spec_of_step
from sagetrade_nautilus.errors import DataError

SECOND_NS = 1_000_000_000


@pytest.mark.parametrize("text", ["1-SECOND-LAST", "5-MINUTE-LAST", "30-MINUTE-MID", "4-HOUR-BID", "1-DAY-LAST"])
def test_a_specification_is_as_long_as_nautilus_says(text):
    spec = parse_bar_spec(text)
    assert spec.step_ns == BarSpecification.from_str(text).timedelta.value
    assert str(spec.bar_type("BTCUSDT.BINANCE")) == f"BTCUSDT.BINANCE-{text}-EXTERNAL"


@pytest.mark.parametrize(
    "text",
    ["5-MIN-LAST", "60-MINUTE-LAST", "7-MINUTE-LAST", "100-TICK-LAST", "0-MINUTE-LAST", "", "2-DAY-LAST"],
)
def test_what_nautilus_does_not_have_is_refused(text):
    with pytest.raises(DataError, match="bar "):
        parse_bar_spec(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1-SECOND-LAST"), (300, "5-MINUTE-LAST"), (3600, "1-HOUR-LAST"), (86_400, "1-DAY-LAST")],
)
def test_a_spacing_gives_the_bar_of_that_length(seconds, text):
    assert spec_of_step(seconds * SECOND_NS).text == text


def test_a_spacing_of_no_bar_is_refused():
    with pytest.raises(DataError, match="420 seconds apart, which is no bar of Nautilus"):
        spec_of_step(420 * SECOND_NS)
