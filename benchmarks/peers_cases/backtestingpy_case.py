"""The benchmark in backtesting.py, filled at the close of the bar that decided."""

import time

import pandas as pd
from backtesting import Strategy
from backtesting.lib import FractionalBacktest

from benchmarks.outcome import Outcome
from benchmarks.workload import STARTING_BALANCE, TRADE_SIZE, EmaCross, Workload

UNIT = 0.001
"""backtesting.py trades whole units, so that one must be a lot."""


def average(close: pd.Series, length: int) -> pd.Series:
    """Return the exponential average of `close`, which starts at its first value."""
    return pd.Series(close).ewm(span=length, adjust=False).mean()


class EmaCrossStrategy(Strategy):
    """Buys where the fast average crosses above the slow one, and sells where it crosses below."""

    fast = slow = warmup = 0

    def init(self) -> None:
        self._fast = self.I(average, self.data.Close, self.fast)
        self._slow = self.I(average, self.data.Close, self.slow)
        self._above = False
        self.decisions: list[tuple[int, int]] = []

    def next(self) -> None:
        above = self._fast[-1] > self._slow[-1]
        if above == self._above:
            return
        self._above = above
        bars = len(self.data)
        if bars <= self.warmup:
            return
        if above:
            self.buy(size=round(TRADE_SIZE / UNIT))
            self.decisions.append((bars, 1))
        elif self.position:
            self.position.close()
            self.decisions.append((bars, -1))


def run_backtestingpy(bars: Workload, rule: EmaCross) -> Outcome:
    """Run the rule with `trade_on_close`; the averages and the statistics at the end are in the time."""
    columns = {name.capitalize(): getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    frame = pd.DataFrame(columns, index=pd.to_datetime(bars.ts.astype("int64")))
    engine = FractionalBacktest(
        frame, EmaCrossStrategy, cash=STARTING_BALANCE, trade_on_close=True, fractional_unit=UNIT
    )
    wall, cpu = time.perf_counter(), time.process_time()
    result = engine.run(**rule._asdict())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    decisions = result["_strategy"].decisions
    closed, still_open = len(result["_trades"]), len(result["_strategy"].trades)
    return Outcome(
        wall_s=wall,
        cpu_s=cpu,
        orders=len(decisions),
        unfilled=len(decisions) - 2 * closed - still_open,
        decisions=decisions,
        balance=float(result["Equity Final [$]"]),
    )
