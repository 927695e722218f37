"""From a journal's records to trades: when one is over, what it made, and ids that are used again."""

from math import fsum, isclose

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.guard.journal.records import JournalRecord, OrderRecord
from sagetrade_nautilus.guard.journal.trades import JournaledTrade, Trades
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from tests.support.bot_node import HOUR, MINUTE, NOW, decision, fill

ID = "mean_reversion-0006"


def heard(*records: JournalRecord, trades: Trades | None = None) -> Trades:
    found = Trades() if trades is None else trades
    for record in records:
        found.hear(record)
    return found


def bought(price: float = 43_000.0, **changes: object) -> OrderRecord:
    return fill(NOW - HOUR, "entry", "buy", price, **changes)


def sold(role: str = "take_profit", price: float = 43_400.0, **changes: object) -> OrderRecord:
    return fill(NOW, role, "sell", price, **changes)


@st.composite
def journals(draw: st.DrawFn) -> list[JournalRecord]:
    """Draw decisions, orders and fills of three ids, in any order, with ids that are used again."""
    records: list[JournalRecord] = []
    for number in range(draw(st.integers(0, 25))):
        trade_id = draw(st.sampled_from(["p-1", "p-2", "p-3"]))
        kind = draw(st.sampled_from(["decision", "denial", "entry", "exit", "exit", "asked"]))
        if kind in ("decision", "denial"):
            verdict = Verdict.TAKEN if kind == "decision" else Verdict.DENIED_BY_GUARD
            records.append(decision(trade_id, ts=number, verdict=verdict))
            continue
        role, side = ("entry", "buy") if kind == "entry" else ("stop_loss", "sell")
        record = fill(number, role, side, draw(st.integers(1, 9)) * 100.0, tags=(trade_id, role))
        quantity = float(draw(st.integers(1, 3)))
        asked = {"last_qty": None, "last_px": None, "price": 400.0}
        records.append(msgspec.structs.replace(record, **(asked if kind == "asked" else {"last_qty": quantity})))
    return records


@given(journals())
def test_a_trade_is_over_when_as_much_has_left_as_has_entered_and_sums_agree(records: list[JournalRecord]) -> None:
    trades = heard(*records)
    for trade in trades:
        entered, left = (fsum(one.quantity for one in trade.fills if one.is_entry is way) for way in (True, False))
        assert (trade.closed is not None) == (trade.decision is not None and entered == left > 0.0)
    over = {trade.key: trade for trade in trades if trade.closed is not None}
    assert {trade.key: trade for trade in trades.closed} == {key: trade.closed for key, trade in over.items()}
    cash = fsum(cash_of(order) for trade in over.values() for order in trade.orders)
    assert isclose(fsum(trade.amounts.net_pnl for trade in trades.closed), cash, abs_tol=1e-6)


@given(journals())
def test_every_fill_is_in_one_trade(records: list[JournalRecord]) -> None:
    fills = [record for record in records if isinstance(record, OrderRecord) and record.last_qty is not None]
    kept = [order for trade in heard(*records) for order in trade.orders]
    assert sorted(map(msgspec.json.encode, kept)) == sorted(map(msgspec.json.encode, fills))


@given(journals(), st.integers(1, 25))
def test_what_is_over_stays_so_when_its_fills_are_forgotten(records: list[JournalRecord], kept_max: int) -> None:
    whole = [record for number in range(10) for record in (decision(f"q-{number}"), *deal(f"q-{number}"))]
    bounded = heard(*whole, *records, trades=Trades(kept_max, closed_max=100))
    assert len(list(bounded)) <= kept_max
    assert {f"q-{number}" for number in range(10)} <= {trade.key for trade in bounded.closed}


def deal(trade_id: str) -> tuple[OrderRecord, OrderRecord]:
    return bought(tags=(trade_id, "entry")), sold(tags=(trade_id, "stop_loss"))


def cash_of(order: OrderRecord) -> float:
    worth = (order.last_qty or 0.0) * (order.last_px or 0.0)
    return (worth if order.side == "sell" else -worth) - (order.commission or 0.0)


