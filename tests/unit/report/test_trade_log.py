import datetime as dt
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.records import RunSummary, TradeRecord
from sagetrade_nautilus.report import trade_log

EXAMPLE = (
    b'{"trade_id":"trade-0001","timestamp":"2025-11-13T12:34:56Z","symbol":"BTCUSD","side":"buy","size_pct":0.1,'
    b'"entry_price":61000,"exit_price":61060,"duration_seconds":300,"strategy":"news_scalper_v1",'
    b'"signals":[{"type":"nlp","score":0.85},{"type":"momentum","score":0.4}],"outcome":"win","pnl_pct":0.098}'
)


def test_the_documented_example_is_a_trade() -> None:
    record = msgspec.json.decode(EXAMPLE, type=TradeRecord)
    assert record.timestamp == dt.datetime(2025, 11, 13, 12, 34, 56, tzinfo=dt.UTC)
    assert [(signal.type, signal.score) for signal in record.signals] == [("nlp", 0.85), ("momentum", 0.4)]


def test_a_line_has_the_documented_keys_in_their_order(summary: RunSummary, tmp_path: Path) -> None:
    path = tmp_path / "trades.jsonl"
    trade_log.write(summary.round_trips, path)
    lines = path.read_bytes().splitlines()
    assert len(lines) == len(summary.round_trips)
    assert list(msgspec.json.decode(lines[0])) == list(msgspec.json.decode(EXAMPLE))


def test_what_is_written_reads_back(summary: RunSummary, tmp_path: Path) -> None:
    path = tmp_path / "trades.jsonl"
    trade_log.write(summary.round_trips, path)
    records = msgspec.json.Decoder(TradeRecord).decode_lines(path.read_bytes())
    assert records == [trade_log.trade_record(trip) for trip in summary.round_trips]


@given(st.floats(1e-15, 1e15))
def test_a_price_keeps_eight_digits_and_eight_decimals_however_small_it_is(summary: RunSummary, price: float) -> None:
    trip = msgspec.structs.replace(summary.round_trips[0], entry_price=price, exit_price=price)
    record = trade_log.trade_record(trip)
    assert record.exit_price == record.entry_price == pytest.approx(price, rel=6e-8, abs=0.0)
    assert record.entry_price == pytest.approx(price, rel=1e-15, abs=6e-9)
    assert msgspec.json.decode(msgspec.json.encode(record), type=TradeRecord) == record


def test_the_result_in_percent_is_after_costs(summary: RunSummary) -> None:
    trip = summary.round_trips[0]
    record = trade_log.trade_record(trip)
    assert record.pnl_pct == pytest.approx(100 * trip.net_pnl / (trip.quantity * trip.entry_price), abs=1e-6)
    assert record.timestamp.timestamp() == pytest.approx(trip.entry_ts / 1e9)


def test_a_run_without_trades_writes_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "trades.jsonl"
    trade_log.write([], path)
    assert path.read_bytes() == b""


@given(st.integers(0, 4_000_000_000_000_000_000))
def test_times_are_cut_to_microseconds_and_never_rounded_up(ts: int) -> None:
    moment = trade_log.utc(ts)
    whole = (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    assert whole == ts // 1_000
    assert dt.datetime.fromisoformat(trade_log.iso(ts)) == moment


def test_the_record_is_frozen() -> None:
    record = msgspec.json.decode(EXAMPLE, type=TradeRecord)
    with pytest.raises(AttributeError):
        record.pnl_pct = 9.0  # type: ignore[misc]
