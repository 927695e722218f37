"""Each limit on both sides of its threshold, and at it."""

from math import inf, isnan, nan

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.book import Book, Moment, ProposedOrder, SentOrder
from sagetrade_nautilus.guard.limits import Limit, standard_limits, standings
from sagetrade_nautilus.guard.limits.market import (
    MaxClockDrift,
    MaxPriceAge,
    MaxPriceJumpPct,
    MaxSlippageBps,
    MaxSpreadBps,
    PriceCollar,
    SoundPrice,
    UncrossedMarket,
)
from sagetrade_nautilus.guard.limits.money import (
    KnownEquity,
    MaxClusterExposurePct,
    MaxExposurePct,
    MaxNetExposurePct,
    MaxOpenTrades,
    MaxOrderNotional,
    MaxOrderNotionalPct,
    MaxOrderQuantity,
    MaxSymbolExposurePct,
    NoShortSale,
)
from sagetrade_nautilus.guard.limits.traffic import (
    MaxMessagesPerS,
    MaxOrdersPerMinute,
    MaxRepeatedOrders,
    NoDuplicate,
)
from sagetrade_nautilus.guard.standing import Standing
from sagetrade_nautilus.model.market import Market

SECOND = 1_000_000_000
NOW = 1_000 * SECOND


def _denied(limit: Limit, order: ProposedOrder | None = None, *, market: Market | None = None, **book: object) -> bool:
    return bool(limit.check(order or _order(), _now(market=market, **book)))


def _now(*, market: Market | None = None, sent: tuple[SentOrder, ...] = (), **book: object) -> Moment:
    fields: dict[str, object] = {"equity": 1000.0, "open_trades": 0, "exposures": {}}
    return Moment(NOW, Book(**{**fields, **book}), market or Market(10.0), sent)  # type: ignore[arg-type]


def _order(notional: float = 100.0, symbol: str = "A.V", **fields: object) -> ProposedOrder:
    given_fields: dict[str, object] = {"strategy": "s", "quantity": 10.0, "symbol": symbol, **fields}
    return ProposedOrder(notional=notional, **given_fields)  # type: ignore[arg-type]


def _nothing(symbol: str) -> ProposedOrder:
    return ProposedOrder(symbol=symbol, notional=0.0)


def _sent(age_s: float, **fields: object) -> SentOrder:
    known: dict[str, object] = {"strategy": "s", "symbol": "A.V", "sells": False, "quantity": 10.0, "named_prices": ()}
    return SentOrder(NOW - int(age_s * SECOND), **{**known, **fields})  # type: ignore[arg-type]


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
    assert _denied(MaxPriceJumpPct(20.0), market=Market(10.0, 0.0, jump)) is denied


@pytest.mark.parametrize("price", [nan, inf, -inf, 0.0, -1.0])
def test_a_price_that_is_none_denies(price: float) -> None:
    assert _denied(SoundPrice(), market=Market(price))
    assert _denied(SoundPrice(), _order(price))
    assert _denied(SoundPrice(), _order(named_prices=(10.0, price)))


def test_a_crossed_market_denies() -> None:
    assert _denied(UncrossedMarket(), market=Market(10.0, crossed=True))


