"""Alpaca's switch against a server on this machine: what it asks, what it makes of faults, and what it never shows."""

from collections.abc import Iterator
from typing import Any

import pytest

httpx = pytest.importorskip("httpx", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from adapters.alpaca.switch import AlpacaSwitch  # noqa: E402
from sagetrade_nautilus.errors import ConfigError, KillSwitchError  # noqa: E402
from sagetrade_nautilus.secrets import Secret  # noqa: E402
from tests.support.alpaca import CONFIGURATION, KEY, SECRET, FakeAlpaca, alpaca  # noqa: E402

TIMEOUT_S = 0.4


@pytest.fixture
def server() -> Iterator[FakeAlpaca]:
    with alpaca() as made:
        yield made


@pytest.fixture
def switch(server: FakeAlpaca) -> AlpacaSwitch:
    return AlpacaSwitch(Secret(KEY), Secret(SECRET), server.url, timeout_s=TIMEOUT_S)


def test_it_suspends_and_reads_back(server: FakeAlpaca, switch: AlpacaSwitch) -> None:
    assert not switch.is_suspended()
    switch.suspend()
    assert switch.is_suspended()
    assert server.asked() == [f"GET {CONFIGURATION}", f"PATCH {CONFIGURATION}", f"GET {CONFIGURATION}"]


def test_what_it_reads_back_is_what_the_broker_does_and_not_what_it_answered(
    server: FakeAlpaca, switch: AlpacaSwitch
) -> None:
    server.faults = ["ignore"]
    switch.suspend()
    assert not switch.is_suspended()


def test_it_cancels_every_order_and_looks_that_none_is_left(server: FakeAlpaca, switch: AlpacaSwitch) -> None:
    switch.cancel_all()
    assert server.orders == []
    assert server.asked() == ["DELETE /v2/orders", "GET /v2/orders"]
    server.orders, server.stubborn = ["one", "two", "three"], ["two"]
    with pytest.raises(KillSwitchError, match="1 orders are still open, 1 cancels were refused"):
        switch.cancel_all()


@pytest.mark.parametrize("fault", [500, 502, 503, 504, 429, "cut", "slow", "drip"])
def test_a_passing_fault_is_asked_again(server: FakeAlpaca, switch: AlpacaSwitch, fault: Any) -> None:
    server.faults = [fault]
    server.slow_s = 2 * TIMEOUT_S
    switch.suspend()
    assert server.suspended
    assert server.asked() == [f"PATCH {CONFIGURATION}"] * 2


@pytest.mark.parametrize("fault", [500, "cut"])
def test_a_lasting_fault_is_told_after_three_tries(server: FakeAlpaca, switch: AlpacaSwitch, fault: Any) -> None:
    server.faults = [fault] * 20
    with pytest.raises(KillSwitchError, match=f"Alpaca: PATCH {CONFIGURATION}: "):
        switch.suspend()
    assert len(server.requests) == 3


@pytest.mark.parametrize("fault", ["nonsense", "other"])
def test_an_answer_that_makes_no_sense_confirms_nothing(server: FakeAlpaca, switch: AlpacaSwitch, fault: Any) -> None:
    server.suspended = True
    server.faults = [fault]
    with pytest.raises(KillSwitchError, match="makes no sense"):
        switch.is_suspended()


@pytest.mark.parametrize("fault", [401, 403])
def test_a_refused_key_is_told_at_once_with_what_to_look_at(
    server: FakeAlpaca, switch: AlpacaSwitch, fault: int
) -> None:
    server.faults = [fault]
    with pytest.raises(ConfigError, match=rf"refused \({fault}\); look at APCA_API_KEY_ID and APCA_API_SECRET_KEY"):
        switch.suspend()
    assert len(server.requests) == 1


def test_a_request_that_is_refused_for_another_reason_is_not_repeated(server: FakeAlpaca, switch: AlpacaSwitch) -> None:
    server.faults = [422]
    with pytest.raises(KillSwitchError, match="answered 422"):
        switch.suspend()
    assert len(server.requests) == 1


def test_it_waits_as_long_as_it_is_told_to(server: FakeAlpaca, switch: AlpacaSwitch) -> None:
    server.faults, server.retry_after = [429], "1"
    switch.suspend()
    first, second = (at for _, _, at in server.requests)
    assert second - first >= 1.0


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(KillSwitchError, match="ConnectError"):
        AlpacaSwitch(Secret(KEY), Secret(SECRET), "http://127.0.0.1:9", timeout_s=TIMEOUT_S).suspend()


@pytest.mark.parametrize("url", ["http://api.alpaca.markets", "ftp://example.org", "api.alpaca.markets", ""])
def test_a_key_is_sent_nowhere_in_the_clear(url: str) -> None:
    with pytest.raises(ConfigError, match="over https"):
        AlpacaSwitch(Secret(KEY), Secret(SECRET), url)


def test_no_message_shows_a_key(server: FakeAlpaca, switch: AlpacaSwitch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    told = [repr(switch), repr(vars(switch))]
    for fault in (401, 403, 422, 500, 429, "cut", "nonsense", "other"):
        server.faults = [fault] * 3
        try:
            switch.is_suspended()
        except (KillSwitchError, ConfigError) as error:
            told += [str(error), repr(error), repr(error.__context__)]
        server.faults = []
    shown = "\n".join([*told, caplog.text])
    assert KEY not in shown
    assert SECRET not in shown
