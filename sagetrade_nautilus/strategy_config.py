"""What every strategy plugin is given by the run."""

from nautilus_trader.config import StrategyConfig

from sagetrade_nautilus.config import ExecutionConfig, SelectorConfig, SizingConfig


class SageStrategyConfig(StrategyConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every plugin is given by the run; a plugin's own settings are fields of its subclass.

    Parameters
    ----------
    label : str
        The strategy's name in the run.
    instruments : list[str]
        The instrument ids that it trades.
    entities : dict[str, list[str]]
        Each instrument's subjects, whose texts the plugin hears: 'BTC' and 'CRYPTO' of 'BTCUSDT.BINANCE'.
    bar : str
        Bar specification, as '5-MINUTE-LAST'.
    currency : str
        The account's currency.
    round_trip_bps : float
        Fees and slippage of a round trip, in basis points of the notional: the least edge worth a trade.
    enabled : bool
        Whether it may enter from the start.
    warm_up_h : float
        How many hours of past bars `on_market` hears at the start; a backtest has no past.
    entry_lifetime_s : float
        Seconds after which an unfilled limit entry is cancelled.
    sizing, selector, execution : dict
        `SizingConfig`, `SelectorConfig` and `ExecutionConfig` as plain values.
    """

    label: str = "strategy"
    instruments: list[str] = []
    entities: dict[str, list[str]] = {}
    bar: str = "5-MINUTE-LAST"
    currency: str = "USDT"
    round_trip_bps: float = 0.0
    enabled: bool = True
    warm_up_h: float = 0.0
    entry_lifetime_s: float = 300.0
    manage_gtd_expiry: bool = True  # Nautilus's simulated venue keeps an order past its expiry while it is touched
    sizing: SizingConfig = SizingConfig()
    selector: SelectorConfig = SelectorConfig()
    execution: ExecutionConfig = ExecutionConfig()
