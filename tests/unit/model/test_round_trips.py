import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.model.records import FillRecord, symbol_of
from sagetrade_nautilus.model.round_trips import round_trip, trade_amounts

ENTRY = FillRecord(
    ts=1_000_000_000,
    trade_id="t1",
    strategy="s",
    symbol="BTCUSDT",
    instrument_id="BTCUSDT.BINANCE",
    side="buy",
    quantity=2.0,
    price=101.0,
    commission=0.2,
    liquidity="taker",
    reference_price=100.0,
    is_entry=True,
)
EXIT = msgspec.structs.replace(
    ENTRY, ts=61_000_000_000, side="sell", price=110.0, reference_price=111.0, is_entry=False
)
CONTEXT = {
    "regime": "low_vol_ranging",
    "confidence": 0.5,
    "size_pct": 1.0,
    "signals": (),
    "exit_reason": "time_exit",
    "expected_edge_bps": 20.0,
}
PRICES = st.floats(1.0, 1e5)


def test_a_long_trade_earns_the_rise_less_its_fees() -> None:
    amounts = trade_amounts([ENTRY, EXIT])
    assert (amounts.gross_pnl, amounts.fees) == (18.0, 0.4)
    assert amounts.net_pnl == pytest.approx(17.6)
    assert amounts.slippage_cost == pytest.approx(4.0)


def test_partial_fills_are_averaged_by_quantity() -> None:
    halves = [msgspec.structs.replace(EXIT, quantity=q, price=p) for q, p in ((0.5, 100.0), (1.5, 120.0))]
    assert trade_amounts([ENTRY, *halves]).exit_price == pytest.approx(115.0)


def test_a_fill_without_a_reference_has_no_slippage() -> None:
    assert msgspec.structs.replace(ENTRY, reference_price=None).slippage_cost == 0.0


@given(PRICES, PRICES)
def test_a_short_trade_is_the_mirror_of_a_long_one(first: float, second: float) -> None:
    long = [msgspec.structs.replace(ENTRY, price=first), msgspec.structs.replace(EXIT, price=second)]
    short = [msgspec.structs.replace(fill, side="sell" if fill.side == "buy" else "buy") for fill in long]
    assert trade_amounts(short).gross_pnl == pytest.approx(-trade_amounts(long).gross_pnl)


@given(PRICES, PRICES, st.floats(0.01, 1e3))
def test_without_slippage_the_trade_would_have_been_made_at_its_references(p: float, q: float, size: float) -> None:
    fills = [
        msgspec.structs.replace(ENTRY, price=p, quantity=size),
        msgspec.structs.replace(EXIT, price=q, quantity=size),
    ]
    amounts = trade_amounts(fills)
    assert amounts.gross_pnl + amounts.slippage_cost == pytest.approx(size * 11.0, abs=1e-6 * size * (p + q))


@pytest.mark.parametrize("fills", [[ENTRY], [EXIT], [ENTRY, msgspec.structs.replace(EXIT, quantity=1.9)]])
def test_a_trade_that_is_not_closed_is_refused_by_name(fills: list[FillRecord]) -> None:
    with pytest.raises(ReportError, match="trade t1"):
        trade_amounts(fills)


def test_a_round_trip_knows_its_duration_its_outcome_and_its_result_in_basis_points() -> None:
    trip = round_trip([ENTRY, EXIT], **CONTEXT)
    assert (trip.duration_s, trip.outcome, trip.symbol) == (60.0, "win", "BTCUSDT")
    assert trip.net_pnl_bps == pytest.approx(1e4 * 17.6 / 202.0)


@pytest.mark.parametrize(("full", "short"), [("BTCUSDT.BINANCE", "BTCUSDT"), ("BRK.B.NYSE", "BRK.B"), ("BTC", "BTC")])
def test_the_symbol_is_what_stands_before_the_venue(full: str, short: str) -> None:
    assert symbol_of(full) == short
