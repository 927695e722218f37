"""All limits together: those of a configuration, and how far each is."""

from math import isnan, nan

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.gate.book import Book, Moment, ProposedOrder
from sagetrade_nautilus.guard.gate.limits import Limit, standard_limits, standings
from sagetrade_nautilus.guard.gate.limits.market import MaxPriceAge, SoundPrice
from sagetrade_nautilus.guard.gate.limits.money import MaxOpenTrades, MaxSymbolExposurePct
from sagetrade_nautilus.guard.standing import Standing
from sagetrade_nautilus.model.market import Market
from tests.support.limits import NOW, moment, nothing, proposed, sent_order


def test_standings_are_the_worst_over_all_instruments_without_an_order() -> None:
    book = Book(1000.0, 2, {"A.V": 100.0, "B.V": 300.0})
    ages = {"A.V": 5.0, "B.V": 7.0}
    moments = [(nothing(name), Moment(NOW, book, Market(10.0, age))) for name, age in ages.items()]
    limits: list[Limit] = [SoundPrice(), MaxOpenTrades(4), MaxSymbolExposurePct(50.0), MaxPriceAge(60.0)]
    assert standings(limits, moments) == [
        Standing("max_open_trades", 2, 4),
        Standing("max_symbol_exposure_pct", 30.0, 50.0),
        Standing("max_price_age_s", 7.0, 60.0),
    ]
    assert [round(standing.used, 3) for standing in standings(limits, moments)] == [0.5, 0.6, 0.117]


def test_a_limit_whose_number_is_unknown_stands_at_its_worst() -> None:
    moments = [
        (nothing("A.V"), Moment(NOW, Book(1000.0, 0, {}), Market(nan, nan))),
        (nothing("B.V"), moment()),
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
    now = moment(equity=equity)
    for symbol, notional, sells in wishes:
        order = proposed(notional, symbol, sells=sells)
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
OTHERS = tuple(sent_order(30.0, strategy=f"t{number}", symbol="B.V") for number in range(8))
ALONE: dict[str, tuple[ProposedOrder, Moment]] = {
    "known_equity": (proposed(), moment(equity=nan)),
    "known_price": (proposed(named_prices=(10.0, 0.0)), moment()),
    "crossed_market": (proposed(), moment(market=Market(10.0, crossed=True))),
    "max_price_jump_pct": (proposed(), moment(market=Market(10.0, jump_pct=21.0))),
    "max_price_age_s": (proposed(), moment(market=Market(10.0, 901.0))),
    "max_clock_drift_ms": (proposed(), moment(market=Market(10.0, drift_ms=1_001.0))),
    "max_spread_bps": (proposed(), moment(market=Market(10.0, spread_bps=101.0))),
    "max_slippage_bps": (proposed(), msgspec.structs.replace(moment(), slippage_bps=51.0)),
    "max_messages_per_s": (proposed(), msgspec.structs.replace(moment(), messages=50)),
    "max_order_quantity": (proposed(quantity=11.0), moment()),
    "max_order_notional": (proposed(151.0), moment()),
    "max_cluster_exposure_pct": (
        proposed(),
        msgspec.structs.replace(moment(exposures={"C.V": 251.0}), cluster=frozenset({"A.V", "C.V"})),
    ),
    "price_collar_pct": (proposed(named_prices=(12.0,)), moment()),
    "no_short_sale": (proposed(sells=True), moment(may_short=False)),
    "owned_positions": (proposed(), moment(reduce_only=frozenset({proposed().symbol}))),
    "no_duplicate_s": (proposed(), moment(sent=(sent_order(0.5),))),
    "max_repeated_orders": (proposed(), moment(sent=(sent_order(30.0),) * 5)),
    "max_orders_per_minute": (proposed(), moment(sent=OTHERS)),
    "max_order_notional_pct": (proposed(141.0), moment(equity=700.0)),
    "max_open_trades": (proposed(), moment(open_trades=3)),
    "max_symbol_exposure_pct": (proposed(), moment(exposures={"A.V": 301.0})),
    "max_exposure_pct": (proposed(), moment(exposures={"A.V": 300.0, "B.V": 201.0})),
    "max_net_exposure_pct": (proposed(), moment(net=401.0)),
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
    order, now = (
        proposed(named_prices=(10.0,)),
        moment(exposures={"A.V": 300.0, "B.V": 200.0}, net=400.0, open_trades=2),
    )
    assert [limit.check(order, now) for limit in standard_limits(ONLY)] == [None] * len(ALONE)
