"""A run and the batch API give the same signals, bit for bit, on the real bars of the sample."""

import datetime as dt
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig, LoggingConfig
from nautilus_trader.model.data import DataType
from nautilus_trader.model.enums import AccountType, OmsType
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from actors.quant import QuantActor, QuantActorConfig
from catalog.bars import BarImport, import_bars
from catalog.instruments import instrument_for
from catalog.sample import SAMPLE_END_NS
from sagetrade_nautilus.config import QuantConfig, QuantFeature
from sagetrade_nautilus.data import QuantSignal
from sagetrade_nautilus.quant.signals import get_signals

NAME = "BTCUSDT.BINANCE"
BAR_TYPE = f"{NAME}-5-MINUTE-LAST-EXTERNAL"
DAYS = 12
CROSS = QuantFeature(kind="ema_cross", length=12, slow_length=48, weight=0.2)


class Listener(Actor):
    """Collects every quant signal as the bytes that would be stored."""

    def __init__(self) -> None:
        super().__init__(ActorConfig(component_id="LISTENER"))
        self.heard: list[bytes] = []

    def on_start(self) -> None:
        data_type = DataType(QuantSignal, metadata={"instrument_id": NAME})
        self.msgbus.subscribe(f"data.{data_type.topic}", lambda signal: self.heard.append(as_bytes(signal)))


def as_bytes(signal: QuantSignal) -> bytes:
    return msgspec.json.encode(signal.to_dict())


@pytest.fixture(scope="module")
def sample(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog of the first days of the bundled sample, an outage of two hours cut out of them."""
    root = tmp_path_factory.mktemp("sample")
    table = pq.read_table(project_root / "catalog" / "sample" / "BTCUSDT_5m.parquet").slice(0, DAYS * 288)
    outage = range(2_000, 2_024)
    kept = [row for row in range(len(table)) if row not in outage]
    pq.write_table(table.take(kept), root / "bars.parquet")
    wish = BarImport(instrument_id=NAME, timestamps="open", bar="5-MINUTE-LAST", round_values=True)
    import_bars(root / "bars.parquet", wish, catalog=root / "catalog", now_ns=SAMPLE_END_NS)
    return root / "catalog"


def published(catalog: Path, start: dt.datetime, end: dt.datetime, quant: QuantConfig) -> list[bytes]:
    """Return what the actor publishes in a run over the bars that lie wholly within start and end."""
    quiet = BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False)
    engine = BacktestEngine(quiet)
    engine.add_venue(Venue("BINANCE"), OmsType.HEDGING, AccountType.MARGIN, [Money.from_str("1000 USDT")])
    engine.add_instrument(instrument_for(NAME))
    after_start = start + dt.timedelta(microseconds=1)
    engine.add_data(ParquetDataCatalog(str(catalog)).bars([BAR_TYPE], start=after_start, end=end))
    listener = Listener()
    settings = msgspec.to_builtins(quant)
    engine.add_actors([QuantActor(QuantActorConfig(bar_types=(BAR_TYPE,), quant=settings)), listener])
    engine.run()
    engine.dispose()
    return listener.heard


@pytest.mark.parametrize(
    "quant",
    [
        QuantConfig(),
        QuantConfig(min_change=0.0),
        QuantConfig(features=[*QuantConfig().features, CROSS], regime_length=100, min_change=0.1),
    ],
    ids=["default", "every-bar", "with-ema-cross"],
)
def test_a_run_and_the_batch_give_the_same_bytes(sample: Path, quant: QuantConfig) -> None:
    """get_signals returns what the actor published in a run over the same window."""
    start, end = dt.datetime(2022, 1, 1, tzinfo=dt.UTC), dt.datetime(2022, 1, 12, tzinfo=dt.UTC)
    heard = published(sample, start, end, quant)
    batch = get_signals("BTCUSDT", (start, end), catalog=sample, config=quant)
    assert [as_bytes(signal) for signal in batch] == heard
    assert len(heard) > 500
    assert any(not signal.components for signal in batch), "the outage must be in the window"


def test_a_window_from_the_midst_of_a_run(sample: Path) -> None:
    """With `run_start`, get_signals returns what a run that began there published within the window."""
    start, middle, end = (dt.datetime(2022, 1, day, tzinfo=dt.UTC) for day in (2, 6, 9))
    heard = published(sample, start, end, QuantConfig())
    batch = get_signals(NAME, (middle, end), catalog=sample, run_start=start)
    assert [as_bytes(signal) for signal in batch] == heard[-len(batch) :]
    assert all(signal.ts_event > middle.timestamp() * 1e9 for signal in batch)
    assert len(batch) > 100
