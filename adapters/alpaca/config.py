"""The configuration of Alpaca's clients. Keys are not in it: Nautilus prints configurations."""

from typing import Literal

from nautilus_trader.config import InstrumentProviderConfig, LiveDataClientConfig, LiveExecClientConfig

from adapters.alpaca.constants import DATA_URL, LIVE_URL, PAPER_URL, STREAM_URL, Environment, StockFeed

TRADING_URLS = {Environment.PAPER: PAPER_URL, Environment.LIVE: LIVE_URL}


class AlpacaProviderConfig(InstrumentProviderConfig, frozen=True, kw_only=True):
    """Which instruments are loaded: `load_ids` those that are named, `load_all` every asset that can be traded.

    Parameters
    ----------
    fractional : bool
        Whether stocks that Alpaca trades in parts have quantities of nine decimals. Brackets and quantity changes
        need whole shares.
    """

    fractional: bool = False


class AlpacaDataClientConfig(LiveDataClientConfig, frozen=True, kw_only=True):
    """Configuration of an `AlpacaDataClient`.

    Parameters
    ----------
    environment : {'paper', 'live'}
        Which account the keys belong to; the data are the same.
    instrument_provider : AlpacaProviderConfig
        Which instruments are loaded.
    stock_feed : {'iex', 'sip', 'delayed_sip'}
        Where prices of stocks come from. Without a subscription only 'iex' is to be had live.
    adjustment : {'raw', 'split', 'dividend', 'all'}
        Whether past bars of stocks are corrected for splits and dividends.
    trading_url, data_url, stream_url : str, optional
        Other addresses than Alpaca's own: https and wss, or a server on this machine.
    timeout_s : float
        Seconds for a request and the whole of its answer.
    backoff_s : float
        The first wait before a request is repeated or a lost stream is opened again; later ones are longer.
    """

    environment: Environment = Environment.PAPER
    instrument_provider: AlpacaProviderConfig = AlpacaProviderConfig()
    stock_feed: StockFeed = StockFeed.IEX
    adjustment: Literal["raw", "split", "dividend", "all"] = "raw"
    trading_url: str | None = None
    data_url: str = DATA_URL
    stream_url: str = STREAM_URL
    timeout_s: float = 30.0
    backoff_s: float = 2.0


class AlpacaExecClientConfig(LiveExecClientConfig, frozen=True, kw_only=True):
    """Configuration of an `AlpacaExecutionClient`.

    Parameters
    ----------
    environment : {'paper', 'live'}
        Whose money it is. Orders go to the simulated account unless this says 'live'.
    instrument_provider : AlpacaProviderConfig
        Which instruments are loaded; the same as for data.
    extended_hours : bool
        Whether limit orders for the day may be filled before and after the exchange's own hours. An order says
        otherwise by its parameter ``extended_hours``.
    gtd_as_gtc : bool
        Alpaca knows no order that ends at a given time. Whether one rests until it is cancelled instead: only for
        strategies that cancel it in time themselves (`manage_gtd_expiry`). Otherwise it is denied.
    crypto_fee_bps : float
        What Alpaca charges for an execution of crypto, in basis points of what is received; it does not say so itself.
    sweep_s : float
        Seconds between two looks for what the stream may have lost.
    trading_url : str, optional
        Another address than Alpaca's own: https, or a server on this machine.
    stream_url : str, optional
        The same for trade updates: wss, or a server on this machine.
    timeout_s : float
        Seconds for a request and the whole of its answer.
    backoff_s : float
        The first wait before a request is repeated or a lost stream is opened again; later ones are longer.
    """

    environment: Environment = Environment.PAPER
    instrument_provider: AlpacaProviderConfig = AlpacaProviderConfig()
    extended_hours: bool = False
    gtd_as_gtc: bool = False
    crypto_fee_bps: float = 25.0
    sweep_s: float = 10.0
    trading_url: str | None = None
    stream_url: str | None = None
    timeout_s: float = 10.0
    backoff_s: float = 2.0


def updates_url(config: AlpacaExecClientConfig) -> str:
    """Return where the trade updates of a configuration's account come from."""
    return config.stream_url or TRADING_URLS[config.environment].replace("https", "wss") + "/stream"


def trading_url(config: AlpacaDataClientConfig | AlpacaExecClientConfig) -> str:
    """Return where the account of a configuration is asked."""
    return config.trading_url or TRADING_URLS[config.environment]
