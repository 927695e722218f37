"""`sagetool dashboard` as people see it: a real Chromium, real backtests, by pointer and by keys, in two languages.

Screenshots of every page go to the folder that SAGETRADE_SHOTS names, if it is set; look at them after a change.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from sagetrade_nautilus.guard.journal import Journal
from sagetrade_nautilus.guard.records import RunRecord
from sagetrade_nautilus.guard.state import State
from sagetrade_nautilus.report import text
from sagetrade_nautilus.run.state import begin
from tests.support.chromium import Browser, Page, browsing
from tests.support.dashboard import EVIL, EVIL_URL, JOURNAL, World, build, dashboard, in_thread, node_of
from tests.support.http_server import Reply, serving
from tests.support.pages import DESKTOP, PHONE, hold_sound
from tests.unit.dashboard.conftest import decision, trade

pytestmark = pytest.mark.slow
SCREENS = ((DESKTOP, False, "en"), (DESKTOP, True, "ar"), (PHONE, False, "ar"), (PHONE, True, "en"))
SHOWN = {
    "live": ("#/live", ".gauges"),
    "runs": ("#/runs", "table"),
    "run": ("#/run?run={run}", ".market-plot canvas"),
    "compare": ("#/compare?run={run}&run={other}", "table"),
    "trade": ("#/trade?source=node:paper&trade={trade}", ".market-plot canvas"),
    "experiments": ("#/experiments", ".card"),
}


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


def test_what_is_known_of_one_moment_alone_is_said_and_not_drawn(page: Page) -> None:
    page.js(
        "const real = fetch; window.fetch = (url, ...how) =>"
        " String(url).includes('/api/watched') ? Promise.resolve(new Response('null')) : real(url, ...how); 0"
    )
    page.js("location.hash = '#/runs'; 0")
    page.until("document.querySelector('main table')")
    page.js("location.hash = '#/live'; 0")
    assert page.until("document.querySelector('.gauges') && document.body.innerText.includes('moments of its own')")
    chart = {"data": '{"t": [7, 7], "series": []}', "lines": [], "x": [], "y": [], "unit": ""}
    drawn = f"import('/static/js/line_chart.js').then(made => made.lineChart({json.dumps(chart)}, {{}}).innerText)"
    assert page.js(drawn) == "Only one moment is known, and a line needs two."


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


def test_a_run_is_chosen_and_compared_with_another(page: Page, address: str) -> None:
    page.go(f"{base(address)}/#/runs")
    page.click("tbody tr:nth-child(1) input")
    page.click("tbody tr:nth-child(2) input")
    page.click("a.button")
    page.until("location.hash.startsWith('#/compare') && document.querySelectorAll('.line').length === 2")
    assert page.js("document.querySelectorAll('tbody tr').length") > 10


def test_runs_of_other_days_are_called_unlike_and_each_figure_reads_as_in_the_list(
    page: Page, world: World, address: str
) -> None:
    page.go(f"{base(address)}/#/runs")
    page.until("document.body.dataset.shown === 'runs' && document.querySelector('tbody tr')")
    heads = page.js("[...document.querySelectorAll('thead th')].map(e => e.innerText)")
    rows = page.js("[...document.querySelectorAll('tbody tr')].map(r => [...r.cells].map(c => c.innerText.trim()))")
    show(page, world, address, "compare")
    compared = page.js(
        "Object.fromEntries([...document.querySelectorAll('tbody tr')].map(r =>"
        " [r.cells[0].innerText, [...r.cells].slice(1).map(c => c.innerText.split('\\n')[0].trim())]))"
    )
    assert "They cover different days" in page.js("document.querySelector('.notice').innerText")
    listed = {row[0]: row for row in rows}
    for number, run in enumerate(world.runs):
        for name, shown in list(zip(heads, listed[run], strict=True))[1:]:
            assert compared[name][number] == shown, (run, name)
    run = world.runs[0]
    page.go(f"{base(address)}/#/compare?run={run}&run={run}")
    page.until("document.querySelectorAll('tbody tr').length && document.querySelectorAll('thead th').length === 2")
    assert not page.js("document.querySelector('.notice')")


def test_a_figure_reads_on_the_page_as_it_does_in_the_report(page: Page) -> None:
    """One way to show a number, a price, a sum of money, a duration: the script's and the report's agree."""
    values = [None, 0, -0.004, 0.00001234, -0.5, 1.08432, 42.5, 99.9999, 100, 999.995, -1234.5, 28190.584, 5_400, 1e6]
    asked = f"{values!r}".replace("None", "null")
    shown = page.js(
        f"import('/static/js/format.js').then(f => {asked}.map(v => "
        "[f.number(v, 2, true), f.percent(v, 1), f.price(v), f.money(v, 'USDT'), f.duration(v)]))"
    )
    for value, words in zip(values, shown, strict=True):
        assert words == [
            text.number(value, 2, signed=True),
            text.percent(value),
            text.price(value),
            text.money(value, "USDT"),
            words[4] if value is None or value < 0 else text.duration(value),
        ], value


def test_what_runs_is_shown_first_then_the_newest(browser: Browser, world: World, tmp_path: Path) -> None:
    """Not the first by name: an idle node must not stand where a running one is looked for."""
    for name, written in (("aaa-idle", 3_000), ("bbb-newer", 4_000), ("zzz-paper", 1_000)):
        place = tmp_path / "state" / name
        place.mkdir(parents=True, mode=0o700)
        begin(place)
        Journal(place / JOURNAL, RunRecord(ts=1, name=name, config_digest="d", code_version="c")).close()
        os.utime(place / JOURNAL, (written, written))
    running = World(world.folder, world.overview, tmp_path / "state/zzz-paper")
    tabs = "[...document.querySelectorAll('.subjects a')].map(e => e.textContent)"
    with node_of(running) as node, in_thread(tmp_path, node) as address, browser.page() as page:
        page.look(*DESKTOP)
        page.go(address)
        page.until("document.querySelector('.gauges')")
        assert page.js(tabs) == ["demo0 alive", "bbb-newer no node", "aaa-idle no node"]
        assert page.js("document.querySelector('.subjects [aria-current]').innerText").startswith("demo0")
        assert page.js("document.title") == "demo0 running · Live · SageTrade"


def test_a_rejected_experiment_says_why_and_never_that_it_waits(page: Page, world: World, address: str) -> None:
    show(page, world, address, "experiments")
    rejected, measured = page.js("[...document.querySelectorAll('.card')].map(e => e.innerText)")
    assert "It ended before its figures were measured." in rejected
    assert "static guard: strategies/momentum_scalper.py: it may not open files, −1 is no excuse" in rejected
    assert "measured yet" not in rejected
    assert [words in measured for words in ("12.00%", "+18.00%", "+6.00 pp", "1 Jan 2025 – 31 Oct 2025")] == [True] * 4


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
