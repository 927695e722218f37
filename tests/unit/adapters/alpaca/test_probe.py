"""Alpaca's time and the account's status, from the server that speaks its interface."""

import asyncio

import pytest

from adapters.alpaca.constants import KEY_NAME, SECRET_NAME
from adapters.alpaca.parsing import nanos
from adapters.alpaca.probe import AlpacaProbe
from sagetrade_nautilus.errors import ConfigError, SageTradeError
from tests.support.alpaca_server.server import KEY, SECRET, alpaca_server


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_NAME, KEY)
    monkeypatch.setenv(SECRET_NAME, SECRET)


@pytest.mark.usefixtures("keys")
def test_it_tells_the_brokers_time_and_the_status_of_an_account_that_may_trade() -> None:
    with alpaca_server() as server:
        probe = AlpacaProbe(server.url)
        assert asyncio.run(probe.time_ns()) == nanos("2026-11-25T12:00:00.123456789-05:00")
        assert asyncio.run(probe.account_status()) == "ACTIVE"


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(("status", "is_suspended"), [("ACCOUNT_CLOSED", False), ("ACTIVE", True)])
def test_an_account_that_may_not_trade_is_an_error(status: str, is_suspended: bool) -> None:
    """One that the watchdog has suspended is still ACTIVE."""
    with alpaca_server() as server:
        server.status, server.is_suspended = status, is_suspended
        with pytest.raises(ConfigError, match="may not trade"):
            asyncio.run(AlpacaProbe(server.url).account_status())


@pytest.mark.usefixtures("keys")
def test_it_tells_when_a_symbol_last_traded_and_that_a_closed_market_does_not() -> None:
    now = nanos("2026-11-25T12:00:00.123456789-05:00")
    with alpaca_server() as server:
        probe = AlpacaProbe(server.url, server.url)
        newest = asyncio.run(probe.newest_ns("AAPL"))
        assert newest is not None
        assert 0 <= now - newest + 60_000_000_000 < 120_000_000_000
        server.is_open = False
        assert asyncio.run(probe.newest_ns("AAPL")) is None
        assert asyncio.run(probe.newest_ns("BTC/USD")) is not None


def test_keys_that_are_refused_or_missing_are_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    with alpaca_server() as server:
        monkeypatch.setenv(KEY_NAME, "another")
        monkeypatch.setenv(SECRET_NAME, "one")
        with pytest.raises(SageTradeError, match="401"):
            asyncio.run(AlpacaProbe(server.url).account_status())
        monkeypatch.delenv(KEY_NAME)
        with pytest.raises(ConfigError, match=KEY_NAME):
            asyncio.run(AlpacaProbe(server.url).time_ns())
