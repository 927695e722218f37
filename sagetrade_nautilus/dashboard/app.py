"""The dashboard's web server: routes that fetch plain structs and write them as JSON, behind one door.

Whatever fails is answered in words, never with a traceback; blocking reads happen beside the event loop.
"""

import asyncio
from collections.abc import AsyncIterator
from importlib import resources
from typing import Any, Final

import msgspec
from aiohttp import web

from sagetrade_nautilus.dashboard import experiments, live, runs
from sagetrade_nautilus.dashboard.access import LOGIN_PATH, Access, is_local, opens
from sagetrade_nautilus.dashboard.door import ACCESS, ASSETS, door, file_reply, found_reply, json_reply, wrong_reply
from sagetrade_nautilus.dashboard.nodes import NodeWatch, new_client
from sagetrade_nautilus.dashboard.sources import JournalView, Sources
from sagetrade_nautilus.dashboard.static_files import load_assets
from sagetrade_nautilus.dashboard.switches import StopOrder
from sagetrade_nautilus.dashboard.trades import PAGE_MAX, TradeView
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import JournalError, KillSwitchError
from sagetrade_nautilus.report.write import REPORT

BODY_BYTES_MAX: Final = 4_096
REPORT_POLICY: Final = (
    "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""A report is a page of its own, with a stricter policy in itself; here it may reach nothing, not even us."""
SOURCES: Final = web.AppKey("sources", Sources)
WATCHES: Final = web.AppKey("watches", list[NodeWatch])


class LiveView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page asks for every two seconds."""

    nodes: list[live.NodeView]
    switches: list[Any]
    active_experiments: int
    runs: int


def new_app(access: Access, sources: Sources, nodes: list[str]) -> web.Application:
    """Return the server for what `sources` holds and for the nodes at the addresses `nodes`."""
    app = web.Application(middlewares=[door], client_max_size=BODY_BYTES_MAX)
    app[ACCESS], app[SOURCES] = access, sources
    app[ASSETS] = load_assets(resources.files("sagetrade_nautilus.dashboard"))
    app[WATCHES] = []

    async def watching(app: web.Application) -> AsyncIterator[None]:
        async with new_client() as client:
            app[WATCHES].extend(NodeWatch(url, client) for url in nodes)
            tasks = [asyncio.create_task(watch.watch()) for watch in app[WATCHES]]
            yield
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app.cleanup_ctx.append(watching)
    app.add_routes(
        [
            web.get(LOGIN_PATH, _page),
            web.get("/static/{name:.+}", _static),
            web.get("/report", _report),
            web.get("/api/start", _start),
            web.get("/api/live", _live),
            web.get("/api/watched", _watched),
            web.get("/api/history", _history),
            web.get("/api/trades", _trades),
            web.get("/api/trade", _trade),
            web.get("/api/market", _market),
            web.get("/api/runs", _runs),
            web.get("/api/run", _run),
            web.get("/api/compare", _compare),
            web.get("/api/experiments", _experiments),
            web.post("/api/stop", _stop),
        ]
    )
    return app


async def _page(request: web.Request) -> web.Response:
    access = request.app[ACCESS]
    token = request.query.get("token")
    if token is None:
        return file_reply(request.app[ASSETS]["index.html"])
    if not opens(access, token):
        return file_reply(request.app[ASSETS]["locked.html"], 401)
    reply = web.Response(status=303, headers={"Location": LOGIN_PATH})
    secure = request.secure or not is_local(request.headers["Host"])
    reply.set_cookie(access.cookie, access.session, httponly=True, samesite="Strict", path="/", secure=secure)
    return reply


async def _static(request: web.Request) -> web.Response:
    asset = request.app[ASSETS].get(request.match_info["name"])
    if asset is None or request.match_info["name"].endswith(".html"):
        return wrong_reply(404, "not_found")
    if request.headers.get("If-None-Match") == asset.tag:
        return web.Response(status=304, headers={"ETag": asset.tag, "Cache-Control": "no-cache"})
    return file_reply(asset)


async def _report(request: web.Request) -> web.Response:
    run = await asyncio.to_thread(request.app[SOURCES].runs.get, request.query.get("run", ""))
    if run is None:
        return wrong_reply(404, "not_found")
    try:
        body = await asyncio.to_thread((run.folder / REPORT).read_bytes)
    except OSError:
        return wrong_reply(404, "not_found")
    headers = {"Content-Security-Policy": REPORT_POLICY}
    return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)


async def _start(request: web.Request) -> web.Response:
    return json_reply({"form_token": request.app[ACCESS].form_token})


async def _live(request: web.Request) -> web.Response:
    app = request.app
    nodes = [watch.node for watch in app[WATCHES]]

    def look() -> LiveView:
        sources = app[SOURCES]
        latches = sources.latches()
        return LiveView(
            nodes=[live.node_view(node, latches) for node in nodes],
            switches=list(sources.switches.all()),
            active_experiments=experiments.count_active(sources.experiments.experiments()),
            runs=len(sources.runs.all()),
        )

    return json_reply(await asyncio.to_thread(look))


async def _watched(request: web.Request) -> web.Response:
    for watch in request.app[WATCHES]:
        if watch.node.url == request.query.get("node") and watch.node.overview is not None:
            currency = watch.node.overview.guard.currency
            return json_reply(await asyncio.to_thread(live.watched, list(watch.samples.kept), currency))
    return json_reply(None)


async def _history(request: web.Request) -> web.Response:
    sources, source = request.app[SOURCES], request.query.get("source", "")
    nodes = [watch.node for watch in request.app[WATCHES]]

    def look() -> JournalView | None:
        return sources.history(source, live.seen_of(source, nodes, sources.latches()))

    return found_reply(await asyncio.to_thread(look))


async def _trades(request: web.Request) -> web.Response:
    source, offset, count = request.query.get("source", ""), _whole(request, "offset") or 0, _whole(request, "count")
    look = request.app[SOURCES].trades
    return found_reply(await asyncio.to_thread(look, source, offset, PAGE_MAX if count is None else count))


async def _trade(request: web.Request) -> web.Response:
    source, trade = request.query.get("source", ""), request.query.get("trade", "")
    sources, nodes = request.app[SOURCES], [watch.node for watch in request.app[WATCHES]]

    def look() -> TradeView | None:
        return sources.trade(source, trade, live.currency_of(source, nodes, sources.latches()))

    try:
        return found_reply(await asyncio.to_thread(look))
    except JournalError as error:
        return wrong_reply(404, "no_trade", str(error))


async def _market(request: web.Request) -> web.Response:
    source, instrument = request.query.get("source", ""), request.query.get("instrument", "")
    start, end = _whole(request, "start"), _whole(request, "end")
    return found_reply(await asyncio.to_thread(request.app[SOURCES].market, source, instrument, start, end))


async def _runs(request: web.Request) -> web.Response:
    found = await asyncio.to_thread(request.app[SOURCES].runs.all)
    return json_reply([runs.row(run) for run in found])


async def _run(request: web.Request) -> web.Response:
    sources, wanted = request.app[SOURCES], request.query.get("run", "")

    def look() -> runs.RunView | runs.RunRow | None:
        run = sources.runs.get(wanted)
        if run is None:
            return None
        return runs.row(run) if run.metrics is None else runs.run_view(run, run.metrics, sources.curves)

    return found_reply(await asyncio.to_thread(look))


async def _compare(request: web.Request) -> web.Response:
    sources, wanted = request.app[SOURCES], request.query.getall("run", [])

    def look() -> runs.Compared:
        return runs.compared(wanted, {run.id: run for run in sources.runs.all()}, sources.curves)

    return json_reply(await asyncio.to_thread(look))


async def _experiments(request: web.Request) -> web.Response:
    found = await asyncio.to_thread(request.app[SOURCES].experiments.experiments)
    return json_reply([experiments.view(experiment) for experiment in found])


async def _stop(request: web.Request) -> web.Response:
    """Stop, at once. The page has asked whether it is meant; there is no request that lets trade go on."""
    try:
        order = msgspec.json.decode(await request.read(), type=StopOrder)
    except UNDECODABLE as error:
        return wrong_reply(400, "bad_request", str(error))
    try:
        change = await asyncio.to_thread(request.app[SOURCES].switches.stop, order)
    except KillSwitchError as error:
        return wrong_reply(500, "not_stopped", str(error))
    return found_reply(change)


def _whole(request: web.Request, name: str) -> int | None:
    """Return a whole number of the address that is not below 0; ``None`` for anything else."""
    given = request.query.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None
