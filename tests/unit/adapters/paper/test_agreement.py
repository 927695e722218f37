"""The node is told the venue's account only once it has heard of all that the venue did."""

from types import SimpleNamespace
from typing import Any

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus, TestClock
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.identifiers import AccountId, TraderId

from adapters.paper.account import open_account
from adapters.paper.agreement import Agreement
from adapters.paper.config import PaperExecClientConfig

ACCOUNT = AccountId("BINANCE-001")


class Both:
    """The node's account and the venue's, and what the node was told."""

    def __init__(self, venue_balance: float = 90_000.0) -> None:
        self.bus, cache = MessageBus(TraderId("T-1"), TestClock()), Cache()
        mine, theirs = (
            open_account(
                PaperExecClientConfig(venue="BINANCE", instruments=[], starting_balance=money), ACCOUNT, None, 0
            )
            for money in (100_000.0, venue_balance)
        )
        cache.add_account(mine)
        self.reports: list[Any] = []
        self.agreement = Agreement(self.bus, cache, ACCOUNT, lambda: theirs.last_event, self.reports.append)

    def event(self, account_id: AccountId = ACCOUNT) -> Any:
        return SimpleNamespace(id=UUID4(), account_id=account_id)

    def hear(self, event: Any) -> int:
        self.bus.publish("events.order.s-1", event)
        return len(self.reports)


def test_nothing_is_told_while_the_node_has_not_heard_everything() -> None:
    both = Both()
    first, second = both.event(), both.event()
    both.agreement.told(first)
    both.agreement.told(second)
    assert [both.hear(first), both.hear(second)] == [0, 1]


def test_an_event_that_the_node_refused_holds_nothing_up() -> None:
    both = Both()
    refused, heard = both.event(), both.event()
    both.agreement.told(refused)
    both.agreement.told(heard)
    assert both.hear(heard) == 1


def test_what_reconciliation_brings_is_compared_too() -> None:
    assert Both().hear(Both().event()) == 1


def test_accounts_that_agree_and_events_of_others_are_left_alone() -> None:
    same = Both(100_000.0)
    assert same.hear(same.event()) == 0
    other = Both()
    assert other.hear(other.event(AccountId("OTHER-001"))) == 0
