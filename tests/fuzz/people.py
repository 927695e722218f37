"""Targets: what people write to the bot, and what browsers and nodes send to the dashboard."""

import asyncio
import json
from collections.abc import Coroutine, Iterator
from functools import cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx
import msgspec
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from sagetrade_nautilus.bot.advisor.advisor import Advisor
from sagetrade_nautilus.bot.advisor.check import fault, numbers
from sagetrade_nautilus.bot.store import NAME, BotStore
from sagetrade_nautilus.bot.telegram.client import Client
from sagetrade_nautilus.bot.telegram.wire import Incoming, Send
from sagetrade_nautilus.dashboard.access import FORM_HEADER, Access, Request, new_access, opens, refuse
from sagetrade_nautilus.dashboard.app import new_app
from sagetrade_nautilus.dashboard.experiments import ExperimentFiles
from sagetrade_nautilus.dashboard.nodes import NodeWatch
from sagetrade_nautilus.dashboard.sources import Sources
from sagetrade_nautilus.dashboard.switches import Switches
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.secrets import Secret
from tests.fuzz.guards import DEEP, journal_seed
from tests.fuzz.target import Target, folder, fresh, put, text_of
from tests.support import bot_node, latch
from tests.support.bot import NOW, USERS, VIEWER, Bot
from tests.support.checkout import ROOT

QUESTIONS = tuple(
    line.partition("=")[2].strip().strip('"').encode()
    for line in (ROOT / "tests/fixtures/advisor/questions.toml").read_text(encoding="utf-8").splitlines()
    if line.startswith("text")
)
PERSON = {"id": 33, "is_bot": False, "first_name": "P"}
CHAT = {"id": 33, "type": "private", "first_name": "P"}
WRITTEN = {
    "update_id": 1,
    "message": {"message_id": 1, "date": 1_800_000_000, "chat": CHAT, "from": PERSON, "text": "/status"},
}
TAPPED = {
    "update_id": 2,
    "callback_query": {
        "id": "1",
        "from": PERSON,
        "chat_instance": "1",
        "data": "r:pause",
        "message": WRITTEN["message"],
    },
}
KEPT = b'{"users":{"33":{"language":"en","choices":{"zone":"UTC"}}},"seen":[1,2]}'
WORDS = (
    "/status",
    "/pause",
    "/resume now",
    "/disable momentum",
    "/set zone Europe/Berlin",
    "/why momentum-0001",
    "/equity 9" * 30,
)
TAPS = ("r:pause", "r:why x", "p:1:2", "p:999999999999999999999:0", "c:ABCD-EFGH", "x", "c:", "p:")
STOP = b'{"place":"paper","state":"halted","flatten":true,"reason":"x"}'
PATHS = (
    "/api/run?run=demo",
    "/api/trades?source=state/paper&offset=0&count=5",
    "/api/trade?source=paper&trade=m-1@5",
    "/api/market?source=paper&instrument=BTC&start=1&end=99999999999999999999",
    "/static/../../../etc/passwd",
    "/static/%2e%2e/%00",
    "/report?run=../..",
    "/api/history?source=%ff%fe",
    "/api/compare?run=a&run=b",
    "/?token=\u00e9",
)


@cache
def loop() -> asyncio.AbstractEventLoop:
    """Return one event loop for all checks: making one costs more than most of them."""
    return asyncio.new_event_loop()


def _done[T](coming: Coroutine[Any, Any, T]) -> T:
    return loop().run_until_complete(coming)


@cache
def bot() -> Bot:
    return Bot(fresh("bot"))


def message(raw: bytes) -> None:
    """A viewer's words, whatever they are, get one answer and let nothing change."""
    text = text_of(raw)
    for more in ({"text": text}, {"tap": text or "?", "tap_id": "1"}):
        heard = Incoming(update_id=1, user_id=VIEWER, chat_id=VIEWER, message_id=1, sent_s=NOW / 1e9, **more)
        sent = _done(bot().conversation.hear(heard, USERS[VIEWER], NOW))
        assert sent
        assert all(0 < len(what.text) <= 4_096 for what in sent if isinstance(what, Send))
        assert bot().state is State.RUNNING


def update(raw: bytes) -> None:
    told: list[str] = []
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        return
    if isinstance(given, dict) and "update_id" in given:
        client = _client(told)
        found = client._parsed(given)
        assert found is None or isinstance(found, Incoming)
        assert all("token" not in line for line in told)


@cache
def _bot_client() -> tuple[Client, list[str]]:
    told: list[str] = []
    return Client(Secret("1:token"), "https://example.org", told.append), told


def _client(told: list[str]) -> Client:
    client, heard = _bot_client()
    heard.clear()
    client._tell = told.append
    return client


def kept_file(raw: bytes) -> None:
    place = fresh("bot-store")
    path = put(place / NAME, raw)
    store = BotStore(place)
    assert store.is_sound == path.exists()
    assert store.is_sound or path.with_suffix(".damaged").read_bytes() == raw
    store.write(store.snapshot((1,)))
    assert BotStore(place).seen == (1,)


