"""Pictures are PNG of one size, the same for the same values, and say what they are drawn from."""

from io import BytesIO
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PIL import Image

from sagetrade_nautilus.bot.pictures.drawing import BLUE, GREEN, HEIGHT, RED, WIDTH, equity_picture, position_picture
from sagetrade_nautilus.bot.pictures.track import STEP_NS, EquityTrack
from sagetrade_nautilus.errors import ReportError
from tests.support.bot_node import NOW

UTC = ZoneInfo("UTC")
TS = NOW + np.arange(100, dtype=np.int64) * STEP_NS
UP = np.linspace(100.0, 110.0, 100)


def colors(png: bytes) -> set[str]:
    """Return the colours of more than a few pixels."""
    image = Image.open(BytesIO(png)).convert("RGB")
    assert image.size == (WIDTH, HEIGHT)
    found = image.getcolors(maxcolors=WIDTH * HEIGHT) or []
    return {f"#{r:02x}{g:02x}{b:02x}" for count, (r, g, b) in found if count > 50}


def test_equity_that_rose_is_green_and_that_fell_red() -> None:
    assert GREEN in colors(equity_picture(TS, UP, UTC))
    assert RED in colors(equity_picture(TS, UP[::-1].copy(), UTC))


def test_a_position_shows_its_entry_its_stop_and_its_target() -> None:
    drawn = {"entry": 104.0, "opened_ns": int(TS[40]), "last": 110.0, "zone": UTC}
    assert colors(position_picture(TS, UP, stop_loss=98.0, take_profit=112.0, **drawn)) >= {BLUE, RED, GREEN}
    bare = colors(position_picture(TS, UP, **drawn))
    assert BLUE in bare
    assert bare.isdisjoint({RED, GREEN})


def test_the_same_values_give_the_same_picture() -> None:
    assert equity_picture(TS, UP, UTC) == equity_picture(TS, UP, UTC)


def test_values_that_do_not_move_are_drawn_too() -> None:
    assert equity_picture(TS, np.full(100, 100.0), UTC)


@pytest.mark.parametrize(
    ("ts", "values"),
    [(TS[:1], UP[:1]), (TS, UP[:50]), (TS[::-1].copy(), UP), (TS, np.where(UP > 105.0, np.nan, UP))],
)
def test_what_is_no_series_is_refused(ts: np.ndarray, values: np.ndarray) -> None:
    with pytest.raises(ReportError, match="two points"):
        equity_picture(ts, values, UTC)


def test_a_track_keeps_one_value_a_step_and_the_newest() -> None:
    track = EquityTrack()
    for number in range(13):
        track.see(NOW + number * STEP_NS // 4, 100.0 + number)
    track.see(NOW, 5.0)
    track.see(NOW + 100 * STEP_NS, None)
    ts, values = track.since(NOW)
    assert list(values) == [100.0, 104.0, 108.0, 112.0]
    assert (np.diff(ts) > 0).all()
    assert list(track.since(NOW + 2 * STEP_NS)[1]) == [108.0, 112.0]
