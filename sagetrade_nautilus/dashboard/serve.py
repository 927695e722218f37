"""Starting the server, and ending it when asked."""

import asyncio
import errno
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from adapters.common.addresses import LOOPBACK
from sagetrade_nautilus.dashboard.access import Access, new_access
from sagetrade_nautilus.dashboard.app import new_app
from sagetrade_nautilus.dashboard.sources import Sources
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.ops.addresses import listen, netloc, why_not

SHUTDOWN_S: Final = 1.0


def serve(
    sources: Sources, nodes: list[str], host: str, port: int, names: list[str], tell: Callable[[str], None]
) -> None:
    """Serve the dashboard until a signal asks to stop.

    Parameters
    ----------
    nodes : list of str
        The addresses of running nodes' ops servers.
    host, port
        Where to listen; a port of 0 takes a free one.
    names : list of str
        Further names that the server is reached by, for a proxy in front of it.
    tell : callable
        Told the address, which holds the token.

    Raises
    ------
    ConfigError
        The address cannot be had, or it is not of this machine alone and no name was given.
    """
    if host not in LOOPBACK and not names:
        raise ConfigError(
            f"--host {host}: others could reach it; say with --name under which name, and put https in front of it"
        )
    try:
        listening = listen(host, port)
    except OSError as error:
        way = "--port" if error.errno == errno.EADDRINUSE else "--host or --port"
        raise ConfigError(f"{netloc(host, port)} cannot be had: {why_not(error)}; name another {way}") from None
    access = new_access(names, int(listening.getsockname()[1]))
    asyncio.run(_run(access, sources, nodes, listening, tell))


async def _run(
    access: Access, sources: Sources, nodes: list[str], listening: socket.socket, tell: Callable[[str], None]
) -> None:
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    async with served(access, sources, nodes, listening):
        tell(f"http://{netloc(*listening.getsockname()[:2])}/?token={access.login}")
        await asked.wait()


@asynccontextmanager
async def served(access: Access, sources: Sources, nodes: list[str], listening: socket.socket) -> AsyncIterator[None]:
    """Serve the dashboard on an open socket as long as the block lasts."""
    runner = web.AppRunner(
        new_app(access, sources, nodes), access_log=None, shutdown_timeout=SHUTDOWN_S, handle_signals=False
    )
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        yield
    finally:
        await runner.cleanup()
