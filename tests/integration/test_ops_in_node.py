"""The ops server of a real node: it answers while the node runs, says no before it stops, and lets no stranger in."""

import signal
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nautilus_trader.model.data import Bar
from prometheus_client.parser import text_string_to_metric_families

from adapters.replay.pace import Pace
from sagetrade_nautilus.config import OpsConfig, RunConfig, load
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.overview import Overview
from sagetrade_nautilus.run import backtest
from sagetrade_nautilus.run.paper import paper
from sagetrade_nautilus.run.replay import replay
from strategies.momentum_scalper import MomentumScalper
from tests.support.ops import Poller, ask, free_port, health
from tests.support.ticking import until_over, wish

replace = msgspec.structs.replace
DAYS_PER_SECOND = 86_400.0


@pytest.fixture(scope="module")
def replayed(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Four days of May 2022 in as many seconds, and what the server answered meanwhile."""
    demo = load(project_root / "configs" / "demo.toml")
    first, last = (demo.data.start.replace(month=5, day=day) for day in (8, 12))
    folder = tmp_path_factory.mktemp("replay")
    settings = replace(
        demo,
        data=replace(demo.data, start=first, end=last, catalog=str(folder / "catalog")),
        ops=OpsConfig(enabled=True, port=free_port()),
    )
    backtest.prepare(settings)
    told: dict[str, list[Any]] = {"overview": [], "metrics": [], "live": [], "ready": [], "strange": [], "nowhere": []}

    def look() -> None:
        port = settings.ops.port
        if ask(port, "/health/live")[0] == 0:
            return
        told["live"].append(health(port, "live"))
        told["ready"].append(health(port, "ready"))
        told["overview"].append(ask(port, "/overview"))
        told["metrics"].append(ask(port, "/metrics"))
        told["strange"].append(ask(port, "/overview", host="evil.example")[0])
        told["nowhere"].append(ask(port, "/orders")[0])

    with Poller(look):
        replay(settings, folder / "state", Pace(DAYS_PER_SECOND))
    return told


def test_an_overview_is_told_as_json(replayed: dict[str, list[Any]]) -> None:
    seen = [msgspec.json.decode(body, type=Overview) for status, body in replayed["overview"] if status == 200]
    assert len(seen) > 5
    assert seen[-1].guard.run == "demo"
    assert {view.client for view in seen[-1].node.clients} == {"data BINANCE", "data NEWS", "exec BINANCE"}  # type: ignore[union-attr]
    assert seen[-1].ts - seen[0].ts > 3_600 * 10**9


def test_metrics_are_told_in_prometheus_format(replayed: dict[str, list[Any]]) -> None:
    status, body = replayed["metrics"][-2]
    assert status == 200
    families = {family.name: family for family in text_string_to_metric_families(body.decode())}
    assert families["sagetrade_equity"].samples[0].value > 0.0
    assert families["sagetrade_texts"].samples[0].value > 0.0
    lags = {sample.name: sample.value for sample in families["sagetrade_loop_lag_seconds"].samples}
    assert lags["sagetrade_loop_lag_seconds_count"] > 0.0


def test_a_node_that_plays_lives_and_is_ready(replayed: dict[str, list[Any]]) -> None:
    assert (200, []) in replayed["live"]
    assert (200, []) in replayed["ready"]


def test_a_page_of_another_name_learns_nothing(replayed: dict[str, list[Any]]) -> None:
    assert set(replayed["strange"]) <= {403, 0}
    assert 403 in replayed["strange"]


def test_there_is_no_other_address(replayed: dict[str, list[Any]]) -> None:
    assert set(replayed["nowhere"]) <= {404, 0}


def test_a_port_that_is_taken_stops_the_start_before_there_is_a_node(
    wall: RunConfig, wall_bars: list[Bar], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        settings = replace(wall, ops=OpsConfig(enabled=True, port=held.getsockname()[1]))
        with pytest.raises(ConfigError, match=r"`ops`: 127\.0\.0\.1:\d+ cannot be had: Address already in use; name"):
            paper(settings, tmp_path, lambda line: None, until_over(wall_bars))


@pytest.mark.slow
def test_a_node_that_is_asked_to_stop_first_says_that_it_is_not_ready(
    wall: RunConfig, wall_bars: list[Bar], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MomentumScalper, "on_new_signal", wish)
    settings = replace(wall, ops=OpsConfig(enabled=True, port=free_port()))
    told: list[tuple[int, list[str]]] = []
    with Poller(lambda: told.append(health(settings.ops.port, "ready")), every_s=0.005):
        assert paper(settings, tmp_path, lambda line: None, until_over(wall_bars)) is signal.SIGTERM
    answered = [failed for status, failed in told if status]
    assert [] in answered, "it never was ready"
    assert "staying" in answered[-1]
    assert told[-1][0] == 0, "it still answers after its end"
