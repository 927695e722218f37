"""Minutes joined to longer bars: none is made of a part of its minutes, and none twice."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.instruments import Instrument

from adapters.alpaca import parsing, schemas
from adapters.alpaca.live_bars import GRACE_NS, LiveBars
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE

START = 1_704_207_600_000_000_000  # 2024-01-02T15:00Z
ASSET = schemas.Asset("x", "us_equity", "AAPL", "active", True)
AAPL: Instrument = parsing.instrument(ASSET, fractional=False, ts=0)


def of(minutes: int) -> BarType:
    unit = "1-HOUR" if minutes == 60 else f"{minutes}-MINUTE"
    return BarType.from_str(f"AAPL.ALPACA-{unit}-LAST-EXTERNAL")


def minute(number: int, price: float = 100.0, volume: int = 1) -> schemas.Bar:
    opens = datetime.fromtimestamp(START // 10**9 + 60 * number, UTC)
    return schemas.Bar(f"{opens:%Y-%m-%dT%H:%M:%SZ}", price, price + 0.5, price - 0.5, price + 0.1, volume)


def begun(minutes: int = 5, at: int = START) -> LiveBars:
    live = LiveBars()
    live.begin(of(minutes), at)
    return live


def fed(live: LiveBars, *numbers: int) -> list[Bar]:
    now = START + 10**15
    return [bar for number in numbers for bar in live.add([minute(number, 100 + number)], AAPL, now)]


def test_five_minutes_make_one_bar_that_is_known_at_its_close() -> None:
    [bar] = fed(begun(), 0, 1, 2, 3, 4)
    assert bar.ts_event == START + 5 * NANOS_PER_MINUTE
    assert [str(price) for price in (bar.open, bar.high, bar.low, bar.close)] == ["100.00", "104.50", "99.50", "104.10"]
    assert str(bar.volume) == "5"


def test_minutes_themselves_are_handed_on() -> None:
    bars = fed(begun(1), 0, 1, 3)
    assert [bar.ts_event for bar in bars] == [START + n * NANOS_PER_MINUTE for n in (1, 2, 4)]


def test_a_bar_without_a_trade_in_its_last_minutes_is_closed_by_the_next_or_in_time() -> None:
    live = begun()
    assert fed(live, 0, 1) == []
    [bar] = fed(live, 6)
    assert str(bar.volume) == "2"
    due = START + 10 * NANOS_PER_MINUTE
    assert live.due(due + GRACE_NS - 1) == []
    assert live.due(due + GRACE_NS) == [AAPL.id]
    [late] = live.flush(AAPL.id, due + GRACE_NS)
    assert (late.ts_event, late.ts_init) == (due, due + GRACE_NS)
    assert list(live.flush(AAPL.id, due + GRACE_NS)) == []


def test_a_minute_counts_once_and_never_after_a_newer_one() -> None:
    live = begun()
    [bar] = fed(live, 0, 0, 1, 3, 2, 3, 4, 4, 1)
    assert str(bar.volume) == "4"  # 0, 1, 3 and 4: 2 came after 3


def test_the_bar_in_which_we_begin_to_listen_is_left_out() -> None:
    live = begun(at=START + 2 * NANOS_PER_MINUTE + 1)
    [bar] = fed(live, 2, 3, 4, 5, 6, 7, 8, 9)
    assert bar.ts_event == START + 10 * NANOS_PER_MINUTE
    assert fed(begun(at=START + 59), 0, 1, 2, 3, 4) != []  # within its first minute, which is whole


def test_a_bar_of_which_minutes_were_lost_is_left_out() -> None:
    live = begun()
    fed(live, 0, 1)
    live.forget(AAPL.id, START + 3 * NANOS_PER_MINUTE)
    [bar] = fed(live, 3, 4, 5, 6, 7, 8, 9)
    assert bar.ts_event == START + 10 * NANOS_PER_MINUTE


def test_nobody_listens_once_the_last_bars_are_ended() -> None:
    live = begun()
    live.begin(of(1), START)
    assert not live.end(of(5))
    assert live.end(of(1))
    assert live.heard() == {}
    assert fed(live, 0) == []


@pytest.mark.parametrize("name", ["2-HOUR-LAST", "1-DAY-LAST", "1-WEEK-LAST", "5-MINUTE-BID"])
def test_other_bars_are_refused_with_what_to_do_instead(name: str) -> None:
    with pytest.raises(DataError, match=r"live bars last|Alpaca has no bars"):
        LiveBars().begin(BarType.from_str(f"AAPL.ALPACA-{name}-EXTERNAL"), START)


@settings(max_examples=60, deadline=None)
@given(
    length=st.sampled_from([1, 2, 5, 15, 60]),
    traded=st.lists(st.booleans(), min_size=1, max_size=130),
    repeats=st.integers(0, 2),
)
def test_whatever_is_traded_volume_is_neither_lost_nor_doubled(length: int, traded: list[bool], repeats: int) -> None:
    live = begun(length)
    bars: list[Bar] = []
    for number in (n for n, has in enumerate(traded) if has):
        for _ in range(1 + repeats):
            bars += live.add([minute(number)], AAPL, 0)
    end = START + 200 * NANOS_PER_MINUTE
    bars += live.flush(AAPL.id, end)
    assert sum(bar.volume.as_decimal() for bar in bars) == Decimal(sum(traded))
    closes = [bar.ts_event for bar in bars]
    assert closes == sorted(set(closes))
    assert all(close % (length * NANOS_PER_MINUTE) == 0 for close in closes)
