"""The ops server: a few addresses that can be read, on the node's own event loop. Nothing can be changed through it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol, cast

import msgspec
from aiohttp import web

from adapters.common.addresses import LOOPBACK
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.ops.addresses import listen, netloc, why_not
from sagetrade_nautilus.ops.health import Check, Health, all_ok
from sagetrade_nautilus.overview import Overview

JSON: Final = "application/json"
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
SHUTDOWN_S: Final = 1.0
CONNECTIONS_MAX: Final = 32
BACKLOG: Final = 16
"""Connections that may wait to be taken; so many more than `CONNECTIONS_MAX` can be open for a moment."""


class Answers(Protocol):
    """What the server asks for its answers."""

    def render(self) -> bytes:
        """Return the metrics in Prometheus's text format."""
        ...

    def overview(self) -> Overview:
        """Return the node as it is now."""
        ...

    def checks(self, kind: str) -> tuple[Check, ...]:
        """Return the checks of 'live', 'ready' or 'startup'."""
        ...


class OpsServer:
    """Serves /metrics, /overview, /health/live, /health/ready and /health/startup.

    A check that does not hold is answered with 503, anything that fails inside with 500. On a loopback address only
    requests that name one are answered, so that no web page can reach it under a name of its own. Beyond
    `CONNECTIONS_MAX` connections the oldest ends, since each takes a file from the node, and may say nothing for ever.

    Parameters
    ----------
    host, port
        Where it listens; a port of 0 takes a free one.

    Raises
    ------
    ConfigError
        The address cannot be had.
    """

    def __init__(self, answers: Answers, host: str, port: int) -> None:
        self._answers = answers
        self._local = host in LOOPBACK
        try:
            self._socket = listen(host, port)
        except OSError as error:
            raise ConfigError(
                f"`ops`: {netloc(host, port)} cannot be had: {why_not(error)}; name another `port` or `host`, or set "
                "`enabled` = false"
            ) from None
        self._runner: web.AppRunner | None = None
        self._listening: asyncio.Server | None = None
        self._open: deque[web.RequestHandler] = deque()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._socket.getsockname()[1]
        return port

    async def start(self) -> None:
        """Answer from now on."""
        app = web.Application(middlewares=[self._only_here] if self._local else [])
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/overview", self._overview)
        for kind in ("live", "ready", "startup"):
            app.router.add_get(f"/health/{kind}", self._health(kind))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        hearers = partial(self._hearer, cast("Callable[[], web.RequestHandler]", self._runner.server))
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(hearers, sock=self._socket, backlog=BACKLOG)

    async def stop(self) -> None:
        """Answer no more."""
        if self._listening is not None:
            self._listening.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self.close()

    def close(self) -> None:
        """Give the address back at once."""
        self._socket.close()

    def _hearer(self, make: "Callable[[], web.RequestHandler]") -> asyncio.Protocol:
        """Return who hears a new connection."""
        if len(self._open) >= CONNECTIONS_MAX:
            self._open.popleft().force_close()
        self._open.append(make())
        return self._open[-1]

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(body=self._answers.render(), headers={"Content-Type": METRICS_TYPE})

    async def _overview(self, request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(self._answers.overview()), content_type=JSON)

    def _health(self, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            checks = self._answers.checks(kind)
            health = Health(all_ok(checks), checks)
            return web.Response(body=msgspec.json.encode(health), status=200 if health.ok else 503, content_type=JSON)

        return answer

    @web.middleware
    async def _only_here(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if request.url.host not in LOOPBACK:
            raise web.HTTPForbidden(text="ask for 127.0.0.1")
        return await handler(request)
