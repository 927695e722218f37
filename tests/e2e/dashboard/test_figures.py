"""What the dashboard shows of nodes, runs and experiments, and what it says where there is nothing."""

import json
import os
import shutil
import threading
from contextlib import closing
from pathlib import Path

import pytest

from sagetrade_nautilus.guard.journal.journal import Journal
from sagetrade_nautilus.guard.journal.records import RunRecord
from sagetrade_nautilus.report import text
from sagetrade_nautilus.run.node.state import begin
from tests.support.chromium import Browser, Page
from tests.support.dashboard import JOURNAL, World, in_thread, node_of
from tests.support.dashboard_page import base, show
from tests.support.http_server import Reply, ScriptedServer
from tests.support.pages import DESKTOP, PHONE

pytestmark = pytest.mark.slow


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


def test_a_node_that_is_not_heard_any_more_is_not_called_running(
    browser: Browser, world: World, tmp_path: Path
) -> None:
    gone = threading.Event()
    pill = "document.querySelector('h1 .pill')"
    with (
        closing(ScriptedServer(route=lambda request: Reply(502) if gone.is_set() else world.reply(request))) as node,
        in_thread(tmp_path, node.url) as address,
        browser.page() as page,
    ):
        page.look(*DESKTOP)
        page.go(address)
        assert page.until(f"{pill} && {pill}.innerText") == "running"
        gone.set()
        page.until(f"{pill}.innerText === 'no sign of life'")
        assert "Nothing answers" in page.js("document.querySelector('.notice').innerText")


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


def test_a_run_that_cannot_be_read_leaves_the_others_room_on_a_phone(page: Page, world: World, address: str) -> None:
    broken = world.folder / "runs/broken-00000000"
    broken.mkdir()
    try:
        (broken / "metrics.json").write_text("{")
        page.look(*PHONE, phone=True)
        page.go(f"{base(address)}/#/runs")
        page.until("document.querySelector('tbody small.loss')")
        row = "document.querySelector('tbody tr:has(input)').cells"
        assert page.js(f"{row}[0].getBoundingClientRect().width") < PHONE[0] * 0.6
    finally:
        shutil.rmtree(broken)
