"""The composition root: one configuration, one wiring, nothing without the guard."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.config.canary import CanaryConfig
from sagetrade_nautilus.guard.guard_config import GuardConfig
from sagetrade_nautilus.guard.journal.records import RunRecord
from sagetrade_nautilus.run.compose import actors, compose, interval_ns, reads_text, strategies
from sagetrade_nautilus.run.version import code_version

DAY = 86_400_000_000_000
START = 1_640_995_200_000_000_000  # 2022-01-01 00:00 UTC


@pytest.fixture
def demo(project_root: Path) -> RunConfig:
    return load(project_root / "configs" / "demo.toml")


def _changed(config: RunConfig, section: str, **changes: Any) -> RunConfig:
    part = msgspec.structs.replace(getattr(config, section), **changes)
    return msgspec.structs.replace(config, **{section: part})


def test_every_run_has_the_guard_as_its_controller(demo: RunConfig, tmp_path: Path) -> None:
    controller = compose(demo, tmp_path / "j").engine.controller
    assert controller.controller_path == "sagetrade_nautilus.guard.controller:Guard"
    assert controller.config["limits"]["max_daily_loss_pct"] == 3.0


def test_a_backtest_scores_its_texts_itself_whatever_messaging_says(demo: RunConfig, tmp_path: Path) -> None:
    remote = _changed(demo, "messaging", backend="redis", scoring="workers")
    paths = [actor.actor_path for actor in compose(remote, tmp_path / "j").engine.actors]
    assert paths == [actor.actor_path for actor in compose(demo, tmp_path / "j").engine.actors]
    assert "actors.nlp:NlpActor" in paths
    scored = [actor.actor_path for actor in actors(remote, scored_elsewhere=True)]
    assert [path for path in scored if path not in paths] == ["actors.remote:RemoteNlpActor"]


def test_the_guard_is_told_what_runs(demo: RunConfig, tmp_path: Path) -> None:
    settings = GuardConfig.parse(msgspec.json.encode(compose(demo, tmp_path / "j").engine.controller.config))
    version = code_version(demo)
    assert settings.run == RunRecord(ts=START, name="demo", config_digest=demo.digest, code_version=version)


def test_bars_that_open_within_the_dates_are_read(demo: RunConfig) -> None:
    assert interval_ns(demo) == (START + 1, START + 181 * DAY)


def test_prices_are_heard_before_what_joins_them(demo: RunConfig, tmp_path: Path) -> None:
    paths = [actor.actor_path for actor in compose(demo, tmp_path / "j").engine.actors]
    assert paths[0] == "actors.quant:QuantActor"
    assert paths[-1] == "actors.aggregator:AggregatorActor"


@pytest.mark.parametrize(
    ("section", "change"),
    [("data", {"texts": False}), ("text", {"enabled": False}), ("aggregator", {"text_weight": 0.0})],
)
def test_a_run_without_texts_reads_none_and_gives_prices_all_the_weight(
    demo: RunConfig, tmp_path: Path, section: str, change: dict[str, Any]
) -> None:
    quiet = _changed(demo, section, **change)
    wired = compose(quiet, tmp_path / "j")
    assert not reads_text(quiet)
    assert len(wired.data) == 1
    assert [actor.actor_path for actor in wired.engine.actors] == [
        "actors.quant:QuantActor",
        "actors.aggregator:AggregatorActor",
    ]
    assert wired.engine.actors[-1].config["text"]["enabled"] is False


def test_texts_are_looked_for_under_the_coins_own_name(demo: RunConfig, tmp_path: Path) -> None:
    aggregator = compose(demo, tmp_path / "j").engine.actors[-1]
    assert aggregator.config["entities"] == {
        "BTCUSDT.BINANCE": ["BTC", "CRYPTO"],
        "ETHUSDT.BINANCE": ["ETH", "CRYPTO"],
    }


def test_strategies_get_their_costs_and_their_own_parameters(demo: RunConfig, tmp_path: Path) -> None:
    entry = msgspec.structs.replace(demo.strategies[0], name="mine", params={"min_move": 9.0}, enabled=False)
    wired = compose(msgspec.structs.replace(demo, strategies=[entry, demo.strategies[1]]), tmp_path / "j")
    config = wired.engine.strategies[0].config
    assert (config["label"], config["min_move"], config["enabled"]) == ("mine", 9.0, False)
    assert config["round_trip_bps"] == pytest.approx(22.0)
    assert [strategy.config["order_id_tag"] for strategy in wired.engine.strategies] == ["001", "002"]


def test_only_micro_trades_bring_their_algorithm(demo: RunConfig, tmp_path: Path) -> None:
    assert compose(demo, tmp_path / "j").engine.exec_algorithms == []
    wired = compose(_changed(demo, "execution", style="micro"), tmp_path / "j").engine
    assert [algorithm.exec_algorithm_path for algorithm in wired.exec_algorithms] == [
        "sagetrade_nautilus.execution.algorithm:MicroTrader"
    ]
    assert wired.strategies[0].config["execution"]["style"] == "micro"


def test_a_cash_account_has_no_base_currency_and_keeps_its_coins(demo: RunConfig, tmp_path: Path) -> None:
    venue = compose(_changed(demo, "venue", account="cash"), tmp_path / "j").venues[0]
    assert (venue.account_type, venue.base_currency) == ("CASH", None)


def test_only_a_broker_is_asked_about_orders_that_it_does_not_answer(demo: RunConfig) -> None:
    plan = CanaryConfig(rollback="whoever is on call halts it")
    live = msgspec.structs.replace(demo, canary=plan)
    waits = [
        {strategy.config["execution"]["ack_timeout_s"] for strategy in strategies(live, with_money=with_money)}
        for with_money in (False, True)
    ]
    assert waits == [{0.0}, {demo.execution.ack_timeout_s}]
    assert demo.execution.ack_timeout_s > 0.0
