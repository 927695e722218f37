"""Bursts are folded, quiet hours are kept, and no notice is lost or told twice."""

import datetime as dt
import itertools
import re
from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.bot.notices.hearers import Hearer
from sagetrade_nautilus.bot.notices.mailbox import CRITICAL_FOLD_NS, FOLD_NS, LINES_MAX, WAITING_MAX, Mailbox
from sagetrade_nautilus.bot.notices.notice import Kind, Message, Notice
from sagetrade_nautilus.bot.notices.quiet import is_quiet
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from tests.support.bot_node import NOW, SECOND
from tests.support.notices import UNOWNED, closed, failed

ANNA = Hearer(user_id=7, language="en")
NIGHT = (dt.time(22), dt.time(7))
TEN_AT_NIGHT = NOW + 10 * 3_600 * SECOND


def test_the_first_notice_is_told_at_once_and_a_burst_after_it_in_one_message() -> None:
    box = Mailbox(ANNA)
    box.put(failed(1))
    first = box.due(NOW)
    assert first is not None
    assert "O-1" in first.text
    for number in range(2, 6):
        box.put(failed(number))
        assert box.due(NOW + number * SECOND) is None
    folded = box.due(NOW + FOLD_NS)
    assert folded is not None
    assert re.findall(r"O-\d", folded.text) == ["O-2", "O-3", "O-4", "O-5"]
    assert box.due(NOW + 2 * FOLD_NS) is None


def test_many_are_counted_by_kind_with_what_was_earned_and_the_last_are_named() -> None:
    box = Mailbox(ANNA)
    for number in range(40):
        box.put(failed(number))
        box.put(closed(1.5))
    message = box.due(NOW)
    assert message is not None
    assert "80 events" in message.text
    assert "closed: 40, together +60.00 USDT" in message.text
    assert "orders that failed: 40" in message.text
    assert "O-39" in message.text
    assert "O-3)" not in message.text


def test_what_is_beyond_the_bound_is_counted_and_its_money_too() -> None:
    box = Mailbox(ANNA)
    box.put(UNOWNED)
    for _ in range(3 * WAITING_MAX):
        box.put(closed(-1.0))
    message = box.due(NOW)
    assert message is not None
    assert f"{3 * WAITING_MAX + 1} events" in message.text
    assert f"closed: {3 * WAITING_MAX}, together −600.00 USDT" in message.text
    assert "no strategy manages" in message.text


def test_a_critical_notice_does_not_wait_for_the_fold_and_stands_before_what_waited() -> None:
    box = Mailbox(ANNA)
    box.put(failed(1))
    box.due(NOW)
    box.put(failed(2))
    box.put(UNOWNED)
    assert box.due(NOW + SECOND) is None
    message = box.due(NOW + CRITICAL_FOLD_NS)
    assert message is not None
    assert message.critical
    assert message.text.index("no strategy manages") < message.text.index("O-2")  # what a phone shows first


def test_at_night_only_what_is_critical_is_told_and_the_rest_in_the_morning() -> None:
    box = Mailbox(msgspec.structs.replace(ANNA, quiet=NIGHT))
    box.put(failed(1))
    assert box.due(TEN_AT_NIGHT) is None
    box.put(UNOWNED)
    alarm = box.due(TEN_AT_NIGHT)
    assert alarm is not None
    assert "O-1" not in alarm.text
    morning = box.due(TEN_AT_NIGHT + 9 * 3_600 * SECOND)
    assert morning is not None
    assert "O-1" in morning.text


def test_a_kind_that_a_person_did_not_choose_is_not_told() -> None:
    box = Mailbox(msgspec.structs.replace(ANNA, kinds=frozenset({Kind.CLOSED})))
    box.put(failed(1))
    assert box.due(NOW) is None


NOTICES = st.sampled_from([failed(0), closed(1.0), UNOWNED])
STEPS = st.lists(st.tuples(st.integers(0, 30), st.lists(NOTICES, max_size=15)), min_size=1, max_size=40)


def counts(message: Message) -> int:
    """Return how many events a message speaks of."""
    many = re.match(r"🔔 (\d+) events", message.text)
    return int(many[1]) if many else len(message.text.splitlines())


@given(STEPS, st.booleans())
def test_every_notice_is_told_exactly_once_in_time_and_no_message_follows_too_soon(
    steps: list[tuple[int, list[Notice]]], quiet: bool
) -> None:
    """Whatever comes when: nothing lost, nothing twice, quiet kept, criticals within two seconds, folds ten apart."""
    hearer = msgspec.structs.replace(ANNA, quiet=(dt.time(12), dt.time(12, 1)) if quiet else None)
    box, now = Mailbox(hearer), NOW
    put, told = Counter[bool](), 0
    sent: list[tuple[int, Message]] = []
    waits_since: int | None = None
    for seconds, notices in steps:
        for second in range(seconds + 1):
            if second == 0:
                for notice in notices:
                    box.put(notice)
                    put[notice.critical] += 1
                    if notice.critical and waits_since is None:
                        waits_since = now
            message = box.due(now)
            if message is not None:
                sent.append((now, message))
                told += counts(message)
                assert message.critical or not is_quiet(now, hearer.quiet, hearer.tz)
                assert len(message.text.splitlines()) <= len(Kind) + 3 + LINES_MAX + 5
            if message is not None and message.critical:
                waits_since = None
            assert waits_since is None or now - waits_since < CRITICAL_FOLD_NS
            now += NANOS_PER_SECOND
    last = box.due(now + 3_600 * SECOND)
    told += counts(last) if last is not None else 0
    assert told == put.total()
    for (before, _), (after, message) in itertools.pairwise(sent):
        assert after - before >= (CRITICAL_FOLD_NS if message.critical else FOLD_NS)
