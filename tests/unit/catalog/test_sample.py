"""The bundled sample imports itself, once, and whole."""

import os

import pyarrow.parquet as pq
import pytest
from nautilus_trader.backtest.config import (
    BacktestDataConfig,
    BacktestEngineConfig,
    BacktestRunConfig,
    BacktestVenueConfig,
)
from nautilus_trader.backtest.node import BacktestNode
from nautilus_trader.config import LoggingConfig

from catalog.bars import BarImport, import_bars
from catalog.build_sample import build
from catalog.sample import ensure_sample
from catalog.store import read_bars, read_texts, require_bars
from sagetrade_nautilus.errors import DataError

START_NS, END_NS = 1_640_995_200_000_000_000, 1_656_633_600_000_000_000
BTC, ETH, FIVE = "BTCUSDT.BINANCE", "ETHUSDT.BINANCE", "5-MINUTE-LAST"


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    root = tmp_path_factory.mktemp("sample") / "catalog"
    ensure_sample(root)
    return root


def test_it_covers_half_a_year_without_a_gap(sample):
    for instrument in (BTC, ETH):
        coverage = require_bars(sample, instrument, FIVE, START_NS, END_NS)
        assert (coverage.bars, coverage.missing) == (52_128, 0)
    texts = read_texts(sample)
    assert len(texts) == 7_012
    assert texts[0].ts_event >= START_NS
    assert texts[-1].ts_event < END_NS
    assert {text.source for text in texts} == {"CoinTelegraph", "CryptoNews", "CryptoPotato"}


def test_a_catalog_that_has_it_is_not_touched(sample, snapshot):
    before = snapshot(sample)
    assert all(report.written.days == 0 for report in ensure_sample(sample))
    assert snapshot(sample) == before


def test_only_what_is_asked_for_is_imported(catalog):
    [report] = ensure_sample(catalog, [ETH, "SPY.ARCA"], texts=False)
    assert report.bars == 52_128
    assert len(read_bars(catalog, BTC, FIVE)) == 0


def test_an_interrupted_import_is_completed_by_the_next(catalog, sample, snapshot, monkeypatch):
    calls = []

    def interrupted(source, target):
        calls.append(target)
        if len(calls) == 200:
            raise KeyboardInterrupt
        original(source, target)

    original = os.replace
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ensure_sample(catalog)
    ensure_sample(catalog)
    assert {key: value[1] for key, value in snapshot(catalog).items()} == {
        key: value[1] for key, value in snapshot(sample).items()
    }


def test_it_is_small_enough_to_bundle(project_root):
    assert sum(path.stat().st_size for path in (project_root / "catalog" / "sample").iterdir()) < 8_000_000


def test_it_can_be_made_again_from_the_originals(tmp_path, project_root, shared_data):
    build(shared_data, tmp_path)
    for path in (project_root / "catalog" / "sample").glob("*.parquet"):
        assert pq.read_table(tmp_path / path.name).equals(pq.read_table(path))


def test_the_original_file_adds_the_months_that_the_sample_leaves_out(tmp_path, shared_data):
    root = tmp_path / "catalog"
    ensure_sample(root, [BTC], texts=False)
    wish = BarImport(instrument_id=BTC, timestamps="open", round_values=True)
    path = shared_data / "bars" / "BTCUSDT_5m_2022-01_2022-08.parquet"
    report = import_bars(path, wish, catalog=root, now_ns=END_NS + 40 * 86_400_000_000_000)
    assert (report.written.added, report.written.unchanged) == (61_999 - 52_128, 52_128)


def _node(root, chunk_size):
    common = {"catalog_path": str(root), "start_time": "2022-01-03", "end_time": "2022-01-05"}
    data = [
        BacktestDataConfig(data_cls="nautilus_trader.model.data:Bar", instrument_id=BTC, bar_spec=FIVE, **common),
        BacktestDataConfig(data_cls="sagetrade_nautilus.data:RawText", client_id="NEWS", **common),
    ]
    venue = BacktestVenueConfig(
        name="BINANCE", oms_type="NETTING", account_type="CASH", starting_balances=["100000 USDT"]
    )
    engine = BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True))
    config = BacktestRunConfig(venues=[venue], data=data, engine=engine, chunk_size=chunk_size, raise_exception=True)
    return BacktestNode([config])


def test_a_backtest_node_replays_bars_and_texts(sample):
    start, end = 1_641_168_000_000_000_000, 1_641_340_800_000_000_000
    [result] = _node(sample, None).run()
    bars, texts = len(read_bars(sample, BTC, FIVE, start, end)), len(read_texts(sample, start, end))
    assert (bars, texts > 0) == (577, True)
    assert result.iterations == bars + texts


def test_nautilus_does_not_stream_texts_in_chunks(sample):
    """Known of Nautilus 1.231: Python's custom data types are replayed at once or not at all."""
    with pytest.raises(RuntimeError, match="custom data type 'RawText' is not registered"):
        _node(sample, 500).run()


def test_a_catalog_with_other_bars_is_refused(catalog, frame, write):
    wish = BarImport(instrument_id=BTC, timestamps="open")
    import_bars(write(frame(10)), wish, catalog=catalog, now_ns=END_NS)
    with pytest.raises(DataError, match="10 bars differ from the catalog's"):
        ensure_sample(catalog)
