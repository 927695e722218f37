"""The venue of a run: which one it is, how far away, and how it is simulated."""

from pathlib import Path

from nautilus_trader.backtest.config import (
    BacktestVenueConfig,
    ImportableFeeModelConfig,
    ImportableFillModelConfig,
    ImportableLatencyModelConfig,
)
from nautilus_trader.config import ImportableActorConfig

from catalog.instruments import parse_instrument_id
from catalog.store import quote_currency
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.config.brokers import why_not_at_broker
from sagetrade_nautilus.errors import ConfigError, DataError
from sagetrade_nautilus.nanos import NANOS_PER_MILLISECOND


def venue_name(config: RunConfig) -> str:
    """Return the one venue that all instruments trade on.

    Raises
    ------
    ConfigError
        An instrument id has no venue, or there are several venues.
    """
    names: set[str] = set()
    for name in config.data.instruments:
        try:
            names.add(parse_instrument_id(name).venue.value)
        except DataError:
            raise ConfigError(
                f"`data.instruments`: {name!r} is not SYMBOL.VENUE, for example BTCUSDT.BINANCE"
            ) from None
    if len(names) > 1:
        raise ConfigError(f"`data.instruments`: one venue a run, got {', '.join(sorted(names))}; make a run of each")
    return names.pop()


def require_broker(config: RunConfig) -> None:
    """Make sure that the run's strategies can trade at a broker what it names, with money or without.

    Raises
    ------
    ConfigError
        No client sends orders to its venue, or the venue could not hold both exits of a position; or as `venue_name`.
    """
    venue_name(config)
    fault = why_not_at_broker(config.data.instruments)
    if fault is not None:
        raise ConfigError(f"`data.instruments`: {fault}")


def require_currency(config: RunConfig) -> None:
    """Make sure that the account's currency is the one that every instrument is priced in.

    Raises
    ------
    ConfigError
        It is not, or nothing tells what an instrument is priced in.
    DataError
        The catalog's definition of an instrument is damaged.
    """
    currency, root = config.venue.currency, Path(config.data.catalog)
    quotes = {name: quote_currency(root, name) or _named(name, currency) for name in config.data.instruments}
    wrong = {name: quote for name, quote in quotes.items() if quote != currency}
    if not wrong:
        return
    if len(set(quotes.values())) > 1:
        said = ", ".join(f"{name} in {quote}" for name, quote in quotes.items())
        raise ConfigError(f"`data.instruments`: one currency a run, and {said} are priced; make a run of each")
    name, quote = next(iter(wrong.items()))
    raise ConfigError(f"`venue.currency`: {name} is priced in {quote}, not in {currency!r}; set it to {quote!r}")


def _named(instrument_id: str, currency: str) -> str:
    """Return `currency` if the symbol ends with it, as BTCTRY does with TRY: then a feed's own instrument may."""
    if not instrument_id.rpartition(".")[0].endswith(currency):
        raise ConfigError(
            f"`venue.currency`: nothing tells that {instrument_id} is priced in {currency!r}; if its id is right, "
            "define it on import with --price-precision N --size-precision N --quote CURRENCY"
        )
    return currency


def latency_ns(config: RunConfig) -> int:
    """Return how long a command travels to the venue, in nanoseconds."""
    return round(config.costs.latency_ms * NANOS_PER_MILLISECOND)


def simulated_venue(config: RunConfig) -> BacktestVenueConfig:
    """Return the simulated venue: its account, fills, fees and latency."""
    account, costs = config.venue, config.costs
    margin = account.account == "margin"
    return BacktestVenueConfig(
        name=venue_name(config),
        oms_type="HEDGING",
        account_type="MARGIN" if margin else "CASH",
        starting_balances=[f"{account.starting_balance} {account.currency}"],
        base_currency=account.currency if margin else None,
        default_leverage=account.leverage,
        bar_adaptive_high_low_ordering=True,
        reject_stop_orders=False,  # a stop that is in the market already must fill, not leave a position bare
        fill_model=ImportableFillModelConfig(
            fill_model_path="adapters.paper.fills:DepthFillModel",
            config_path="adapters.paper.fills:DepthFillModelConfig",
            config={
                "slippage_bps": costs.slippage_bps,
                "depth": costs.depth,
                "depth_levels": costs.depth_levels,
            },
        ),
        modules=[
            ImportableActorConfig(
                actor_path="adapters.paper.fills:FillContextModule",
                config_path="adapters.paper.fills:FillContextModuleConfig",
                config={},
            )
        ],
        fee_model=ImportableFeeModelConfig(
            fee_model_path="adapters.paper.fees:BpsFeeModel",
            config_path="adapters.paper.fees:BpsFeeModelConfig",
            config={"maker_fee_bps": costs.maker_fee_bps, "taker_fee_bps": costs.taker_fee_bps},
        ),
        latency_model=ImportableLatencyModelConfig(
            latency_model_path="nautilus_trader.backtest.models:LatencyModel",
            config_path="nautilus_trader.backtest.config:LatencyModelConfig",
            config={"base_latency_nanos": latency_ns(config)},
        ),
    )
