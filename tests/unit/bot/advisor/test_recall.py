"""What is remembered of trades: when one is closed, what it made, and which trade a question means."""

from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.bot.advisor.recall import DECISIONS_MAX, HEADLINES_MAX, Headline, Recall
from sagetrade_nautilus.messages import Verdict
from tests.support.bot_node import BTC, HOUR, MINUTE, NOW, decision, fill, recall

ALL = frozenset({BTC})
TAGS = "mean_reversion-0006"


def test_a_trade_is_closed_once_as_much_left_as_came_and_fees_are_taken_off() -> None:
    trade = recall().closed(0, NOW)[0]
    assert (trade.side, trade.exit_role, trade.quantity) == ("buy", "take_profit", 0.25)
    assert trade.net == 0.25 * (43_400.0 - 42_950.0) - 2 * 10.75
    assert trade.fees == 21.5


def test_a_short_earns_when_it_is_bought_back_lower() -> None:
    memory = Recall("USDT")
    memory.hear(fill(NOW - HOUR, "entry", "sell", 43_400.0, commission=0.0))
    memory.hear(fill(NOW, "stop_loss", "buy", 43_000.0, commission=0.0))
    assert memory.closed(0, NOW + 1)[0].net == 100.0


def test_a_trade_that_is_closed_in_part_is_not_over() -> None:
    memory = Recall("USDT")
    memory.hear(fill(NOW - HOUR, "entry", "buy", 43_000.0))
    memory.hear(fill(NOW, "take_profit", "sell", 43_400.0, last_qty=0.1))
    assert memory.closed(0, NOW + 1) == ()


def test_a_fee_taken_in_the_coin_is_quantity_that_is_not_there_to_sell() -> None:
    """A venue that keeps 0.25% of the bitcoin bought: the rest is sold, and the money is what came less what went."""
    memory = Recall("USD")
    bought = {"instrument_id": "BTC/USD.ALPACA", "commission": 0.25 * 0.0025, "currency": "BTC"}
    sold = {"instrument_id": "BTC/USD.ALPACA", "last_qty": 0.25 * 0.9975, "commission": 20.0, "currency": "USD"}
    memory.hear(fill(NOW - HOUR, "entry", "buy", 40_000.0, **bought))
    memory.hear(fill(NOW, "take_profit", "sell", 42_000.0, **sold))
    trade = memory.closed(0, NOW + 1)[0]
    assert trade.net is not None
    assert isclose(trade.net, 0.25 * 0.9975 * 42_000.0 - 0.25 * 40_000.0 - 20.0)
    assert trade.fees is not None
    assert isclose(trade.fees, 0.25 * 0.0025 * 40_000.0 + 20.0)


def test_a_fee_in_a_third_currency_leaves_the_result_unknown() -> None:
    memory = Recall("USDT")
    memory.hear(fill(NOW - HOUR, "entry", "buy", 43_000.0, currency="BNB"))
    memory.hear(fill(NOW, "take_profit", "sell", 43_400.0))
    assert memory.closed(0, NOW + 1)[0].net is None


def test_a_late_fill_begins_another_round_and_the_first_stays_counted() -> None:
    memory = recall()
    memory.hear(fill(NOW - MINUTE, "entry", "buy", 43_000.0, last_qty=0.1))
    memory.hear(fill(NOW, "late_fill", "sell", 43_000.0, last_qty=0.1))
    assert [trade.exit_role for trade in memory.closed(0, NOW + 1)] == ["take_profit", "late_fill"]


@given(st.lists(st.floats(0.01, 5.0), min_size=1, max_size=6), st.floats(10.0, 1e5), st.floats(10.0, 1e5))
def test_however_a_trade_is_filled_its_net_is_the_cash_that_came_less_what_went(
    parts: list[float], entry: float, end: float
) -> None:
    memory = Recall("USDT")
    for part in parts:
        memory.hear(fill(NOW, "entry", "buy", entry, last_qty=part, commission=part))
    memory.hear(fill(NOW + 1, "stop_loss", "sell", end, last_qty=sum(parts), commission=0.0))
    trade = memory.closed(0, NOW + 2)[0]
    assert trade.net is not None
    expected = sum(parts) * (end - entry) - sum(parts)
    assert isclose(trade.net, expected, rel_tol=1e-6, abs_tol=1e-6 * sum(parts) * (end + entry))


def test_the_newest_deal_on_a_side_is_meant() -> None:
    memory = recall()
    memory.hear(decision("mean_reversion-0007", ts=NOW - MINUTE))
    memory.hear(fill(NOW - MINUTE, "entry", "buy", 43_000.0, tags=("mean_reversion-0007", "entry")))
    bought, sold = memory.newest("buy", ALL), memory.newest("sell", ALL)
    assert bought is not None
    assert sold is not None
    assert (bought.trade_id, sold.trade_id) == ("mean_reversion-0007", TAGS)
    assert memory.newest("buy", frozenset({"ETHUSDT.BINANCE"})) is None


def test_a_denied_decision_counts_as_denied_and_not_as_taken() -> None:
    memory = Recall("USDT")
    memory.hear(decision())
    memory.hear(decision(verdict=Verdict.DENIED_BY_GUARD))
    assert dict(memory.verdicts(0, NOW)) == {Verdict.DENIED_BY_GUARD: 1}


def test_nothing_grows_without_bound() -> None:
    memory = Recall("USDT")
    for number in range(DECISIONS_MAX + 10):
        memory.hear(decision(f"p-{number:04d}", ts=number))
    for number in range(HEADLINES_MAX + 10):
        memory.hear_news(Headline.of(f"t{number}", "Bitcoin", "s", number))
    assert memory.trade("p-0000") is None
    assert memory.trade(f"p-{DECISIONS_MAX + 9:04d}") is not None
    assert sum(memory.verdicts(0, NOW).values()) == DECISIONS_MAX
    assert len(memory.headlines(frozenset({"BTC"}))) == HEADLINES_MAX
