"""What a journal tells of trades: closed ones, figures by the report's own code, ids that are used again."""

from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.dashboard.book import JournalBook, LiveMarks
from sagetrade_nautilus.dashboard.journals import Journals, explained
from sagetrade_nautilus.dashboard.trades import row
from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal.records import DenialRecord, OrderRecord
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from tests.support.records import BTC, HOUR, T0, Write, decision, filled, made, trade


def book(*records: object) -> JournalBook:
    found = JournalBook()
    for record in records:
        found.hear(record)  # type: ignore[arg-type]
    return found


def test_a_trade_is_closed_when_its_fills_leave_nothing() -> None:
    *opening, leaving = trade()
    assert book(*opening).trips() == ()
    (trip,) = book(*opening, leaving).trips()
    assert (trip.trade_id, trip.side, trip.exit_reason, trip.duration_s) == ("m-0001", "buy", "take_profit", 3_600.0)
    assert trip.net_pnl == pytest.approx(10 * (102.0 - 100.1) - 2.0)


def test_slippage_is_measured_against_the_decision_s_price_and_the_exit_s_own() -> None:
    (trip,) = book(*trade(entry=100.1, exit_=101.9)).trips()
    assert trip.slippage_cost == pytest.approx(10 * 0.1 + 10 * 0.1)


def test_the_size_of_a_trade_is_what_was_bought_not_what_the_decision_wished() -> None:
    """Sizing, the policy's share and the fill make less of a wish of 20%: the report's size is the dashboard's."""
    records = [
        msgspec.structs.replace(one, size_pct=20.0) if isinstance(one, DecisionRecord) else one for one in trade()
    ]
    shown = row(book(*records).trips()[0])
    assert (shown.size_pct, shown.notional) == (pytest.approx(10.01), pytest.approx(1_001.0))


def test_the_figures_are_those_of_the_report_over_fills_and_prices() -> None:
    found = book(*trade())
    ledger = found.ledger()
    assert ledger is not None
    total = found.performance(ledger)
    assert total.net_pnl == pytest.approx(17.0)
    assert (total.trades, total.win_rate_pct, total.avg_duration_s) == (1, 100.0, 3_600.0)
    assert total.avg_slippage_bps == pytest.approx(1e4 * 1.0 / (1_001.0 + 1_020.0))
    assert total.sharpe is None  # one day


def test_what_is_open_is_worth_the_newest_price_that_the_node_knows() -> None:
    found = book(*trade()[:-1])
    for mark, worth in ((None, 0.0), ((T0 + HOUR, 103.0), 29.0), ((T0 - HOUR, 50.0), 0.0), ((T0 + HOUR, 0.0), 0.0)):
        ledger = found.ledger(LiveMarks(marks={} if mark is None else {BTC: mark}))
        assert ledger is not None
        assert found.performance(ledger).net_pnl == pytest.approx(worth - 1.0, abs=0.01)


def test_before_the_first_trade_there_is_no_ledger() -> None:
    assert book(decision(trade_id=None)).ledger() is None


def test_an_id_that_is_used_again_is_a_trade_of_its_own() -> None:
    later = T0 + 10 * HOUR
    trips = book(*trade(), *trade(ts=later, exit_=99.0)).trips()
    assert [(trip.trade_id, trip.outcome) for trip in trips] == [("m-0001", "win"), (f"m-0001@{later}", "loss")]


def test_fills_of_a_position_that_the_journal_does_not_know_are_left_alone() -> None:
    assert book(filled("E", "entry", 100.0, "x-0001"), made("E", "entry")).trips() == ()


def test_denials_are_counted_by_their_limit() -> None:
    denial = DenialRecord(
        ts=T0, client_order_id="E", strategy="m", instrument_id=BTC, tags=(), reason="max_open_trades: 5 against 4"
    )
    assert dict(book(denial, denial).denials) == {"max_open_trades": 2}


