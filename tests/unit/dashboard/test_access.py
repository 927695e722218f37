"""Who is refused: other hosts, other sites' pages, those without the cookie, acts without the page's token."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.dashboard.access import Access, Request, is_local, new_access, opens, refuse

PORT = 8787
HOST = f"127.0.0.1:{PORT}"
ACCESS = new_access([], PORT)


def asked(**changes: str) -> Request:
    plain = Request(method="GET", path="/api/live", host=HOST, session=ACCESS.session)
    return msgspec.structs.replace(plain, **changes)


def stop(**changes: str) -> Request:
    act = {"method": "POST", "path": "/api/stop", "origin": f"http://{HOST}", "form_token": ACCESS.form_token}
    return asked(**{**act, **changes})


def why(request: Request, access: Access = ACCESS) -> str:
    refusal = refuse(access, request)
    return "" if refusal is None else refusal.why


def test_who_has_the_cookie_is_let_in() -> None:
    assert why(asked()) == ""
    assert why(asked(fetch_site="same-origin", origin=f"http://{HOST}")) == ""
    assert why(stop()) == ""


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1:9", "127.0.0.1", "", f"127.0.0.1.evil.example:{PORT}"]
)
def test_a_name_that_was_rebound_to_this_machine_is_refused(host: str) -> None:
    assert why(asked(host=host)) == "wrong_host"
    assert why(stop(host=host, origin=f"http://{host}")) == "wrong_host"
    assert why(asked(host=host, path="/static/theme.css")) == "wrong_host"


@pytest.mark.parametrize("host", [HOST, f"localhost:{PORT}", f"LOCALHOST:{PORT}", f"[::1]:{PORT}"])
def test_this_machine_s_own_names_are_known(host: str) -> None:
    assert why(asked(host=host)) == ""


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", f"http://localhost:{PORT}", "http://127.0.0.1:9", f"file://{HOST}", "", HOST],
)
def test_an_act_from_another_origin_or_from_none_is_refused(origin: str) -> None:
    assert why(stop(origin=origin)) == "other_site"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_from_another_site_s_page_is_refused_and_a_link_to_the_first_page_is_not(site: str) -> None:
    assert why(asked(fetch_site=site)) == "other_site"
    assert why(stop(fetch_site=site)) == "other_site"
    assert why(asked(fetch_site=site, path="/")) == ""


@pytest.mark.parametrize(
    "session",
    ["", "x", ACCESS.login, ACCESS.form_token, ACCESS.session[:-1], ACCESS.session + "x", "ü"],
    ids=["none", "x", "login", "form", "shorter", "longer", "no ascii"],
)
def test_without_the_cookie_nothing_is_shown(session: str) -> None:
    assert why(asked(session=session)) == "no_session"
    assert why(stop(session=session)) == "no_session"


@pytest.mark.parametrize(
    "token", ["", ACCESS.session, ACCESS.login, ACCESS.form_token.swapcase()], ids=["none", "session", "login", "case"]
)
def test_an_act_needs_the_page_s_own_token(token: str) -> None:
    assert why(stop(form_token=token)) == "no_token"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_every_other_method_counts_as_an_act(method: str) -> None:
    assert why(asked(method=method)) == "other_site"


def test_our_own_files_need_no_cookie_to_be_read() -> None:
    assert why(asked(session="", path="/static/theme.css")) == ""
    assert why(stop(session="", path="/static/theme.css")) == "no_session"


@given(st.text(), st.text(), st.text(), st.text(), st.sampled_from(["GET", "POST"]))
def test_no_guess_gets_in(host: str, session: str, origin: str, site: str, method: str) -> None:
    request = Request(method=method, path="/api/live", host=host, session=session, origin=origin, fetch_site=site)
    assert why(request) != ""


def test_only_the_printed_token_opens_and_every_server_has_its_own() -> None:
    other = new_access([], PORT)
    assert opens(ACCESS, ACCESS.login)
    assert not opens(ACCESS, "")
    assert not opens(ACCESS, ACCESS.session)
    assert not opens(ACCESS, other.login)


def test_no_secret_shows_itself() -> None:
    shown = repr(ACCESS) + str(ACCESS)
    assert not any(secret in shown for secret in (ACCESS.login, ACCESS.session, ACCESS.form_token))


def test_a_name_of_a_proxy_is_one_of_ours() -> None:
    access = new_access(["desk.example", "other.example:444"], PORT)
    assert {"desk.example", f"desk.example:{PORT}", "other.example:444"} <= access.hosts
    assert "other.example" not in access.hosts


@pytest.mark.parametrize(
    ("host", "local"),
    [
        (HOST, True),
        (f"LocalHost:{PORT}", True),
        (f"[::1]:{PORT}", True),
        ("desk.example", False),
        (f"desk.example:{PORT}", False),
    ],
)
def test_under_another_name_than_this_machine_s_own_the_cookie_needs_https(host: str, local: bool) -> None:
    assert is_local(host) is local
