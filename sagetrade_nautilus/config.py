"""One TOML file describes one run. It is decoded into frozen structs; whatever does not fit stops the start.

Every section has defaults that are safe for a backtest. Unknown keys, wrong types and contradictions raise
`ConfigError` naming the file and the key.
"""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sagetrade_nautilus.errors import ConfigError

Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Percent = Annotated[float, Meta(gt=0.0, le=100.0)]
PositiveFloat = Annotated[float, Meta(gt=0.0)]
NonNegativeFloat = Annotated[float, Meta(ge=0.0)]
PositiveInt = Annotated[int, Meta(gt=0)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every configuration section: frozen, keyword only, and no unknown key passes."""


class DataConfig(Section, frozen=True):
    """What a run reads.

    Parameters
    ----------
    instruments : list[str]
        Instrument ids, as 'BTCUSDT.BINANCE', all of one venue.
    start : datetime.date
        The first day, UTC. Bars are read that lie wholly between `start` and `end`.
    end : datetime.date
        The day after the last, UTC.
    bar : str
        Bar specification, as '5-MINUTE-LAST'.
    catalog : str
        The catalog's folder.
    sample : bool
        Import the bundled sample into the catalog where it is missing.
    texts : bool
        Whether to read texts.
    """

    instruments: Annotated[list[str], Meta(min_length=1)]
    start: dt.date
    end: dt.date
    bar: str = "5-MINUTE-LAST"
    catalog: str = "catalog/data"
    sample: bool = False
    texts: bool = True


class VenueConfig(Section, frozen=True):
    """The simulated account.

    Parameters
    ----------
    account : {'margin', 'cash'}
        `margin` may sell short (borrowed at no charge here), `cash` may not.
    currency : str
        The account's currency: the one that the instruments are quoted in.
    starting_balance : float
        What the account holds at the start.
    leverage : float
        How many times the balance may be committed, as far as the venue is concerned; the guard's limits stand above.
    """

    account: Literal["margin", "cash"] = "margin"
    currency: str = "USDT"
    starting_balance: PositiveFloat = 100_000.0
    leverage: Annotated[float, Meta(ge=1.0)] = 1.0


class CostConfig(Section, frozen=True):
    """What trading costs in the simulation.

    Parameters
    ----------
    maker_fee_bps : float
        Fee of a fill that makes liquidity, of its notional.
    taker_fee_bps : float
        Fee of a fill that takes liquidity, of its notional.
    slippage_bps : float
        What every order that takes liquidity pays beyond the best price.
    depth : float
        The notional that stands at that price; each further `depth` costs another `slippage_bps`.
    depth_levels : int
        How many such levels there are. What is left after the last fills one step beyond it.
    latency_ms : float
        Time from sending a command to its arrival at the venue.
    """

    maker_fee_bps: NonNegativeFloat = 10.0
    taker_fee_bps: NonNegativeFloat = 10.0
    slippage_bps: NonNegativeFloat = 1.0
    depth: PositiveFloat = 250_000.0
    depth_levels: PositiveInt = 5
    latency_ms: NonNegativeFloat = 50.0

    @property
    def round_trip_bps(self) -> float:
        """Fees and slippage of entering and leaving with orders that take liquidity, in basis points."""
        return 2.0 * (self.taker_fee_bps + self.slippage_bps)


class QuantFeature(Section, frozen=True):
    """One line of the quantitative score.

    Parameters
    ----------
    kind : {'return', 'rsi', 'zscore', 'ema_cross'}
        `return` is the log return over `length` bars in its own standard deviations, `rsi` is Wilder's, `zscore` is the
        close against its last `length` closes, `ema_cross` is the sign of a fast less a slow average.
    length : int
        Its look-back, in bars.
    weight : float
        Its signed share: negative bets against the feature. The absolute weights are normalised to sum to 1.
    slow_length : int, optional
        The longer look-back of features that compare two.
    """

    kind: Literal["return", "rsi", "zscore", "ema_cross"]
    length: Annotated[int, Meta(ge=2)]
    weight: Annotated[float, Meta(ge=-1.0, le=1.0)]
    slow_length: Annotated[int, Meta(ge=3)] | None = None


class QuantConfig(Section, frozen=True):
    """The quantitative signal: its features, and how volatility and regime are measured.

    Parameters
    ----------
    features : list[QuantFeature]
        The lines of the score.
    volatility_length : int
        Bars that the realised volatility is measured over.
    regime_length : int
        Span of the volatility's typical level, which tells high from low.
    trend_length : int
        Bars that the trend is measured over.
    min_change : float
        The least change of the score that is published; a change of regime always is.
    """

    features: Annotated[list[QuantFeature], Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: [
            QuantFeature(kind="return", length=3, weight=-0.3),
            QuantFeature(kind="rsi", length=14, weight=-0.4),
            QuantFeature(kind="zscore", length=48, weight=-0.3),
        ]
    )
    volatility_length: Annotated[int, Meta(ge=5)] = 36
    regime_length: Annotated[int, Meta(ge=10)] = 288
    trend_length: Annotated[int, Meta(ge=5)] = 48
    min_change: Fraction = 0.05


class TextConfig(Section, frozen=True):
    """How texts become signals.

    Parameters
    ----------
    enabled : bool
        Whether texts take any part in the composite.
    ingest_latency_s : float
        A text without a recorded first-seen time is used no earlier than this after its publication.
    duplicate_capacity : int
        A title counts as a repeat while it is among this many different ones met last.
    half_life_min : float
        Time in which an item's influence halves.
    source_cap : float
        The largest share of the text score that one source may hold.
    """

    enabled: bool = True
    ingest_latency_s: NonNegativeFloat = 60.0
    duplicate_capacity: PositiveInt = 1_000
    half_life_min: PositiveFloat = 60.0
    source_cap: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.4


class AggregatorConfig(Section, frozen=True):
    """The composite of all signals.

    Parameters
    ----------
    quant_weight, text_weight : float
        The share of each kind of signal; they are divided by their sum.
    neutral_band : float
        The absolute score below which the composite has no direction.
    """

    quant_weight: Fraction = 0.85
    text_weight: Fraction = 0.15
    neutral_band: Fraction = 0.1


class SelectorRule(Section, frozen=True):
    """One row of the policy table: in `regimes`, with enough confidence and budget, these strategies may act.

    Parameters
    ----------
    regimes : list[str]
        The regimes it covers; empty means all.
    min_confidence : float
        The composite's least confidence, in [0, 1].
    min_risk_budget : float
        The least share of the day's loss budget that must be left, in [0, 1].
    shares : dict[str, float]
        Strategy name to the share of its wished size, in (0, 1].
    """

    shares: dict[str, Annotated[float, Meta(gt=0.0, le=1.0)]]
    regimes: list[Literal["low_vol_ranging", "low_vol_trending", "high_vol_ranging", "high_vol_trending"]] = []
    min_confidence: Fraction = 0.0
    min_risk_budget: Fraction = 0.0


class SelectorConfig(Section, frozen=True):
    """The policy table. The first row that fits and names a strategy decides; no row means that it may not act.

    Parameters
    ----------
    rules : list[SelectorRule]
        The rows, read top down. With no rules at all every strategy may act with its full size.
    """

    rules: list[SelectorRule] = []


class SizingConfig(Section, frozen=True):
    """How a wish becomes a quantity: the smaller of what the policy table grants of it and the method's size.

    Parameters
    ----------
    method : {'fixed_fraction', 'volatility_scaled', 'kelly_lite'}
        `fixed_fraction` risks `max_trade_risk_pct` of equity between entry and stop; `volatility_scaled` sizes so that
        a one-hour move of one standard deviation is worth `max_trade_risk_pct`; `kelly_lite` takes `kelly_fraction` of
        the Kelly share, shrunk while the sample is small.
    max_trade_risk_pct : float
        What one trade may risk, of equity.
    kelly_fraction : float
        The part of the Kelly share that `kelly_lite` takes.
    """

    method: Literal["fixed_fraction", "volatility_scaled", "kelly_lite"] = "fixed_fraction"
    max_trade_risk_pct: Percent = 0.5
    kelly_fraction: Annotated[float, Meta(gt=0.0, le=0.5)] = 0.25


class LimitConfig(Section, frozen=True):
    """The guard's limits for orders that open or enlarge. Cancels and what can only reduce always pass.

    Parameters
    ----------
    max_open_trades : int
        Open positions and entries on their way, over all strategies.
    max_order_notional_pct : float
        Notional of one order, of current equity.
    max_exposure_pct : float
        Gross notional over all instruments, of current equity. A long and a short add up.
    max_net_exposure_pct : float
        Longs less shorts over all instruments, either way, of current equity.
    max_symbol_exposure_pct : float
        Gross notional in one instrument, of current equity.
    max_daily_loss_pct : float
        Loss of the UTC day, of equity at 00:00 UTC, at which no further position is opened until the next day.
    price_collar_pct : float
        How far a limit or trigger price may lie from the last price.
    max_price_age_s : float
        No entry on a price older than this, in seconds.
    max_price_jump_pct : float
        No entry right after a step between two prices that is larger than this.
    no_duplicate_s : float
        Seconds within which the very same entry is not sent twice.
    max_repeated_orders : int
        Entries of one strategy for one instrument and side within `repeat_window_s`.
    repeat_window_s : float
        The window of `max_repeated_orders`, in seconds.
    max_orders_per_minute : int
        Entries of all strategies within a minute.
    """

    max_open_trades: PositiveInt = 4
    max_order_notional_pct: PositiveFloat = 50.0
    max_exposure_pct: PositiveFloat = 100.0
    max_net_exposure_pct: PositiveFloat = 100.0
    max_symbol_exposure_pct: PositiveFloat = 50.0
    max_daily_loss_pct: Percent = 3.0
    price_collar_pct: PositiveFloat = 10.0
    max_price_age_s: PositiveFloat = 900.0
    max_price_jump_pct: PositiveFloat = 20.0
    no_duplicate_s: NonNegativeFloat = 1.0
    max_repeated_orders: PositiveInt = 10
    repeat_window_s: PositiveFloat = 60.0
    max_orders_per_minute: PositiveInt = 60


class StrategyEntry(Section, frozen=True):
    """One strategy of a run.

    Parameters
    ----------
    plugin : str
        The name of a file in ``strategies/``, without '.py'.
    name : str, optional
        What the strategy is called in the run; the plugin's name if left out.
    enabled : bool
        Whether it may enter from the start.
    instruments : list[str], optional
        Those that it trades, of `data.instruments`; all if left out.
    params : dict[str, Any]
        The plugin's own settings.
    """

    plugin: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$")]
    name: Annotated[str, Meta(pattern="^[A-Za-z][A-Za-z0-9_]*$")] | None = None
    enabled: bool = True
    instruments: list[str] | None = None
    params: dict[str, Any] = {}

    @property
    def label(self) -> str:
        return self.name or self.plugin


class ReportConfig(Section, frozen=True):
    """The report.

    Parameters
    ----------
    directory : str
        Where reports go, each into a folder of its own that is called by the run's name and digest.
    bootstrap_samples : int
        How many bootstrap samples stand behind an interval.
    seed : int
        Seed of the bootstrap.
    """

    directory: str = "runs"
    bootstrap_samples: Annotated[int, Meta(ge=100)] = 1_000
    seed: int = 7


class RunConfig(Section, frozen=True):
    """The whole of one run.

    Parameters
    ----------
    name : str
        What the run is called; its report's folder begins with it.
    data, strategies, venue, costs, quant, text, aggregator, selector, sizing, limits, report : Section
        The sections.
    """

    name: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    data: DataConfig
    strategies: Annotated[list[StrategyEntry], Meta(min_length=1)]
    venue: VenueConfig = VenueConfig()
    costs: CostConfig = CostConfig()
    quant: QuantConfig = QuantConfig()
    text: TextConfig = TextConfig()
    aggregator: AggregatorConfig = AggregatorConfig()
    selector: SelectorConfig = SelectorConfig()
    sizing: SizingConfig = SizingConfig()
    limits: LimitConfig = LimitConfig()
    report: ReportConfig = ReportConfig()

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form: two files that mean the same have the same digest."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


def load(path: Path) -> RunConfig:
    """Read and check the run configuration at `path`.

    Raises
    ------
    ConfigError
        The file is missing or no TOML, a key is unknown, a value has the wrong type, or values contradict.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; configs/demo.toml is an example") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        config = msgspec.toml.decode(text, type=RunConfig)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {_readable(str(error))}") from None
    _check(path, config)
    return config


