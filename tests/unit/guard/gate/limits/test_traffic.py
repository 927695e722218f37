"""The limits on how many orders and messages leave, each on both sides of its threshold, and at it."""

import msgspec
import pytest

from sagetrade_nautilus.guard.gate.book import Book, Moment, SentOrder
from sagetrade_nautilus.guard.gate.limits.traffic import (
    MaxMessagesPerS,
    MaxOrdersPerMinute,
    MaxRepeatedOrders,
    NoDuplicate,
)
from sagetrade_nautilus.model.market import Market
from tests.support.limits import NOW, moment, proposed, sent_order


@pytest.mark.parametrize(
    ("sent", "denied"),
    [
        (sent_order(0.0), True),
        (sent_order(0.999), True),
        (sent_order(1.0), False),
        (sent_order(0.5, quantity=9.0), False),
        (sent_order(0.5, sells=True), False),
        (sent_order(0.5, strategy="t"), False),
        (sent_order(0.5, symbol="B.V"), False),
        (sent_order(0.5, named_prices=(1.0,)), False),
    ],
)
def test_the_very_same_entry_leaves_once(sent: SentOrder, denied: bool) -> None:
    assert bool(NoDuplicate(1.0).check(proposed(), moment(sent=(sent,)))) is denied


def test_an_order_that_is_sent_again_under_its_id_is_no_duplicate() -> None:
    first = sent_order(0.5, client_order_id="O-1")
    assert not NoDuplicate(1.0).check(proposed(client_order_id="O-1"), moment(sent=(first,)))
    assert NoDuplicate(1.0).check(proposed(client_order_id="O-2"), moment(sent=(first,)))


@pytest.mark.parametrize(("count", "denied"), [(2, False), (3, True)])
def test_a_strategy_repeats_itself_no_more_than_so_often(count: int, denied: bool) -> None:
    sent = (
        sent_order(60.0),
        sent_order(30.0, strategy="t"),
        sent_order(30.0, sells=True),
        *[sent_order(30.0, quantity=3.0)] * count,
    )
    assert bool(MaxRepeatedOrders(3, 60.0).check(proposed(), moment(sent=sent))) is denied


@pytest.mark.parametrize(("count", "denied"), [(2, False), (3, True)])
def test_entries_of_all_strategies_are_counted_by_the_minute(count: int, denied: bool) -> None:
    sent = (sent_order(60.0), *[sent_order(59.9, strategy=f"t{number}", symbol="B.V") for number in range(count)])
    assert bool(MaxOrdersPerMinute(3).check(proposed(), moment(sent=sent))) is denied


@pytest.mark.parametrize(("messages", "denied"), [(4, False), (5, True)])
def test_messages_within_a_second_are_counted(messages: int, denied: bool) -> None:
    now = Moment(NOW, Book(1000.0, 0, {}), Market(10.0), messages=messages)
    assert bool(MaxMessagesPerS(5).check(proposed(), now)) is denied


@pytest.mark.parametrize("limit", [MaxRepeatedOrders(3, 60.0), MaxOrdersPerMinute(3), MaxMessagesPerS(3)])
def test_without_an_order_what_left_is_all_that_counts(limit: MaxRepeatedOrders) -> None:
    nothing = proposed(0.0, quantity=0.0)
    now = msgspec.structs.replace(moment(sent=(sent_order(30.0),) * 2), messages=2)
    assert limit.value(nothing, now) == 2
    assert limit.value(proposed(), now) == 3
