"""A day of coins at a venue with one exit: a replay does what the backtest does, on either of the simulated venues."""

from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from catalog.bars import BarImport, import_bars
from catalog.instruments import Definition
from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import OrderRecord
from sagetrade_nautilus.run import backtest
from sagetrade_nautilus.run.checks.attribution import attribute
from sagetrade_nautilus.run.checks.parity import steps_of
from sagetrade_nautilus.run.checks.tracer import Tracer
from sagetrade_nautilus.run.files import JOURNAL, SIGNALS
from sagetrade_nautilus.run.replay import replay

COIN = "BTC/USD.ALPACA"
NOW_NS = 1_800_000_000_000_000_000
replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def crash(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    """Three days of May 2022, their prices as those of coins at Alpaca."""
    catalog = tmp_path_factory.mktemp("catalog")
    wish = BarImport(
        instrument_id=COIN,
        timestamps="open",
        bar="5-MINUTE-LAST",
        definition=Definition(price_precision=2, size_precision=9, quote="USD"),
        round_values=True,
    )
    table = pq.read_table(project_root / "catalog" / "sample" / "BTCUSDT_5m.parquet")
    pq.write_table(table, catalog / "bars.parquet")
    import_bars(catalog / "bars.parquet", wish, catalog=catalog, now_ns=NOW_NS)
    demo = load(project_root / "configs" / "demo.toml")
    first, last = (demo.data.start.replace(month=5, day=day) for day in (8, 11))
    data = replace(demo.data, instruments=[COIN], start=first, end=last, catalog=str(catalog), texts=False)
    strategies = [replace(entry, instruments=None) for entry in demo.strategies]
    return replace(demo, name="coins", data=data, venue=replace(demo.venue, currency="USD"), strategies=strategies)


@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_a_replay_does_what_the_backtest_does(crash: RunConfig, tmp_path: Path, style: Any) -> None:
    config = replace(crash, execution=replace(crash.execution, style=style))
    first = tmp_path / "backtest"
    first.mkdir()
    backtest.run(config, first / JOURNAL, listeners=[Tracer(first / SIGNALS)])
    orders = [line for line in read(first / JOURNAL) if isinstance(line, OrderRecord)]
    assert len({line.client_order_id for line in orders if line.order_type.lower() == "stop_limit"}) > 5
    kinds = {line.order_type.lower() for line in orders if line.order_type and line.tags[1] == "take_profit"}
    assert kinds == {"market"}
    assert {line.side for line in orders if line.side and line.tags[1] == "entry"} == {"buy"}
    for execution in ("simulated", "paper"):
        second = tmp_path / execution
        replay(
            replace(config, node=replace(config.node, execution=execution)),
            second,
            listeners=[Tracer(second / SIGNALS)],
        )
        found = attribute(steps_of(first), steps_of(second))
        assert found.differences == ()
        assert found.same["order"] > 15
