"""The drill's venue: what is true there, however it fills."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.drill.orders import ExecutionReport, OrderRequest
from sagetrade_nautilus.drill.venue import Venue

SYMBOL = "A.V"
STEP = Decimal("0.1")


def _venue(*, enforces: bool = False, partial: float = 0.0, seed: int = 1) -> tuple[Venue, list[ExecutionReport]]:
    made = Venue(Random(seed), {SYMBOL: STEP}, enforces_reduce_only=enforces, partial_share=partial)  # noqa: S311
    said: list[ExecutionReport] = []
    made.tell = said.append
    made.trade_at(SYMBOL, Decimal(100))
    return made, said


def _request(name: str, size: str = "1", **fields: object) -> OrderRequest:
    known: dict[str, object] = {"owner": "s", "symbol": SYMBOL, "sells": False, "kind": "market"}
    return OrderRequest(client_order_id=name, quantity=Decimal(size), **{**known, **fields})  # type: ignore[arg-type]


def _kinds(said: list[ExecutionReport]) -> list[tuple[str, str]]:
    return [(report.kind, report.client_order_id) for report in said]


def test_a_market_order_fills_at_once() -> None:
    venue, said = _venue()
    venue.submit((_request("a"),))
    assert _kinds(said) == [("accepted", "a"), ("filled", "a")]
    assert venue.net(SYMBOL) == 1


def test_a_limit_order_waits_for_its_price() -> None:
    venue, _ = _venue()
    venue.submit((_request("a", kind="limit", price=Decimal(90)),))
    assert venue.net(SYMBOL) == 0
    venue.trade_at(SYMBOL, Decimal(90))
    assert venue.net(SYMBOL) == 1


def test_an_id_that_was_there_is_rejected_and_still_counted_as_arrived() -> None:
    venue, said = _venue()
    venue.submit((_request("a"),))
    venue.submit((_request("a"),))
    assert said[-1].kind == "rejected"
    assert venue.arrivals == ["a", "a"]
    assert venue.net(SYMBOL) == 1


@pytest.mark.parametrize(("enforces", "held", "flips"), [(True, "0", 0), (False, "-1", 1)])
def test_a_reducing_order_beyond_what_is_open_is_cut_or_noted(enforces: bool, held: str, flips: int) -> None:
    venue, _ = _venue(enforces=enforces)
    venue.submit((_request("a"),))
    venue.submit((_request("b", "2", sells=True, reduce_only=True),))
    assert venue.net(SYMBOL) == Decimal(held)
    assert len(venue.flips) == flips


def test_an_exit_works_only_after_its_entry_and_ends_its_sibling() -> None:
    venue, said = _venue()
    entry = _request("e", kind="limit", price=Decimal(99))
    exits = {"sells": True, "reduce_only": True, "parent": "e"}
    profit = _request("p", kind="limit", price=Decimal(110), siblings=("l",), **exits)
    loss = _request("l", kind="stop_market", trigger=Decimal(95), siblings=("p",), **exits)
    venue.submit((entry, profit, loss))
    venue.trade_at(SYMBOL, Decimal(111))
    assert venue.net(SYMBOL) == 0
    venue.trade_at(SYMBOL, Decimal(99))
    assert venue.net(SYMBOL) == 1
    venue.trade_at(SYMBOL, Decimal(94))
    assert venue.net(SYMBOL) == 0
    assert said[-1].kind == "canceled"
    assert said[-1].client_order_id == "p"
    assert venue.working() == []


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(1, 30), st.integers(50, 150), st.sampled_from(["s", "t"])), max_size=12
    ),
    st.integers(0, 1000),
)
def test_money_is_what_was_traded(wishes: list[tuple[bool, int, int, str]], seed: int) -> None:
    """Balance and what is held are worth what was begun with, less what the fills cost, whoever holds what."""
    venue, said = _venue(partial=0.5, seed=seed)
    begun = venue.balance
    for number, (sells, tenths, price, owner) in enumerate(wishes):
        venue.submit((_request(str(number), str(Decimal(tenths) / 10), sells=sells, owner=owner),))
        venue.trade_at(SYMBOL, Decimal(price))
    for _ in range(40):
        venue.trade_at(SYMBOL, Decimal(100))
    fills = [(report, report.trade) for report in said if report.trade is not None]
    cash = sum(
        (trade.quantity * trade.price * (1 if venue.orders[report.client_order_id].request.sells else -1) - trade.fee)
        for report, trade in fills
    )
    worth = venue.balance + sum((held.signed * (100 - held.average) for held in venue.holdings.values()), Decimal(0))
    assert float(worth - begun) == pytest.approx(float(cash + venue.net(SYMBOL) * 100), abs=1.0)
    before = worth
    venue.forget_owners({SYMBOL: "nobody"})
    assert float(venue.balance) == pytest.approx(float(before))
