"""The benchmark in vectorbt, filled at the close of the bar that decided. It works on whole arrays, not bar by bar."""

import time

import numpy as np
import pandas as pd
import vectorbt as vbt

from benchmarks.outcome import Outcome
from benchmarks.workload import STARTING_BALANCE, TRADE_SIZE, EmaCross, Workload


def simulate(close: pd.Series, rule: EmaCross) -> tuple[vbt.Portfolio, float]:
    """Return the portfolio of the rule and its final value."""
    fast = vbt.MA.run(close, rule.fast, ewm=True).ma.to_numpy()
    slow = vbt.MA.run(close, rule.slow, ewm=True).ma.to_numpy()
    above = fast > slow
    crossed = np.diff(above, prepend=False) & (np.arange(1, len(above) + 1) > rule.warmup)
    portfolio = vbt.Portfolio.from_signals(
        close,
        entries=crossed & above,
        exits=crossed & ~above,
        size=TRADE_SIZE,
        init_cash=STARTING_BALANCE,
        freq="1min",
    )
    return portfolio, float(portfolio.final_value())


def run_vectorbt(bars: Workload, rule: EmaCross) -> Outcome:
    """Run the rule once unmeasured, for numba to compile what it needs, and once more for the time."""
    close = pd.Series(bars.close, index=pd.to_datetime(bars.ts.astype("int64")))
    simulate(close, rule)
    wall, cpu = time.perf_counter(), time.process_time()
    portfolio, balance = simulate(close, rule)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    records = portfolio.orders.values
    decisions = [(int(row["idx"]) + 1, 1 if row["side"] == 0 else -1) for row in records]
    return Outcome(wall_s=wall, cpu_s=cpu, orders=len(decisions), unfilled=0, decisions=decisions, balance=balance)
