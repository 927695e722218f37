"""The venue of a run: which one it is, how far away, and how it is simulated."""

from nautilus_trader.backtest.config import (
    BacktestVenueConfig,
    ImportableFeeModelConfig,
    ImportableFillModelConfig,
    ImportableLatencyModelConfig,
)
from nautilus_trader.config import ImportableActorConfig
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ConfigError

NANOS_PER_MILLISECOND = 1_000_000


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
            names.add(InstrumentId.from_str(name).venue.value)
        except ValueError:
            raise ConfigError(
                f"`data.instruments`: {name!r} is not SYMBOL.VENUE, for example BTCUSDT.BINANCE"
            ) from None
    if len(names) > 1:
        raise ConfigError(f"`data.instruments`: one venue a run, got {', '.join(sorted(names))}; make a run of each")
    return names.pop()


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
