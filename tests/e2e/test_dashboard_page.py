"""`sagetool dashboard` as people see it: a real Chromium, real backtests, by pointer and by keys, in two languages.

Screenshots of every page go to the folder that SAGETRADE_SHOTS names, if it is set; look at them after a change.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from sagetrade_nautilus.guard.journal import Journal
from sagetrade_nautilus.guard.records import RunRecord
from sagetrade_nautilus.guard.state import State
from sagetrade_nautilus.run.state import begin
from tests.support.chromium import Browser, Page, browsing
from tests.support.dashboard import EVIL, EVIL_URL, JOURNAL, World, build, dashboard, in_thread, node_of
from tests.support.http_server import Reply, serving
from tests.unit.dashboard.conftest import decision, trade

pytestmark = pytest.mark.slow
DESKTOP, PHONE = (1280, 900), (390, 844)
SCREENS = ((DESKTOP, False, "en"), (DESKTOP, True, "ar"), (PHONE, False, "ar"), (PHONE, True, "en"))
SHOWN = {
    "live": ("#/live", ".gauges"),
    "runs": ("#/runs", "table"),
    "run": ("#/run?run={run}", ".market-plot canvas"),
    "compare": ("#/compare?run={run}&run={other}", "table"),
    "trade": ("#/trade?source=node:paper&trade={trade}", ".market-plot canvas"),
    "experiments": ("#/experiments", ".card"),
}
NAMELESS = """
[...document.querySelectorAll('button, a, input, select, [role=img], [role=meter], [tabindex="0"]')]
  .filter(e => e.offsetWidth)
  .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || (e.labels && e.labels.length)))
  .map(e => e.outerHTML.slice(0, 120))
"""
FAINT = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = text => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const part = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c[3] > 200) return c;
    }
    return [255, 255, 255, 255];
  };
  const left_out = '.sr, canvas, [disabled], [aria-disabled=true], .market-plot', faint = [];
  for (const e of document.querySelectorAll('body *')) {
    const said = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!e.offsetWidth || e.closest(left_out) || !said) continue;
    const style = getComputedStyle(e), a = light(rgb(style.color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize), needed = size >= 24 || (size >= 18.6 && style.fontWeight >= 600) ? 3 : 4.5;
    if (ratio < needed) faint.push(`${ratio.toFixed(2)} ${e.className} ${e.textContent.trim().slice(0, 40)}`);
  }
  return faint;
})()
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> World:
    return build(tmp_path_factory.mktemp("world"), tmp_path_factory.mktemp("catalog"), ("2022-05-14", "2022-05-12"))


@pytest.fixture(scope="module")
def address(world: World) -> Iterator[str]:
    with node_of(world) as node, dashboard(world.folder, "--node", node) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A desktop's page that was just opened by the printed address."""
    with browser.page() as page:
        page.look(*DESKTOP)
        page.go(address)
        page.until("document.querySelector('.gauges')")
        yield page


def base(address: str) -> str:
    return address.split("/?", maxsplit=1)[0]


def show(page: Page, world: World, address: str, name: str) -> None:
    path, ready = SHOWN[name]
    trades = page.js("fetch('/api/trades?source=node:paper').then(r => r.json()).then(found => found.rows[0].trade)")
    run, other = world.runs
    page.go("about:blank")
    page.go(f"{base(address)}/{path.format(run=run, other=other, trade=trades)}")
    page.until(f"document.querySelector('{ready}')")


def test_the_address_lets_in_once_and_leaves_no_token_behind(page: Page, address: str) -> None:
    assert page.js("location.href") == f"{base(address)}/"
    assert page.js("document.cookie") == ""


def test_the_live_page_shows_how_the_node_stands(page: Page, world: World) -> None:
    text = page.until("document.querySelector('#trades table') && document.body.innerText")
    for held in world.overview.positions:
        assert held.trade_id in text
    for said in (
        "Equity",
        "Today",
        "Live exposure",
        "Drawdown",
        "PnL",
        "Sharpe",
        "Trades won",
        "Time held",
        "Slippage",
        "Experiments",
    ):
        assert said in text
    assert "running" in text
    assert page.js("document.querySelectorAll('.gauges li').length") == len(world.overview.guard.limits)
    assert page.js("document.querySelectorAll('#signals .card').length") == len(world.overview.signals)
    assert page.js("document.querySelectorAll('#signals .parts li').length") == sum(
        len(signal.composite.components) for signal in world.overview.signals
    )


def test_what_the_journal_adds_up_to_is_what_the_node_counts(page: Page, world: World) -> None:
    found = page.js("fetch('/api/history?source=node:paper').then(r => r.json())")
    assert world.overview.positions, "nothing is open, so this shows little"
    assert found["counted"] == world.overview.guard.equity
    assert found["adds_up_to"] == pytest.approx(world.overview.guard.equity, abs=0.01)


