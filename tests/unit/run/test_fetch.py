"""Bars into the catalog day by day: whole days are not asked for again, and what is missing is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.binance.history import BinanceHistory
from catalog.bartypes import parse_bar_spec
from catalog.store import read_bars, stored_definition
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.nanos import NANOS_PER_DAY
from sagetrade_nautilus.run.fetch import Day, Wish
from tests.support.binance import BinanceServer
from tests.support.fetching import fetched
from tests.support.http_server import Reply

START = 1_704_067_200_000_000_000  # 2024-01-01
LATER = START + 10 * NANOS_PER_DAY
SPEC = parse_bar_spec("5-MINUTE-LAST")
STEP_MS = 300_000
BTC = "BTCUSDT.BINANCE"


@pytest.fixture
def server() -> Iterator[BinanceServer]:
    made = BinanceServer()
    yield made
    made.close()


def _fetch(
    server: BinanceServer,
    catalog: Path,
    days: int = 3,
    now_ns: int = LATER,
    symbol: str = "BTCUSDT",
    stop_after: int = 99,
    again: bool = False,
) -> list[Day]:
    wish = Wish(symbol, SPEC, START, START + days * NANOS_PER_DAY, again)
    return fetched(lambda: BinanceHistory(server.url, backoff_seconds=0.01), wish, catalog, now_ns, stop_after)


def _asked(server: BinanceServer) -> int:
    return sum("klines" in request.path for request in server.requests)


def test_every_day_is_fetched_whole_and_at_its_close(server: BinanceServer, tmp_path: Path) -> None:
    days = _fetch(server, tmp_path)
    assert [(day.before, day.now, day.missing) for day in days] == [(0, 288, 0)] * 3
    bars = read_bars(tmp_path, BTC, SPEC.text)
    assert (bars.ts[0], bars.ts[-1], len(bars)) == (START + SPEC.step_ns, START + 3 * NANOS_PER_DAY, 864)


def test_after_an_interruption_it_goes_on_where_it_was(server: BinanceServer, tmp_path: Path) -> None:
    _fetch(server, tmp_path, stop_after=2)
    asked = _asked(server)
    days = _fetch(server, tmp_path)
    assert [day.before for day in days] == [288, 288, 0]
    assert _asked(server) == asked + 1
    _fetch(server, tmp_path)
    assert _asked(server) == asked + 1


def test_a_gap_stays_and_is_filled_as_soon_as_the_venue_has_it(server: BinanceServer, tmp_path: Path) -> None:
    lost = START // 10**6 + 10 * STEP_MS
    server.missing = {lost, lost + STEP_MS}
    assert _fetch(server, tmp_path)[0] == Day(START, 0, 286, 2, asked=True)
    server.missing = set()
    assert _fetch(server, tmp_path)[0] == Day(START, 286, 288, 0, asked=True)


def test_the_present_day_is_fetched_up_to_the_last_bar_that_has_closed(server: BinanceServer, tmp_path: Path) -> None:
    now = START + NANOS_PER_DAY + 61 * 60 * 10**9
    assert _fetch(server, tmp_path, now_ns=now) == [
        Day(START, 0, 288, 0, asked=True),
        Day(START + NANOS_PER_DAY, 0, 12, 0, asked=True),
    ]
    later = _fetch(server, tmp_path, now_ns=now + SPEC.step_ns)
    assert later[1] == Day(START + NANOS_PER_DAY, 12, 13, 0, asked=True)


def test_bars_that_differ_from_those_that_are_there_are_an_error_and_change_nothing(
    server: BinanceServer, tmp_path: Path
) -> None:
    _fetch(server, tmp_path, days=1)
    before = read_bars(tmp_path, BTC, SPEC.text)
    other = b'[[%d,"1.0","2.0","0.5","1.5","1.0"]]' % (START // 10**6)
    server.faults = [Reply(body=other)]
    with pytest.raises(DataError):
        _fetch(server, tmp_path, days=1, again=True)
    assert read_bars(tmp_path, BTC, SPEC.text).close.tolist() == before.close.tolist()


def test_a_market_that_nobody_knows_is_defined_by_the_venue(server: BinanceServer, tmp_path: Path) -> None:
    _fetch(server, tmp_path, days=1, symbol="SOLUSDT")
    found = stored_definition(tmp_path, "SOLUSDT.BINANCE")
    assert found is not None
    assert (found.price_precision, found.size_precision) == (2, 3)
