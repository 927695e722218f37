"""Who may see the dashboard and stop from it. Pure decisions: a request's facts in, a refusal or none out.

A page on another site can make this machine's browser send requests here. Three things stand against that: the Host
must be one that we were started for (no name that was rebound to 127.0.0.1 passes), what comes from another site's
page is refused, and only a browser that was given the printed address has the cookie.
"""

import hmac
import secrets
from typing import Final

import msgspec

TOKEN_BYTES: Final = 32
LOGIN_PATH: Final = "/"
STATIC_PREFIX: Final = "/static/"
FORM_HEADER: Final = "x-sagetrade-token"
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
READING: Final = frozenset({"GET", "HEAD"})
OWN_SITE: Final = frozenset({"", "same-origin", "none"})


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What a server was started with. None of the three secrets can be worked out from another.

    Parameters
    ----------
    login : str
        Stands in the address that is printed; whoever opens it gets the cookie.
    session : str
        The cookie's value.
    form_token : str
        What a page of ours sends along when it stops something.
    hosts : frozenset[str]
        Host headers that are meant for us, ports included, in lower case.
    cookie : str
        The cookie's name; cookies do not tell ports apart, so it holds the port.
    """

    login: str
    session: str
    form_token: str
    hosts: frozenset[str]
    cookie: str

    def __repr__(self) -> str:
        return f"Access(hosts={sorted(self.hosts)})"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What matters of a request; a header that is missing is ''."""

    method: str
    path: str
    host: str
    origin: str = ""
    fetch_site: str = ""
    session: str = ""
    form_token: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """An answer's status, and why, as the catalogue of texts names it."""

    status: int
    why: str


def new_access(names: list[str], port: int) -> Access:
    """Return fresh secrets for a server that is reached at `port` by the loopback names and by `names`.

    A name that holds a port is taken as it is, for a proxy in front of us.
    """
    plain = [f"{name}:{port}" for name in (*LOOPBACK, *(name for name in names if not _has_port(name)))]
    behind = [name for name in names if _has_port(name)]
    bare = [name for name in names if not _has_port(name)]
    return Access(
        login=secrets.token_urlsafe(TOKEN_BYTES),
        session=secrets.token_urlsafe(TOKEN_BYTES),
        form_token=secrets.token_urlsafe(TOKEN_BYTES),
        hosts=frozenset(host.lower() for host in (*plain, *behind, *bare)),
        cookie=f"sagetrade_dashboard_{port}",
    )


def refuse(access: Access, request: Request) -> Refusal | None:
    """Return why a request is not answered; ``None`` if it is.

    Our own style sheets and scripts hold no secret, so they need no cookie.
    """
    if request.host.lower() not in access.hosts:
        return Refusal(421, "wrong_host")
    if _is_foreign(request):
        return Refusal(403, "other_site")
    if request.method in READING and request.path.startswith(STATIC_PREFIX):
        return None
    if not _same(request.session, access.session):
        return Refusal(401, "no_session")
    may_act = request.method in READING or _same(request.form_token, access.form_token)
    return None if may_act else Refusal(403, "no_token")


def is_local(host: str) -> bool:
    """Return whether a Host header names this machine by itself; under any other name the cookie needs https."""
    return host.lower().rpartition(":")[0] in LOOPBACK


def _is_foreign(request: Request) -> bool:
    """Return whether another site's page is behind it. A link to our first page is not; an act must say its origin."""
    is_reading = request.method in READING
    is_link = is_reading and request.path == LOGIN_PATH
    if request.fetch_site not in OWN_SITE and not is_link:
        return True
    return not is_reading if not request.origin else not _is_own(request.origin, request.host)


def opens(access: Access, token: str) -> bool:
    """Return whether `token` is the one of the printed address."""
    return _same(token, access.login)


def _is_own(origin: str, host: str) -> bool:
    """Return whether a page at `origin` was served by the same host and port."""
    scheme, _, place = origin.partition("://")
    return scheme in ("http", "https") and place.lower() == host.lower()


def _has_port(name: str) -> bool:
    return name.rpartition("]")[2].count(":") == 1


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())
