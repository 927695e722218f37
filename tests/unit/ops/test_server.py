"""The ops server by itself: what fails inside is no answer, nothing can be changed, a stranger's name is refused."""

import asyncio
import os
from collections.abc import Awaitable, Callable

import httpx
import pytest

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.ops.health import Check
from sagetrade_nautilus.ops.server import CONNECTIONS_MAX, OpsServer
from sagetrade_nautilus.overview import Overview
from tests.support.node_views import WELL


class Node:
    """Answers as long as it is well."""

    def __init__(self) -> None:
        self.well = True

    def render(self) -> bytes:
        if not self.well:
            raise RuntimeError("a test")
        return b"up 1\n"

    def overview(self) -> Overview:
        if not self.well:
            raise RuntimeError("a test")
        return WELL

    def checks(self, kind: str) -> tuple[Check, ...]:
        if not self.well:
            raise RuntimeError("a test")
        return (Check(kind, kind != "ready", "a test"),)


def asked(node: Node, ask: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]) -> httpx.Response:
    async def serve() -> httpx.Response:
        server = OpsServer(node, "127.0.0.1", 0)
        await server.start()
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
                return await ask(client)
        finally:
            await server.stop()

    return asyncio.run(serve())


@pytest.mark.parametrize("path", ["/metrics", "/overview", "/health/live", "/health/ready", "/health/startup"])
def test_a_node_that_cannot_be_looked_at_is_told_as_a_failure(path: str) -> None:
    node = Node()
    node.well = False
    answer = asked(node, lambda client: client.get(path))
    assert answer.status_code == 500
    assert "a test" not in answer.text, "what failed inside is for the log"


def test_a_check_that_does_not_hold_is_503_and_says_which() -> None:
    answer = asked(Node(), lambda client: client.get("/health/ready"))
    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "checks": [{"name": "ready", "ok": False, "says": "a test"}]}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(method: str) -> None:
    assert asked(Node(), lambda client: client.request(method, "/overview")).status_code == 405


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:1", 200), ("localhost", 200), ("[::1]", 200), ("evil.example", 403), ("127.0.0.1.evil.example", 403)],
)
def test_only_who_names_this_machine_is_answered(host: str, status: int) -> None:
    assert asked(Node(), lambda client: client.get("/metrics", headers={"Host": host})).status_code == status


def test_who_opens_connections_and_says_nothing_keeps_nobody_out_and_takes_no_file_from_the_node() -> None:
    async def serve() -> tuple[int, int]:
        server = OpsServer(Node(), "127.0.0.1", 0)
        await server.start()
        before = len(os.listdir("/proc/self/fd"))
        silent = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3 * CONNECTIONS_MAX)]
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
                status = (await client.get("/health/live")).status_code
            return status, len(os.listdir("/proc/self/fd")) - before - len(silent)
        finally:
            for _, writer in silent:
                writer.close()
            await server.stop()

    status, taken = asyncio.run(serve())
    assert status == 200
    assert taken <= CONNECTIONS_MAX + 2


@pytest.mark.parametrize("host", ["no-such-host.invalid", "::2"])
def test_an_address_that_cannot_be_had_is_told_with_the_systems_reason(host: str) -> None:
    with pytest.raises(ConfigError, match="cannot be had: ") as refused:
        OpsServer(Node(), host, 9108)
    assert "Unknown error" not in str(refused.value)
    assert "while attempting" not in str(refused.value)
