"""The batch API: which bars it reads, and what it says when there are none."""

from pathlib import Path

import numpy as np
import pytest
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from sagetrade_nautilus.config import QuantConfig, QuantFeature
from sagetrade_nautilus.data import QuantSignal
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.model.quant import QuantModel
from sagetrade_nautilus.quant.signals import get_signals

DAY_NS = 86_400_000_000_000
BAR_NS = 300_000_000_000
START_NS = 1_640_995_200_000_000_000  # 2022-01-01
BARS_PER_DAY = 288
DAYS = 4

CONFIG = QuantConfig(
    features=[QuantFeature(kind="zscore", length=12, weight=-1.0)],
    volatility_length=12,
    regime_length=24,
    trend_length=12,
    min_change=0.0,
)
WARM_UP_BARS = 36


def write_bars(root: Path, name: str, seed: int) -> None:
    """Write four days of made-up bars through Nautilus's own catalog, a file a day."""
    count = BARS_PER_DAY * DAYS
    closes = 100.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0, 1e-3, count)))
    stamps = (START_NS + BAR_NS * np.arange(1, count + 1)).astype(np.uint64)
    bar_type = BarType.from_str(f"{name}-5-MINUTE-LAST-EXTERNAL")
    values = [closes, closes * 1.01, closes * 0.99, closes.copy(), np.full(count, 2.0)]
    bars = Bar.from_raw_arrays_to_list(bar_type, 4, 2, *values, stamps, stamps)
    catalog = ParquetDataCatalog(str(root))
    for day in range(DAYS):
        catalog.write_data(bars[day * BARS_PER_DAY : (day + 1) * BARS_PER_DAY])


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("catalog")
    for seed, name in enumerate(("BTCUSDT.BINANCE", "ETHUSDT.BINANCE", "ETHUSDT.KRAKEN")):
        write_bars(root, name, seed)
    return root


def stamps(signals: list[QuantSignal]) -> list[int]:
    return [signal.ts_event for signal in signals]


def test_a_window_holds_the_bars_that_lie_wholly_within_it(catalog: Path) -> None:
    """Signals begin with the bar that ends the warm-up and end with the one that closes with the window."""
    signals = get_signals("BTCUSDT", ("2022-01-02", "2022-01-04"), catalog=catalog, config=CONFIG)
    first = START_NS + DAY_NS + WARM_UP_BARS * BAR_NS
    assert stamps(signals) == list(range(first, START_NS + 3 * DAY_NS + 1, BAR_NS))
    assert all(signal.ts_init == signal.ts_event for signal in signals)


def test_a_run_that_began_earlier_is_warm_from_the_first_bar(catalog: Path) -> None:
    """With `run_start`, the window is the tail of the longer run, bit for bit."""
    window = ("2022-01-02", "2022-01-04")
    tail = get_signals("BTCUSDT", window, catalog=catalog, config=CONFIG, run_start="2022-01-01")
    whole = get_signals("BTCUSDT", ("2022-01-01", window[1]), catalog=catalog, config=CONFIG)
    assert stamps(tail)[0] == START_NS + DAY_NS + BAR_NS
    assert [s.to_dict() for s in tail] == [s.to_dict() for s in whole if s.ts_event > START_NS + DAY_NS]


def test_a_length_means_the_last_of_the_catalog(catalog: Path) -> None:
    by_length = get_signals("BTCUSDT", "2d", catalog=catalog, config=CONFIG)
    by_pair = get_signals("BTCUSDT.BINANCE", ("2022-01-03", "2022-01-05"), catalog=catalog, config=CONFIG)
    assert [s.to_dict() for s in by_length] == [s.to_dict() for s in by_pair] != []


def test_the_defaults_are_those_of_a_run(catalog: Path) -> None:
    """Without a config the signals are those of the default `QuantConfig`."""
    window = ("2022-01-01", "2022-01-05")
    explicit = get_signals("BTCUSDT", window, catalog=catalog, config=QuantConfig())
    assert [s.to_dict() for s in get_signals("BTCUSDT", window, catalog=catalog)] == [s.to_dict() for s in explicit]


def test_an_unknown_symbol_is_told_with_what_there_is(catalog: Path) -> None:
    for symbol in ("SOLUSDT", "SOLUSDT.BINANCE", "BTC"):
        with pytest.raises(DataError, match=r"it has BTCUSDT\.BINANCE, ETHUSDT\.BINANCE, ETHUSDT\.KRAKEN"):
            get_signals(symbol, "1d", catalog=catalog)


def test_a_symbol_of_two_venues_needs_its_venue(catalog: Path) -> None:
    with pytest.raises(DataError, match=r"ETHUSDT\.BINANCE or ETHUSDT\.KRAKEN"):
        get_signals("ETHUSDT", "1d", catalog=catalog)
    kraken = get_signals("ETHUSDT.KRAKEN", "1d", catalog=catalog, config=CONFIG)
    assert {signal.instrument_id.value for signal in kraken} == {"ETHUSDT.KRAKEN"}


def test_an_empty_window_is_told_with_what_there_is(catalog: Path) -> None:
    message = r"no bars of BTCUSDT\.BINANCE .* it holds 2022-01-01 00:05:00Z to 2022-01-05 00:00:00Z"
    for window in (("2021-01-01", "2021-02-01"), ("2023-01-01", "2023-02-01")):
        with pytest.raises(DataError, match=message):
            get_signals("BTCUSDT", window, catalog=catalog, run_start="2021-01-01")


def test_a_catalog_that_is_not_there_is_empty(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none at all"):
        get_signals("BTCUSDT", "1d", catalog=tmp_path / "nowhere")


def test_a_run_cannot_begin_within_its_window(catalog: Path) -> None:
    with pytest.raises(DataError, match="run_start"):
        get_signals("BTCUSDT", ("2022-01-02", "2022-01-03"), catalog=catalog, run_start="2022-01-02T01:00Z")


def test_a_bar_specification_must_make_sense(catalog: Path) -> None:
    with pytest.raises(DataError, match="5-MINUTE-LAST"):
        get_signals("BTCUSDT", "1d", catalog=catalog, bar="5m")
    with pytest.raises(DataError, match="1-HOUR-LAST"):
        get_signals("BTCUSDT", "1d", catalog=catalog, bar="1-HOUR-LAST")


def test_the_maths_is_the_models(catalog: Path) -> None:
    """The signals are what `QuantModel` says of Nautilus's own bars, bit for bit."""
    bar_type = "BTCUSDT.BINANCE-5-MINUTE-LAST-EXTERNAL"
    bars = ParquetDataCatalog(str(catalog)).bars([bar_type])
    model = QuantModel(CONFIG, 300.0)
    fields = ("open", "high", "low", "close", "volume")
    readings = [model.update(bar.ts_event, *(getattr(bar, field).as_double() for field in fields)) for bar in bars]
    got = get_signals("BTCUSDT", ("2022-01-01", "2022-01-05"), catalog=catalog, config=CONFIG)
    assert [signal.reading for signal in got] == [reading for reading in readings if reading is not None]
