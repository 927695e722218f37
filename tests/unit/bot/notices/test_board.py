"""The board tells each person in that person's way, and sends summaries at the chosen hour."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from sagetrade_nautilus.bot.advisor.facts import Rules
from sagetrade_nautilus.bot.notices.board import NoticeBoard
from sagetrade_nautilus.bot.notices.hearers import Hearer
from sagetrade_nautilus.bot.notices.notice import Kind, Message
from sagetrade_nautilus.bot.words.periods import Period, nanos
from sagetrade_nautilus.config import AggregatorConfig, CostConfig, LimitConfig
from sagetrade_nautilus.errors import ConfigError
from tests.support.bot_node import NOW
from tests.support.notices import UNOWNED, failed

MINUTE = 60_000_000_000
RIYADH = ZoneInfo("Asia/Riyadh")


class Office:
    """Two people, what they were sent, and which summaries."""

    def __init__(self, *hearers: Hearer) -> None:
        self.hearers = list(hearers)
        self.sent: list[tuple[int, Message]] = []
        self.summaries: list[tuple[int, Period]] = []
        self.board = NoticeBoard(
            lambda user_id, message: self.sent.append((user_id, message)),
            lambda: self.hearers,
            lambda hearer, period: self.summaries.append((hearer.user_id, period)),
        )


def test_each_person_is_told_in_the_own_language() -> None:
    office = Office(Hearer(user_id=1, language="en"), Hearer(user_id=2, language="ar"))
    office.board.hang([UNOWNED], NOW)
    assert [user_id for user_id, _ in office.sent] == [1, 2]
    assert "no strategy manages" in office.sent[0][1].text
    assert "لا تديره أي استراتيجية" in office.sent[1][1].text


def test_what_waits_comes_with_a_later_tick() -> None:
    office = Office(Hearer(user_id=1, language="en"))
    office.board.hang([failed(1)], NOW)
    office.board.hang([failed(2)], NOW + 1)
    assert len(office.sent) == 1
    office.board.tick(NOW + MINUTE)
    assert "O-2" in office.sent[1][1].text


def test_what_still_waits_as_the_node_stops_is_sent_but_by_night_only_what_is_critical() -> None:
    night = (dt.time(0), dt.time(23, 59))
    office = Office(Hearer(user_id=1, language="en"), Hearer(user_id=2, language="en", quiet=night))
    office.board.hang([UNOWNED], NOW)
    office.board.hang([failed(1), UNOWNED], NOW + 1)
    assert len(office.sent) == 2
    office.board.close(NOW + 2)
    by_day, by_night = (message.text for _, message in office.sent[2:])
    assert "O-1" in by_day
    assert "no strategy manages" in by_night
    assert "O-1" not in by_night


def test_whoever_is_no_more_is_sent_nothing_that_waited() -> None:
    office = Office(Hearer(user_id=1, language="en"))
    office.board.hang([failed(1), failed(2)], NOW)
    office.board.hang([failed(3)], NOW + 1)
    office.hearers.clear()
    office.board.tick(NOW + MINUTE)
    assert len(office.sent) == 1


def test_a_summary_comes_once_at_its_hour_in_the_person_s_zone() -> None:
    hearer = Hearer.of(1, "en", {"zone": "Asia/Riyadh", "daily": "08:00", "weekly": "fri 08:00"})
    office = Office(hearer)
    start = nanos(dt.datetime(2026, 3, 5, 7, 50, tzinfo=RIYADH))  # a Thursday
    for minute in range(24 * 60):
        office.board.tick(start + minute * MINUTE)
        if minute in (5, 11, 15):
            expected = [] if minute == 5 else [(1, Period.DAY)]
            assert office.summaries == expected
    for minute in range(24 * 60, 24 * 60 + 30):
        office.board.tick(start + minute * MINUTE)
    assert office.summaries == [(1, Period.DAY), (1, Period.DAY), (1, Period.WEEK)]


def test_a_start_after_the_hour_makes_up_no_summary_and_a_changed_hour_counts_from_now() -> None:
    office = Office(Hearer.of(1, "en", {"daily": "08:00", "weekly": "off"}))
    noon = nanos(dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC))
    office.board.tick(noon)
    office.hearers = [Hearer.of(1, "en", {"daily": "11:00", "weekly": "off"})]
    office.board.tick(noon + MINUTE)
    office.hearers = [Hearer.of(1, "en", {"daily": "12:05", "weekly": "off"})]
    office.board.tick(noon + 2 * MINUTE)
    assert office.summaries == []
    office.board.tick(noon + 5 * MINUTE)
    assert office.summaries == [(1, Period.DAY)]


def test_summaries_that_are_off_never_come() -> None:
    office = Office(Hearer.of(1, "en", {"daily": "off", "weekly": "off"}))
    for hour in range(200):
        office.board.tick(NOW + hour * 60 * MINUTE)
    assert office.summaries == []


def test_choices_are_read() -> None:
    hearer = Hearer.of(
        1, "ar", {"zone": "Africa/Cairo", "notices": "opened, closed", "quiet": "22:00-7:30", "weekly": "sun 09:15"}
    )
    assert hearer.kinds == {Kind.OPENED, Kind.CLOSED}
    assert hearer.quiet == (dt.time(22), dt.time(7, 30))
    assert (hearer.daily, hearer.weekly) == (dt.time(8), (6, dt.time(9, 15)))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("zone", "Mars/Olympus"),
        ("zone", "../../etc/passwd"),
        ("notices", "everything"),
        ("quiet", "22-7"),
        ("quiet", "22:00"),
        ("daily", "25:00"),
        ("daily", "noon"),
        ("weekly", "someday 08:00"),
        ("weekly", "mon"),
    ],
)
def test_a_choice_that_says_nothing_is_refused_by_name(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name}: "):
        Hearer.of(1, "en", {name: said})


def test_what_was_kept_and_says_nothing_is_as_if_not_chosen() -> None:
    hearer = Hearer.kept(1, "en", {"zone": "Mars/Olympus", "quiet": "22:00-07:00", "else": "?"})
    assert (hearer.zone, hearer.kinds) == ("UTC", frozenset(Kind))
    assert hearer.quiet == (dt.time(22), dt.time(7))


def test_the_rules_of_a_run_are_read_from_its_sections() -> None:
    rules = Rules.of(CostConfig(taker_fee_bps=5.0, slippage_bps=2.0), AggregatorConfig(), LimitConfig())
    assert (rules.round_trip_bps, rules.neutral_band, rules.max_price_age_s) == (14.0, 0.1, 900.0)
