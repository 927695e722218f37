"""The dashboard's server over real sockets: attacks on it, and what it answers where something is missing or broken."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest

from sagetrade_nautilus.dashboard.experiments import ExperimentFiles
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.run.node.state import begin
from tests.support.dashboard import in_thread
from tests.support.records import T0, trade, writer

STOP = {"place": "paper", "state": "halted", "flatten": False, "reason": "test"}


class Client:
    """Asks as a browser does, or as an attacker would."""

    def __init__(self, address: str, folder: Path) -> None:
        parts = urlsplit(address)
        self.folder = folder
        self.host = parts.netloc
        self.token = parts.query.removeprefix("token=")
        self.cookie = ""
        self.log_in()

    def log_in(self) -> None:
        reply = self.raw("GET", f"/?token={self.token}")
        assert reply.status == 303
        self.set_cookie = reply.headers["Set-Cookie"]
        self.location = reply.headers["Location"]
        self.cookie = self.set_cookie.split(";")[0]

    def raw(self, method: str, path: str, body: bytes = b"", **headers: str) -> HTTPResponse:
        connection = HTTPConnection(self.host, timeout=10)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        sent = {"Host": self.host, "Cookie": self.cookie, "Content-Length": str(len(body))}
        for name, value in {**sent, **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
            if value:
                connection.putheader(name, value)
        connection.endheaders(body)
        return connection.getresponse()

    def get(self, path: str, **query: str) -> object:
        reply = self.raw("GET", f"{path}?{urlencode(query)}")
        assert reply.status == 200, reply.read()
        return json.loads(reply.read())

    def form_token(self) -> str:
        return str(self.get("/api/start")["form_token"])  # type: ignore[index]

    def stop(self, order: object = STOP, **headers: str) -> HTTPResponse:
        own = {"Origin": f"http://{self.host}", "X-SageTrade-Token": self.form_token(), **headers}
        return self.raw("POST", "/api/stop", json.dumps(order).encode(), **own)

    def state(self) -> State:
        return Latch(self.folder / "state/paper/latch.json").read().state


@contextmanager
def serving(folder: Path) -> Iterator[Client]:
    with in_thread(folder, "http://127.0.0.1:1") as address:
        yield Client(address, folder)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server in a folder with one node that may trade; nothing in these tests may change that."""
    folder = tmp_path_factory.mktemp("served")
    place = folder / "state/paper"
    place.mkdir(parents=True, mode=0o700)
    begin(place)
    (folder / "secret.txt").write_text("outside")
    with serving(folder) as client:
        yield client


def test_the_token_leaves_the_address_and_the_cookie_is_kept_from_scripts_and_other_sites(client: Client) -> None:
    assert client.location == "/"
    flags = {flag.strip().lower() for flag in client.set_cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= flags
    assert client.token not in client.set_cookie


@pytest.mark.parametrize(
    "path", ["/", "/api/live", "/api/runs", "/api/start", "/report?run=x", "/?token=wrong", "/nowhere"]
)
def test_without_the_cookie_there_is_nothing(client: Client, path: str) -> None:
    reply = client.raw("GET", path, Cookie="")
    assert reply.status == 401
    assert b"form_token" not in reply.read()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"])
@pytest.mark.parametrize("path", ["/", "/api/live", "/static/js/main.js"])
def test_a_rebound_name_is_refused_even_with_the_cookie(client: Client, host: str, path: str) -> None:
    assert client.raw("GET", path, Host=host).status == 421
    assert client.raw("GET", f"/?token={client.token}", Host=host).status == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"X-SageTrade-Token": ""},
        {"X-SageTrade-Token": "guess"},
        {"Cookie": ""},
        {"Host": "evil.example", "Origin": "http://evil.example"},
    ],
)
def test_a_forged_stop_stops_nothing(client: Client, headers: dict[str, str]) -> None:
    assert client.stop(**headers).status in (401, 403, 421)
    assert client.state() is State.RUNNING


