"""How the dashboard looks: on a desk and a phone, by pointer and by keys, in two languages.

Screenshots of every page go to the folder that SAGETRADE_SHOTS names, if it is set; look at them after a change.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.chromium import Page
from tests.support.dashboard import World
from tests.support.dashboard_page import SHOWN, base, show
from tests.support.pages import DESKTOP, PHONE, hold_sound

pytestmark = pytest.mark.slow
SCREENS = ((DESKTOP, False, "en"), (DESKTOP, True, "ar"), (PHONE, False, "ar"), (PHONE, True, "en"))


@pytest.mark.parametrize("name", SHOWN)
def test_every_page_is_sound_on_a_desk_and_on_a_phone_by_day_and_by_night_in_both_languages(
    page: Page, world: World, address: str, name: str
) -> None:
    """No error, nothing from elsewhere, nothing cut, every text legible, every control named, every number straight."""
    shots = os.environ.get("SAGETRADE_SHOTS")
    for (width, height), dark, language in SCREENS:
        case = f"{name}-{width}-{'dark' if dark else 'light'}-{language}"
        page.errors.clear()
        page.requests.clear()
        page.look(width, height, dark=dark, phone=width < 600)
        page.js(f"localStorage.setItem('language', '{language}')")
        show(page, world, address, name)
        hold_sound(page, case, whole=width == DESKTOP[0])
        assert page.js("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr"), case
        assert page.js("document.querySelector('#stop').getBoundingClientRect().right") <= width, case
        assert page.errors == [], case
        assert {urlsplit(url).netloc for url in page.requests if url.startswith("http")} == {urlsplit(address).netloc}
        if shots:
            page.shot(Path(shots) / f"{case}.png", whole=True)


def test_a_trade_names_its_currency_and_its_time_zone(page: Page, world: World, address: str) -> None:
    show(page, world, address, "trade")
    assert "USDT" in page.js("document.querySelector('.kpis div dd').innerText")
    assert " UTC · " in page.js("document.querySelector('.sub').innerText")


def test_no_key_of_the_catalogue_is_left_untranslated_on_the_page(page: Page, world: World, address: str) -> None:
    for name in SHOWN:
        show(page, world, address, name)
        assert (
            page.js(
                r"document.body.innerText.match(/\b(figure|state|limit|trade|stop|switch|live|run|unit)\.[a-z_]+\b/)"
            )
            is None
        )


def test_the_language_and_the_colours_stay_chosen(page: Page, address: str) -> None:
    page.click("#language")
    page.until("document.documentElement.dir === 'rtl' && document.querySelector('#stop').textContent.includes('أوقف')")
    page.click("#theme")
    page.click("#theme")
    page.until("document.documentElement.dataset.theme === 'dark'")
    night = page.js("getComputedStyle(document.body).backgroundColor")
    page.go(f"{base(address)}/#/runs")
    page.until("document.querySelector('table')")
    assert page.js("[document.documentElement.lang, document.documentElement.dataset.theme]") == ["ar", "dark"]
    assert page.js("getComputedStyle(document.body).backgroundColor") == night


def test_everything_can_be_reached_by_keys(page: Page) -> None:
    page.press("Tab", 9)
    assert page.js("document.activeElement.className") == "skip"
    page.press("2")
    page.until("location.hash === '#/runs' && document.querySelector('table')")
    page.press("1")
    page.until("location.hash === '#/live' && document.querySelector('.plot')")
    page.js("document.querySelector('.plot').focus()")
    page.press("ArrowLeft", 37)
    assert "Equity" in page.until("document.querySelector('figure [aria-live]').textContent")
    page.press("Escape", 27)
    page.press("s")
    page.until("document.querySelector('dialog[open]')")
    assert page.js("document.activeElement.textContent") == "Yes, stop"
    page.press("Escape", 27)
    page.until("!document.querySelector('dialog[open]')")
