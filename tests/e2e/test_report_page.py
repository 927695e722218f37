"""The pages that stand alone, as people see them in a real Chromium: a run's report and an experiment's comparison.

Screenshots go to the folder that SAGETRADE_SHOTS names, if it is set; look at them after a change.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.model.records import RunSummary
from sagetrade_nautilus.report import html, metrics
from sagetrade_nautilus.report.equity import EquityLedger
from tests.support.chromium import Browser, Page, browsing
from tests.support.comparison import comparison
from tests.support.pages import CROOKED, CUT, DESKTOP, FAINT, PHONE, hold_sound
from tests.support.run_summary import DAY, START, build_summary

pytestmark = pytest.mark.slow
LONG = "_with_a_name_that_is_too_long_for_any_column"
SCREENS = ((DESKTOP, False), (DESKTOP, True), (PHONE, False), (PHONE, True))


def _report(summary: RunSummary) -> str:
    return html.render(summary, metrics.compute(summary, 100, 7), EquityLedger(summary))


def _renamed(summary: RunSummary) -> RunSummary:
    """The run with names that fit nowhere."""
    replace = msgspec.structs.replace
    return replace(
        summary,
        name=LONG * 3,
        strategies=tuple(name + LONG for name in summary.strategies),
        fills=tuple(
            replace(fill, strategy=fill.strategy + LONG, trade_id=LONG + fill.trade_id) for fill in summary.fills
        ),
        round_trips=tuple(
            replace(trip, strategy=trip.strategy + LONG, trade_id=LONG + trip.trade_id) for trip in summary.round_trips
        ),
        decisions=tuple(replace(row, strategy=row.strategy + LONG, reason=LONG) for row in summary.decisions),
    )


def _idle(summary: RunSummary) -> RunSummary:
    nothing = {"fills": (), "round_trips": (), "signals": (), "decisions": (), "selector": ()}
    return msgspec.structs.replace(summary, final_balance=summary.starting_balance, **nothing)


CROWDED = """
[...document.querySelectorAll('.outer')].flatMap(chart => {
  const marks = [...chart.querySelectorAll('.tick')].filter(e => e.getBoundingClientRect().width);
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  const box = e => e.getBoundingClientRect();
  return marks.filter((a, k) => marks.slice(k + 1).some(b => !apart(box(a), box(b)))).map(e => e.textContent);
})
"""
"""Labels of a chart's axes that lie on one another."""


PAGES = {
    "report": lambda: _report(build_summary(days=40, trades=230)),
    "report-long-names": lambda: _report(_renamed(build_summary(days=30, trades=60))),
    "report-long": lambda: _report(build_summary(days=800, trades=20, start=START - 18 * DAY)),
    "report-idle": lambda: _report(_idle(build_summary(days=5))),
    "comparison": comparison,
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name, made in PAGES.items():
        (folder / f"{name}.html").write_text(made(), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in PAGES}


def _open(page: Page, file: Path) -> None:
    page.go(file.as_uri())
    page.until("document.readyState === 'complete' && document.documentElement.classList.contains('js')")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_and_every_text_is_legible_on_a_desk_and_on_a_phone_by_day_and_by_night(
    browser: Browser, files: dict[str, Path], name: str
) -> None:
    """On a desk every column of every table is in sight; on a phone a table that is wider scrolls, and says so."""
    shots = os.environ.get("SAGETRADE_SHOTS")
    with browser.page() as page:
        for (width, height), dark in SCREENS:
            case = f"{name}-{width}-{'dark' if dark else 'light'}"
            page.look(width, height, dark=dark, phone=width < 600)
            _open(page, files[name])
            hold_sound(page, case, whole=width == DESKTOP[0])
            assert page.errors == [], case
            assert [url for url in page.requests if not url.startswith("file:")] == [], case
            if shots:
                page.shot(Path(shots) / f"{case}.png", whole=True)


def test_no_month_of_a_long_run_is_written_over_another(browser: Browser, files: dict[str, Path]) -> None:
    with browser.page() as page:
        for width, height in (DESKTOP, PHONE):
            page.look(width, height, phone=width < 600)
            _open(page, files["report-long"])
            assert page.js(CROWDED) == []


def test_what_holds_the_pages_sound_would_find_what_is_wrong(browser: Browser, files: dict[str, Path]) -> None:
    """A page with a wide line, a cut word, pale text and a crooked number is found out."""
    wrong = "document.querySelector('main').insertAdjacentHTML('beforeend', `<p id=wide>wide</p>"
    wrong += "<p id=cut>a word that is cut</p><table><tr><td id=crooked>12.5</td></tr></table>`);"
    styles = {
        "wide": "{width: '2000px'}",
        "cut": "{width: '20px', overflow: 'hidden', whiteSpace: 'nowrap', color: '#ccc'}",
        "crooked": "{textAlign: 'left'}",
    }
    with browser.page() as page:
        page.look(*DESKTOP)
        _open(page, files["report"])
        page.js(wrong)
        for name, style in styles.items():
            page.js(f"Object.assign(document.querySelector('#{name}').style, {style})")
        found = "\n".join(page.js(CUT))
        assert "the page is" in found
        assert "outside: P null wide" in found
        assert "hidden: P null a word" in found
        assert any("a word that is cut" in line for line in page.js(FAINT))
        assert page.js(CROOKED) == ["12.5"]


def test_a_printed_report_loses_no_column(browser: Browser, files: dict[str, Path]) -> None:
    """On A4 or letter paper, which the style sheet turns on its side."""
    with browser.page() as page:
        for name in PAGES:
            page.look(980, 700)
            page.send("Emulation.setEmulatedMedia", media="print")
            _open(page, files[name])
            assert page.js("document.documentElement.scrollWidth") <= 980, name
            assert page.js("[...document.querySelectorAll('.scroll')].every(e => e.scrollWidth <= e.clientWidth)"), name
            assert page.js("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_a_chart_is_read_by_keys_and_says_its_unit(browser: Browser, files: dict[str, Path]) -> None:
    with browser.page() as page:
        page.look(*DESKTOP)
        _open(page, files["report"])
        page.js("document.querySelectorAll('#equity .plot')[1].focus()")
        page.press("End", 35)
        page.press("ArrowLeft", 37)
        said = page.until("document.querySelectorAll('#equity [aria-live]')[1].textContent")
        assert said.startswith("9 Feb 2022, ")
        assert " UTC: Drawdown " in said
        assert said.endswith("%")
        ticks = page.js("[...document.querySelectorAll('#equity figure:last-of-type .tick')].map(e => e.textContent)")
        assert [tick for tick in ticks if "−" in tick or tick.startswith("0")]
        assert all(tick.endswith("%") for tick in ticks if "−" in tick or tick.startswith("0"))


def test_every_short_word_of_a_heading_says_what_it_means(browser: Browser, files: dict[str, Path]) -> None:
    with browser.page() as page:
        page.look(*DESKTOP)
        _open(page, files["report"])
        page.js("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        terms = page.js("Object.fromEntries([...document.querySelectorAll('abbr')].map(e => [e.innerText, e.title]))")
        for term in ("PF", "Hoped bps", "Made bps", "Sharpe", "Sortino", "Max DD", "Turnover", "Edge", "IC", "t"):
            assert len(terms[term]) > 20, term
        assert "half the gap" in page.text().lower()
