"""Fixtures shared by all tests."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from sagetrade_nautilus.secrets import FILE_SUFFIX, KNOWN
from tests.support.checkout import ROOT

# Machines that run tests are shared and slow at times; how long an example takes is no behaviour of ours.
settings.register_profile("sagetrade", deadline=None)
settings.load_profile("sagetrade")

NO_DATA = "needs the development data folder ../shared/data beside the checkout"
"""The one reason for which a test may be skipped in CI: the data's terms forbid to bundle it."""
SECRETS = [name + suffix for name in KNOWN for suffix in ("", FILE_SUFFIX)]


def pytest_configure() -> None:
    """No test sees a key of the machine that it runs on: with one, a source would ask the real service."""
    for name in SECRETS:
        os.environ.pop(name, None)


@pytest.fixture(autouse=True)
def every_key_is_taken_back() -> Iterator[None]:
    """A test that leaves a key in the environment fails, and not one that runs after it."""
    before = {name: os.environ.get(name) for name in SECRETS}
    yield
    assert [name for name in SECRETS if os.environ.get(name) != before[name]] == []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI everything is installed, so a test skipped for want of it is a failed run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    if any(NO_DATA not in str(report.longrepr) for report in reporter.stats.get("skipped", ())):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def project_root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data that is not bundled; tests that need it are skipped where it is missing."""
    path = ROOT.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip(NO_DATA)
    return path


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[Any]:
    """A real Redis of the test's own."""
    pytest.importorskip("redis", reason="needs the extra `redis`: pip install -e '.[redis]'")
    from tests.support.redis_server import NOTE, RedisServer

    if not RedisServer.is_installed():
        pytest.skip(NOTE)
    with RedisServer(tmp_path / "redis") as made:
        yield made
