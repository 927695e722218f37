"""Figures are worked out here, and fills that cannot have happened are no figures."""

import datetime as dt
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.bars import BarImport, import_bars
from catalog.columns import PRICES
from catalog.instruments import Definition
from catalog.sample import ensure_sample
from catalog.store import read_bars
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.evaluation.measure import _bars, audit, measure
from sagetrade_nautilus.experiments.experiment import UnfitError
from sagetrade_nautilus.experiments.sweeps.tasks import RunOutcome, read_outcome
from sagetrade_nautilus.experiments.sweeps.worker import _outcome as left_by
from sagetrade_nautilus.model.records import FillRecord
from sagetrade_nautilus.run import backtest
from tests.support.experiments import SMALL


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunConfig, RunOutcome]:
    """A real run of three days, and what it left."""
    folder = tmp_path_factory.mktemp("ran")
    ensure_sample(folder / "catalog", ["BTCUSDT.BINANCE"], texts=False)
    config = msgspec.toml.decode(SMALL.encode(), type=RunConfig)
    data = msgspec.structs.replace(config.data, end=dt.date(2022, 1, 4), catalog=str(folder / "catalog"), sample=False)
    config = msgspec.structs.replace(config, data=data)
    return config, left_by(backtest.run(config, folder / "decisions.jsonl"))


def test_a_true_run_has_figures_that_are_those_of_its_account(ran: tuple[RunConfig, RunOutcome]) -> None:
    config, outcome = ran
    found = measure("k", outcome, config)
    assert found.failure == ""
    assert found.figures.trades == len(outcome.round_trips) > 3
    worth = (outcome.final_balance + outcome.open_pnl) / config.venue.starting_balance - 1.0
    assert found.figures.total_return == pytest.approx(worth, abs=1e-9)
    assert float(np.prod(1.0 + found.daily) - 1.0) == pytest.approx(worth, abs=1e-9)
    assert len(found.days) == 3
    assert msgspec.json.decode(msgspec.json.encode(found), type=type(found)) == found


def _with(outcome: RunOutcome, **changes: object) -> RunOutcome:
    first = msgspec.structs.replace(outcome.fills[0], **changes)
    return msgspec.structs.replace(outcome, fills=(first, *outcome.fills[1:]))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"price": 1.0}, "account reports"),
        ({"quantity": 99.0}, "account reports"),
        ({"instrument_id": "X.BINANCE", "symbol": "X"}, "no prices"),
        ({"commission": 0.0}, "account reports"),
        ({"ts": 10**19}, "too large"),
    ],
)
def test_an_outcome_that_contradicts_itself_has_none(
    ran: tuple[RunConfig, RunOutcome], changes: dict[str, object], says: str
) -> None:
    config, outcome = ran
    found = measure("k", _with(outcome, **changes), config)
    assert says in found.failure
    with pytest.raises(UnfitError, match="failed"):
        found.figures  # noqa: B018 - it raises


@pytest.mark.parametrize("field", ["final_balance", "open_pnl"])
def test_numbers_that_no_run_has_are_no_figures(ran: tuple[RunConfig, RunOutcome], field: str) -> None:
    config, outcome = ran
    for number in (1e308, -1e308, 1e18):
        assert measure("k", msgspec.structs.replace(outcome, **{field: number}), config).failure


@pytest.mark.parametrize("digits", [-9, -400, 0, 17, 10**9])
def test_an_outcome_cannot_say_how_far_its_books_may_be_out(
    ran: tuple[RunConfig, RunOutcome], tmp_path: Path, digits: int
) -> None:
    config, outcome = ran
    forged = msgspec.structs.replace(outcome, final_balance=2.0 * outcome.final_balance, currency_precision=digits)
    (tmp_path / "left.json").write_bytes(msgspec.json.encode(forged))
    try:
        failure = measure("k", read_outcome(tmp_path / "left.json"), config).failure
    except ExperimentError as error:
        failure = str(error)
    assert "currency_precision" in failure


def _forged(fill: FillRecord, **changes: object) -> FillRecord:
    return msgspec.structs.replace(fill, **changes)


@pytest.mark.parametrize(
    ("forge", "says"),
    [
        (lambda fill: _forged(fill, price=fill.price * (0.9 if fill.side == "buy" else 1.1)), "the market was between"),
        (lambda fill: _forged(fill, commission=0.0), "is due"),
        (lambda fill: _forged(fill, ts=fill.ts + 10 * 86_400 * 10**9), "outside the run"),
    ],
)
def test_a_forgery_whose_books_balance_is_held_against_the_market(
    ran: tuple[RunConfig, RunOutcome], forge: object, says: str
) -> None:
    config, outcome = ran
    closed = {trip.trade_id for trip in outcome.round_trips}
    fills = tuple(forge(fill) for fill in outcome.fills if fill.trade_id in closed)  # type: ignore[operator]
    cash = sum((-1 if fill.side == "buy" else 1) * fill.quantity * fill.price - fill.commission for fill in fills)
    forged = msgspec.structs.replace(
        outcome, fills=fills, round_trips=(), final_balance=config.venue.starting_balance + cash, open_pnl=0.0
    )
    found = measure("k", forged, config)
    assert says in found.failure


def test_fills_so_small_that_each_owes_less_than_a_cent_owe_it_all_the_same(
    ran: tuple[RunConfig, RunOutcome],
) -> None:
    config, outcome = ran
    first, *_ = outcome.fills
    crumbs = tuple(_forged(first, quantity=first.quantity / 10_000, commission=0.0) for _ in range(10_000))
    with pytest.raises(ExperimentError, match="is due"):
        audit(crumbs, _bars(config), config)


def test_a_true_run_on_a_market_of_coarse_ticks_has_figures(tmp_path: Path) -> None:
    ensure_sample(tmp_path / "sample", ["BTCUSDT.BINANCE"], texts=False)
    bars = read_bars(tmp_path / "sample", "BTCUSDT.BINANCE", "5-MINUTE-LAST").take(slice(0, 864))
    prices = {name: np.round(getattr(bars, name) * 1e-3, 1) for name in PRICES}
    table = pa.table({"ts": pa.array(bars.ts, pa.timestamp("ns", tz="UTC")), **prices, "volume": np.ceil(bars.volume)})
    pq.write_table(table, tmp_path / "bars.parquet")
    wish = BarImport(
        instrument_id="COINUSDT.X", timestamps="close", definition=Definition(price_precision=1, size_precision=0)
    )
    import_bars(tmp_path / "bars.parquet", wish, catalog=tmp_path / "catalog", now_ns=2 * 10**18)
    config = msgspec.toml.decode(SMALL.encode(), type=RunConfig)
    data = msgspec.structs.replace(
        config.data,
        instruments=["COINUSDT.X"],
        end=dt.date(2022, 1, 3),
        catalog=str(tmp_path / "catalog"),
        sample=False,
    )
    config = msgspec.structs.replace(config, data=data)
    found = measure("k", left_by(backtest.run(config, tmp_path / "decisions.jsonl")), config)
    assert found.failure == ""
    assert found.figures.trades > 0


def test_what_is_no_outcome_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match="left no outcome"):
        read_outcome(tmp_path / "none.json")
    (tmp_path / "link.json").symlink_to("/etc/hostname")
    with pytest.raises(ExperimentError, match="left no outcome"):
        read_outcome(tmp_path / "link.json")
    (tmp_path / "bad.json").write_text('{"fills": [{"price": null}]}')
    with pytest.raises(ExperimentError, match="no outcome"):
        read_outcome(tmp_path / "bad.json")
