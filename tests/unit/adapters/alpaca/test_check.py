"""Whether an account may trade."""

import asyncio

import msgspec
import pytest

pytest.importorskip("stamina", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from adapters.alpaca.check import ask_account, check_may_trade
from adapters.alpaca.http import AlpacaError
from adapters.alpaca.schemas import Account
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.secrets import Secret
from tests.support.alpaca_server.server import KEY, SECRET, alpaca_server

GOOD = Account("id", "PA1", "ACTIVE")


def test_the_account_of_the_keys_is_asked_for() -> None:
    with alpaca_server() as server:
        assert asyncio.run(ask_account(Secret(KEY), Secret(SECRET), server.url)).account_number == "PA123"
        with pytest.raises(ConfigError, match="APCA_API_KEY_ID") as caught:
            asyncio.run(ask_account(Secret("CANARY"), Secret(SECRET), server.url))
        assert "CANARY" not in str(caught.value)
    with pytest.raises(AlpacaError, match="cannot be reached"):
        asyncio.run(ask_account(Secret(KEY), Secret(SECRET), server.url))


def test_an_active_account_may_trade() -> None:
    check_may_trade(GOOD)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": "ACCOUNT_CLOSED"}, "it is ACCOUNT_CLOSED"),
        ({"trading_blocked": True}, "trading is blocked"),
        ({"account_blocked": True}, "account is blocked"),
        ({"trade_suspended_by_user": True}, "suspended trading"),
    ],
)
def test_another_may_not_and_it_is_said_why(change: dict[str, object], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        check_may_trade(msgspec.structs.replace(GOOD, **change))
