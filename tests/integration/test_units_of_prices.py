"""What a run makes does not depend on the unit that prices, sizes or the account are counted in."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.bars import BarImport, import_bars
from catalog.columns import PRICES, BarColumns
from catalog.instruments import Definition
from catalog.sample import ensure_sample
from catalog.store import read_bars
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.report.figures import Performance
from sagetrade_nautilus.report.metrics import compute
from sagetrade_nautilus.run import backtest
from tests.support.experiments import SMALL

DAYS = 6
SAMPLE = "BTCUSDT.BINANCE"
FIGURES = (
    "total_return_pct",
    "max_drawdown_pct",
    "turnover",
    "avg_slippage_bps",
    "expectancy_bps",
    "win_rate_pct",
    "avg_exposure_pct",
)


class Unit(NamedTuple):
    """How a market and its account are counted: its prices are the sample's times `price`, and so on."""

    price: float
    decimals: tuple[int, int]
    currency: str
    money: float


PLAIN = Unit(1.0, (2, 5), "USDT", 1.0)
UNITS = {
    "tens of billions of coins": Unit(1e-11, (13, 0), "USDT", 1.0),
    "priced in bitcoin": Unit(1e-5, (7, 5), "BTC", 1e-5),
    "priced in yen": Unit(100.0, (0, 5), "JPY", 100.0),
    "an account of a billion": Unit(1.0, (2, 5), "USDT", 1e4),
}


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> BarColumns:
    catalog = tmp_path_factory.mktemp("sample")
    ensure_sample(catalog, [SAMPLE], texts=False)
    return read_bars(catalog, SAMPLE, "5-MINUTE-LAST").take(slice(0, DAYS * 288))


def run(bars: BarColumns, unit: Unit, folder: Path) -> Performance:
    name = f"COIN{unit.currency}.X"
    prices = {field: np.round(getattr(bars, field) * unit.price, unit.decimals[0]) for field in PRICES}
    volume = np.ones(len(bars))
    table = pa.table({"ts": pa.array(bars.ts, pa.timestamp("ns", tz="UTC")), **prices, "volume": volume})
    pq.write_table(table, folder / "bars.parquet")
    defined = Definition(price_precision=unit.decimals[0], size_precision=unit.decimals[1], quote=unit.currency)
    wish = BarImport(instrument_id=name, timestamps="close", definition=defined)
    import_bars(folder / "bars.parquet", wish, catalog=folder / "catalog", now_ns=2 * 10**18)
    config = msgspec.toml.decode(SMALL.encode(), type=RunConfig)
    first = dt.date(2022, 1, 1)
    config = msgspec.structs.replace(
        config,
        data=msgspec.structs.replace(
            config.data,
            instruments=[name],
            start=first,
            end=first + dt.timedelta(days=DAYS - 1),
            catalog=str(folder / "catalog"),
            sample=False,
        ),
        venue=msgspec.structs.replace(
            config.venue, currency=unit.currency, starting_balance=config.venue.starting_balance * unit.money
        ),
        costs=msgspec.structs.replace(config.costs, depth=config.costs.depth * unit.money),
    )
    return compute(backtest.run(config, folder / "decisions.jsonl"), 100, 1).total


@pytest.fixture(scope="module")
def plain(bars: BarColumns, tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return run(bars, PLAIN, tmp_path_factory.mktemp("plain"))


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_the_same_market_in_other_units_gives_the_same_trades_and_shares(
    bars: BarColumns, plain: Performance, unit: Unit, tmp_path: Path
) -> None:
    found = run(bars, unit, tmp_path)
    assert (found.trades, found.wins, found.losses) == (plain.trades, plain.wins, plain.losses)
    assert plain.trades > 5
    for figure in FIGURES:
        assert getattr(found, figure) == pytest.approx(getattr(plain, figure), rel=1e-3), figure
