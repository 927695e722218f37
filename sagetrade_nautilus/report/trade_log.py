"""The trade log: ``trades.jsonl``, one closed trade a line, in the order of the run."""

import datetime as dt
from collections.abc import Iterable
from math import floor, log10
from pathlib import Path

import msgspec

from sagetrade_nautilus.model.records import RoundTrip, TradeRecord
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

PERCENT_DECIMALS = 6
PRICE_DECIMALS = 8
PRICE_DIGITS = 8


def trade_record(trip: RoundTrip) -> TradeRecord:
    """Return the trade's line of the log, percentages to six decimals and average prices to eight, or eight digits."""
    return TradeRecord(
        trade_id=trip.trade_id,
        timestamp=utc(trip.entry_ts),
        symbol=trip.symbol,
        side=trip.side,
        size_pct=round(trip.size_pct, PERCENT_DECIMALS),
        entry_price=_price(trip.entry_price),
        exit_price=_price(trip.exit_price),
        duration_seconds=trip.duration_s,
        strategy=trip.strategy,
        signals=trip.signals,
        outcome=trip.outcome,
        pnl_pct=round(trip.net_pnl_bps / 100.0, PERCENT_DECIMALS),
    )


def _price(value: float) -> float:
    """Return a price above 0 rounded, but never to fewer digits than `PRICE_DIGITS`: coins have prices of 1e-9."""
    return round(value, max(PRICE_DECIMALS, PRICE_DIGITS - 1 - floor(log10(value))))


def write(trips: Iterable[RoundTrip], path: Path) -> None:
    """Write the trades to `path`, one JSON object a line."""
    path.write_bytes(msgspec.json.Encoder().encode_lines([trade_record(trip) for trip in trips]))


def iso(ts: int) -> str:
    """Return UNIX nanoseconds as '2022-01-01T00:05:00Z'."""
    return utc(ts).isoformat().replace("+00:00", "Z")


def utc(ts: int) -> dt.datetime:
    """Return UNIX nanoseconds as a moment in UTC, cut to whole microseconds."""
    seconds, nanos = divmod(ts, NANOS_PER_SECOND)
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC).replace(microsecond=nanos // 1000)
