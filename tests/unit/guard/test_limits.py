"""Each limit on both sides of its threshold, and at it."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.book import Book, Market, Moment, Proposal, SentOrder, loss_pct
from sagetrade_nautilus.guard.limits import (
    KnownEquity,
    Limit,
    MaxDailyLossPct,
    MaxExposurePct,
    MaxNetExposurePct,
    MaxOpenTrades,
    MaxOrderNotionalPct,
    MaxOrdersPerMinute,
    MaxPriceAge,
    MaxRepeatedOrders,
    MaxSymbolExposurePct,
    NoDuplicate,
    NoShortSale,
    PriceCollar,
    SoundPrice,
    standard_limits,
)

SECOND = 1_000_000_000
NOW = 1_000 * SECOND


def _denied(limit: Limit, order: Proposal | None = None, *, market: Market | None = None, **book: object) -> bool:
    return bool(limit.check(order or _order(), _now(market=market, **book)))


def _now(*, market: Market | None = None, sent: tuple[SentOrder, ...] = (), **book: object) -> Moment:
    fields: dict[str, object] = {"equity": 1000.0, "day_start_equity": 1000.0, "open_trades": 0, "exposures": {}}
    return Moment(NOW, Book(**{**fields, **book}), market or Market(10.0), sent)  # type: ignore[arg-type]


def _order(notional: float = 100.0, symbol: str = "A.V", **fields: object) -> Proposal:
    given_fields: dict[str, object] = {"strategy": "s", "quantity": 10.0, **fields}
    return Proposal(symbol=symbol, notional=notional, **given_fields)  # type: ignore[arg-type]


def _sent(age_s: float, **fields: object) -> SentOrder:
    known: dict[str, object] = {"strategy": "s", "symbol": "A.V", "sells": False, "quantity": 10.0, "named_prices": ()}
    return SentOrder(NOW - int(age_s * SECOND), **{**known, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(("equity", "denied"), [(970.01, False), (970.0, True), (969.9, True), (1200.0, False)])
def test_the_daily_loss_denies_from_its_threshold_on(equity: float, denied: bool) -> None:
    assert _denied(MaxDailyLossPct(3.0), equity=equity) is denied


@pytest.mark.parametrize(("held", "denied"), [(0, False), (2, False), (3, True), (9, True)])
def test_the_trade_that_would_exceed_the_count_is_denied(held: int, denied: bool) -> None:
    assert _denied(MaxOpenTrades(3), open_trades=held) is denied


@pytest.mark.parametrize(("notional", "denied"), [(500.0, False), (500.01, True)])
def test_one_order_is_worth_at_most_its_share_of_equity(notional: float, denied: bool) -> None:
    assert _denied(MaxOrderNotionalPct(50.0), _order(notional)) is denied


@pytest.mark.parametrize(("notional", "denied"), [(200.0, False), (200.01, True)])
def test_symbol_exposure_counts_what_is_held(notional: float, denied: bool) -> None:
    held = {"A.V": 300.0, "B.V": 5000.0}
    assert _denied(MaxSymbolExposurePct(50.0), _order(notional), exposures=held) is denied


@pytest.mark.parametrize(("notional", "denied"), [(400.0, False), (400.01, True)])
def test_exposure_counts_every_symbol(notional: float, denied: bool) -> None:
    held = {"A.V": 300.0, "B.V": 300.0}
    assert _denied(MaxExposurePct(100.0), _order(notional, "C.V"), exposures=held) is denied


@pytest.mark.parametrize(
    ("net", "sells", "denied"),
    [(400.0, False, False), (400.01, False, True), (400.01, True, False), (-400.0, True, False), (-400.01, True, True)],
)
def test_net_exposure_counts_shorts_against_longs(net: float, sells: bool, denied: bool) -> None:
    assert _denied(MaxNetExposurePct(50.0), _order(100.0, sells=sells), net=net) is denied


@pytest.mark.parametrize("limit", [MaxSymbolExposurePct(50.0), MaxExposurePct(50.0), MaxNetExposurePct(50.0)])
def test_an_exposure_that_is_unknown_denies(limit: Limit) -> None:
    assert _denied(limit, exposures={"A.V": nan}, net=nan)


def test_an_order_whose_worth_is_unknown_denies() -> None:
    assert _denied(MaxOrderNotionalPct(50.0), _order(nan))


@pytest.mark.parametrize(("price", "denied"), [(11.0, False), (11.01, True), (9.0, False), (8.99, True)])
def test_a_named_price_lies_within_the_collar(price: float, denied: bool) -> None:
    limit = PriceCollar(10.000001)
    assert _denied(limit, _order(named_prices=(10.0, price))) is denied


def test_a_named_price_at_the_edge_of_the_collar_passes() -> None:
    assert not _denied(PriceCollar(50.0), _order(named_prices=(15.0,)))


@pytest.mark.parametrize(("age_s", "denied"), [(0.0, False), (60.0, False), (60.001, True), (nan, True), (inf, True)])
def test_an_old_price_denies(age_s: float, denied: bool) -> None:
    assert _denied(MaxPriceAge(60.0), market=Market(10.0, age_s)) is denied


@pytest.mark.parametrize(("jump", "denied"), [(0.0, False), (20.0, False), (20.01, True), (nan, True), (inf, True)])
def test_a_spike_denies(jump: float, denied: bool) -> None:
    assert _denied(SoundPrice(20.0), market=Market(10.0, 0.0, jump)) is denied


@pytest.mark.parametrize("price", [nan, inf, -inf, 0.0, -1.0])
def test_a_price_that_is_none_denies(price: float) -> None:
    assert _denied(SoundPrice(20.0), market=Market(price))
    assert _denied(SoundPrice(20.0), _order(price))
    assert _denied(SoundPrice(20.0), _order(named_prices=(10.0, price)))


def test_a_crossed_market_denies() -> None:
    assert _denied(SoundPrice(20.0), market=Market(10.0, crossed=True))


@pytest.mark.parametrize(
    ("sells", "may_short", "denied"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_a_cash_account_does_not_sell_short(sells: bool, may_short: bool, denied: bool) -> None:
    assert _denied(NoShortSale(), _order(sells=sells), may_short=may_short) is denied


@pytest.mark.parametrize("worth", [nan, inf, -inf, 0.0, -5.0])
def test_nothing_leaves_while_the_equity_is_unknown(worth: float) -> None:
    assert _denied(KnownEquity(), equity=worth)
    assert _denied(KnownEquity(), day_start_equity=worth)


@pytest.mark.parametrize(
    ("sent", "denied"),
    [
        (_sent(0.0), True),
        (_sent(0.999), True),
        (_sent(1.0), False),
        (_sent(0.5, quantity=9.0), False),
        (_sent(0.5, sells=True), False),
        (_sent(0.5, strategy="t"), False),
        (_sent(0.5, symbol="B.V"), False),
        (_sent(0.5, named_prices=(1.0,)), False),
    ],
)
def test_the_very_same_entry_leaves_once(sent: SentOrder, denied: bool) -> None:
    assert bool(NoDuplicate(1.0).check(_order(), _now(sent=(sent,)))) is denied


@pytest.mark.parametrize(("count", "denied"), [(2, False), (3, True)])
def test_a_strategy_repeats_itself_no_more_than_so_often(count: int, denied: bool) -> None:
    sent = (_sent(60.0), _sent(30.0, strategy="t"), _sent(30.0, sells=True), *[_sent(30.0, quantity=3.0)] * count)
    assert bool(MaxRepeatedOrders(3, 60.0).check(_order(), _now(sent=sent))) is denied


@pytest.mark.parametrize(("count", "denied"), [(2, False), (3, True)])
def test_entries_of_all_strategies_are_counted_by_the_minute(count: int, denied: bool) -> None:
    sent = (_sent(60.0), *[_sent(59.9, strategy=f"t{number}", symbol="B.V") for number in range(count)])
    assert bool(MaxOrdersPerMinute(3).check(_order(), _now(sent=sent))) is denied


def test_a_denial_names_limit_value_and_threshold() -> None:
    assert str(MaxOpenTrades(3).check(_order(), _now(open_trades=3))) == "max_open_trades: 4 against 3"


@pytest.mark.parametrize(
    ("equity", "start", "lost"),
    [(97.0, 100.0, 3.0), (110.0, 100.0, 0.0), (nan, 100.0, 100.0), (100.0, nan, 100.0), (100.0, 0.0, 100.0)],
)
def test_an_equity_that_is_unknown_counts_as_lost(equity: float, start: float, lost: float) -> None:
    assert loss_pct(equity, start) == pytest.approx(lost)


@given(
    st.floats(1.0, 1e6),
    st.lists(st.tuples(st.sampled_from(["A.V", "B.V", "C.V"]), st.floats(0.01, 1e6), st.booleans()), max_size=12),
)
def test_whatever_leaves_keeps_every_threshold(equity: float, wishes: list[tuple[str, float, bool]]) -> None:
    config = LimitConfig(
        max_open_trades=5, max_exposure_pct=80.0, max_symbol_exposure_pct=30.0, max_net_exposure_pct=40.0
    )
    limits = standard_limits(config)
    now = _now(equity=equity, day_start_equity=equity)
    for symbol, notional, sells in wishes:
        order = _order(notional, symbol, sells=sells)
        if not any(limit.check(order, now) for limit in limits):
            now = Moment(now.ts, now.book.after(order), now.market)
    slack = 1 + 1e-9
    assert now.book.open_trades <= 5
    assert abs(now.book.net) <= equity * 0.4 * slack
    assert sum(now.book.exposures.values()) <= equity * 0.8 * slack
    assert all(value <= equity * 0.3 * slack for value in now.book.exposures.values())


ONLY = LimitConfig(
    max_open_trades=3,
    max_order_notional_pct=20.0,
    max_symbol_exposure_pct=40.0,
    max_exposure_pct=60.0,
    max_net_exposure_pct=50.0,
    max_repeated_orders=5,
    max_orders_per_minute=8,
)
OTHERS = tuple(_sent(30.0, strategy=f"t{number}", symbol="B.V") for number in range(8))
ALONE: dict[str, tuple[Proposal, Moment]] = {
    "known_equity": (_order(), _now(equity=nan)),
    "known_price": (_order(named_prices=(10.0, 0.0)), _now()),
    "max_price_age_s": (_order(), _now(market=Market(10.0, 901.0))),
    "price_collar_pct": (_order(named_prices=(12.0,)), _now()),
    "no_short_sale": (_order(sells=True), _now(may_short=False)),
    "max_daily_loss_pct": (_order(), _now(equity=970.0)),
    "no_duplicate_s": (_order(), _now(sent=(_sent(0.5),))),
    "max_repeated_orders": (_order(), _now(sent=(_sent(30.0),) * 5)),
    "max_orders_per_minute": (_order(), _now(sent=OTHERS)),
    "max_order_notional_pct": (_order(201.0), _now()),
    "max_open_trades": (_order(), _now(open_trades=3)),
    "max_symbol_exposure_pct": (_order(), _now(exposures={"A.V": 301.0})),
    "max_exposure_pct": (_order(), _now(exposures={"A.V": 300.0, "B.V": 201.0})),
    "max_net_exposure_pct": (_order(), _now(net=401.0)),
}
"""For each limit, what it alone denies."""


@pytest.mark.parametrize("name", ALONE)
def test_each_limit_of_the_configuration_is_asked(name: str) -> None:
    order, now = ALONE[name]
    denials = (limit.check(order, now) for limit in standard_limits(ONLY))
    assert next(denial.limit for denial in denials if denial is not None) == name


def test_no_limit_of_the_configuration_is_without_its_case() -> None:
    assert len(ALONE) == len(standard_limits(ONLY))


def test_an_order_that_keeps_every_limit_passes() -> None:
    order, now = _order(named_prices=(10.0,)), _now(exposures={"A.V": 300.0, "B.V": 200.0}, net=400.0, open_trades=2)
    assert [limit.check(order, now) for limit in standard_limits(ONLY)] == [None] * len(ALONE)
