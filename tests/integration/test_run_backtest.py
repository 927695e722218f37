"""The composition root on the bundled sample: what a run leaves, and that a run which fails says so."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.bot.advisor.recall import Recall
from sagetrade_nautilus.bot.history import History
from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.dashboard.book import JournalBook
from sagetrade_nautilus.errors import DataError, RunError
from sagetrade_nautilus.guard.gate.limits import NoShortSale
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import DenialRecord
from sagetrade_nautilus.model.records import RoundTrip, RunSummary
from sagetrade_nautilus.model.round_trips import TradeAmounts
from sagetrade_nautilus.report.equity import reconcile
from sagetrade_nautilus.run.backtest import prepare, run
from sagetrade_nautilus.run.version import code_version

replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def crash(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    """Ten days of May 2022, with the demo's strategies."""
    demo = load(project_root / "configs" / "demo.toml")
    catalog = tmp_path_factory.mktemp("catalog")
    first, last = (demo.data.start.replace(month=5, day=day) for day in (5, 15))
    config = replace(demo, name="crash", data=replace(demo.data, start=first, end=last, catalog=str(catalog)))
    prepare(config)
    return config


@pytest.fixture(scope="module")
def told() -> list[float]:
    return []


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("journal") / "decisions.jsonl"


@pytest.fixture(scope="module")
def summary(crash: RunConfig, told: list[float], journal: Path) -> RunSummary:
    return run(crash, journal, told.append)


def test_fills_trades_and_account_agree(summary: RunSummary) -> None:
    assert summary.round_trips
    reconcile(summary)


def test_whoever_reads_the_journal_tells_the_trades_of_the_report(summary: RunSummary, journal: Path) -> None:
    book, recall, history = JournalBook(), Recall(), asyncio.run(History(journal).read())
    for record in read(journal):
        book.hear(record)
        recall.hear(record)
    reported = {trip.trade_id: told_of(trip) for trip in summary.round_trips}
    assert {trip.trade_id: told_of(trip) for trip in book.trips()} == reported
    assert [trip.trade_id for trip in book.trips()] == list(reported)
    for closed in (history.trades, recall.closed(0, summary.end + 1)):
        assert {trade.trade_id: told_of(trade.amounts) for trade in closed} == reported
        assert {trade.trade_id: trade.exit_purpose for trade in closed} == {
            trip.trade_id: trip.exit_reason for trip in summary.round_trips
        }


def told_of(trade: RoundTrip | TradeAmounts) -> tuple[object, ...]:
    """Return what a trade made; slippage is measured against prices that a journal does not have."""
    prices = (trade.side, trade.quantity, trade.entry_price, trade.exit_price)
    return (trade.entry_ts, trade.exit_ts, *prices, trade.gross_pnl, trade.fees, trade.net_pnl)


def test_progress_is_told_once_a_day_and_never_falls(summary: RunSummary, told: list[float]) -> None:
    assert len(told) >= 9
    assert told == sorted(told)
    assert 0.0 < told[0] < told[-1] <= 1.0


def test_orders_fill_when_their_latency_is_over_not_at_the_next_bar(summary: RunSummary, crash: RunConfig) -> None:
    five_minutes, latency = 300_000_000_000, 50_000_000
    late = [fill.ts % five_minutes for fill in summary.fills if fill.is_entry]
    assert set(late) == {latency}


def test_entries_pay_the_configured_slippage(summary: RunSummary) -> None:
    for fill in summary.fills:
        if fill.is_entry and fill.reference_price is not None:
            worse = (fill.price / fill.reference_price - 1.0) * (1.0 if fill.side == "buy" else -1.0)
            assert 0.9e-4 <= worse <= 1.1e-4


def test_takers_and_makers_pay_their_fees(summary: RunSummary) -> None:
    for fill in summary.fills:
        assert fill.commission == pytest.approx(fill.quantity * fill.price * 10e-4, abs=1e-6)


def test_no_trade_outlives_its_target_duration(summary: RunSummary) -> None:
    assert max(trip.duration_s for trip in summary.round_trips) <= 3_601.0


def test_every_signal_is_within_its_bounds(summary: RunSummary) -> None:
    for series in summary.signals:
        assert abs(series.composite).max() <= 1.0
        assert (series.ts[1:] > series.ts[:-1]).all(), "a signal was published twice for one moment"


def test_a_second_run_in_the_same_process_is_equal(crash: RunConfig, summary: RunSummary, tmp_path: Path) -> None:
    again = run(crash, tmp_path / "decisions.jsonl")
    assert again.fills == summary.fills
    assert again.round_trips == summary.round_trips
    assert again.decisions == summary.decisions
    assert again.data_fingerprint == summary.data_fingerprint


def test_a_strategy_that_is_disabled_by_configuration_decides_nothing(crash: RunConfig, tmp_path: Path) -> None:
    entries = [replace(entry, enabled=entry.plugin == "momentum_scalper") for entry in crash.strategies]
    left = run(replace(crash, strategies=entries), tmp_path / "decisions.jsonl")
    assert {count.strategy for count in left.decisions} == {"momentum_scalper"}


def test_a_cash_account_never_sells_short(crash: RunConfig, tmp_path: Path) -> None:
    cash = replace(crash, venue=replace(crash.venue, account="cash"))
    left = run(cash, tmp_path / "decisions.jsonl")
    reconcile(left)
    assert {trip.side for trip in left.round_trips} == {"buy"}
    denials = [record for record in read(tmp_path / "decisions.jsonl") if isinstance(record, DenialRecord)]
    assert any(denial.reason.startswith("no_short_sale") for denial in denials)


def test_micro_trades_pay_no_more_than_their_cap_and_the_account_agrees(crash: RunConfig, tmp_path: Path) -> None:
    micro = replace(crash, execution=replace(crash.execution, style="micro", max_slippage_bps=3.0))
    left = run(micro, tmp_path / "decisions.jsonl")
    reconcile(left)
    entries = [fill for fill in left.fills if fill.is_entry and fill.reference_price is not None]
    assert len(entries) > 20
    for fill in entries:
        worse = (fill.price / fill.reference_price - 1.0) * (1.0 if fill.side == "buy" else -1.0)
        assert worse <= 3.0e-4


def test_a_run_that_the_venue_cuts_short_is_an_error(
    crash: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NoShortSale, "check", lambda self, order, book: None)
    cash = replace(crash, venue=replace(crash.venue, account="cash"))
    with pytest.raises(RunError, match="ended early, at 2022-05"):
        run(cash, tmp_path / "decisions.jsonl")


def test_a_range_that_the_catalog_lacks_is_named(crash: RunConfig) -> None:
    wide = replace(crash, data=replace(crash.data, end=crash.data.end.replace(year=2023)))
    with pytest.raises(DataError, match="sagetool import bars"):
        prepare(wide)


def test_the_code_version_names_the_release_and_the_sources(crash: RunConfig) -> None:
    version, _, digest = code_version(crash).partition("+")
    assert version.count(".") == 2
    assert len(digest) == 12