def question(raw: bytes) -> None:
    text = text_of(raw)
    for language in ("en", "ar"):
        answer = Advisor(bot_node.RULES, bot_node.recall()).answer(text, bot_node.overview(), language, ZoneInfo("UTC"))
        assert answer.text
    fault(text, "facts 1.5%", "en")
    numbers(text)


@cache
def _site() -> tuple[Access, TestClient[web.Request, web.Application]]:
    root = fresh("site")
    latch.put(put(root / "state/paper/latch.json", b""), State.RUNNING)
    put(root / "state/paper/decisions.jsonl", journal_seed())
    (root / "runs").mkdir()
    access = new_access([], 80)
    sources = Sources(
        root / "runs", root / "state", ExperimentFiles(root / "experiments"), Switches(root / "state", "dashboard:test")
    )
    client = TestClient(TestServer(new_app(access, sources, []), loop=loop()), loop=loop())
    _done(client.start_server())
    return access, client


def _asked(method: str, path: str, body: bytes | None, **headers: str) -> tuple[int, bytes]:
    access, client = _site()
    own = {"Host": "127.0.0.1:80", "Cookie": f"{access.cookie}={access.session}", **headers}

    async def ask() -> tuple[int, bytes]:
        async with client.request(method, path, data=body, headers=own, allow_redirects=False) as reply:
            return reply.status, await reply.read()

    return _done(ask())


def address(raw: bytes) -> None:
    """No path, query or token makes the dashboard fail, show a file of the disk, or stop anything."""
    path = "/" + quote(text_of(raw).lstrip("/").encode("utf-8", "replace"), safe="/?&=%@:+.")
    status, body = _asked("GET", path, None)
    assert status < 500, path
    assert b"root:x:" not in body
    assert Latch(folder("site") / "state/paper/latch.json").read().state is State.RUNNING


def stop_body(raw: bytes) -> None:
    """A body either stops as it says or changes nothing; without our token it never does."""
    path = folder("site") / "state/paper/latch.json"
    access, _ = _site()
    before = Latch(path).read()
    status, _ = _asked("POST", "/api/stop", raw, Origin="http://127.0.0.1:80")
    assert status == 403
    assert Latch(path).read() == before
    headers = {"Origin": "http://127.0.0.1:80", FORM_HEADER: access.form_token}
    status, said = _asked("POST", "/api/stop", raw, **headers)
    assert status in (200, 400, 404, 413), said
    after = Latch(path).read()
    assert after.state >= before.state
    assert status == 200 or after == before
    latch.put(path)  # for whoever looks at the site next


def request(raw: bytes) -> None:
    """Only who has the cookie, and for acts the token, gets past the door, whatever the headers hold."""
    access = _site()[0]
    fields = [*text_of(raw).split("\n"), *[""] * 7]
    asked = Request(**dict(zip(Request.__struct_fields__, fields, strict=False)))
    refusal = refuse(access, asked)
    assert refusal is not None or asked.path.startswith("/static/")
    assert not opens(access, fields[0])


def overviews(raw: bytes) -> None:
    """What a node at a watched address answers changes how far it is reached, and raises nothing."""

    async def ask() -> str:
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(lambda request: httpx.Response(200, content=raw))
        ) as client:
            watch = NodeWatch("http://127.0.0.1:1", client)
            await watch.ask()
            assert (watch.node.overview is not None) == (watch.node.reach == "ok")
            return watch.node.reach

    assert _done(ask()) in ("ok", "not_understood")


def _texts(*texts: str) -> Iterator[bytes]:
    return (text.encode() for text in texts)


TARGETS = {
    "bot-message": Target((*_texts(*WORDS, *TAPS), b"\xed\xa0\x80", *QUESTIONS[:3]), message, slow=True),
    "bot-update": Target((json.dumps(WRITTEN).encode(), json.dumps(TAPPED).encode()), update),
    "bot-store": Target((KEPT, b"{}", DEEP, b'{"users":{"\xff":{}}}'), kept_file, slow=True),
    "advisor": Target((*QUESTIONS, "\u0663\u066b\u0665%".encode(), b"\xed\xa0\x80 BTC?"), question, slow=True),
    "dashboard-address": Target(tuple(_texts(*PATHS)), address, slow=True),
    "dashboard-stop": Target(
        (STOP, STOP.replace(b"paper", b"../paper"), STOP.replace(b"x", b"\xff"), DEEP[:4_000]), stop_body, slow=True
    ),
    "dashboard-door": Target(
        (b"GET\n/\n127.0.0.1:80", b"POST\n/api/stop\nlocalhost:80\nhttp://evil", b"GET\n/static/a\n[::1]:80"), request
    ),
    "dashboard-node": Target((msgspec.json.encode(bot_node.overview()), DEEP, b'{"x":"\xff"}'), overviews, slow=True),
}
