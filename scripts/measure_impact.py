"""Measure how often the price moves more than usual in the hour after a text, by the kind of event.

    python scripts/measure_impact.py --data ../shared/data

For each headline from the crypto archive that names bitcoin, ether or the whole market, the hour from the first bar
that opens after the headline could have been used is held against the market's own habit: the median absolute hourly
return of the 7 days before. An event counts once an hour and market. Headlines come when markets are awake, so each
share stands beside the one to expect of those hours of the day on days like any other. The last column is what
`model/text/impact.py` holds: the share, drawn towards that expectation as by 50 further texts; kinds with fewer than 20
texts have the base rate there.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from sagetrade_nautilus.model.text.clean import clean
from sagetrade_nautilus.model.text.embedded import EmbeddedModel
from sagetrade_nautilus.model.text.entities import link
from sagetrade_nautilus.model.text.events import Event

HOUR_BARS = 12
HABIT_BARS = 7 * 24 * 12
LATENCY_S = 60
PRIOR = 50
MARKETS = {"BTC": "BTCUSDT", "CRYPTO": "BTCUSDT", "ETH": "ETHUSDT"}


def closes(folder, symbol):
    table = pq.read_table(folder / f"{symbol}_5m_2022-01_2022-08.parquet")
    opened = table["ts_open"].to_numpy().astype("datetime64[s]").astype(np.int64)
    return opened, table["close"].to_numpy()


def unusual(opened, close):
    """Return, per bar, whether the hour after its open moved more than the median hour of the 7 days before."""
    log = np.log(close)
    hour = np.full(len(log), np.nan)
    hour[:-HOUR_BARS] = np.abs(log[HOUR_BARS:] - log[:-HOUR_BARS])  # from the close of the bar before
    moved = np.full(len(log), np.nan)
    for at in range(HABIT_BARS + HOUR_BARS, len(log) - HOUR_BARS):
        moved[at] = hour[at - 1] > np.median(hour[at - HABIT_BARS - HOUR_BARS : at - HOUR_BARS : HOUR_BARS])
    return moved


def interval(hits, count):
    """Return Wilson's 95% interval of a share."""
    z, share = 1.96, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return middle - half, middle + half


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    folder = parser.parse_args().data
    if not folder.is_dir():
        parser.error(f"--data {folder}: no such folder; it holds news/ and bars/")
    news = pq.read_table(folder / "news" / "crypto_headlines_2021-10_2022-07.parquet")
    titles = [clean(title or "") for title in news["title"].to_pylist()]
    times = news["published_at"].to_numpy().astype("datetime64[s]").astype(np.int64)
    scores = EmbeddedModel().analyse(titles)
    found = {event: {} for event in Event}
    base, expected = [], {event: [] for event in Event}
    for symbol in ("BTCUSDT", "ETHUSDT"):
        opened, close = closes(folder / "bars", symbol)
        moved = unusual(opened, close)
        base.extend(moved[~np.isnan(moved)])
        by_hour = [np.nanmean(moved[opened // 3600 % 24 == hour]) for hour in range(24)]
        for title, time, score in zip(titles, times, scores, strict=True):
            if symbol not in {MARKETS.get(entity) for entity in link(title)}:
                continue
            at = int(np.searchsorted(opened, time + LATENCY_S, side="right"))
            if at < len(moved) and not np.isnan(moved[at]):
                event, key = Event(score.event), (symbol, time // 3600)
                if key not in found[event]:
                    found[event][key] = moved[at]
                    expected[event].append(by_hour[opened[at] // 3600 % 24])
    rate = float(np.mean(base))
    print(f"base rate {rate:.3f} over {len(base):,} bars")
    print("event                  texts share [95% interval] expected  held")
    for event, hours in found.items():
        count, hits = len(hours), int(sum(hours.values()))
        if not count:
            print(f"{event:22s}     0")
            continue
        low, high = interval(hits, count)
        usual = float(np.mean(expected[event]))
        told = "" if low <= usual <= high else "  apart"
        drawn = (hits + PRIOR * usual) / (count + PRIOR)
        print(f"{event:22s} {count:5d} {hits / count:.3f} [{low:.3f}, {high:.3f}] {usual:.3f} {drawn:.2f}{told}")


if __name__ == "__main__":
    main()
