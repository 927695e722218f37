"""The node of `sagetool live` is killed at the moments that matter, and finds at the broker what it had left there."""

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from sagetrade_nautilus.guard.switch.state import State
from tests.support.alpaca_server.server import AlpacaServer, alpaca_server
from tests.support.latch import NOW, put
from tests.support.live_lives import ORDERS, Life, bought, lose_exits, minutes, prepare, protected, resting
from tests.support.live_node import FOLDER, configuration
from tests.support.redis_server import RedisServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client"),
]
AAPL = "AAPL.ALPACA"
TRADED = {"symbol": "AAPL", "qty": "3", "type": "market", "time_in_force": "day"}
SOON_S = 8.0
"""When a position is under its stop after the node is up: long before Nautilus gives up an order without an answer."""


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with alpaca_server() as made, minutes(made):
        made.slow_s = 3.0
        yield made


def sent(server: AlpacaServer) -> int:
    return len(server.asked("POST", "/v2/orders"))


def killed(folder: Path, server: AlpacaServer, style: str, requests: int, **environment: str) -> None:
    """Run a node that holds what it buys, until that many orders were sent, and kill it."""
    prepare(folder, configuration(style, environment.get("REDIS_PORT")))
    life = Life(folder, server, "holding", style, **environment)
    life.wait(lambda: sent(server) == requests, f"{requests} orders")
    assert "Traceback" not in life.kill()
    server.streams.faults.clear()


def comes_back(folder: Path, server: AlpacaServer, style: str, **environment: str) -> Life:
    """Start the node again, wait until its position is protected at the venue, and see that it stays so."""
    life = Life(folder, server, "calm", style, **environment)
    life.wait_for_start()
    life.wait(lambda: protected(server), "a stop and a take-profit of the position's size", SOON_S)
    count = sent(server)
    time.sleep(2.0)
    assert protected(server)
    assert sent(server) == count
    states = life.states()
    assert "Traceback" not in life.kill()
    assert ("reconciliation", "clean") in states
    assert not [state for state in states if "reduce_only" in state]
    assert bought(server)[-1]["qty"] == str(server.account.held("AAPL"))
    return life


@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_an_entry_that_had_not_arrived_is_not_sent_again(tmp_path: Path, server: AlpacaServer, style: str) -> None:
    server.faults[ORDERS] = ["hang"]
    killed(tmp_path, server, style, 1)
    life = Life(tmp_path, server, "calm", style)
    life.wait_for_start()
    time.sleep(2.0)
    assert "Traceback" not in life.kill()
    assert sent(server) == 1
    assert not server.account.orders


@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_an_entry_that_had_arrived_unheard_is_taken_up_and_protected(
    tmp_path: Path, server: AlpacaServer, style: str
) -> None:
    server.faults[ORDERS] = ["slow"]
    server.streams.faults = ["drop"] * 9
    killed(tmp_path, server, style, 1)
    assert server.account.held("AAPL") > 0
    life = comes_back(tmp_path, server, style)
    assert "taken_up" in [state for _, state in life.states()]


@pytest.mark.parametrize("fault", ["hang", "slow"])
def test_a_position_whose_exits_were_on_their_way_gets_them_at_the_venue(
    tmp_path: Path, server: AlpacaServer, fault: str
) -> None:
    """A micro-trade's exits follow its fill: killed between the two, the position stands without a stop until then."""
    server.faults[ORDERS] = ["none", fault]
    killed(tmp_path, server, "micro", 2)
    assert protected(server) is (fault == "slow")
    life = comes_back(tmp_path, server, "micro")
    assert "taken_up" in [state for _, state in life.states()]
    assert sent(server) == (3 if fault == "hang" else 2)


@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_exits_that_rest_are_taken_up_as_they_are(tmp_path: Path, server: AlpacaServer, style: str) -> None:
    prepare(tmp_path, configuration(style, None))
    life = Life(tmp_path, server, "holding", style)
    life.wait(lambda: protected(server), "the exits")
    before = sent(server)
    assert "Traceback" not in life.kill()
    comes_back(tmp_path, server, style)
    assert sent(server) == before


def killed_at_random(
    folder: Path, server: AlpacaServer, style: str, rounds: int, redis: RedisServer | None = None
) -> None:
    """Kill a node again and again while it trades, then one that holds, and see what is found in the end.

    In Redis, which loses what it has not heard of, its orders must be by then.
    """
    environment = {} if redis is None else {"REDIS_PORT": str(redis.port)}
    prepare(folder, configuration(style, environment.get("REDIS_PORT")))

    def heard() -> bool:
        return redis is None or redis.keeps(sent["client_order_id"] for sent in server.asked("POST", "/v2/orders"))

    rng = random.Random(style)  # noqa: S311
    for _ in range(rounds):
        life = Life(folder, server, "trading", style, **environment)
        life.wait_for_start()
        before = len(bought(server))
        life.wait(lambda before=before: len(bought(server)) > before + 1, "two trades")
        time.sleep(rng.uniform(0.0, 0.5))
        life.wait(heard, "its orders in Redis")
        assert "Traceback" not in life.kill()
    life = Life(folder, server, "holding", style, **environment)
    before = len(bought(server))
    life.wait(lambda: len(bought(server)) > before and protected(server) and heard(), "a trade that is held")
    assert "Traceback" not in life.kill()
    comes_back(folder, server, style, **environment)


