"""Which data and execution clients a configuration names: their settings, and the factories that make them."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from nautilus_trader.config import InstrumentProviderConfig, LiveDataClientConfig, LiveExecClientConfig
from nautilus_trader.live.factories import LiveDataClientFactory, LiveExecClientFactory
from nautilus_trader.live.node import TradingNode

from adapters.paper.config import PaperExecClientConfig
from adapters.paper.factories import PaperLiveExecClientFactory
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.run.venue import require_broker, venue_name

type DataClient = tuple[LiveDataClientConfig, type[LiveDataClientFactory]]
type Account = Literal["live", "paper"]
"""Whose keys a broker is asked with, and where orders go: the account with money in it, or its simulated one."""
type Execution = tuple[LiveExecClientConfig, Callable[[TradingNode], type[LiveExecClientFactory]]]
"""An execution client's settings, and what returns its factory for a node."""


def data_client(config: RunConfig, account: Account = "paper") -> DataClient:
    """Return the feed that the configuration names.

    Parameters
    ----------
    account : {'live', 'paper'}
        Which account the keys belong to: a broker's data come by them too.

    Raises
    ------
    ConfigError
        It is no live feed, or this installation does not have it.
    """
    wanted = frozenset(config.data.instruments)
    if config.node.data == "binance":
        from nautilus_trader.adapters.binance.config import BinanceDataClientConfig  # noqa: PLC0415 - who wants it

        from adapters.binance.data import BinanceDataClientFactory  # noqa: PLC0415 - as above

        binance = InstrumentProviderConfig(load_ids=wanted)
        return BinanceDataClientConfig(instrument_provider=binance), BinanceDataClientFactory
    if config.node.data != "alpaca":
        raise ConfigError(f"`node.data`: {config.node.data!r} is no live feed; name one, or use `sagetool replay`")
    try:
        from adapters.alpaca.config import AlpacaDataClientConfig, AlpacaProviderConfig  # noqa: PLC0415 - an extra
        from adapters.alpaca.constants import Environment  # noqa: PLC0415 - as above
        from adapters.alpaca.factories import AlpacaDataClientFactory  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise ConfigError(f"{error.name} is missing: install `sagetrade-nautilus[alpaca]`") from None
    provider = AlpacaProviderConfig(load_ids=wanted)
    settings = AlpacaDataClientConfig(environment=Environment(account), instrument_provider=provider)
    return settings, AlpacaDataClientFactory


def live_client(config: RunConfig, account: Account) -> Execution:
    """Return the execution client that sends orders to `account` at the run's venue.

    Raises
    ------
    ConfigError
        It could not trade there what the run names, or this installation does not have it.
    """
    require_broker(config)
    try:
        from adapters.alpaca.config import AlpacaExecClientConfig, AlpacaProviderConfig  # noqa: PLC0415 - an extra
        from adapters.alpaca.constants import Environment  # noqa: PLC0415 - as above
        from adapters.alpaca.factories import AlpacaExecClientFactory  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise ConfigError(f"{error.name} is missing: install `sagetrade-nautilus[alpaca]`") from None
    provider = AlpacaProviderConfig(load_ids=frozenset(config.data.instruments))
    # SageStrategy cancels an entry when its time is over, so one that Alpaca cannot end by itself may rest.
    client = AlpacaExecClientConfig(environment=Environment(account), instrument_provider=provider, gtd_as_gtc=True)
    return client, lambda node: AlpacaExecClientFactory


def paper_client(config: RunConfig, *, hears: Literal["ahead", "bus"], state: Path | None = None) -> Execution:
    """Return the paper trading client with the run's account and costs.

    Parameters
    ----------
    hears : {'ahead', 'bus'}
        Whether a replay tells it of the market before it tells the node, or it hears the node's own data.
    state : Path, optional
        The file that its account and orders live in over a restart.
    """
    account, costs = config.venue, config.costs
    client = PaperExecClientConfig(
        venue=venue_name(config),
        instruments=config.data.instruments,
        state=None if state is None else str(state),
        account=account.account,
        currency=account.currency,
        starting_balance=account.starting_balance,
        leverage=account.leverage,
        maker_fee_bps=costs.maker_fee_bps,
        taker_fee_bps=costs.taker_fee_bps,
        slippage_bps=costs.slippage_bps,
        depth=costs.depth,
        depth_levels=costs.depth_levels,
        latency_ms=costs.latency_ms,
        reject_share=config.node.reject_share,
        seed=config.node.seed,
        hears=hears,
    )
    return client, lambda node: PaperLiveExecClientFactory
