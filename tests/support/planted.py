"""A made-up market in which a stretched price comes back, until it goes on instead: an edge that we have put there."""

import datetime as dt
from pathlib import Path

import numpy as np
from nautilus_trader.model.data import BarType

from catalog.columns import BarColumns
from catalog.files import transaction
from catalog.instruments import instrument_for
from catalog.write import write_bars, write_instrument
from tests.support.experiments import SMALL

BTC = "BTCUSDT.BINANCE"
START = dt.date(2022, 1, 1)
DAYS, SEALED_DAYS = 122, 22
BARS_A_DAY = 96
MINUTE_NS = 60_000_000_000
PULL, NOISE = 0.6, 0.004
"""How much of a deviation from its level is left after a bar, and the deviation's standard error in a bar."""

CONFIG = (
    SMALL.replace("end = 2022-02-04\nsample = true", 'end = 2022-05-03\nbar = "15-MINUTE-LAST"')
    .replace("min_score = 0.5", "min_score = 0.98")
    .replace("holdout_days = 7", f"holdout_days = {SEALED_DAYS}")
    .replace("trials = 3\nbatch = 3", "trials = 8\nbatch = 8")
    .replace("{ low = 0.5, high = 0.9 }", "{ low = 0.4, high = 0.99 }")
    .replace("[promotion]\nmin_days = 10\n", "[quant]\nregime_length = 48\n")
)
"""A baseline that hardly ever trades, and a search that may let it; the policy is the one that comes with the house."""


def market(catalog: Path, *, edge_lasts: bool) -> None:
    """Write the market: prices return to their level, on the sealed days too or, else, go on as they went there."""
    count = DAYS * BARS_A_DAY
    rng = np.random.default_rng(11)
    shocks = rng.normal(0.0, NOISE, count)
    sealed = count - SEALED_DAYS * BARS_A_DAY
    deviation = np.zeros(count + 1)
    for index in range(count):
        before = deviation[index]
        is_turned = index >= sealed and not edge_lasts
        kept = before + PULL * (before - deviation[index - 1]) if is_turned else PULL * before
        deviation[index + 1] = kept + shocks[index]
    price = np.round(30_000.0 * np.exp(deviation), 2)
    opens, closes = price[:-1], price[1:]
    start = int(dt.datetime.combine(START, dt.time(), dt.UTC).timestamp()) * 1_000_000_000
    ts = start + 15 * MINUTE_NS * np.arange(1, count + 1, dtype=np.int64)
    bars = BarColumns(ts, opens, np.maximum(opens, closes), np.minimum(opens, closes), closes, np.full(count, 100.0))
    instrument = instrument_for(BTC)
    with transaction(catalog) as change:
        write_instrument(change, catalog, instrument)
        bar_type = BarType.from_str(f"{BTC}-15-MINUTE-LAST-EXTERNAL")
        write_bars(change, catalog, bar_type, bars, (instrument.price_precision, instrument.size_precision))
