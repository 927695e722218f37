"""When Nautilus is told what the account is worth."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus, TestClock
from nautilus_trader.model.identifiers import TraderId

from adapters.alpaca import balances, schemas
from adapters.alpaca.balances import PATIENCE, Balances
from adapters.alpaca.http import AlpacaSilentError


class Desk:
    """An account of a thousand dollars, of which `gained` are not realised, and what Nautilus is told of it."""

    def __init__(self, *, is_settled: bool = True) -> None:
        self.is_settled, self.is_away, self.asked = is_settled, False, 0
        self.told: list[str] = []
        self.warned: list[str] = []
        bus = MessageBus(TraderId("T-1"), TestClock())
        self.balances = Balances(self, self, bus, Cache(), self._tell, self.warned.append)  # type: ignore[arg-type]

    def _tell(self, balance: Any) -> None:
        self.told.append(str(balance.total))

    async def account(self) -> schemas.Account:
        self.asked += 1
        if self.is_away:
            raise AlpacaSilentError("503")
        return schemas.Account("a", "1", "ACTIVE", equity="1000")

    async def gained(self) -> tuple[Decimal, bool]:
        return Decimal(100), self.is_settled

    def keep(self, seconds: float = 0.1) -> None:
        """Keep the balance for a while after one change."""

        async def play() -> None:
            self.balances.change()
            keeping = asyncio.create_task(self.balances.keep())
            await asyncio.sleep(seconds)
            keeping.cancel()

        asyncio.run(play())


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balances, "PAUSE_S", 0.0)


def test_a_change_is_told_once() -> None:
    desk = Desk()
    desk.keep()
    assert (desk.told, desk.asked) == (["900.00 USD"], 1)


def test_while_an_execution_is_on_its_way_the_balance_is_asked_for_again_and_told_in_the_end() -> None:
    desk = Desk(is_settled=False)
    desk.keep()
    assert (desk.told, desk.asked) == (["900.00 USD"], PATIENCE + 1)


def test_at_the_start_it_is_told_whatever_is_held() -> None:
    desk = Desk(is_settled=False)
    assert asyncio.run(desk.balances.tell())
    assert desk.told == ["900.00 USD"]


def test_where_alpaca_cannot_be_asked_the_next_change_is_waited_for() -> None:
    desk = Desk()
    desk.is_away = True
    desk.keep()
    assert (desk.told, desk.asked, desk.warned) == ([], 1, ["the balance is not known: 503"])
    desk.is_away = False
    desk.keep()
    assert desk.told == ["900.00 USD"]
