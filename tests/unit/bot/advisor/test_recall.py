"""What is remembered: closed trades, which trade a question means, and how decisions ended."""

from sagetrade_nautilus.bot.advisor.recall import DECISIONS_MAX, HEADLINES_MAX, Headline, Recall
from sagetrade_nautilus.messages import Verdict
from tests.support.bot_node import BTC, HOUR, MINUTE, NOW, decision, fill, recall

ALL = frozenset({BTC})
TAGS = "mean_reversion-0006"


def test_a_closed_trade_is_remembered_with_its_result() -> None:
    (trade,) = recall().closed(0, NOW)
    assert (trade.amounts.side, trade.exit_purpose, trade.amounts.quantity) == ("buy", "take_profit", 0.25)
    assert trade.amounts.net_pnl == 0.25 * (43_400.0 - 42_950.0) - 2 * 10.75


def test_a_trade_is_of_the_time_in_which_it_ended() -> None:
    ended = NOW - 2 * HOUR
    assert recall().closed(0, ended) == ()
    assert len(recall().closed(ended, ended + 1)) == 1
    assert recall().closed(ended + 1, NOW) == ()


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
    memory = Recall()
    memory.hear(decision())
    memory.hear(decision(verdict=Verdict.DENIED_BY_GUARD))
    assert dict(memory.verdicts(0, NOW)) == {Verdict.DENIED_BY_GUARD: 1}


def test_nothing_grows_without_bound() -> None:
    memory = Recall()
    for number in range(DECISIONS_MAX + 10):
        memory.hear(decision(f"p-{number:04d}", ts=number))
    for number in range(HEADLINES_MAX + 10):
        memory.hear_news(Headline.of(f"t{number}", "Bitcoin", "s", number))
    assert memory.trade("p-0000") is None
    assert memory.trade(f"p-{DECISIONS_MAX + 9:04d}") is not None
    assert sum(memory.verdicts(0, NOW).values()) == DECISIONS_MAX
    assert len(memory.headlines(frozenset({"BTC"}))) == HEADLINES_MAX