@pytest.mark.parametrize("name", SHOWN)
def test_every_page_is_sound_on_a_desk_and_on_a_phone_by_day_and_by_night_in_both_languages(
    page: Page, world: World, address: str, name: str
) -> None:
    """No error, nothing from elsewhere, nothing wider than the screen, every text legible, every control named."""
    shots = os.environ.get("SAGETRADE_SHOTS")
    for (width, height), dark, language in SCREENS:
        case = f"{name}-{width}-{'dark' if dark else 'light'}-{language}"
        page.errors.clear()
        page.requests.clear()
        page.look(width, height, dark=dark, phone=width < 600)
        page.js(f"localStorage.setItem('language', '{language}')")
        show(page, world, address, name)
        assert page.js("document.documentElement.scrollWidth") <= width, case
        assert page.js("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr"), case
        assert page.js(NAMELESS) == [], case
        assert page.js(FAINT) == [], case
        assert page.js("document.querySelectorAll('h1').length") == 1, case
        assert page.js("document.querySelector('#stop').getBoundingClientRect().right") <= width, case
        assert page.errors == [], case
        assert {urlsplit(url).netloc for url in page.requests if url.startswith("http")} == {urlsplit(address).netloc}
        if shots:
            page.shot(Path(shots) / f"{case}.png", whole=True)


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


def test_a_run_is_chosen_and_compared_with_another(page: Page, address: str) -> None:
    page.go(f"{base(address)}/#/runs")
    page.click("tbody tr:nth-child(1) input")
    page.click("tbody tr:nth-child(2) input")
    page.click("a.button")
    page.until("location.hash.startsWith('#/compare') && document.querySelectorAll('.line').length === 2")
    assert page.js("document.querySelectorAll('tbody tr').length") > 10


def test_a_report_opens_where_it_can_reach_nothing(page: Page, world: World, address: str) -> None:
    page.go(f"{base(address)}/report?run={world.runs[0]}")
    assert "backtest report" in page.until("document.title && document.body.innerText")
    page.until("document.documentElement.classList.contains('js')")  # its own script runs
    assert page.js("window.origin") == "null"
    assert page.js(f"fetch('{base(address)}/api/live').then(() => 'read', () => 'refused')") == "refused"


def test_the_kill_switch_asks_once_then_halts_at_once_and_has_no_way_back(browser: Browser, world: World) -> None:
    """In a folder of its own, since the others want a node that trades."""
    folder = world.folder / "drill"
    place = folder / "state/paper"
    place.mkdir(parents=True, mode=0o700)
    begin(place)
    drilled = World(world.folder, world.overview, place)
    with node_of(drilled) as node, in_thread(folder, node) as address, browser.page() as page:
        page.look(*PHONE, phone=True)
        page.go(address)
        page.until("document.querySelector('.gauges')")
        page.click("#stop")
        page.until("document.querySelector('dialog[open] form')")
        page.click("dialog .dialog-buttons button:not(.danger)")
        page.until("!document.querySelector('dialog[open]')")
        assert drilled.latch.read().state is State.RUNNING
        page.click("#stop")
        page.click("dialog input[name=flatten]")
        page.click("dialog button.danger")
        page.until("document.querySelector('.answer .pill.halted')")
        record = drilled.latch.read()
        assert (record.state, record.flatten) == (State.HALTED, True)
        assert record.by.startswith("dashboard:")
        heard = "Process 4711 has heard it: cancelled 3, closing 1."
        page.until(f"document.querySelector('.answer').textContent.includes('{heard}')")
        assert "sagetool resume --latch" in page.text()
        if shots := os.environ.get("SAGETRADE_SHOTS"):
            page.shot(Path(shots) / "stopped.png")
        page.click("dialog button")
        page.until("document.querySelector('h1 .pill.halted')")
        assert not page.js(
            "[...document.querySelectorAll('button, a')].some(e => /resume|release|let it go/i.test(e.textContent))"
        )


def test_another_site_s_page_can_neither_stop_nor_read(browser: Browser, address: str, world: World) -> None:
    """The worst one: on this machine too, so that the browser sends it the cookie along."""
    target = base(address)
    attack = f"""<form id="f" method="post" target="frame"
      action="{target}/api/stop" enctype="text/plain">
      <input name='{{"place":"paper","state":"halted","flatten":true,"reason":"' value='"}}'></form>
      <iframe name="frame"></iframe><iframe src="{target}/"></iframe>
      <script>
        document.querySelector('#f').submit();
        const order = JSON.stringify({{place: 'paper', state: 'halted', flatten: true, reason: 'x'}});
        const act = {{method: 'POST', credentials: 'include', body: order}};
        const simple = fetch('{target}/api/stop', {{...act, mode: 'no-cors'}});
        const full = fetch('{target}/api/stop', {{...act, headers: {{'X-SageTrade-Token': 'x'}}}});
        const read = fetch('{target}/api/start', {{credentials: 'include'}}).then(r => r.text());
        Promise.allSettled([simple, full, read]).then(all => {{
          document.title = all.map(one => one.status).join(' ');
        }});
      </script>"""
    with browser.page() as page, serving(Reply(body=attack.encode(), headers={"Content-Type": "text/html"})) as evil:
        page.look(*DESKTOP)
        page.go(address)
        page.until("document.querySelector('.gauges')")
        page.go(evil.url)
        assert page.until("document.title", 10).split() == ["rejected"] * 3
        page.js("new Promise(done => setTimeout(done, 500))")
        assert page.requests.count(f"{target}/api/stop") >= 2  # they were sent, and refused
    assert world.latch.read().state is State.RUNNING


