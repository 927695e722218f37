"""The node of `sagetool live` trades coins at the broker: one stop rests, and whatever happens nothing is left bare."""

import random
import shutil
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from sagetrade_nautilus.guard.switch.state import State
from tests.support import latch
from tests.support.alpaca_server.server import AlpacaServer, alpaca_server
from tests.support.live_lives import ORDERS, Life, bought, lose_exits, minutes, prepare, resting
from tests.support.live_node import FOLDER, configuration

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client"),
]
PAIR = "BTC/USD"
LEAST = Decimal("0.00002")
"""The smallest order in the pair."""
GRAIN = Decimal("0.00000001")
"""What rounding one fee may leave at the venue that our books do not know of."""
SOON_S = 8.0


class Market:
    """The server, and what its price is about."""

    def __init__(self, server: AlpacaServer, about: list[float]) -> None:
        self.server = server
        self.about = about

    def held(self) -> Decimal:
        with self.server.lock:
            return self.server.account.held(PAIR)

    def is_flat(self) -> bool:
        return 0 <= self.held() < LEAST and not resting(self.server, "stop_limit", "limit", "market")

    def stop(self) -> dict[str, Any] | None:
        """Return the stop that covers all that is held and can be sold, where it is all that rests."""
        rest = resting(self.server, "stop_limit", "limit", "market")
        (stop,) = rest if len(rest) == 1 else (None,)
        left = Decimal(0) if stop is None else Decimal(stop["qty"]) - Decimal(stop["filled_qty"])
        return stop if left > 0 and 0 <= self.held() - left < 20 * GRAIN else None

    def sold(self) -> list[dict[str, Any]]:
        with self.server.lock:
            orders = list(self.server.account.orders.values())
        return [order for order in orders if order["side"] == "sell" and order["filled_qty"] != "0"]


@pytest.fixture
def market() -> Iterator[Market]:
    with alpaca_server() as made, minutes(made, PAIR) as about:
        made.slow_s = 3.0
        yield Market(made, about)


def begin(folder: Path, market: Market, scenario: str = "once", style: str = "bracket") -> Life:
    if not (folder / FOLDER).exists():
        prepare(folder, configuration(style, None, PAIR))
    return Life(folder, market.server, scenario, style, SYMBOL=PAIR)


def ends(life: Life) -> list[tuple[str, str]]:
    """Kill the node; return what it had noted in the journal."""
    states = life.states()
    assert "Traceback" not in life.kill()
    return states


def is_left_alone(market: Market) -> bool:
    """Whether nothing more is sent for a while."""
    count = len(market.server.asked("POST", "/v2/orders"))
    time.sleep(2.0)
    return len(market.server.asked("POST", "/v2/orders")) == count


@pytest.mark.parametrize("style", ["bracket", "micro"])
@pytest.mark.parametrize("pieces", [1, 3])
def test_an_entry_gets_its_stop_and_its_take_profit_sells_it(
    tmp_path: Path, market: Market, style: str, pieces: int
) -> None:
    market.server.account.pieces = pieces
    life = begin(tmp_path, market, style=style)
    life.wait(market.stop, "a stop of the position's size")
    assert is_left_alone(market)
    stop = market.stop()
    assert stop is not None
    assert float(stop["limit_price"]) == pytest.approx(float(stop["stop_price"]) * 0.995, abs=0.02)
    market.about[0] *= 1.08
    life.wait(market.is_flat, "the end", SOON_S)
    assert is_left_alone(market)
    (sale,) = market.sold()
    assert sale["type"] == "market"
    assert not [state for state in ends(life) if "reduce_only" in state]
    assert len(bought(market.server)) == 1


def test_a_price_that_leaps_over_the_limit_has_it_sold_at_the_market(tmp_path: Path, market: Market) -> None:
    life = begin(tmp_path, market)
    life.wait(market.stop, "a stop")
    market.about[0] *= 0.6
    life.wait(market.is_flat, "the end", SOON_S)
    (sale,) = market.sold()
    assert sale["type"] == "market"
    ends(life)


def test_a_stop_that_is_reached_sells_all_and_nothing_is_sold_after_it(tmp_path: Path, market: Market) -> None:
    life = begin(tmp_path, market)
    life.wait(market.stop, "a stop")
    stop = market.stop()
    assert stop is not None
    with market.server.lock:
        market.about[0] = float(stop["stop_price"]) - 50.0
        market.server.account.move(PAIR, f"{market.about[0]:.2f}", f"{market.about[0] + 0.01:.2f}")
    life.wait(market.is_flat, "the end", SOON_S)
    assert is_left_alone(market)
    assert sum(Decimal(order["filled_qty"]) for order in market.sold()) == Decimal(stop["qty"])
    ends(life)


@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_a_stop_that_rests_is_taken_up_by_the_next_life(tmp_path: Path, market: Market, style: str) -> None:
    life = begin(tmp_path, market, style=style)
    life.wait(market.stop, "a stop")
    ends(life)
    stop, count = market.stop(), len(market.server.asked("POST", "/v2/orders"))
    life = begin(tmp_path, market, "calm", style)
    life.wait_for_start()
    assert is_left_alone(market)
    assert market.stop() == stop
    assert len(market.server.asked("POST", "/v2/orders")) == count
    market.about[0] *= 1.08
    life.wait(market.is_flat, "the take-profit of the saved decision", SOON_S)
    states = ends(life)
    assert ("reconciliation", "clean") in states
    assert "taken_up" in [state for _, state in states]
    assert not [state for state in states if "reduce_only" in state]


