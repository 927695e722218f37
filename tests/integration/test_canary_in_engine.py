"""An approved change that breaks its canary's criteria is locked by the node itself, and rolled back."""

import datetime as dt
import errno
import os
from pathlib import Path

import msgspec
import pytest
from nautilus_trader.common.actor import Actor

from actors.canary import read_canary
from catalog.sample import ensure_sample
from sagetrade_nautilus.config import ProposalCanaryConfig, RunConfig
from sagetrade_nautilus.errors import RunError
from sagetrade_nautilus.experiments import watch
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState
from sagetrade_nautilus.experiments.rollback import Demotion
from sagetrade_nautilus.experiments.store import ExperimentStore
from sagetrade_nautilus.governance.canary import begun
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import StateRecord
from sagetrade_nautilus.messages import CANARY_TOPIC, CanaryEnd, DecisionRecord
from sagetrade_nautilus.run import backtest
from sagetrade_nautilus.run.canary import canary_file
from tests.support.experiments import SMALL
from tests.support.proposal import AT, CONFIG, proposed, small_repository

EXPERIMENT = "exp-20261126-001"


class Ear(Actor):
    """Hears what experiments come to."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[CanaryEnd] = []

    def on_start(self) -> None:
        self.msgbus.subscribe(topic=CANARY_TOPIC, handler=self.heard.append)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalog")
    ensure_sample(folder, ["BTCUSDT.BINANCE"], texts=False)
    return folder


def _canary(catalog: Path, state: Path, days: int = 3, **plan: float) -> RunConfig:
    config = msgspec.toml.decode(SMALL.encode(), type=RunConfig)
    end = dt.date(2022, 1, 1) + dt.timedelta(days=days)
    return msgspec.structs.replace(
        config,
        data=msgspec.structs.replace(config.data, catalog=str(catalog), sample=False, end=end),
        node=msgspec.structs.replace(config.node, state=str(state)),
        experiments=msgspec.structs.replace(
            config.experiments, canary_of=EXPERIMENT, canary=ProposalCanaryConfig(**plan)
        ),
    )


def _taken(journal: Path) -> list[int]:
    return [one.ts for one in read(journal) if isinstance(one, DecisionRecord) and one.verdict == "taken"]


def test_a_canary_within_its_criteria_trades_as_if_nobody_watched_with_what_is_allotted_to_it(
    catalog: Path, tmp_path: Path
) -> None:
    config = _canary(catalog, tmp_path, days=4, max_loss_24h_pct=99.0, max_drawdown_pct=99.0)
    whole = msgspec.structs.replace(config.experiments, canary_of="")
    unwatched = msgspec.structs.replace(begun(config, with_money=False), experiments=whole)
    ear = Ear()
    first = backtest.run(config, tmp_path / "watched.jsonl", listeners=[ear])
    assert [(one.experiment, one.given_up) for one in ear.heard] == [(EXPERIMENT, False)]
    second = backtest.run(unwatched, tmp_path / "unwatched.jsonl")
    assert first.fills == second.fills
    allotted = 0.01 * config.venue.starting_balance
    assert 0.0 < max(fill.quantity * fill.price for fill in first.fills) <= 1.01 * allotted
    full = backtest.run(msgspec.structs.replace(config, experiments=whole), tmp_path / "whole.jsonl")
    assert max(fill.quantity * fill.price for fill in full.fills) > 5.0 * allotted
    canary = read_canary(canary_file(config.node.state, EXPERIMENT))
    assert canary is not None
    assert (canary.ended, canary.reasons) == (True, ())
    assert canary.allocated == allotted
    assert len(canary.ts) == 72 * 12 + 2  # every five minutes of 72 hours, both ends, and the first second


def test_a_breach_locks_the_strategies_stays_over_a_restart_and_rolls_back(catalog: Path, tmp_path: Path) -> None:
    config = _canary(catalog, tmp_path / "state", max_loss_24h_pct=0.05, max_drawdown_pct=99.0)
    ear = Ear()
    summary = backtest.run(config, tmp_path / "first.jsonl", listeners=[ear])
    canary = read_canary(canary_file(config.node.state, EXPERIMENT))
    assert canary is not None
    assert "within 24 hours" in canary.reasons[0]
    journal = tmp_path / "first.jsonl"
    assert _taken(journal)
    assert max(_taken(journal)) <= canary.ts[-1]
    said = [one for one in read(journal) if isinstance(one, StateRecord) and EXPERIMENT in one.by]
    assert len(said) == 1
    assert all(trip.entry_ts <= canary.ts[-1] for trip in summary.round_trips)
    assert [(one.experiment, one.given_up) for one in ear.heard] == [(EXPERIMENT, True)]
    assert ear.heard[0].figures == "; ".join(canary.reasons)
    again = backtest.run(config, tmp_path / "again.jsonl")  # as after a restart
    assert again.fills == ()

    root = small_repository(tmp_path / "repo")
    store, experiment = proposed(root, {CONFIG: SMALL + "# x\n"})
    store.save(msgspec.structs.replace(experiment, state=ExperimentState.APPROVED))
    told: list[str] = []
    done = watch.check(store, root, EXPERIMENT, canary_file(config.node.state, EXPERIMENT), AT, told.append, "main")
    assert isinstance(done, Demotion)
    assert ExperimentStore(root / "experiments").load(EXPERIMENT).state is ExperimentState.ROLLED_BACK
    assert "within 24 hours" in told[0]


def test_a_breach_locks_the_strategies_though_the_disk_does_not_take_it(
    catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = _canary(catalog, tmp_path / "state", max_loss_24h_pct=0.05, max_drawdown_pct=99.0)
    backtest.run(config, tmp_path / "first.jsonl")
    breach = read_canary(canary_file(config.node.state, EXPERIMENT))
    assert breach is not None

    def full(*given: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    elsewhere = _canary(catalog, tmp_path / "other", max_loss_24h_pct=0.05, max_drawdown_pct=99.0)
    monkeypatch.setattr("actors.canary.durable.replace", full)
    ear = Ear()
    backtest.run(elsewhere, tmp_path / "second.jsonl", listeners=[ear])
    assert [(one.experiment, one.given_up) for one in ear.heard] == [(EXPERIMENT, True)]
    assert _taken(tmp_path / "second.jsonl")
    assert max(_taken(tmp_path / "second.jsonl")) <= breach.ts[-1]


def test_before_it_begins_there_is_nothing_to_do(tmp_path: Path) -> None:
    store = ExperimentStore(tmp_path)
    store.save(
        Experiment(
            id=EXPERIMENT,
            name="x",
            hypothesis="x",
            proposer="optuna",
            config="x",
            base="x",
            seed=1,
            created_at="x",
            state=ExperimentState.APPROVED,
        )
    )
    assert watch.check(store, tmp_path, EXPERIMENT, tmp_path / "none.json", AT, print, "main") is False


def test_a_damaged_canary_stops_the_start_so_that_no_second_one_begins(catalog: Path, tmp_path: Path) -> None:
    config = _canary(catalog, tmp_path)
    path = canary_file(config.node.state, EXPERIMENT)
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{"x":' + b"[" * 30_000)
    with pytest.raises(RunError, match=f"{EXPERIMENT}.json: the canary cannot be read"):
        backtest.run(config, tmp_path / "journal.jsonl")
    assert path.read_bytes().startswith(b'{"x":')
