"""Asking running nodes how they stand: over HTTP, again and again, with patience for none of their failures."""

import asyncio
from typing import Final, Literal

import httpx
import msgspec

from sagetrade_nautilus.dashboard.samples import Sample, Samples
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.overview import Overview

PATH: Final = "/overview"
ASK_S: Final = 2.0
TIMEOUT_S: Final = 3.0
BYTES_MAX: Final = 4_000_000

Reach = Literal["asking", "ok", "unreachable", "not_understood"]


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one node.

    `overview` is the last that it gave, also while it does not answer: `reach` says whether it is of now, and `fault`
    why not.
    """

    url: str
    reach: Reach = "asking"
    fault: str = ""
    overview: Overview | None = None


class NodeWatch:
    """Asks one node, and keeps the last answer and some of what it was before.

    Parameters
    ----------
    url : str
        Where its ops server is, for example 'http://127.0.0.1:9108'.
    client : httpx.AsyncClient
        The client to ask with.
    """

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.node = Node(url=url)
        self.samples = Samples(round(ASK_S * NANOS_PER_SECOND))
        self._client = client

    async def watch(self) -> None:
        """Ask until cancelled."""
        while True:
            await self.ask()
            await asyncio.sleep(ASK_S)

    async def ask(self) -> None:
        """Ask once. A node that does not answer as it should changes `reach`, and raises nothing."""
        try:
            overview = msgspec.json.decode(await self._fetch(), type=Overview)
        except httpx.TimeoutException:
            self._failed("unreachable", f"no answer within {TIMEOUT_S:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            self._failed("unreachable", str(error) or type(error).__name__)
        except UNDECODABLE as error:
            self._failed("not_understood", str(error))
        else:
            self.node = Node(url=self.node.url, reach="ok", overview=overview)
            if overview.guard.equity is not None:
                self.samples.add(Sample(overview.ts, overview.guard.equity, exposure(overview)))

    async def _fetch(self) -> bytes:
        async with self._client.stream("GET", f"{self.node.url.rstrip('/')}{PATH}") as reply:
            reply.raise_for_status()
            body = bytearray()
            async for chunk in reply.aiter_bytes():
                body += chunk
                if len(body) > BYTES_MAX:
                    raise ValueError(f"an answer of more than {BYTES_MAX:,} bytes")
            return bytes(body)

    def _failed(self, reach: Reach, fault: str) -> None:
        self.node = msgspec.structs.replace(self.node, reach=reach, fault=fault)


def new_client() -> httpx.AsyncClient:
    """Return a client that goes straight to the node: no proxy, no redirect, and not for long."""
    return httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False)


def exposure(overview: Overview) -> float:
    """Return the sum of the values of all open positions whose price is known."""
    return sum(held.notional or 0.0 for held in overview.positions)
