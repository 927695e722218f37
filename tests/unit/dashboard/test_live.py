"""A node's Overview as the page shows it, and what is known of nodes that do not answer."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.dashboard.live import currency_of, gauges, node_view, seen_of, signals, standing, watched
from sagetrade_nautilus.dashboard.nodes import BYTES_MAX, Node, NodeWatch, new_client
from sagetrade_nautilus.dashboard.samples import Sample, Samples
from sagetrade_nautilus.overview import Overview
from tests.support.http_server import Reply, serving

SECOND = 1_000_000_000


def test_what_is_lost_today_and_what_is_at_stake(overview: Overview) -> None:
    shown = standing(overview)
    assert (shown.day_pnl, shown.day_pnl_pct) == (-100.0, -1.0)
    assert (shown.exposure, shown.net_exposure, shown.open_pnl) == (1_010.0, 1_010.0, 10.0)
    assert shown.exposure_pct == pytest.approx(100.0 * 1_010.0 / 9_900.0)


def test_a_short_counts_against_the_net_exposure(overview: Overview) -> None:
    short = msgspec.structs.replace(overview.positions[0], side="short", notional=2_000.0)
    shown = standing(msgspec.structs.replace(overview, positions=(*overview.positions, short)))
    assert (shown.exposure, shown.net_exposure) == (3_010.0, -990.0)


def test_a_position_without_a_price_is_counted_and_not_guessed(overview: Overview) -> None:
    blind = msgspec.structs.replace(overview.positions[0], notional=None, unrealized=None, last_price=None)
    shown = standing(msgspec.structs.replace(overview, positions=(blind,)))
    assert (shown.unpriced, shown.exposure) == (1, 0.0)


def test_an_equity_that_is_not_known_stays_unknown(overview: Overview) -> None:
    guard = msgspec.structs.replace(overview.guard, equity=None)
    shown = standing(msgspec.structs.replace(overview, guard=guard))
    assert (shown.equity, shown.day_pnl, shown.day_pnl_pct, shown.exposure_pct) == (None, None, None, None)
    assert shown.drawdown_pct is None


def test_the_drawdown_is_the_fall_from_the_highest_equity_whatever_the_guard_counts_from(overview: Overview) -> None:
    """The gauge counts anew once a person has released a trip; what was lost is lost."""
    assert standing(overview).drawdown_pct == pytest.approx(100.0 * 200.0 / 10_100.0)
    above = msgspec.structs.replace(overview.guard, equity=10_200.0)
    assert standing(msgspec.structs.replace(overview, guard=above)).drawdown_pct == 0.0


def test_gauges_show_the_unknown_first_then_the_nearest(overview: Overview) -> None:
    shown = [(gauge.limit, gauge.used) for gauge in gauges(overview)]
    assert shown == [
        ("max_price_age_s", None),
        ("max_open_trades", 1.0),  # a limit of 0 has nothing left
        ("max_drawdown_pct", 0.95),
        ("max_exposure_pct", 0.5),
    ]


def test_a_signal_is_explained_by_its_parts_the_largest_first(overview: Overview) -> None:
    (signal,) = signals(overview)
    assert [(part.name, part.contribution) for part in signal.parts] == [("text:Wire", 0.2), ("rsi_14", 0.1)]
    assert sum(part.contribution for part in signal.parts) == pytest.approx(signal.score)


def test_a_view_travels_as_json_without_a_number_that_is_none(overview: Overview) -> None:
    raw = msgspec.json.encode(node_view(Node(url="u", reach="ok", overview=overview), {}))
    assert b"NaN" not in raw
    assert b"Infinity" not in raw


def test_a_node_s_place_is_known_by_its_kill_switch(
    overview: Overview, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    node = Node(url="u", reach="ok", overview=overview)
    assert node_view(node, {tmp_path / "state/paper/latch.json": "paper"}).place == "paper"
    assert node_view(node, {tmp_path / "elsewhere/latch.json": "paper"}).place == ""


def test_only_the_node_of_a_folder_says_what_is_open_there_is_worth(overview: Overview) -> None:
    places = {Path(overview.guard.latch).absolute(): "paper"}
    node = Node(url="u", reach="ok", overview=overview)
    seen = seen_of("node:paper", [node], places)
    assert (seen.equity, seen.marks) == (9_900.0, {"BTCUSDT.BINANCE": (overview.ts, 101.0)})
    silent = msgspec.structs.replace(node, reach="unreachable")
    for source, nodes in (("run:paper", [node]), ("node:other", [node]), ("node:", [node]), ("node:paper", [silent])):
        assert seen_of(source, nodes, places).marks == {}


def test_what_a_node_s_money_is_counted_in_is_known_also_while_it_is_silent(overview: Overview) -> None:
    places = {Path(overview.guard.latch).absolute(): "paper"}
    silent = Node(url="u", reach="unreachable", overview=overview)
    assert currency_of("node:paper", [silent], places) == overview.guard.currency != ""
    assert currency_of("node:other", [silent], places) == ""
    assert currency_of("node:paper", [Node(url="u")], places) == ""


def ask(*replies: Reply, times: int = 1) -> NodeWatch:
    async def run() -> NodeWatch:
        with serving(*replies) as server:
            async with new_client() as client:
                watch = NodeWatch(server.url, client)
                for _ in range(times):
                    await watch.ask()
                return watch

    return asyncio.run(run())


def test_a_node_that_answers_is_known(overview: Overview) -> None:
    watch = ask(Reply(body=msgspec.json.encode(overview)))
    assert (watch.node.reach, watch.node.overview) == ("ok", overview)
    assert watch.samples.kept == [Sample(overview.ts, 9_900.0, 1_010.0)]


@pytest.mark.parametrize(
    ("reply", "reach"),
    [
        (Reply(503, b"no"), "unreachable"),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), "unreachable"),
        (Reply(body=b"<html>"), "not_understood"),
        (Reply(body=b"{}"), "not_understood"),
        (Reply(body=b"\xff" * 10), "not_understood"),
        (Reply(body=b" " * (BYTES_MAX + 1)), "not_understood"),
        (Reply(body=b"{" * 100_000), "not_understood"),
        (Reply(body=b'{"ts":', cut=3), "unreachable"),
    ],
)
def test_a_node_that_answers_as_it_should_not_is_shown_as_it_last_was(
    overview: Overview, reply: Reply, reach: str
) -> None:
    watch = ask(Reply(body=msgspec.json.encode(overview)), reply, times=2)
    assert watch.node.reach == reach
    assert watch.node.fault
    assert watch.node.overview == overview


def test_a_node_that_hangs_is_said_to_give_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagetrade_nautilus.dashboard.nodes.TIMEOUT_S", 0.05)
    node = ask(Reply(body=b"{}", pause_s=0.3)).node
    assert (node.reach, node.fault) == ("unreachable", "no answer within 0.05 s")


def test_where_nothing_listens_the_node_is_unreachable() -> None:
    async def run() -> Node:
        async with new_client() as client:
            watch = NodeWatch("http://127.0.0.1:1", client)
            await watch.ask()
            return watch.node

    node = asyncio.run(run())
    assert (node.reach, node.overview) == ("unreachable", None)


@given(st.lists(st.integers(min_value=0, max_value=10_000), max_size=300), st.integers(min_value=4, max_value=20))
def test_samples_stay_few_in_order_and_reach_back_to_the_first(moments: list[int], most: int) -> None:
    samples = Samples(1, points_max=most)
    for ts in sorted(moments):
        samples.add(Sample(ts, 1.0, 0.0))
    kept = [sample.ts for sample in samples.kept]
    assert len(kept) <= most
    assert kept == sorted(set(kept))
    assert not moments or kept[0] == min(moments)


def test_a_replay_that_begins_anew_is_drawn_without_the_one_before() -> None:
    samples = Samples(SECOND)
    for ts in (100 * SECOND, 200 * SECOND, 199 * SECOND, 201 * SECOND):
        samples.add(Sample(ts, 1.0, 0.0))
    assert [sample.ts for sample in samples.kept] == [100 * SECOND, 200 * SECOND, 201 * SECOND]
    samples.add(Sample(110 * SECOND, 1.0, 0.0))
    assert [sample.ts for sample in samples.kept] == [110 * SECOND]


def test_what_was_watched_is_drawn_once_there_is_something(overview: Overview) -> None:
    samples = [Sample(k * SECOND, 100.0 - k, 10.0) for k in range(1, 5)]
    assert watched(samples[:1], "USDT") is None
    drawn = watched(samples, "USDT")
    assert drawn is not None
    assert drawn.charts.drawdown.lines[0].name == "chart.drawdown"
