"""The benchmark in freqtrade's own backtesting, which fills at the open of the bar after the one that decided.

The workload's bars open at the close before, so that this is the same price. freqtrade asks an exchange for its
markets when it starts; here it is given one market instead, and nothing is asked for.
"""

import logging
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from freqtrade.data.history import get_datahandler
from freqtrade.enums import CandleType, ExitType, RunMode
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.resolvers import ExchangeResolver

from benchmarks.outcome import Outcome
from benchmarks.workload import STARTING_BALANCE, EmaCross, Workload, bar_number
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE

PAIR = "BTC/USDT"
STRATEGIES = Path(__file__).parent / "freqtrade_strategies"
MARKET: dict[str, Any] = {
    "id": "BTCUSDT",
    "symbol": PAIR,
    "base": "BTC",
    "quote": "USDT",
    "active": True,
    "spot": True,
    "type": "spot",
    "maker": 0.0,
    "taker": 0.0,
    "precision": {"amount": 0.001, "price": 0.01},
    "limits": {"amount": {"min": None, "max": None}, "cost": {"min": None, "max": None}, "price": {}, "leverage": {}},
    "info": {},
}


def configuration(folder: Path, rule: EmaCross) -> dict[str, Any]:
    """Return a run with one pair, one trade at a time and no fee."""
    return {
        "runmode": RunMode.BACKTEST,
        "dry_run": True,
        "dry_run_wallet": STARTING_BALANCE,
        "stake_currency": "USDT",
        "stake_amount": "unlimited",
        "tradable_balance_ratio": 1.0,
        "max_open_trades": 1,
        "fee": 0.0,
        "timeframe": "1m",
        "strategy": "EmaCross",
        "strategy_path": str(STRATEGIES),
        "ema_cross": tuple(rule),
        "exchange": {"name": "binance", "pair_whitelist": [PAIR], "enable_ws": False},
        "pairlists": [{"method": "StaticPairList"}],
        "entry_pricing": {"price_side": "same"},
        "exit_pricing": {"price_side": "same"},
        "user_data_dir": folder,
        "datadir": folder,
        "dataformat_ohlcv": "feather",
        "export": "none",
    }


def store(bars: Workload, folder: Path) -> None:
    """Write the bars as freqtrade keeps them, which is by the time of their opening."""
    opened = pd.to_datetime(bars.ts.astype("int64") - NANOS_PER_MINUTE, utc=True)
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    handler = get_datahandler(folder, "feather")
    handler.ohlcv_store(PAIR, "1m", pd.DataFrame({"date": opened, **columns}), CandleType.SPOT)


def engine(config: dict[str, Any]) -> Backtesting:
    """Return freqtrade's backtester on an exchange that knows one market."""
    exchange = ExchangeResolver.load_exchange(config, validate=False)
    exchange._markets = {PAIR: MARKET}
    return Backtesting(config, exchange)


def outcome(trades: pd.DataFrame, last_close: float, balance: float, wall: float, cpu: float) -> Outcome:
    """Return what the trades did; one that freqtrade closed because the data ended counts as open."""
    forced = trades["exit_reason"] == ExitType.FORCE_EXIT.value
    closed = trades[~forced]
    bought = [(bar_number(moment.value), 1) for moment in trades["open_date"]]
    sold = [(bar_number(moment.value), -1) for moment in closed["close_date"]]
    left = trades[forced]
    return Outcome(
        wall_s=wall,
        cpu_s=cpu,
        orders=len(bought) + len(sold),
        unfilled=0,
        decisions=sorted(bought + sold),
        balance=balance + float((left["amount"] * (last_close - left["close_rate"])).sum()),
    )


def run_freqtrade(bars: Workload, rule: EmaCross) -> Outcome:
    """Run the rule: indicators, signals and the walk through the candles are in the time."""
    logging.disable(logging.INFO)
    with TemporaryDirectory() as name:
        folder = Path(name)
        store(bars, folder)
        backtester = engine(configuration(folder, rule))
        data, timerange = backtester.load_bt_data()
        (strategy,) = backtester.strategylist
        wall, cpu = time.perf_counter(), time.process_time()
        backtester.backtest_one_strategy(strategy, data, timerange)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    content = backtester.all_bt_content[strategy.get_strategy_name()]
    return outcome(content["results"], float(bars.close[-1]), content["final_balance"], wall, cpu)
