"""What a plugin is shown of a bar."""

from typing import Any

from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.objects import Price, Quantity

from sagetrade_nautilus.execution.sight import market_state

BAR_TYPE = BarType.from_str("BTCUSDT.BINANCE-5-MINUTE-LAST-EXTERNAL")


def test_a_market_state_has_the_moment_of_the_bars_close_however_late_the_bar_came() -> None:
    """So bars of one moment of two instruments have one time, on a live feed too."""
    prices = [Price(value, 2) for value in (100.0, 101.0, 99.0, 100.5)]
    cache: Any = None  # nothing is held
    states = [
        market_state(cache, "BTCUSDT.BINANCE", Bar(BAR_TYPE, *prices, Quantity(1.0, 2), 300, 300 + late), (), None)
        for late in (0, 7)
    ]
    assert [state.ts for state in states] == [300, 300]
    assert [states[0].open, states[0].high, states[0].low, states[0].price] == [100.0, 101.0, 99.0, 100.5]
    assert states[0].volume == 1.0
