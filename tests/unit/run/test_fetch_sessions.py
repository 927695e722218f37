"""Days of a market with sessions: whole by its calendar and by when they were asked for; crypto by its bars."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from adapters.alpaca.bar_source import AlpacaBars
from adapters.alpaca.http import AlpacaHttp
from catalog.asked import FOLDER
from catalog.bartypes import parse_bar_spec
from catalog.store import read_bars, stored_definition
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.nanos import NANOS_PER_DAY
from sagetrade_nautilus.run.fetch import Day, Wish
from sagetrade_nautilus.secrets import Secret
from tests.support.alpaca_server.market import calendar_day
from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer, alpaca_server
from tests.support.fetching import fetched


def ns(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp()) * 10**9


TUESDAY = ns("2025-11-25T00:00")
THANKSGIVING, FRIDAY, SATURDAY = (TUESDAY + days * NANOS_PER_DAY for days in (2, 3, 4))
NOON, LATER = ns("2025-11-25T17:00"), ns("2025-12-10T12:00")
WEEK = [calendar_day(f"2025-11-{day}") for day in (24, 25, 26)] + [calendar_day("2025-11-28", close="13:00")]
FIVE = "5-MINUTE-LAST"
REGULAR, HALF, EVERY = 78, 42, 16 * 12
"""Bars of five minutes: of a session, of one that ends at 13:00, and of four in the morning to eight in the evening."""


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with alpaca_server() as made:
        made.days = WEEK
        yield made


def _fetch(
    server: AlpacaServer,
    catalog: Path,
    start_ns: int = TUESDAY,
    *,
    days: int = 1,
    now_ns: int = LATER,
    symbol: str = "AAPL",
    spec: str = FIVE,
    again: bool = False,
    stop_after: int = 99,
) -> list[Day]:
    wish = Wish(symbol, parse_bar_spec(spec), start_ns, start_ns + days * NANOS_PER_DAY, again)
    return fetched(
        lambda: AlpacaBars(AlpacaHttp(Secret(KEY), Secret(SECRET), server.url, server.url, backoff_seconds=0.01)),
        wish,
        catalog,
        now_ns,
        stop_after,
    )


def _asked(server: AlpacaServer, path: str = "/v2/stocks/bars") -> int:
    return len(server.asked("GET", path))


def _on_the_day(count: int) -> int:
    """The hour to 20:00 in New York falls into the next day of UTC, all others into the same."""
    return count - 12


def test_a_day_that_is_over_is_fetched_with_its_extended_hours_and_not_asked_for_again(
    server: AlpacaServer, tmp_path: Path
) -> None:
    assert _fetch(server, tmp_path) == [Day(TUESDAY, 0, EVERY, 0, asked=True)]
    bars = read_bars(tmp_path, "AAPL.ALPACA", FIVE)
    assert (bars.ts[0], bars.ts[-1]) == (ns("2025-11-25T00:05"), ns("2025-11-26T00:00"))
    assert _fetch(server, tmp_path) == [Day(TUESDAY, EVERY, EVERY, 0, asked=False)]
    assert _asked(server) == 1


def test_a_day_that_was_fetched_at_noon_is_completed_once_it_is_over(server: AlpacaServer, tmp_path: Path) -> None:
    [noon] = _fetch(server, tmp_path, now_ns=NOON)
    assert (noon.asked, noon.missing) == (True, 0)
    assert noon.now == 12 + 8 * 12 - 1  # the bar that closes at this moment may still change
    [evening] = _fetch(server, tmp_path, now_ns=ns("2025-11-25T22:00"))
    assert (evening.asked, evening.missing) == (True, 0)
    assert evening.now < EVERY
    [later] = _fetch(server, tmp_path)
    assert later == Day(TUESDAY, evening.now, EVERY, 0, asked=True)
    assert not _fetch(server, tmp_path)[0].asked


def test_a_day_is_over_only_when_its_last_bar_can_no_longer_change(server: AlpacaServer, tmp_path: Path) -> None:
    over = ns("2025-11-26T00:00")
    for now_ns, asked in ((over + 59 * 10**9, True), (over + 60 * 10**9, True), (over + 61 * 10**9, False)):
        assert _fetch(server, tmp_path, now_ns=now_ns)[0].asked is asked
    assert _fetch(server, tmp_path)[0].now == EVERY


def test_a_half_day_lacks_nothing_after_its_early_close(server: AlpacaServer, tmp_path: Path) -> None:
    server.silent = {f"2025-11-28T{hour}:{minute:02d}:00Z" for hour in (18, 19, 20) for minute in range(0, 60, 5)}
    [day] = _fetch(server, tmp_path, FRIDAY)
    assert (day.missing, day.asked) == (0, True)
    assert day.now == _on_the_day(EVERY) - 36  # nothing of Thursday evening
    server.silent = {"2025-11-28T17:55:00Z"}
    assert _fetch(server, tmp_path / "other", FRIDAY)[0].missing == 1


def test_a_holiday_and_a_sunday_are_not_asked_for(server: AlpacaServer, tmp_path: Path) -> None:
    holiday = THANKSGIVING + NANOS_PER_DAY // 24  # after Wednesday's last hour
    found = _fetch(server, tmp_path, THANKSGIVING, days=4, again=True)
    assert [day.asked for day in found] == [True, True, True, False]  # the first and third hold an evening before
    assert [day.now for day in found] == [12, _on_the_day(EVERY), 12, 0]
    assert all(day.missing == 0 for day in found)
    assert read_bars(tmp_path, "AAPL.ALPACA", FIVE, holiday + 1, FRIDAY + NANOS_PER_DAY // 3).ts.size == 0


def test_times_without_a_trade_are_told_and_do_not_make_a_day_be_asked_for_for_ever(
    server: AlpacaServer, tmp_path: Path
) -> None:
    server.silent = {"2025-11-25T15:00:00Z", "2025-11-25T15:05:00Z", "2025-11-25T12:00:00Z"}
    assert _fetch(server, tmp_path) == [Day(TUESDAY, 0, EVERY - 3, 2, asked=True)]
    server.silent = set()
    assert _fetch(server, tmp_path) == [Day(TUESDAY, EVERY - 3, EVERY - 3, 2, asked=False)]
    assert _fetch(server, tmp_path, again=True) == [Day(TUESDAY, EVERY - 3, EVERY, 0, asked=True)]


def test_a_gap_that_came_after_the_question_is_repaired(server: AlpacaServer, tmp_path: Path) -> None:
    _fetch(server, tmp_path)
    for file in (tmp_path / "data" / "bar").rglob("2025-11-25*.parquet"):
        file.unlink()
    assert _fetch(server, tmp_path)[0].now == EVERY


def test_a_note_that_was_cut_off_counts_for_nothing(server: AlpacaServer, tmp_path: Path) -> None:
    _fetch(server, tmp_path)
    (asked,) = (tmp_path / FOLDER).iterdir()
    asked.write_bytes(asked.read_bytes()[:-5])
    assert [_fetch(server, tmp_path)[0].asked for _ in range(2)] == [True, False]


def test_after_an_interruption_it_goes_on_where_it_was(server: AlpacaServer, tmp_path: Path) -> None:
    server.silent = {"2025-11-25T15:00:00Z"}
    _fetch(server, tmp_path, TUESDAY - NANOS_PER_DAY, days=3, stop_after=2)
    found = _fetch(server, tmp_path, TUESDAY - NANOS_PER_DAY, days=3)
    assert [day.asked for day in found] == [False, False, True]
    assert _asked(server) == 3


def test_it_waits_when_it_is_told_to_and_goes_on(server: AlpacaServer, tmp_path: Path) -> None:
    server.faults = {"GET /v2/stocks/bars": [429, 500], "GET /v2/calendar": ["cut"]}
    assert _fetch(server, tmp_path)[0].now == EVERY
    assert (_asked(server), _asked(server, "/v2/calendar")) == (3, 2)


@pytest.mark.parametrize(("spec", "count"), [("1-MINUTE-LAST", 49 * 60), ("1-HOUR-LAST", 49), ("1-DAY-LAST", 3)])
def test_bars_of_every_length_are_whole_by_the_same_calendar(
    server: AlpacaServer, tmp_path: Path, spec: str, count: int
) -> None:
    found = _fetch(server, tmp_path, days=7, spec=spec)
    assert all(day.missing == 0 for day in found)
    assert sum(day.now for day in found) == count
    assert not any(day.asked for day in _fetch(server, tmp_path, days=7, spec=spec))


def test_a_days_bar_is_known_at_midnight_in_new_york(server: AlpacaServer, tmp_path: Path) -> None:
    _fetch(server, tmp_path, spec="1-DAY-LAST", days=2)
    assert read_bars(tmp_path, "AAPL.ALPACA", "1-DAY-LAST").ts.tolist() == [
        ns("2025-11-26T05:00"),
        ns("2025-11-27T05:00"),
    ]


def test_crypto_never_closes_and_is_whole_by_its_bars(server: AlpacaServer, tmp_path: Path) -> None:
    server.page_rows = 100
    server.silent = {"2025-11-27T03:00:00Z"}
    found = _fetch(server, tmp_path, days=5, symbol="BTC/USD")
    assert [(day.now, day.missing) for day in found] == [(288, 0), (288, 0), (287, 1), (288, 0), (288, 0)]
    market = stored_definition(tmp_path, "BTC/USD.ALPACA")
    assert market is not None
    assert (market.price_precision, market.size_precision, market.quote) == (2, 9, "USD")
    server.silent = set()
    again = _fetch(server, tmp_path, days=5, symbol="BTC/USD")
    assert [day.asked for day in again] == [False, False, True, False, False]
    assert again[2] == Day(THANKSGIVING, 287, 288, 0, asked=True)
    assert not server.asked("GET", "/v2/calendar")


def test_a_calendar_of_nonsense_ends_it(server: AlpacaServer, tmp_path: Path) -> None:
    server.days = [{"date": "2025-11-25", "open": "16:00", "close": "09:30"}]
    with pytest.raises(DataError, match="contradict"):
        _fetch(server, tmp_path)
    assert not (tmp_path / "data").exists()
