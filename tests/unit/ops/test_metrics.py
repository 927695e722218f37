"""The metrics: what an engine did, as Prometheus reads it; none beside the catalogue, and no label without a bound."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.events import OrderDenied
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId, StrategyId, TraderId
from prometheus_client.parser import text_string_to_metric_families

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.ops.actor import OpsActor, OpsActorConfig
from sagetrade_nautilus.ops.catalogue import METRICS, PREFIX
from sagetrade_nautilus.ops.metrics import Metrics
from sagetrade_nautilus.overview import Overview
from sagetrade_nautilus.run.node.ops import ops_actors
from tests.support.engine import BTC
from tests.support.experiments import SMALL
from tests.support.plugin import FLAT, play


def numbers(text: bytes) -> dict[tuple[str, tuple[str, ...]], float]:
    """Return every sample by its name and the values of its labels, in the labels' order."""
    return {
        (sample.name, tuple(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[OpsActor, Overview, bytes]:
    """A buy at 40,000, whose take-profit fills; a second one stays open."""
    actor = OpsActor(OpsActorConfig())
    seen: list[tuple[Overview, bytes]] = []

    def prepare(made: Any, plugin: Any) -> None:
        made.add_actor(actor)
        plugin.on_stop = lambda: seen.append((actor.overview(), actor.render()))

    closes = [*FLAT[:6], 41_000.0, 41_000.0, 41_000.0, 41_000.0, 41_000.0]
    play(tmp_path_factory.mktemp("run"), closes=closes, scores={2: 0.8, 8: 0.8}, prepare=prepare)
    return actor, *seen[0]


def test_an_account_is_told_as_the_overview_sees_it(played: tuple[OpsActor, Overview, bytes]) -> None:
    _, seen, text = played
    told = numbers(text)
    assert told["sagetrade_equity", ()] == seen.guard.equity
    held = seen.positions[0]
    assert told["sagetrade_exposure", (BTC, "long", "p")] == pytest.approx(held.notional)
    assert told["sagetrade_open_positions", ("p",)] == 1.0
    assert told["sagetrade_open_orders", ()] == len(seen.orders) == 2
    assert told["sagetrade_trading_state", ()] == 0.0
    assert told["sagetrade_signal_score", (BTC,)] == 0.8
    assert told["sagetrade_price", (BTC,)] == 41_000.0
    thresholds = {labels[0]: value for (name, labels), value in told.items() if name == "sagetrade_limit_threshold"}
    assert thresholds == {limit.limit: limit.threshold for limit in seen.guard.limits}


def test_what_happened_is_counted(played: tuple[OpsActor, Overview, bytes]) -> None:
    _, seen, text = played
    told = numbers(text)
    assert told["sagetrade_trades_total", ("win", "p")] == 1.0
    assert told["sagetrade_realized_pnl", ("p",)] == pytest.approx(
        (seen.guard.equity or 0.0) - 100_000.0 - (seen.positions[0].unrealized or 0.0), abs=10.0
    )
    assert told["sagetrade_decisions_total", ("p", "taken")] == 2.0
    assert told["sagetrade_order_events_total", ("filled",)] == 3.0
    assert told["sagetrade_order_latency_seconds_count", ("fill",)] == 3.0
    assert told["sagetrade_order_latency_seconds_count", ("answer",)] == 4.0  # a market order is answered by its fill


def test_every_metric_is_in_the_catalogue_and_of_its_kind(played: tuple[OpsActor, Overview, bytes]) -> None:
    _, _, text = played
    told = {
        family.name: family.type
        for family in text_string_to_metric_families(text.decode())
        if not family.name.startswith(f"{PREFIX}process_")
    }
    assert told == {f"{PREFIX}{metric.name}": metric.kind for metric in METRICS}


def test_the_process_is_told_too(played: tuple[OpsActor, Overview, bytes]) -> None:
    assert b"sagetrade_process_resident_memory_bytes" in played[2]


def test_a_denial_with_words_of_others_makes_no_label_of_its_own(played: tuple[OpsActor, Overview, bytes]) -> None:
    _, seen, _ = played
    metrics = Metrics(lambda: seen, tuple(limit.limit for limit in seen.guard.limits))
    for reason in ("max_open_trades: 5 against 4", "kill_switch: halted", "anything: that a venue says", "x" * 500):
        event = OrderDenied(
            TraderId("T-1"), StrategyId("p-001"), InstrumentId.from_str(BTC), ClientOrderId("1"), reason, UUID4(), 0
        )
        metrics.order(event, None)
    told = numbers(metrics.render())
    denials = {labels[0]: value for (name, labels), value in told.items() if name == "sagetrade_denials_total"}
    assert {limit: count for limit, count in denials.items() if count} == {
        "max_open_trades": 1.0,
        "kill_switch": 1.0,
        "other": 2.0,
    }


def test_what_has_not_happened_yet_is_told_as_0_so_that_the_first_time_is_seen(
    played: tuple[OpsActor, Overview, bytes],
) -> None:
    told = numbers(played[2])
    assert told["sagetrade_silent_orders_total", ("unresolved",)] == 0.0
    assert told["sagetrade_order_events_total", ("rejected",)] == 0.0
    assert told["sagetrade_denials_total", ("max_price_age_s",)] == 0.0
    assert told["sagetrade_trades_total", ("loss", "p")] == 0.0
    assert told["sagetrade_decisions_total", ("p", "denied_by_guard")] == 0.0


def test_experiments_are_asked_for_by_a_path(tmp_path: Path) -> None:
    actor = OpsActor(OpsActorConfig(experiments=f"{__name__}:experiments"))
    seen: list[bytes] = []

    def prepare(made: Any, plugin: Any) -> None:
        made.add_actor(actor)
        plugin.on_stop = lambda: seen.append(actor.render())

    play(tmp_path, closes=FLAT[:3], prepare=prepare)
    told = numbers(seen[0])
    assert told["sagetrade_experiments", ("active",)] == 3.0
    assert told["sagetrade_experiments", ("regressed",)] == 0.0


def test_a_node_tells_of_the_experiments_of_its_run(tmp_path: Path) -> None:
    folder = tmp_path / "experiments" / "exp-20260101-001"
    folder.mkdir(parents=True)
    (folder / "experiment.json").write_text("damaged: somebody must look")
    config = msgspec.convert(
        {**tomllib.loads(SMALL), "ops": {"enabled": True}, "experiments": {"directory": str(folder.parent)}}, RunConfig
    )
    told = ops_actors(config)[0].config
    actor = OpsActor(OpsActorConfig(experiments=told["experiments"], experiments_folders=told["experiments_folders"]))
    seen: list[bytes] = []

    def prepare(made: Any, plugin: Any) -> None:
        made.add_actor(actor)
        plugin.on_stop = lambda: seen.append(actor.render())

    play(tmp_path, closes=FLAT[:3], prepare=prepare)
    assert numbers(seen[0])["sagetrade_experiments", ("regressed",)] == 1.0


@pytest.mark.parametrize("texts", [True, False])
def test_a_node_waits_for_texts_where_its_run_reads_them(texts: bool) -> None:
    given = tomllib.loads(SMALL)
    config = msgspec.convert({**given, "ops": {"enabled": True}, "data": {**given["data"], "texts": texts}}, RunConfig)
    assert ops_actors(config)[0].config["reads_text"] is texts


@pytest.mark.parametrize("reads_text", [True, False])
def test_a_node_that_waits_for_texts_tells_how_long_it_has_waited_for_the_first(
    tmp_path: Path, reads_text: bool
) -> None:
    actor = OpsActor(OpsActorConfig(reads_text=reads_text))
    seen: list[tuple[Overview, bytes]] = []

    def prepare(made: Any, plugin: Any) -> None:
        made.add_actor(actor)
        plugin.on_stop = lambda: seen.append((actor.overview(), actor.render()))

    play(tmp_path, closes=FLAT[:3], prepare=prepare)
    ((overview, text),) = seen
    waited_s = (overview.ts - overview.started_ns) / NANOS_PER_SECOND
    assert waited_s > 0.0
    assert numbers(text).get(("sagetrade_text_age_seconds", ())) == (waited_s if reads_text else None)
    assert overview.last_text_ns is None


def experiments() -> dict[str, int]:
    return {"active": 3}
