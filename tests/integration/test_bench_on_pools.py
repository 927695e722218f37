"""What an experiment measures comes out the same to the last bit, wherever its runs are made."""

import datetime as dt
import shutil
from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest

from catalog.sample import ensure_sample
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.config.pool import PoolConfig
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.evaluation import bench as benches
from sagetrade_nautilus.experiments.evaluation.bench import Bench, Code, Wanted
from sagetrade_nautilus.experiments.evaluation.measure import Measured
from sagetrade_nautilus.experiments.evaluation.variants import with_capital
from sagetrade_nautilus.experiments.ledger import TrialLedger
from sagetrade_nautilus.experiments.sweeps.batch import Batch, Left, do_batch
from tests.support.experiments import ROOT, SMALL, plain

pytestmark = pytest.mark.slow
KINDS = {"baseline": "backtest", "stress": "backtest", "lookahead": "lookahead", "canary": "replay"}
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray: pip install 'sagetrade-nautilus[ray]'")
needs_bwrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap: apt-get install bubblewrap")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    catalog = tmp_path_factory.mktemp("catalog")
    ensure_sample(catalog, ["BTCUSDT.BINANCE"], texts=False)
    found = msgspec.toml.decode(SMALL.encode(), type=RunConfig)
    data = msgspec.structs.replace(found.data, catalog=str(catalog), sample=False, end=dt.date(2022, 1, 4))
    return msgspec.structs.replace(found, data=data)


def _measured(folder: Path, config: RunConfig, pool: PoolConfig, *, is_proposed: bool = False) -> dict[str, Measured]:
    code = Code(ROOT, "tree", plain(), is_proposed=is_proposed)
    wanted = [
        Wanted(kind=kind, config=with_capital(config, 100.0 - number), code=code, data="data", way=way)
        for number, (kind, way) in enumerate(KINDS.items())
    ]
    bench = Bench(folder, TrialLedger(folder), lambda: "now", pool)
    found = dict(zip(KINDS, bench.measure(wanted), strict=True))
    assert [one.failure for one in found.values()] == ["", "", "", ""]
    assert found["baseline"].returns
    return found


@pytest.fixture(scope="module")
def alone(config: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Measured]:
    return _measured(tmp_path_factory.mktemp("alone"), config, PoolConfig(workers=1))


def test_on_two_processes_as_on_one(config: RunConfig, alone: dict[str, Measured], tmp_path: Path) -> None:
    assert _measured(tmp_path, config, PoolConfig(workers=2)) == alone


@needs_ray
def test_on_ray_as_here_and_every_kind_but_the_sealed_days_goes_there(
    config: RunConfig, alone: dict[str, Measured], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here: list[str] = []
    kept = benches.run_batch

    def noted(batch: Batch, *given: object) -> Left:
        here.extend(job.key for job in batch.jobs)
        return kept(batch, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(benches, "run_batch", noted)
    ray = PoolConfig(backend="ray")
    assert _measured(tmp_path, config, ray) == alone
    assert here == []
    sealed = Wanted(kind="holdout", config=with_capital(config, 50.0), code=Code(ROOT, "tree", plain()), data="sealed")
    assert Bench(tmp_path, TrialLedger(tmp_path), lambda: "now", ray).measure([sealed])[0].failure == ""
    assert here == [sealed.key]


@needs_bwrap
@needs_ray
def test_proposed_code_is_isolated_there_too(config: RunConfig, alone: dict[str, Measured], tmp_path: Path) -> None:
    assert _measured(tmp_path, config, PoolConfig(backend="ray"), is_proposed=True) == alone


def test_a_worker_without_a_sandbox_runs_no_proposed_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    batch = Batch(worktree=str(ROOT), isolated=True, seconds=5.0, jobs=(), catalogs=())
    with pytest.raises(ExperimentError, match="sandbox only"):
        do_batch(batch)
