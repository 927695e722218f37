"""The one door of the server: who is refused, which headers every answer has, and how answers are written."""

import logging
from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiohttp import web

from sagetrade_nautilus.dashboard.access import FORM_HEADER, LOGIN_PATH, Access, Refusal, Request, refuse
from sagetrade_nautilus.dashboard.static_files import Asset

JSON: Final = "application/json"
POLICY: Final = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
ACCESS: Final = web.AppKey("access", Access)
ASSETS: Final = web.AppKey("assets", dict[str, Asset])

_LOG = logging.getLogger(__name__)


@web.middleware
async def door(request: web.Request, handler: Callable[..., Any]) -> web.StreamResponse:
    """Refuse what is not meant for us, and put our headers on every answer."""
    access = request.app[ACCESS]
    asked = Request(
        method=request.method,
        path=request.path,
        host=request.headers.get("Host", ""),
        origin=request.headers.get("Origin", ""),
        fetch_site=request.headers.get("Sec-Fetch-Site", ""),
        session=request.cookies.get(access.cookie, ""),
        form_token=request.headers.get(FORM_HEADER, ""),
    )
    refusal = refuse(access, asked)
    if refusal is not None and not _is_login(request, refusal):
        reply: web.StreamResponse = _refused(request, refusal)
    else:
        reply = await _answered(request, handler)
    for name, value in HEADERS.items():
        reply.headers.setdefault(name, value)
    return reply


async def _answered(request: web.Request, handler: Callable[..., Any]) -> web.StreamResponse:
    try:
        reply: web.StreamResponse = await handler(request)
    except web.HTTPException as error:
        return wrong_reply(error.status, "not_found" if error.status == 404 else "bad_request")
    except Exception:  # noqa: BLE001 - the edge: whoever looks gets words, the log gets the rest
        _LOG.exception("the dashboard could not answer %s", request.path)
        return wrong_reply(500, "failed")
    return reply


def _is_login(request: web.Request, refusal: Refusal) -> bool:
    return refusal.status == 401 and request.path == LOGIN_PATH and "token" in request.query


def _refused(request: web.Request, refusal: Refusal) -> web.Response:
    if request.path == LOGIN_PATH and request.method == "GET" and refusal.status == 401:
        return file_reply(request.app[ASSETS]["locked.html"], 401)
    return wrong_reply(refusal.status, refusal.why)


def file_reply(asset: Asset, status: int = 200) -> web.Response:
    headers = {"ETag": asset.tag, "Cache-Control": "no-cache"} if status == 200 else {}
    return web.Response(body=asset.body, status=status, content_type=asset.kind, charset="utf-8", headers=headers)


def json_reply(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type=JSON)


def found_reply(value: Any) -> web.Response:
    return wrong_reply(404, "not_found") if value is None else json_reply(value)


def wrong_reply(status: int, why: str, detail: str = "") -> web.Response:
    return json_reply({"error": why, "detail": detail}, status)
