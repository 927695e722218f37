"""The quant actor in a real engine: what it publishes, under which type, and how it starts over."""

from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig, LoggingConfig
from nautilus_trader.model.data import Bar, BarType, DataType
from nautilus_trader.model.enums import AccountType, OmsType
from nautilus_trader.model.identifiers import InstrumentId, Venue
from nautilus_trader.model.objects import Money

from actors.quant import QuantActor, QuantActorConfig
from catalog.instruments import instrument_for
from sagetrade_nautilus.config import QuantConfig, QuantFeature
from sagetrade_nautilus.data import QuantSignal
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.quant import QuantModel

BTC = "BTCUSDT.BINANCE"
ETH = "ETHUSDT.BINANCE"
BAR_NS = 300_000_000_000
BARS = 700

QUANT = QuantConfig(
    features=[
        QuantFeature(kind="rsi", length=14, weight=-0.6),
        QuantFeature(kind="zscore", length=24, weight=-0.4),
    ],
    volatility_length=24,
    regime_length=48,
    trend_length=24,
    min_change=0.05,
)


class Listener(Actor):
    """Collects the quant signals of one instrument."""

    def __init__(self, name: str) -> None:
        super().__init__(ActorConfig(component_id=f"LISTENER-{name}"))
        self.instrument_id = InstrumentId.from_str(name)
        self.heard: list[QuantSignal] = []

    def on_start(self) -> None:
        data_type = DataType(QuantSignal, metadata={"instrument_id": self.instrument_id.value})
        self.msgbus.subscribe(f"data.{data_type.topic}", self.heard.append)


def type_of(name: str) -> str:
    return f"{name}-5-MINUTE-LAST-EXTERNAL"


def actor_config(**changes: object) -> QuantActorConfig:
    settings = {"bar_types": (type_of(BTC), type_of(ETH)), "quant": msgspec.to_builtins(QUANT)}
    return QuantActorConfig(**{**settings, **changes})


def sample_bars(project_root: Path, name: str) -> list[Bar]:
    """Return the first bars of the bundled sample as Nautilus bars."""
    file = project_root / "catalog" / "sample" / f"{name.split('.', maxsplit=1)[0]}_5m.parquet"
    table = pq.read_table(file).slice(0, BARS)
    opened = table["ts_open"].cast(pa.timestamp("ns", "UTC")).cast("int64").to_numpy()
    stamps = (opened + BAR_NS).astype(np.uint64)
    columns = [table[field].to_numpy().copy() for field in ("open", "high", "low", "close", "volume")]
    market = instrument_for(name)
    precisions = market.price_precision, market.size_precision
    bar_type = BarType.from_str(type_of(name))
    return Bar.from_raw_arrays_to_list(bar_type, *precisions, *columns, stamps, stamps)


@pytest.fixture
def engine(project_root: Path) -> BacktestEngine:
    quiet = BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False)
    made = BacktestEngine(quiet)
    money = Money.from_str("100_000 USDT")
    made.add_venue(Venue("BINANCE"), OmsType.HEDGING, AccountType.MARGIN, [money])
    for name in (BTC, ETH):
        made.add_instrument(instrument_for(name))
        made.add_data(sample_bars(project_root, name))
    yield made
    made.dispose()


def expected_signals(project_root: Path, name: str) -> list[dict[str, object]]:
    model = QuantModel(QUANT, 300.0)
    signals = []
    for bar in sample_bars(project_root, name):
        values = [getattr(bar, field).as_double() for field in ("open", "high", "low", "close", "volume")]
        reading = model.update(bar.ts_event, *values)
        if reading is not None:
            signal = QuantSignal(InstrumentId.from_str(name), reading, bar.ts_event, bar.ts_init)
            signals.append(signal.to_dict())
    return signals


def test_it_publishes_what_the_model_says_of_each_instrument(engine: BacktestEngine, project_root: Path) -> None:
    """Each instrument has a model and a data type of its own; a subscriber hears the one it asked for."""
    listeners = [Listener(BTC), Listener(ETH)]
    engine.add_actors([QuantActor(actor_config()), *listeners])
    engine.run()
    for listener in listeners:
        heard = [signal.to_dict() for signal in listener.heard]
        assert heard == expected_signals(project_root, listener.instrument_id.value)
        assert 50 < len(heard) < BARS


def test_a_second_run_after_a_reset_publishes_the_same(engine: BacktestEngine) -> None:
    """Nothing of the first run is left in the models after a reset."""
    listener = Listener(BTC)
    engine.add_actors([QuantActor(actor_config()), listener])
    engine.run()
    first = [signal.to_dict() for signal in listener.heard]
    listener.heard.clear()
    engine.reset()
    engine.run()
    assert [signal.to_dict() for signal in listener.heard] == first != []


def test_its_configuration_travels_as_json() -> None:
    """The configuration survives the JSON that Nautilus passes configurations in."""
    config = actor_config()
    assert QuantActorConfig.parse(config.json()) == config


def test_empty_quant_settings_are_the_defaults() -> None:
    QuantActor(actor_config(quant={}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"quant": {"volatility": 3}}, "volatility"),
        ({"quant": {"min_change": 2.0}}, "min_change"),
        ({"bar_types": (type_of(BTC), f"{BTC}-1-MINUTE-LAST-EXTERNAL")}, "named twice"),
        ({"bar_types": (f"{BTC}-100-TICK-LAST-EXTERNAL",)}, "not time bars"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        QuantActor(actor_config(**changes))
