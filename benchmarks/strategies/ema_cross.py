"""The benchmark's rule as a SageTrade plugin: long from an up-cross of the averages to the next down-cross."""

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import ActionKind, Decision, MarketState, PositionAction
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig

NEVER_S = 1e9


class EmaCrossConfig(SageStrategyConfig, frozen=True, kw_only=True):
    """Settings of `EmaCross`.

    Parameters
    ----------
    start_ns : int
        Crosses before this moment (UNIX nanoseconds) are ignored.
    quantity : float
        Wished size in the base currency.
    balance : float
        What `quantity` is to be a share of, in the account's currency.
    exit_distance : float
        How far take-profit and stop-loss lie from the entry, as a fraction of its price: out of reach.
    """

    start_ns: int = 0
    quantity: float = 0.01
    balance: float = 100_000.0
    exit_distance: float = 0.5


class EmaCross(SageStrategy[EmaCrossConfig]):
    """Enters when the composite turns up and leaves when it turns down."""

    def initialize(self, config: EmaCrossConfig) -> None:
        self._settings = config
        self._below = False

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        turned_up = self._below and signal.direction > 0
        self._below = signal.direction < 0
        settings = self._settings
        if not turned_up or signal.ts_init < settings.start_ns:
            return None
        price = signal.price
        return Decision(
            side="buy",
            size_pct=settings.quantity * price / settings.balance * 100.0,
            tp=price * (1.0 + settings.exit_distance),
            sl=price * (1.0 - settings.exit_distance),
            target_duration=NEVER_S,
            expected_edge_bps=10_000.0,
            reason="the fast average crossed above the slow one",
            signal_ids=(signal.signal_id,),
        )

    def on_tick(self, market_state: MarketState) -> list[PositionAction]:
        composite = market_state.composite
        if composite is None or composite.direction >= 0:
            return []
        self._below = True
        (held,) = market_state.positions
        return [PositionAction(trade_id=held.trade_id, kind=ActionKind.CLOSE, reason="crossed below")]