@pytest.mark.parametrize("fault", ["hang", "slow"])
def test_a_position_whose_stop_was_on_its_way_gets_it_at_the_venue(tmp_path: Path, market: Market, fault: str) -> None:
    market.server.faults[ORDERS] = ["none", fault]
    life = begin(tmp_path, market)
    life.wait(lambda: len(market.server.asked("POST", "/v2/orders")) == 2, "two orders")
    ends(life)
    life = begin(tmp_path, market, "calm")
    life.wait_for_start()
    life.wait(market.stop, "a stop", SOON_S)
    assert is_left_alone(market)
    assert market.stop() is not None
    assert ("reconciliation", "clean") in ends(life)


def test_an_entry_that_had_arrived_unheard_is_taken_up_and_protected(tmp_path: Path, market: Market) -> None:
    market.server.faults[ORDERS] = ["slow"]
    market.server.streams.faults = ["drop"] * 9
    life = begin(tmp_path, market)
    life.wait(lambda: market.held() > 0, "a position")
    ends(life)
    market.server.streams.faults.clear()
    life = begin(tmp_path, market, "calm")
    life.wait_for_start()
    life.wait(market.stop, "a stop", SOON_S)
    assert is_left_alone(market)
    states = ends(life)
    assert ("reconciliation", "clean") in states
    assert not [state for state in states if "reduce_only" in state]


def test_a_stop_that_is_gone_is_sent_anew_by_this_life_and_by_the_next(tmp_path: Path, market: Market) -> None:
    life = begin(tmp_path, market)
    life.wait(market.stop, "a stop")
    first = market.stop()
    assert first is not None
    lose_exits(market.server, "stop_limit")
    life.wait(lambda: (market.stop() or first)["id"] != first["id"], "another stop", SOON_S)
    ends(life)
    lose_exits(market.server, "stop_limit")
    life = begin(tmp_path, market, "calm")
    life.wait_for_start()
    life.wait(market.stop, "a third stop", SOON_S)
    third = market.stop()
    assert third is not None
    assert third["stop_price"] == first["stop_price"]
    ends(life)


def test_a_position_whose_stop_is_refused_is_sold_at_once(tmp_path: Path, market: Market) -> None:
    market.server.faults[ORDERS] = ["none", 422]
    life = begin(tmp_path, market)
    life.wait(lambda: market.sold() and market.is_flat(), "the end")
    assert is_left_alone(market)
    ends(life)


def test_a_fee_that_is_larger_than_was_thought_leaves_nothing_unsold(tmp_path: Path, market: Market) -> None:
    """The venue refuses to sell what it never credited; what is there is sold, and our books say that they differ."""
    market.server.account.crypto_fee = Decimal("0.005")
    life = begin(tmp_path, market)
    life.wait(lambda: market.sold() and market.is_flat(), "the end")
    assert market.held() < LEAST
    life.wait(lambda: (f"reconciliation:{PAIR}.ALPACA", "reduce_only") in life.states(), "reduce only")
    ends(life)


def test_so_few_coins_that_nothing_could_sell_them_count_as_none(tmp_path: Path, market: Market) -> None:
    """An entry of which next to nothing was bought is over, and the next one is made and protected."""
    account = market.server.account
    account.market_waits = True
    life = begin(tmp_path, market, "holding")
    life.wait(lambda: resting(market.server, "market"), "an entry")
    with market.server.lock:
        (entry,) = resting(market.server, "market")
        account.fill(entry["id"], "0.00001", "50000.00")
        account.cancel(entry["id"])
        account.market_waits = False
    life.wait(lambda: resting(market.server, "stop_limit"), "another trade under its stop")
    (stop,) = resting(market.server, "stop_limit")
    assert 0 <= market.held() - Decimal(stop["qty"]) < LEAST
    assert len(bought(market.server)) == 2
    assert not [state for state in ends(life) if "reduce_only" in state]
    life = begin(tmp_path, market, "calm")
    life.wait_for_start()
    assert is_left_alone(market)
    assert resting(market.server, "stop_limit") == [stop]
    assert ("reconciliation", "clean") in ends(life)


@pytest.mark.parametrize("state", [State.REDUCE_ONLY, State.HALTED])
def test_an_operator_flattens_it(tmp_path: Path, market: Market, state: State) -> None:
    life = begin(tmp_path, market, "holding")
    life.wait(market.stop, "a stop")
    latch.put(tmp_path / FOLDER / "latch.json", state, flatten=True, sequence=latch.NOW + 1)
    life.wait(market.is_flat, "the end", SOON_S)
    assert is_left_alone(market)
    assert market.is_flat()
    ends(life)


def test_a_halt_leaves_the_stop_where_it_is(tmp_path: Path, market: Market) -> None:
    life = begin(tmp_path, market, "holding")
    life.wait(market.stop, "a stop")
    stop = market.stop()
    latch.put(tmp_path / FOLDER / "latch.json", State.HALTED, sequence=latch.NOW + 1)
    market.about[0] *= 1.08
    assert is_left_alone(market)
    assert market.stop() == stop
    ends(life)


@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_a_node_killed_at_any_moment_while_it_trades_coins(tmp_path: Path, market: Market, style: str) -> None:
    market.server.account.pieces = 2
    rng = random.Random(style)  # noqa: S311
    for _ in range(3):
        life = begin(tmp_path, market, "trading", style)
        life.wait_for_start()
        before = len(bought(market.server))
        life.wait(lambda before=before: len(bought(market.server)) > before + 1, "two trades")
        time.sleep(rng.uniform(0.0, 0.5))
        assert not [state for state in ends(life) if "reduce_only" in state]
    life = begin(tmp_path, market, "calm", style)
    life.wait_for_start()
    life.wait(market.is_flat, "the end of what came due meanwhile", SOON_S)
    assert is_left_alone(market)
    assert market.held() >= 0
    assert ("reconciliation", "clean") in ends(life)
