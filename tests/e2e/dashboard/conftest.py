"""`sagetool dashboard` as people see it: a real Chromium, and a folder in which real backtests were run."""

from collections.abc import Iterator

import pytest

from tests.support.chromium import Browser, Page, browsing
from tests.support.dashboard import World, build, dashboard, node_of
from tests.support.pages import DESKTOP


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> World:
    return build(tmp_path_factory.mktemp("world"), tmp_path_factory.mktemp("catalog"), ("2022-05-14", "2022-05-12"))


@pytest.fixture(scope="session")
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