def test_a_late_fill_opens_a_trade_again_and_it_stays_one_trade() -> None:
    """As the report counts it: a trade is a decision with all that was filled for it."""
    opened = [decision(), bought(), sold(), bought(price=43_100.0, last_qty=0.1)]
    assert list(heard(*opened).closed) == []
    (trade,) = heard(*opened, sold("late_fill", 43_000.0, last_qty=0.1)).closed
    assert (trade.exit_purpose, trade.amounts.quantity) == ("late_fill", 0.35)
    assert isclose(trade.amounts.net_pnl, 0.25 * 400.0 - 0.1 * 100.0 - 4 * 10.75)


def test_a_trade_that_a_late_entry_closes_ended_by_its_last_exit() -> None:
    early = [decision(), bought(last_qty=0.1), sold(), bought(last_qty=0.15)]
    assert [trade.exit_purpose for trade in heard(*early).closed] == ["take_profit"]


def test_an_exit_says_what_it_was_for_without_the_plugins_reason() -> None:
    assert [trade.exit_purpose for trade in heard(decision(), bought(), sold("plugin:it fell")).closed] == ["plugin"]


def test_trades_are_over_in_the_order_in_which_they_ended() -> None:
    first, second = (decision(name) for name in ("p-1", "p-2"))
    (buy_1, sell_1), (buy_2, sell_2) = deal("p-1"), deal("p-2")
    changed = msgspec.structs.replace(sell_2, event="updated", last_qty=None, last_px=None, price=1.0)
    trades = heard(first, buy_1, second, buy_2, sell_2, sell_1, changed)
    assert [trade.key for trade in trades.closed] == ["p-2", "p-1"]


def test_an_id_that_a_later_run_uses_again_is_another_trade() -> None:
    again = decision(ts=NOW + MINUTE)
    trades = heard(decision(), bought(), sold(), again, bought(), sold(price=42_000.0))
    assert [trade.key for trade in trades.closed] == [ID, f"{ID}@{NOW + MINUTE}"]
    assert {trade.trade_id for trade in trades.closed} == {ID}
    now = trades.trade(ID)
    assert now is not None
    assert now.decision == again


def test_a_trade_whose_decision_is_not_there_is_known_and_never_over() -> None:
    trades = heard(bought(), sold())
    found = trades.trade(ID)
    assert found == JournaledTrade(key=ID, trade_id=ID, orders=(bought(), sold()), fills=found.fills if found else ())
    assert list(trades.closed) == []


def test_exits_are_measured_against_what_they_asked_for_last_and_entries_against_the_decision() -> None:
    made = msgspec.structs.replace(sold(), event="initialized", last_qty=None, last_px=None)
    asked = [msgspec.structs.replace(made, price=price) for price in (43_500.0, 43_450.0)]
    trade = heard(decision(price=42_950.0), *asked, bought(), sold()).trade(ID)
    assert trade is not None
    assert [one.reference_price for one in trade.fills] == [42_950.0, 43_450.0]


def test_a_fee_taken_in_the_coin_is_quantity_that_is_not_there_to_sell() -> None:
    """A venue that keeps 0.25% of the bitcoin bought: the rest is sold, and the money is what came less what went."""
    coin = "BTC/USD.ALPACA"
    taken = decision(instrument_id=coin)
    entry = bought(40_000.0, instrument_id=coin, commission=0.25 * 0.0025, currency="BTC")
    end = sold(price=42_000.0, instrument_id=coin, last_qty=0.25 * 0.9975, commission=20.0, currency="USD")
    (trade,) = heard(taken, entry, end).closed
    made = trade.counted_in("USD")
    assert made is not None
    assert isclose(made.net_pnl, 0.25 * 0.9975 * 42_000.0 - 0.25 * 40_000.0 - 20.0)
    assert isclose(made.fees, 0.25 * 0.0025 * 40_000.0 + 20.0)


def test_a_fee_in_a_third_currency_leaves_the_result_unknown() -> None:
    (trade,) = heard(decision(), bought(currency="BNB"), sold()).closed
    assert trade.counted_in("USDT") is None
    (free,) = heard(decision(), bought(currency="BNB", commission=0.0), sold()).closed
    assert free.counted_in("USDT") == free.amounts


def test_what_the_guard_denied_begins_no_trade() -> None:
    denied: DecisionRecord = decision(verdict=Verdict.DENIED_BY_GUARD)
    assert list(heard(denied)) == []
