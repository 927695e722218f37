"""A node that is killed at any moment and started again: what it holds is what the venue holds, under a stop."""

import random
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest

from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import DenialRecord, OrderRecord
from sagetrade_nautilus.run.files import JOURNAL
from tests.support.latch import put
from tests.support.redis_server import RedisServer
from tests.support.restart import (
    Life,
    balance,
    books,
    dead_venue,
    deeds,
    hold,
    lose_stops,
    make_a_close,
    make_a_close_in_redis,
    open_stops,
    port_of,
)

ROUNDS = 4


def killed_and_started_again(folder: Path, style: str, rounds: int, redis: RedisServer | None = None) -> None:
    """Kill a node again and again while it trades, and check what it holds in the end."""
    put(folder / "latch.json")
    rng = random.Random(style)  # noqa: S311
    for _ in range(rounds):
        life = Life(folder, "trading", style, **port_of(redis))
        life.wait_for_start()
        time.sleep(rng.uniform(0.0, 1.5))
        if redis is not None:
            life.wait_for(redis)
        said = life.kill()
        assert "Traceback" not in said, said
    hold(folder, style, redis)

    calm = Life(folder, "calm", style, **port_of(redis))
    final = calm.settled()
    held, stops, entries = books(folder)
    assert len(final["held"]) == 1
    assert final["balance"] == balance(folder)
    assert final["held"][0][0] == "eager-001"
    assert held == Counter(size for _, size in final["held"])
    assert stops == Counter(size for _, size in final["stops"])
    assert [trade for trade, count in Counter(entries).items() if count > 1] == []
    assert len(entries) >= rounds
    assert "taken_up" in deeds(folder)


@pytest.mark.slow
@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_a_node_killed_at_any_moment_takes_up_what_it_held(tmp_path: Path, style: str) -> None:
    """Nothing is sent twice, nothing is lost, and what it holds is what the venue holds, under a stop of its size."""
    killed_and_started_again(tmp_path, style, ROUNDS)


@pytest.mark.slow
def test_the_same_with_redis_behind_the_cache(tmp_path: Path, redis_server: RedisServer) -> None:
    killed_and_started_again(tmp_path, "bracket", 2, redis_server)


@pytest.mark.slow
def test_a_close_that_was_made_and_never_sent_is_given_up_and_the_position_gets_a_stop(tmp_path: Path) -> None:
    put(tmp_path / "latch.json")
    hold(tmp_path, "bracket")
    lose_stops(tmp_path)
    make_a_close(tmp_path)
    Life(tmp_path, "calm", "bracket").settled()


@pytest.mark.slow
def test_so_it_does_with_redis_behind_the_cache(tmp_path: Path, redis_server: RedisServer) -> None:
    put(tmp_path / "latch.json")
    hold(tmp_path, "bracket", redis_server)
    lose_stops(tmp_path)
    make_a_close_in_redis(redis_server.port)
    Life(tmp_path, "calm", "bracket", **port_of(redis_server)).settled()


@pytest.mark.slow
def test_a_stop_that_is_gone_is_sent_anew_from_the_saved_decision(tmp_path: Path) -> None:
    put(tmp_path / "latch.json")
    hold(tmp_path, "bracket")
    (trigger,) = lose_stops(tmp_path)
    Life(tmp_path, "calm", "bracket").settled()
    with dead_venue(tmp_path) as venue:
        assert [order.trigger_price for order in open_stops(venue)] == [trigger]


@pytest.mark.slow
def test_a_position_whose_decision_is_lost_gets_the_configured_stop(tmp_path: Path) -> None:
    put(tmp_path / "latch.json")
    hold(tmp_path, "micro")
    lose_stops(tmp_path)
    database = sqlite3.connect(tmp_path / "orders.sqlite")
    database.execute("DELETE FROM notes")
    database.commit()
    database.close()
    Life(tmp_path, "calm", "micro").settled()
    assert "found" in deeds(tmp_path)
    with dead_venue(tmp_path) as venue:
        (position,) = venue.cache.positions_open()
        (stop,) = open_stops(venue)
        distance = abs(stop.trigger_price.as_double() / position.avg_px_open - 1.0)
        assert distance == pytest.approx(0.02, abs=1e-5)


@pytest.mark.slow
def test_a_leg_that_was_filled_is_closed_where_the_other_one_was_not(tmp_path: Path) -> None:
    put(tmp_path / "latch.json")
    first = Life(tmp_path, "pair-holding", "bracket")
    first.wait(lambda: first.states() and first.entered_anew() and first.states()[-1]["stops"])
    first.wait(lambda: filled(tmp_path))  # the journal is written with the next heartbeat
    first.kill()
    assert filled(tmp_path) == ["entry"]
    then = Life(tmp_path, "pair-calm", "bracket")
    then.wait(lambda: then.states() and not then.states()[-1]["held"])
    then.wait(lambda: len(filled(tmp_path)) > 1)
    assert "Traceback" not in then.kill()
    assert filled(tmp_path) == ["entry", "leg_failed"]
    with dead_venue(tmp_path) as venue:
        assert venue.cache.orders_open() == []


def filled(folder: Path) -> list[str]:
    """Return what the orders that were filled were for, by the journal."""
    lines = [line for line in read(folder / JOURNAL) if isinstance(line, OrderRecord) and line.event == "filled"]
    return [line.tags[1] for line in lines]


@pytest.mark.slow
def test_a_position_of_nobody_is_only_reduced(tmp_path: Path) -> None:
    """Without its memory the node does not know whose the position is: it alerts, and lets nothing in there."""
    put(tmp_path / "latch.json")
    hold(tmp_path, "bracket")
    before = books(tmp_path)
    for path in tmp_path.glob("orders.sqlite*"):
        path.unlink()
    life = Life(tmp_path, "holding", "bracket")
    life.wait(lambda: any(isinstance(line, DenialRecord) for line in read(tmp_path / "decisions.jsonl")))
    assert life.states()[-1]["held"][0][0] == "EXTERNAL"
    assert "a position is open there that no strategy of this run manages" in life.kill()
    assert "reduce_only" in deeds(tmp_path)
    denials = {line.reason for line in read(tmp_path / "decisions.jsonl") if isinstance(line, DenialRecord)}
    assert {reason.split(":")[0] for reason in denials} == {"owned_positions"}
    assert books(tmp_path) == before
