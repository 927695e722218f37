"""Reading one address over HTTP: bounded in bytes, in time and in where it may lead."""

import asyncio
import logging
import time
import zlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from adapters.common.headers import retry_after_s
from adapters.news.source import SourceError, SourceOffError

MAX_BYTES: Final = 5_000_000
DEADLINE_S: Final = 30.0
CONNECT_TIMEOUT_S: Final = 10.0
MAX_REDIRECTS: Final = 3
USER_AGENT: Final = "SageTrade/0.1 (feed reader)"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it logs whole addresses, keys in them too


class Reply(msgspec.Struct, frozen=True):
    """A body of at most the allowed size, decompressed; empty for 304."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def create_client() -> httpx.AsyncClient:
    """Return a client that follows no redirect by itself."""
    timeout = httpx.Timeout(DEADLINE_S, connect=CONNECT_TIMEOUT_S)
    return httpx.AsyncClient(timeout=timeout, follow_redirects=False, headers={"User-Agent": USER_AGENT})


async def fetch(
    client: httpx.AsyncClient,
    url: str,
    headers: Mapping[str, str] | None = None,
    *,
    params: Mapping[str, str] | None = None,
    max_redirects: int = MAX_REDIRECTS,
    max_bytes: int = MAX_BYTES,
    deadline_s: float = DEADLINE_S,
) -> Reply:
    """Read `url`; redirects are followed on the same host only, and never from https to http.

    Raises
    ------
    SourceError
        The server cannot be reached, is too slow, sends too much, leads elsewhere, or answers with an error;
        `retry_after_s` is what its headers ask for.
    SourceOffError
        It refuses the key (401, 403 to a request that carried headers of ours), or what it had is gone (410).
    """
    target = str(httpx.URL(url, params=dict(params))) if params else url
    try:
        async with asyncio.timeout(deadline_s):
            for _ in range(max_redirects + 1):
                reply = await _once(client, target, headers or {}, max_bytes)
                if reply.status not in _REDIRECTS:
                    return _checked(reply)
                target = _next(target, reply.headers.get("location", ""))
    except TimeoutError:
        raise SourceError(f"it did not answer within {deadline_s:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceError(f"it cannot be reached ({type(error).__name__})") from None
    except zlib.error:
        raise SourceError("its answer cannot be decompressed") from None
    raise SourceError(f"it redirects more than {max_redirects} times")


async def _once(client: httpx.AsyncClient, url: str, headers: Mapping[str, str], max_bytes: int) -> Reply:
    wanted = {"Accept-Encoding": "gzip", **headers}
    async with client.stream("GET", url, headers=wanted) as response:
        if response.status_code != 200:
            return Reply(response.status_code, response.headers, b"")
        zipped = response.headers.get("content-encoding", "identity").lower() != "identity"
        inflate = zlib.decompressobj(wbits=47) if zipped else None
        parts, size = [], 0
        async for chunk in response.aiter_raw():
            part = inflate.decompress(chunk, max_bytes + 1 - size) if inflate else chunk
            size += len(part)
            if size > max_bytes:
                raise SourceError(f"its answer is longer than {max_bytes} bytes")
            parts.append(part)
        if inflate is not None and not inflate.eof:
            raise SourceError("its answer was cut off")
        return Reply(response.status_code, response.headers, b"".join(parts))


def _next(url: str, location: str) -> str:
    here, there = urlsplit(url), urlsplit(urljoin(url, location))
    downgrade = here.scheme == "https" and there.scheme != "https"
    if there.scheme not in {"http", "https"} or there.hostname != here.hostname or downgrade:
        raise SourceError("it redirects to another place; if that is right, configure the new address")
    return there.geturl()


def _checked(reply: Reply) -> Reply:
    if reply.status in {200, 304}:
        return reply
    if reply.status == 410:
        raise SourceOffError("it answered 410: it is gone for good")
    raise SourceError(f"it answered {reply.status}", retry_after_s(reply.headers, time.time()))