def test_a_script_in_a_headline_is_a_headline(browser: Browser, tmp_path: Path) -> None:
    place = tmp_path / "state/paper"
    place.mkdir(parents=True, mode=0o700)
    begin(place)
    journal = Journal(place / JOURNAL, RunRecord(ts=1, name=EVIL, config_digest="d", code_version="c"))
    text, taken, *orders = trade()
    journal.write(msgspec.structs.replace(text, title=EVIL, source=EVIL, url=EVIL_URL))
    journal.write(msgspec.structs.replace(taken, reason=EVIL, why=EVIL))
    for order in orders:
        journal.write(msgspec.structs.replace(order, reason=EVIL))
    journal.write(decision(trade_id=None, why=EVIL, strategy=EVIL))
    journal.close()
    experiment = tmp_path / "experiments" / "exp-1" / "artifacts"
    experiment.mkdir(parents=True)
    (experiment / "experiment_report.json").write_bytes(
        msgspec.json.encode(
            {
                "experiment_id": EVIL,
                "hypothesis": EVIL,
                "branch": EVIL,
                "artifacts": [EVIL_URL],
                "baseline_metrics": {EVIL: 1},
            }
        )
    )
    (tmp_path / "runs" / "x<b>").mkdir(parents=True)
    (tmp_path / "runs" / "x<b>" / "metrics.json").write_text(EVIL)
    with in_thread(tmp_path, "http://127.0.0.1:1") as address, browser.page() as page:
        page.look(*DESKTOP)
        page.go(address)
        page.until("document.querySelector('#trades table')")
        for path, ready in (
            ("#/live", "#decisions details"),
            ("#/trade?source=node:paper&trade=m-0001", ".news li"),
            ("#/runs", "table"),
            ("#/experiments", ".card"),
        ):
            page.go("about:blank")
            page.go(f"{base(address)}/{path}")
            page.until(f"document.querySelector('{ready}')")
            page.js("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            assert EVIL.split("<script>")[0] in page.text() or path == "#/runs"
            assert page.js("document.body.dataset.hacked") is None
            assert page.js("document.querySelectorAll('main script, main img, a[href^=\"javascript:\" i]').length") == 0
        assert page.errors == []


def test_an_empty_folder_says_what_to_do(browser: Browser, tmp_path: Path) -> None:
    with in_thread(tmp_path, "http://127.0.0.1:1") as address, browser.page() as page:
        page.look(*DESKTOP)
        page.go(address)
        page.until("document.body.innerText.includes('Nothing answers at http://127.0.0.1:1')")
        assert "sagetool backtest configs/demo.toml" in page.text()
        page.click("#stop")
        page.until("document.querySelector('dialog[open]').innerText.includes('sagetool stop --flatten')")
        page.press("Escape", 27)
        for path, said in (
            ("#/runs", "sagetool backtest"),
            ("#/experiments", "There is no experiment yet"),
            ("#/run?run=nothing", "no such thing"),
            ("#/trade?source=run:x&trade=y", "cannot be explained"),
            ("#/compare?run=a", "Missing here"),
        ):
            page.go(f"{base(address)}/{path}")
            page.until(f"document.querySelector('main').innerText.includes({said!r})")
        page.errors.clear()
    assert address


def test_a_server_that_is_gone_is_told_and_what_is_old_is_called_old(
    browser: Browser, world: World, tmp_path: Path
) -> None:
    with browser.page() as page:
        with in_thread(tmp_path, "http://127.0.0.1:1") as address:
            page.look(*DESKTOP)
            page.go(address)
            page.until("document.querySelector('.notice')")
        page.until("!document.querySelector('#offline').hidden")
        assert "does not answer" in page.js("document.querySelector('#offline').textContent")


def test_who_was_not_let_in_is_told_how(browser: Browser, address: str) -> None:
    with browser.page() as page:
        page.go(base(address))
        page.until("document.body && document.body.innerText.includes('sagetool dashboard')")
        assert "رمز" in page.text()