def _readable(message: str) -> str:
    return message.replace("Object contains unknown field", "unknown key").replace("`$.", "`")


def _check(path: Path, config: RunConfig) -> None:
    """Refuse values that are each sound and together are not."""
    data, weights = config.data, config.aggregator
    labels = [entry.label for entry in config.strategies]
    listed = set(data.instruments)
    faults = {
        "data.end": data.end <= data.start and f"{data.end} is not after data.start {data.start}",
        "data.instruments": len(listed) < len(data.instruments) and "an instrument is named twice",
        "aggregator": weights.quant_weight + weights.text_weight <= 0 and "both weights are 0",
        "strategies": len(set(labels)) < len(labels)
        and f"names must differ, got {', '.join(labels)}; set `name` to run a plugin twice",
    }
    for feature in config.quant.features:
        slow = feature.slow_length
        if feature.kind == "ema_cross" and (slow is None or slow <= feature.length):
            faults["quant.features"] = "ema_cross needs a slow_length above its length"
    for rule in config.selector.rules:
        unknown = sorted(set(rule.shares) - set(labels))
        if unknown:
            faults["selector.rules"] = f"{unknown[0]!r} is not one of the strategies {', '.join(labels)}"
    for entry in config.strategies:
        strange = sorted(set(entry.instruments or ()) - listed)
        if strange:
            faults[f"strategies.{entry.label}.instruments"] = f"{strange[0]!r} is not in data.instruments"
    for key, fault in faults.items():
        if fault:
            raise ConfigError(f"{path}: `{key}`: {fault}")