@pytest.mark.parametrize(
    "order",
    [
        {**STOP, "state": "running"},
        {**STOP, "place": "../paper"},
        {**STOP, "place": "nowhere"},
        {**STOP, "more": 1},
        {"place": "paper"},
        [],
        "x" * 10_000,
    ],
)
def test_a_stop_that_makes_no_sense_is_refused_and_none_lets_trade_go_on(client: Client, order: object) -> None:
    assert client.stop(order).status in (400, 404, 413)
    assert client.state() is State.RUNNING


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_else_can_be_done(client: Client, method: str) -> None:
    assert client.raw(method, "/api/stop").status in (403, 405)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2f..%2fapp.py",
        "/static/%2e%2e/%2e%2e/secret.txt",
        "/static//etc/passwd",
        "/static/js/../../app.py",
        "/static/index.html",
        "/static/texts/../../../../secret.txt",
        "/static/x%00.css",
        "/../secret.txt",
        f"/report?run={quote('../..')}",
        f"/report?run={quote('/etc')}",
        f"/api/history?source={quote('node:../../secret.txt')}",
        f"/api/run?run={quote('../state/paper')}",
        f"/api/trade?source={quote('run:../..')}&trade=x",
        f"/api/market?source={quote('node:paper')}&instrument={quote('../../x')}",
    ],
)
def test_no_request_becomes_a_path(client: Client, path: str) -> None:
    reply = client.raw("GET", path)
    assert reply.status == 404
    body = reply.read()
    assert b"outside" not in body
    assert b"Traceback" not in body


@pytest.mark.parametrize("path", ["/", "/api/live", "/static/js/main.js", "/static/theme.css", "/nowhere", "/?token=x"])
def test_every_answer_says_what_a_browser_may_do_with_it(client: Client, path: str) -> None:
    headers = client.raw("GET", path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


def test_a_file_that_the_browser_has_is_not_sent_again(client: Client) -> None:
    tag = client.raw("GET", "/static/theme.css").headers["ETag"]
    assert client.raw("GET", "/static/theme.css", If_None_Match=tag).status == 304


def test_a_silent_node_and_an_empty_folder_are_told_in_plain_values(client: Client) -> None:
    found = client.get("/api/live")
    assert isinstance(found, dict)
    assert found["nodes"][0]["reach"] in ("asking", "unreachable")
    assert [one["place"] for one in found["switches"]] == ["paper"]
    assert (found["runs"], found["active_experiments"]) == (0, 0)
    history = client.get("/api/history", source="node:paper")
    assert isinstance(history, dict)
    assert (history["is_there"], history["total"], history["fault"]) == (False, None, "")
    assert client.get("/api/runs") == client.get("/api/experiments") == []
    assert client.get("/api/trades", source="node:paper", offset="-1", count="x") == {"rows": [], "total": 0}


@pytest.mark.parametrize("query", [{"source": "node:paper", "trade": "x"}, {"source": "node:paper"}, {}])
def test_a_trade_that_nobody_knows_is_told_in_words(client: Client, query: dict[str, str]) -> None:
    reply = client.raw("GET", f"/api/trade?{urlencode(query)}")
    assert reply.status == 404
    assert json.loads(reply.read())["error"] in ("no_trade", "not_found")


def test_a_stop_from_our_own_page_halts(tmp_path: Path) -> None:
    (tmp_path / "state/paper").mkdir(parents=True, mode=0o700)
    begin(tmp_path / "state/paper")
    with serving(tmp_path) as client:
        reply = client.stop({**STOP, "flatten": True})
        assert reply.status == 200
        change = json.loads(reply.read())
        assert (change["before"], change["after"], change["flatten"]) == ("running", "halted", True)
        assert change["by"].startswith("dashboard:")
        assert client.state() is State.HALTED
        assert client.get("/api/live")["switches"][0]["state"] == "halted"  # type: ignore[index]


def test_a_broken_journal_is_shown_up_to_where_it_breaks(tmp_path: Path) -> None:
    path = writer(tmp_path / "state/paper")(*trade())
    path.write_bytes(path.read_bytes().replace(b'"score":0.5', b'"score":0.6', 1) + b"what is this\n")
    with serving(tmp_path) as client:
        history = client.get("/api/history", source="node:paper")
        assert isinstance(history, dict)
        assert history["fault"].startswith("line 8: ")
        assert history["total"]["trades"] == 1
        shown = client.get("/api/trade", source="node:paper", trade="m-0001")
        assert isinstance(shown, dict)
        assert "line 3" in shown["chain_fault"]


def test_an_altered_journal_is_shown_with_its_broken_chain(tmp_path: Path) -> None:
    path = writer(tmp_path / "state/paper")(*trade(), *trade("m-0002", T0 + 10**13))
    path.write_bytes(path.read_bytes().replace(b'"score":0.5', b'"score":0.6', 1))
    with serving(tmp_path) as client:
        shown = client.get("/api/trade", source="node:paper", trade="m-0002")
        assert isinstance(shown, dict)
        assert "line 3" in shown["chain_fault"]


def test_what_goes_wrong_inside_is_told_in_words_and_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(ExperimentFiles, "experiments", broken)
    with serving(tmp_path) as client:
        reply = client.raw("GET", "/api/experiments")
        assert reply.status == 500
        assert json.loads(reply.read()) == {"error": "failed", "detail": ""}
    assert "secret inside" in caplog.text