def test_a_journal_that_grows_is_read_on(write: Write) -> None:
    journals, records = Journals(), trade()
    path = write(*records[:-1])
    with journals.reading(path) as kept:
        assert (kept.fault, kept.book.trips()) == ("", ())
        lines = kept.lines
    write(records[-1])
    with journals.reading(path) as kept:
        assert len(kept.book.trips()) == 1
        assert kept.lines == lines + 2  # the run's line of the second writer, and the fill


def test_an_unfinished_line_waits_for_its_end(write: Write) -> None:
    journals, path = Journals(), write(*trade())
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with journals.reading(path) as kept:
        assert (kept.fault, len(kept.book.trips())) == ("", 0)
    with path.open("ab") as file:
        file.write(whole[-20:])
    with journals.reading(path) as kept:
        assert len(kept.book.trips()) == 1


def test_a_line_that_is_no_record_is_a_fault_that_names_it_and_what_was_before_stays(write: Write) -> None:
    journals, path = Journals(), write(*trade())
    with path.open("ab") as file:
        file.write(b'{"type":"nonsense"}\n')
    with journals.reading(path) as kept:
        assert kept.fault.startswith("line 8: ")
        assert len(kept.book.trips()) == 1


def test_a_journal_that_was_replaced_is_read_from_its_beginning(write: Write, tmp_path: Path) -> None:
    journals, path = Journals(), write(*trade(), *trade(ts=T0 + 10 * HOUR))
    with journals.reading(path) as kept:
        assert len(kept.book.trips()) == 2
    write(*trade(), path=tmp_path / "other.jsonl").replace(path)
    with journals.reading(path) as kept:
        assert len(kept.book.trips()) == 1


def test_no_journal_is_no_exception(tmp_path: Path) -> None:
    journals = Journals()
    with journals.reading(tmp_path / "none.jsonl") as kept:
        assert (kept.fault, kept.lines) == ("none", 0)
    with journals.reading(tmp_path) as kept:
        assert kept.fault.startswith(str(tmp_path))


def test_a_broken_chain_is_told_and_a_sound_one_is_not(write: Write) -> None:
    journals, path = Journals(), write(*trade())
    assert journals.fault(path) == ""
    path.write_bytes(path.read_bytes().replace(b'"score":0.5', b'"score":0.6', 1))
    assert "line 3" in journals.fault(path)


def test_both_trades_of_an_id_can_be_explained(write: Write) -> None:
    later = T0 + 10 * HOUR
    path = write(*trade(), *trade(ts=later, exit_=99.0))
    assert explained(path, "m-0001").decision.ts == T0
    assert explained(path, f"m-0001@{later}").decision.ts == later
    assert explained(path, "m-0001@nonsense").decision.ts == T0
    with pytest.raises(JournalError, match="no trade 'm-9'"):
        explained(path, "m-9")


def test_a_fee_in_coin_leaves_less_to_sell_and_the_trade_is_closed_all_the_same() -> None:
    *before, bought, sold = trade()
    assert isinstance(bought, OrderRecord)
    assert isinstance(sold, OrderRecord)
    taken = msgspec.structs.replace(bought, commission=0.025, currency="BTC")
    left = msgspec.structs.replace(sold, last_qty=10.0 - 0.025, commission=0.0)
    (trip,) = book(*before, taken, left).trips()
    assert trip.net_pnl == pytest.approx(9.975 * 102.0 - 10.0 * 100.1)


def test_a_decision_that_the_guard_denied_counts_once_and_not_as_taken() -> None:
    taken, other = decision(), decision(T0 + HOUR, "m-0002")
    denied = msgspec.structs.replace(other, verdict=Verdict.DENIED_BY_GUARD, why="max_open_trades")
    found = book(taken, decision(T0 + 1, None), other, denied)
    assert dict(found.verdicts) == {"taken": 1, "refused_edge": 1, "denied_by_guard": 1}
    assert [record.verdict for record in found.decisions] == [Verdict.TAKEN, Verdict.REFUSED_EDGE, denied.verdict]