@pytest.mark.parametrize(
    ("sells", "may_short", "denied"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_a_cash_account_does_not_sell_short(sells: bool, may_short: bool, denied: bool) -> None:
    assert _denied(NoShortSale(), _order(sells=sells), may_short=may_short) is denied


@pytest.mark.parametrize("worth", [nan, inf, -inf, 0.0, -5.0])
def test_nothing_leaves_while_the_equity_is_unknown(worth: float) -> None:
    assert _denied(KnownEquity(), equity=worth)


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


@pytest.mark.parametrize(("size", "denied"), [(3.0, False), (3.0001, True), (nan, True)])
def test_one_order_is_no_larger_than_its_instrument_allows(size: float, denied: bool) -> None:
    limit = MaxOrderQuantity({"A.V": 3.0})
    assert _denied(limit, _order(quantity=size)) is denied
    assert not _denied(limit, _order(symbol="B.V", quantity=3.0001))


@pytest.mark.parametrize(("notional", "denied"), [(500.0, False), (500.01, True)])
def test_one_order_is_worth_no_more_than_the_amount(notional: float, denied: bool) -> None:
    assert _denied(MaxOrderNotional(500.0), _order(notional)) is denied


@pytest.mark.parametrize(("notional", "denied"), [(400.0, False), (400.01, True)])
def test_a_clusters_exposure_counts_what_moves_together(notional: float, denied: bool) -> None:
    book = Book(1000.0, 0, {"A.V": 50.0, "B.V": 50.0, "C.V": 5000.0})
    now = Moment(NOW, book, Market(10.0), cluster=frozenset({"A.V", "B.V"}))
    assert bool(MaxClusterExposurePct(50.0).check(_order(notional), now)) is denied


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(("drift", "denied"), [(0.0, False), (1000.0, False), (1000.1, True), (60_000.0, True)])
def test_clocks_that_differ_deny_either_way(sign: float, drift: float, denied: bool) -> None:
    assert _denied(MaxClockDrift(1000.0), market=Market(10.0, drift_ms=sign * drift)) is denied


@pytest.mark.parametrize(("age", "denied"), [(-1.0, False), (-1.001, True), (900.0, False)])
def test_a_price_from_the_future_says_that_our_clock_was_set_back(age: float, denied: bool) -> None:
    assert _denied(MaxClockDrift(1000.0), market=Market(10.0, age)) is denied


@pytest.mark.parametrize(("spread", "denied"), [(nan, False), (0.0, False), (100.0, False), (100.1, True), (inf, True)])
def test_a_wide_spread_denies(spread: float, denied: bool) -> None:
    assert _denied(MaxSpreadBps(100.0), market=Market(10.0, spread_bps=spread)) is denied


@pytest.mark.parametrize(("slipped", "denied"), [(0.0, False), (50.0, False), (50.1, True), (nan, True)])
def test_fills_that_were_much_worse_deny(slipped: float, denied: bool) -> None:
    now = Moment(NOW, Book(1000.0, 0, {}), Market(10.0), slippage_bps=slipped)
    assert bool(MaxSlippageBps(50.0).check(_order(), now)) is denied


@pytest.mark.parametrize(("messages", "denied"), [(4, False), (5, True)])
def test_messages_within_a_second_are_counted(messages: int, denied: bool) -> None:
    now = Moment(NOW, Book(1000.0, 0, {}), Market(10.0), messages=messages)
    assert bool(MaxMessagesPerS(5).check(_order(), now)) is denied


def test_an_order_that_is_sent_again_under_its_id_is_no_duplicate() -> None:
    first = _sent(0.5, client_order_id="O-1")
    assert not NoDuplicate(1.0).check(_order(client_order_id="O-1"), _now(sent=(first,)))
    assert NoDuplicate(1.0).check(_order(client_order_id="O-2"), _now(sent=(first,)))


def test_standings_are_the_worst_over_all_instruments_without_an_order() -> None:
    book = Book(1000.0, 2, {"A.V": 100.0, "B.V": 300.0})
    ages = {"A.V": 5.0, "B.V": 7.0}
    moments = [(_nothing(name), Moment(NOW, book, Market(10.0, age))) for name, age in ages.items()]
    limits: list[Limit] = [SoundPrice(), MaxOpenTrades(4), MaxSymbolExposurePct(50.0), MaxPriceAge(60.0)]
    assert standings(limits, moments) == [
        Standing("max_open_trades", 2, 4),
        Standing("max_symbol_exposure_pct", 30.0, 50.0),
        Standing("max_price_age_s", 7.0, 60.0),
    ]
    assert [round(standing.used, 3) for standing in standings(limits, moments)] == [0.5, 0.6, 0.117]


def test_a_limit_whose_number_is_unknown_stands_at_its_worst() -> None:
    moments = [
        (_nothing("A.V"), Moment(NOW, Book(1000.0, 0, {}), Market(nan, nan))),
        (_nothing("B.V"), _now()),
    ]
    assert isnan(standings([MaxPriceAge(60.0)], moments)[0].value)


@given(
    st.floats(1.0, 1e6),
    st.lists(st.tuples(st.sampled_from(["A.V", "B.V", "C.V"]), st.floats(0.01, 1e6), st.booleans()), max_size=12),
)
def test_whatever_leaves_keeps_every_threshold(equity: float, wishes: list[tuple[str, float, bool]]) -> None:
    config = LimitConfig(
        max_open_trades=5, max_exposure_pct=80.0, max_symbol_exposure_pct=30.0, max_net_exposure_pct=40.0
    )
    limits = standard_limits(config)
    now = _now(equity=equity)
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
    max_order_quantity={"A.V": 10.0},
    max_order_notional=150.0,
    max_cluster_exposure_pct=35.0,
    max_order_notional_pct=20.0,
    max_symbol_exposure_pct=40.0,
    max_exposure_pct=60.0,
    max_net_exposure_pct=50.0,
    max_repeated_orders=5,
    max_orders_per_minute=8,
)
OTHERS = tuple(_sent(30.0, strategy=f"t{number}", symbol="B.V") for number in range(8))
ALONE: dict[str, tuple[ProposedOrder, Moment]] = {
    "known_equity": (_order(), _now(equity=nan)),
    "known_price": (_order(named_prices=(10.0, 0.0)), _now()),
    "crossed_market": (_order(), _now(market=Market(10.0, crossed=True))),
    "max_price_jump_pct": (_order(), _now(market=Market(10.0, jump_pct=21.0))),
    "max_price_age_s": (_order(), _now(market=Market(10.0, 901.0))),
    "max_clock_drift_ms": (_order(), _now(market=Market(10.0, drift_ms=1_001.0))),
    "max_spread_bps": (_order(), _now(market=Market(10.0, spread_bps=101.0))),
    "max_slippage_bps": (_order(), msgspec.structs.replace(_now(), slippage_bps=51.0)),
    "max_messages_per_s": (_order(), msgspec.structs.replace(_now(), messages=50)),
    "max_order_quantity": (_order(quantity=11.0), _now()),
    "max_order_notional": (_order(151.0), _now()),
    "max_cluster_exposure_pct": (
        _order(),
        msgspec.structs.replace(_now(exposures={"C.V": 251.0}), cluster=frozenset({"A.V", "C.V"})),
    ),
    "price_collar_pct": (_order(named_prices=(12.0,)), _now()),
    "no_short_sale": (_order(sells=True), _now(may_short=False)),
    "owned_positions": (_order(), _now(reduce_only=frozenset({_order().symbol}))),
    "no_duplicate_s": (_order(), _now(sent=(_sent(0.5),))),
    "max_repeated_orders": (_order(), _now(sent=(_sent(30.0),) * 5)),
    "max_orders_per_minute": (_order(), _now(sent=OTHERS)),
    "max_order_notional_pct": (_order(141.0), _now(equity=700.0)),
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


@pytest.mark.parametrize("limit", [MaxRepeatedOrders(3, 60.0), MaxOrdersPerMinute(3), MaxMessagesPerS(3)])
def test_without_an_order_what_left_is_all_that_counts(limit: MaxRepeatedOrders) -> None:
    nothing = _order(0.0, quantity=0.0)
    now = msgspec.structs.replace(_now(sent=(_sent(30.0),) * 2), messages=2)
    assert limit.value(nothing, now) == 2
    assert limit.value(_order(), now) == 3


def test_an_order_on_its_way_adds_to_its_symbols_exposure_and_to_the_trades() -> None:
    book = Book(1000.0, 1, {"A.V": 50.0}, net=50.0)
    for number, sells in enumerate((False, True), start=2):
        book = book.after(_order(20.0, sells=sells))
        assert book.open_trades == number
    assert (book.exposures, book.net) == ({"A.V": 90.0}, 50.0)
