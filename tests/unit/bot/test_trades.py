"""What /weekly and /performance add up of closed trades."""

import re
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.bot.commands.trades import summary
from sagetrade_nautilus.bot.words.voice import Voice
from sagetrade_nautilus.guard.journal.trades import ClosedTrade
from sagetrade_nautilus.model.round_trips import TradeAmounts

SECOND = 1_000_000_000


def closed(number: int, held_s: int) -> ClosedTrade:
    amounts = TradeAmounts(
        side="buy",
        entry_ts=number * SECOND,
        exit_ts=(number + held_s) * SECOND,
        quantity=1.0,
        entry_price=100.0,
        exit_price=101.0,
        gross_pnl=1.0,
        fees=0.2,
        slippage_cost=0.0,
        net_pnl=0.8,
    )
    name = f"p-{number:04d}"
    return ClosedTrade(
        key=name, trade_id=name, strategy="p", instrument_id="BTC.BINANCE", amounts=amounts, exit_purpose="stop_loss"
    )


@given(st.lists(st.integers(0, 59), min_size=1, max_size=9))
def test_the_time_held_is_the_median_that_the_report_shows(spans_s: list[int]) -> None:
    lines = summary([closed(number, held_s) for number, held_s in enumerate(spans_s)], "USDT", Voice("en"))
    shown = next(line for line in lines if line.startswith("Median time held"))
    assert re.sub("<.?b>", "", shown) == f"Median time held: {median(spans_s):.0f} s"
