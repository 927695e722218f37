"""The pages of the dashboard, and how a browser gets to them."""

from tests.support.chromium import Page
from tests.support.dashboard import World

SHOWN = {
    "live": ("#/live", ".gauges"),
    "runs": ("#/runs", "table"),
    "run": ("#/run?run={run}", ".market-plot canvas"),
    "compare": ("#/compare?run={run}&run={other}", "table"),
    "trade": ("#/trade?source=node:paper&trade={trade}", ".market-plot canvas"),
    "experiments": ("#/experiments", ".card"),
}


def base(address: str) -> str:
    return address.split("/?", maxsplit=1)[0]


def show(page: Page, world: World, address: str, name: str) -> None:
    path, ready = SHOWN[name]
    trades = page.js("fetch('/api/trades?source=node:paper').then(r => r.json()).then(found => found.rows[0].trade)")
    run, other = world.runs
    page.go("about:blank")
    page.go(f"{base(address)}/{path.format(run=run, other=other, trade=trades)}")
    page.until(f"document.querySelector('{ready}')")
