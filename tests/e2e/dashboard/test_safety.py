"""Who gets into the dashboard and what a browser may do there: stop, and nothing else; and no stranger either."""

import os
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.guard.journal.journal import Journal
from sagetrade_nautilus.guard.journal.records import RunRecord
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.run.node.state import begin
from tests.support.chromium import Browser, Page
from tests.support.dashboard import EVIL, EVIL_URL, JOURNAL, World, in_thread, node_of
from tests.support.dashboard_page import base
from tests.support.http_server import Reply, serving
from tests.support.pages import DESKTOP, PHONE
from tests.support.records import decision, trade

pytestmark = pytest.mark.slow


def test_the_address_lets_in_once_and_leaves_no_token_behind(page: Page, address: str) -> None:
    assert page.js("location.href") == f"{base(address)}/"
    assert page.js("document.cookie") == ""


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


def test_who_was_not_let_in_is_told_how(browser: Browser, address: str) -> None:
    with browser.page() as page:
        page.go(base(address))
        page.until("document.body && document.body.innerText.includes('sagetool dashboard')")
        assert "رمز" in page.text()
