"""The benchmark in backtrader, filled at the close of the bar that decided, as a bar-driven Nautilus does."""

import time
import warnings

import pandas as pd

from benchmarks.outcome import Outcome
from benchmarks.workload import STARTING_BALANCE, TRADE_SIZE, EmaCross, Workload

with warnings.catch_warnings():
    warnings.simplefilter("ignore", SyntaxWarning)
    import backtrader as bt


class EmaCrossStrategy(bt.Strategy):
    """Buys where the fast average crosses above the slow one, and sells where it crosses below."""

    params = (("fast", 0), ("slow", 0), ("warmup", 0))

    def __init__(self) -> None:
        self._fast = bt.indicators.EMA(period=self.p.fast)
        self._slow = bt.indicators.EMA(period=self.p.slow)
        self._above = False
        self.decisions: list[tuple[int, int]] = []
        self.orders_filled = 0

    def notify_order(self, order: bt.Order) -> None:
        self.orders_filled += order.status == order.Completed

    def next(self) -> None:
        above = self._fast[0] > self._slow[0]
        if above == self._above:
            return
        self._above = above
        bars = len(self)
        if bars <= self.p.warmup:
            return
        if above:
            self.buy(size=TRADE_SIZE)
            self.decisions.append((bars, 1))
        elif self.position:
            self.sell(size=TRADE_SIZE)
            self.decisions.append((bars, -1))


def run_backtrader(bars: Workload, rule: EmaCross) -> Outcome:
    """Run the rule on pandas data, with cheat-on-close and without observers or other extras."""
    index = pd.to_datetime(bars.ts.astype("int64"))
    frame = pd.DataFrame(
        {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}, index=index
    )
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.broker.setcash(STARTING_BALANCE)
    cerebro.broker.set_coc(True)
    cerebro.broker.set_checksubmit(False)
    cerebro.adddata(bt.feeds.PandasData(dataname=frame, timeframe=bt.TimeFrame.Minutes))
    cerebro.addstrategy(EmaCrossStrategy, fast=rule.fast, slow=rule.slow, warmup=rule.warmup)
    wall, cpu = time.perf_counter(), time.process_time()
    (strategy,) = cerebro.run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Outcome(
        wall_s=wall,
        cpu_s=cpu,
        orders=len(strategy.decisions),
        unfilled=len(strategy.decisions) - strategy.orders_filled,
        decisions=strategy.decisions,
        balance=cerebro.broker.getvalue(),
    )
