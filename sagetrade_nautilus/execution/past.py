"""What a plugin learns before its first bar: the bars that closed before the node began, asked of its feed."""

from collections.abc import Callable
from functools import partial

from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.data import EARLY_BARS_MAX, ask_for_past_bars
from sagetrade_nautilus.execution.sight import market_state
from sagetrade_nautilus.model.decision import MarketState
from sagetrade_nautilus.strategy_config import SageStrategyConfig


class Past:
    """Tells a plugin of its instruments' past bars, in the order in which they closed, and then of what came meanwhile.

    It waits for the answers about all of them, since a plugin may compare one instrument with another.

    Parameters
    ----------
    strategy : Strategy
        Whose feed is asked.
    config : SageStrategyConfig
        Of which instruments, and for how many hours.
    tell : Callable[[MarketState], None]
        What learns.
    """

    def __init__(self, strategy: Strategy, config: SageStrategyConfig, tell: Callable[[MarketState], object]) -> None:
        self._strategy = strategy
        self._config = config
        self._tell = tell
        self._asked: set[str] = set()
        self._bars: dict[tuple[int, int], MarketState] = {}
        self._early: list[MarketState] = []

    def ask(self) -> None:
        """Ask the feed for the past, if any is wanted; a backtest has none to ask for."""
        if self._config.warm_up_h <= 0.0:
            return
        self._asked = set(self._config.instruments)
        for name in self._config.instruments:
            bar_type = BarType.from_str(f"{name}-{self._config.bar}-EXTERNAL")
            ask_for_past_bars(self._strategy, bar_type, self._config.warm_up_h, partial(self._answered, name))

    def take(self, bar: Bar) -> None:
        """Take up a past bar, unless it is late, or has not closed yet. Nautilus brings what others asked for too."""
        name = bar.bar_type.instrument_id.value
        if name in self._asked and bar.ts_event <= self._strategy.clock.timestamp_ns():
            at = (bar.ts_event, self._config.instruments.index(name))
            self._bars[at] = market_state(self._strategy.cache, name, bar, (), None)

    def go_on(self, state: MarketState) -> None:
        """Tell of a bar that has just closed, as soon as the past has been told."""
        if not self._asked:
            self._tell(state)
            return
        self._early.append(state)
        if sum(early.instrument_id == state.instrument_id for early in self._early) > EARLY_BARS_MAX:
            self._strategy.log.warning("no answer about past bars; the plugin learns from what comes")
            self._say()

    def _answered(self, name: str) -> None:
        waited = name in self._asked
        self._asked.discard(name)
        if waited and not self._asked:
            self._say()

    def _say(self) -> None:
        first = {early.instrument_id: early.ts for early in reversed(self._early)}
        past = (self._bars[at] for at in sorted(self._bars))
        told = [state for state in past if state.ts < first.get(state.instrument_id, state.ts + 1)] + self._early
        self._asked, self._bars, self._early = set(), {}, []
        for state in told:
            self._tell(state)