@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_a_node_killed_at_any_moment_while_it_trades(tmp_path: Path, server: AlpacaServer, style: str) -> None:
    killed_at_random(tmp_path, server, style, 3)


def test_the_same_with_redis_behind_the_cache(tmp_path: Path, server: AlpacaServer, redis_server: RedisServer) -> None:
    killed_at_random(tmp_path, server, "bracket", 2, redis_server)


@pytest.mark.parametrize("gone", [("stop", "limit"), ("stop",)])
@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_exits_that_are_gone_are_sent_anew_to_the_venue(
    tmp_path: Path, server: AlpacaServer, style: str, gone: tuple[str, ...]
) -> None:
    """Nautilus's reconciliation hears nothing of them where the instrument was traded before."""
    with server.lock:
        for side in ("buy", "sell"):
            server.account.submit({**TRADED, "side": side})
    prepare(tmp_path, configuration(style, None))
    life = Life(tmp_path, server, "holding", style)
    life.wait(lambda: protected(server), "the exits")
    (wanted,) = resting(server, "stop")
    assert "Traceback" not in life.kill()
    lose_exits(server, *gone)
    comes_back(tmp_path, server, style)
    (stop,) = resting(server, "stop")
    assert stop["stop_price"] == wanted["stop_price"]


def test_a_node_that_comes_back_under_a_halt_protects_its_position_when_a_person_ends_that(
    tmp_path: Path, server: AlpacaServer
) -> None:
    prepare(tmp_path, configuration("micro", None))
    life = Life(tmp_path, server, "holding", "micro")
    life.wait(lambda: protected(server), "the exits")
    assert "Traceback" not in life.kill()
    lose_exits(server, "stop", "limit")
    put(tmp_path / FOLDER / "latch.json", State.HALTED)
    life = Life(tmp_path, server, "calm", "micro")
    life.wait_for_start()
    time.sleep(2.0)
    assert not resting(server, "stop", "limit", "market")
    put(tmp_path / FOLDER / "latch.json", sequence=NOW + 1)
    life.wait(lambda: protected(server), "a stop and a take-profit of the position's size", SOON_S)
    assert "Traceback" not in life.kill()


def test_a_redis_that_was_away_has_the_node_close_what_it_holds_and_open_nothing(
    tmp_path: Path, server: AlpacaServer, redis_server: RedisServer
) -> None:
    """What happened meanwhile is missing in Redis for good: a person begins anew when all is closed."""
    environment = {"REDIS_PORT": str(redis_server.port)}
    prepare(tmp_path, configuration("bracket", environment["REDIS_PORT"]))
    life = Life(tmp_path, server, "trading", "bracket", **environment)
    life.wait_for_start()
    life.wait(lambda: len(bought(server)) > 1, "two trades")
    redis_server.kill()
    life.wait(lambda: (f"reconciliation:{AAPL}", "reduce_only") in life.states(), "reduce only")
    life.wait(lambda: server.account.held("AAPL") == 0, "the end of what is open")
    redis_server.start()
    count = len(bought(server))
    time.sleep(3.0)
    assert len(bought(server)) == count
    assert "Traceback" not in life.kill()
    assert not resting(server, "stop", "limit", "market")
    for key in redis_server.client.scan_iter("trader-live-alpaca-live-001:*"):
        redis_server.client.delete(key)
    life = Life(tmp_path, server, "trading", "bracket", **environment)
    life.wait(lambda: len(bought(server)) > count, "a trade")
    assert "Traceback" not in life.kill()


def test_a_position_that_the_memory_has_lost_stops_the_start_and_stays_under_its_stop(
    tmp_path: Path, server: AlpacaServer
) -> None:
    prepare(tmp_path, configuration("bracket", None))
    life = Life(tmp_path, server, "holding", "bracket")
    life.wait(lambda: protected(server), "the exits")
    assert "Traceback" not in life.kill()
    for path in (tmp_path / FOLDER).glob("orders.sqlite*"):
        path.unlink()
    before = sent(server)
    life = Life(tmp_path, server, "calm", "bracket")
    assert life.ended() == 11
    assert "the venue says" in life.said()
    assert sent(server) == before
    assert protected(server)
