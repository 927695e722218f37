"""Opening a pull request through GitHub's API. It opens and labels; it can neither approve nor merge."""

import logging
import time
from typing import Any, Final

import httpx
import msgspec

from adapters.common.headers import retry_after_s
from adapters.common.retry import NotProcessedError, TransientError, retry
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.delivery.pull_request import PullRequest
from sagetrade_nautilus.secrets import Secret

API: Final = "https://api.github.com"
TOKEN: Final = "GITHUB_TOKEN"  # noqa: S105 - its name
TIMEOUT_S: Final = 30.0
VERSION: Final = "2022-11-28"

logging.getLogger("httpx").setLevel(logging.WARNING)


class _Opened(msgspec.Struct):
    number: int
    html_url: str


class GitHub:
    """One repository.

    Parameters
    ----------
    repository : str
        'owner/name'.
    token : Secret
        May write pull requests and contents of that repository; more is not needed.
    api : str
        Where the API is.
    """

    def __init__(self, repository: str, token: Secret, api: str = API, *, backoff_seconds: float = 2.0) -> None:
        self._repository = repository
        self._token = token
        self._api = api.rstrip("/")
        self._ask = retry(3, backoff_seconds)(self._once)

    def open(self, request: PullRequest) -> str:
        """Open the pull request, or find the one that is open already, label it, and return its address.

        Raises
        ------
        ExperimentError
            GitHub cannot be reached, or refuses.
        """
        try:
            opened = self._find(request) or self._create(request)
            self._ask("POST", f"issues/{opened.number}/labels", {"labels": list(request.labels)})
        except TransientError as error:
            raise ExperimentError(f"GitHub cannot be asked now: {error}; ask again later") from None
        return opened.html_url

    def _find(self, request: PullRequest) -> _Opened | None:
        owner = self._repository.partition("/")[0]
        raw = self._ask("GET", "pulls", {"head": f"{owner}:{request.head}", "state": "open"})
        found = _decoded(raw, list[_Opened])
        return found[0] if found else None

    def _create(self, request: PullRequest) -> _Opened:
        body = {
            "title": request.title,
            "body": request.body,
            "head": request.head,
            "base": request.base,
            "draft": request.draft,
        }
        return _decoded(self._ask("POST", "pulls", body), _Opened)

    def _once(self, method: str, path: str, sent: dict[str, Any]) -> bytes:
        headers = {
            "Authorization": f"Bearer {self._token.reveal()}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": VERSION,
        }
        url = f"{self._api}/repos/{self._repository}/{path}"
        given: dict[str, Any] = {"params": sent} if method == "GET" else {"json": sent}
        try:
            response = httpx.request(method, url, headers=headers, timeout=TIMEOUT_S, trust_env=False, **given)
        except httpx.HTTPError as error:
            raise TransientError(f"it cannot be reached ({type(error).__name__})") from None
        status = response.status_code
        if status == 429 or status >= 500 or (status == 403 and "retry-after" in response.headers):
            raise NotProcessedError(f"it answered {status}", retry_after_s(response.headers, time.time()))
        if status not in (200, 201):
            raise ExperimentError(
                f"GitHub answered {status} to {method} {path}; may {TOKEN} write to {self._repository}?"
            )
        return response.content


def _decoded[T](raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except UNDECODABLE:
        raise ExperimentError("GitHub's answer is not what its API says") from None
