"""The venue of a run: one, and so far away."""

from pathlib import Path

import msgspec
import pytest

from catalog.files import transaction
from catalog.instruments import Definition, instrument_for
from catalog.write import write_instrument
from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.run.venue import latency_ns, require_broker, require_currency, venue_name


@pytest.fixture
def demo(project_root: Path) -> RunConfig:
    return load(project_root / "configs" / "demo.toml")


def test_latency_is_counted_in_nanoseconds(demo: RunConfig) -> None:
    assert latency_ns(demo) == 50_000_000


@pytest.mark.parametrize(
    ("instruments", "said"),
    [
        (["BTCUSDT"], "'BTCUSDT' is not SYMBOL.VENUE"),
        (["A B.X"], "'A B.X' is not"),
        (["A.X", "B.Y"], "one venue a run, got X, Y"),
    ],
)
def test_what_is_no_single_venue_is_refused(demo: RunConfig, instruments: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        venue_name(msgspec.structs.replace(demo, data=msgspec.structs.replace(demo.data, instruments=instruments)))


def of(demo: RunConfig, *instruments: str) -> RunConfig:
    return msgspec.structs.replace(demo, data=msgspec.structs.replace(demo.data, instruments=list(instruments)))


def test_stocks_and_coins_of_alpaca_can_be_traded_at_a_broker(demo: RunConfig) -> None:
    require_broker(of(demo, "AAPL.ALPACA", "BRK.B.ALPACA", "BTC/USD.ALPACA"))


@pytest.mark.parametrize(
    ("instruments", "said"),
    [
        (["BTCUSDT.BINANCE"], "'BTCUSDT.BINANCE' .* to ALPACA alone; trade it by `sagetool paper`"),
        (["BTC/USD.KRAKEN"], "'BTC/USD.KRAKEN' .* to ALPACA alone"),
        (["AAPL"], "'AAPL' is not SYMBOL.VENUE"),
        (["AAPL.ALPACA", "SPY.ARCA"], "one venue a run"),
    ],
)
def test_what_cannot_be_traded_at_a_broker_is_named_with_the_reason_and_the_way_out(
    demo: RunConfig, instruments: list[str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        require_broker(of(demo, *instruments))


def priced(demo: RunConfig, instruments: list[str], currency: str, catalog: Path = Path("none")) -> RunConfig:
    data = msgspec.structs.replace(demo.data, instruments=instruments, catalog=str(catalog))
    return msgspec.structs.replace(demo, data=data, venue=msgspec.structs.replace(demo.venue, currency=currency))


@pytest.mark.parametrize(
    ("instruments", "currency"),
    [
        (["BTCUSDT.BINANCE", "ETHUSDT.BINANCE"], "USDT"),
        (["SPY.ARCA", "GBTC.ARCA"], "USD"),
        (["BTC/USD.ALPACA", "AAPL.ALPACA"], "USD"),
        (["BTCTRY.BINANCE"], "TRY"),
    ],
)
def test_an_account_in_the_currency_of_all_prices_passes(
    demo: RunConfig, instruments: list[str], currency: str
) -> None:
    require_currency(priced(demo, instruments, currency))


@pytest.mark.parametrize(
    ("instruments", "currency", "said"),
    [
        (["SPY.ARCA"], "USDT", "`venue.currency`: SPY.ARCA is priced in USD, not in 'USDT'; set it to 'USD'"),
        (["BTCUSDT.BINANCE"], "USD", "`venue.currency`: BTCUSDT.BINANCE is priced in USDT, not in 'USD'"),
        (["ETHUSDT.BINANCE"], "XYZ", "`venue.currency`: ETHUSDT.BINANCE is priced in USDT, not in 'XYZ'"),
        (["GBTC.ARCA"], "BTC", "GBTC.ARCA is priced in USD"),
        (["SOLUSDT.BINANCE"], "T", "SOLUSDT.BINANCE is priced in USDT"),
        (["BTC-PERP.FTX"], "USD", "`venue.currency`: nothing tells that BTC-PERP.FTX is priced in 'USD'"),
        (
            ["BTCUSDT.BINANCE", "ETHBTC.BINANCE"],
            "USDT",
            "`data.instruments`: one currency a run, and BTCUSDT.BINANCE in USDT, ETHBTC.BINANCE in BTC are priced",
        ),
    ],
)
def test_an_account_in_another_currency_is_refused_with_the_right_one(
    demo: RunConfig, instruments: list[str], currency: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        require_currency(priced(demo, instruments, currency))


def test_what_was_defined_on_import_tells_the_currency_of_a_perpetual(demo: RunConfig, tmp_path: Path) -> None:
    perpetual = instrument_for("BTC-PERP.FTX", Definition(price_precision=1, size_precision=4, quote="USD"))
    with transaction(tmp_path) as change:
        write_instrument(change, tmp_path, perpetual)
    require_currency(priced(demo, ["BTC-PERP.FTX"], "USD", tmp_path))
    with pytest.raises(ConfigError, match=r"BTC-PERP\.FTX is priced in USD, not in 'USDT'"):
        require_currency(priced(demo, ["BTC-PERP.FTX"], "USDT", tmp_path))
