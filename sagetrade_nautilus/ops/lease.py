"""One writer alone: a process runs only while it holds a lease of the Kubernetes API, and is dead before that runs out.

As client-go's leader election: whoever wants the lease takes it when its record has not changed for `hold_s`, by his
own monotonic clock, so that clocks need not agree. The holder renews it; one that cannot for a third of `hold_s` stops
its process, and kills it at four fifths. A change that another made meanwhile is refused by the server (409).
"""

import ctypes
import datetime as dt
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ConfigError, RunError

SERVICE_ACCOUNT: Final = Path("/run/secrets/lease")
NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
RETRIES_PER_HOLD: Final = 15
RENEW_SHARE: Final = 1 / 3
KILL_SHARE: Final = 4 / 5
PR_SET_PDEATHSIG: Final = 1
CONFLICT: Final = 409
STOPPED: Final = "the process was stopped, and a person must see why"

type Record = dict[str, Any]


class _Spec(msgspec.Struct, rename="camel"):
    """What is read of a lease."""

    holder_identity: str | None = None
    lease_transitions: int | None = None


class _Lease(msgspec.Struct):
    spec: _Spec | None = None


class Election:
    """Decides whether a lease may be taken. Pure: records and seconds in.

    Parameters
    ----------
    me : str
        Who asks.
    hold_s : float
        How long a record stands without a change.
    """

    def __init__(self, me: str, hold_s: float) -> None:
        self._me = me
        self._hold_s = hold_s
        self._seen: Record | None = None
        self._since_s = 0.0

    def may_take(self, spec: Record, now_s: float) -> bool:
        """Return whether the lease with `spec`, as it was read at `now_s`, is free, ours, or has run out."""
        if spec != self._seen:
            self._seen, self._since_s = spec, now_s
        holder = spec.get("holderIdentity")
        return not holder or holder == self._me or now_s - self._since_s > self._hold_s


class LeaseClient:
    """Reads and changes one lease.

    Parameters
    ----------
    url : str
        The API server's address.
    namespace, name : str
        Which lease.
    folder : Path
        Where the account's `token` and the server's `ca.crt` are mounted; the token may change while we run.

    Raises
    ------
    ConfigError
        The address or the certificate is none.
    """

    def __init__(self, url: str, namespace: str, name: str, timeout_s: float, folder: Path = SERVICE_ACCOUNT) -> None:
        self._path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{name}"
        self._token = folder / "token"
        if not url.startswith(("https://", "http://")):
            raise ConfigError(f"--server {url!r}: an API server's address begins with https://")
        try:
            verify = ssl.create_default_context(cafile=folder / "ca.crt") if url.startswith("https") else False
        except OSError as error:
            raise ConfigError(
                f"{folder / 'ca.crt'}: no certificate can be read: {error.strerror}; see --account"
            ) from None
        self._http = httpx.Client(base_url=url, timeout=timeout_s, verify=verify, trust_env=False)

    def read(self) -> Record:
        """Return the lease; raises `httpx.HTTPError`, `OSError`, and `ValueError` for an answer that is no lease."""
        return self._ask("GET")

    def write(self, lease: Record) -> bool:
        """Put a changed lease, and return whether nobody was faster; raises as `read`."""
        try:
            self._ask("PUT", lease)
        except httpx.HTTPStatusError as error:
            if error.response.status_code == CONFLICT:
                return False
            raise
        return True

    def _ask(self, method: str, body: Record | None = None) -> Record:
        headers = {"Authorization": f"Bearer {self._token.read_text().strip()}"}
        answer = self._http.request(method, self._path, headers=headers, json=body)
        answer.raise_for_status()
        return _record(answer.content)


class Holder:
    """Holds a lease for one process.

    Parameters
    ----------
    tell : callable
        Told what happens.
    """

    def __init__(self, client: LeaseClient, me: str, hold_s: float, tell: Callable[[str], None]) -> None:
        self._client = client
        self._election = Election(me, hold_s)
        self._me = me
        self._hold_s = hold_s
        self._tell = tell
        self._renewed_s = 0.0
        self._asked: int | None = None
        self._is_late = False
        self._error = ""

    def run(self, command: Sequence[str]) -> int:
        """Wait for the lease, run `command` while it is held, and return its exit code.

        Raises
        ------
        RunError
            The lease was lost, and the process was stopped for it.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        told = None
        while not self._claim():
            if self._asked is not None:
                return 128 + self._asked
            if self._error != told:
                told = self._error
                self._tell(f"waiting for the lease: {told or 'another one holds it'}")
            time.sleep(self._hold_s / RETRIES_PER_HOLD)
        self._tell(f"{self._me} holds the lease")
        child = subprocess.Popen(command, preexec_fn=_die_with_us)  # noqa: S603, PLW1509 - no thread runs here
        threading.Thread(target=self._kill_in_time, args=(child,), daemon=True).start()
        code = self._while_held(child)
        self._give_back()
        return code

    def _while_held(self, child: "subprocess.Popen[bytes]") -> int:
        told: int | None = None
        while True:
            code = _wait(child, self._hold_s / RETRIES_PER_HOLD)
            if self._is_late:
                raise RunError(f"the lease is lost: {self._error or 'it was not renewed in time'}; {STOPPED}")
            if code is not None:
                return code if code >= 0 else 128 - code
            if self._asked is not None and told is None:
                told = self._asked
                child.send_signal(told)
            held = self._claim()
            if not held and (not self._error or self._age_s() > RENEW_SHARE * self._hold_s):
                self._stop(child)
                raise RunError(f"the lease is lost: {self._error or 'another one holds it'}; {STOPPED}")

    def _claim(self) -> bool:
        """Take or renew the lease, and return whether that was done; without an `_error` another one holds it."""
        asked_s = time.monotonic()
        self._error = ""
        try:
            lease = self._client.read()
            spec = lease.get("spec") or {}
            if not self._election.may_take(spec, asked_s):
                return False
            lease["spec"] = self._renewed(spec)
            if not self._client.write(lease):
                return False
        except (httpx.HTTPError, OSError, ValueError) as error:
            self._error = f"the API server cannot be asked: {error}"
            return False
        self._renewed_s = asked_s
        return True

    def _renewed(self, spec: Record) -> Record:
        now = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        mine = spec.get("holderIdentity") == self._me
        return {
            "holderIdentity": self._me,
            "leaseDurationSeconds": max(1, round(self._hold_s)),
            "acquireTime": spec.get("acquireTime") or now if mine else now,
            "renewTime": now,
            "leaseTransitions": (spec.get("leaseTransitions") or 0) + (not mine),
        }

    def _give_back(self) -> None:
        try:
            lease = self._client.read()
            if (lease.get("spec") or {}).get("holderIdentity") == self._me:
                lease["spec"]["holderIdentity"] = ""
                self._client.write(lease)
        except (httpx.HTTPError, OSError, ValueError):
            self._tell("the lease could not be given back; it runs out by itself")

    def _stop(self, child: "subprocess.Popen[bytes]") -> None:
        """Have the process wind down, in the time that is left to it."""
        self._tell("the lease is lost: stopping")
        child.terminate()
        child.wait()

    def _kill_in_time(self, child: "subprocess.Popen[bytes]") -> None:
        """Kill the process before anybody else may take the lease, on a thread: the renewing may hang."""
        while (left_s := KILL_SHARE * self._hold_s - self._age_s()) > 0.0:
            time.sleep(left_s)
        if child.poll() is None:
            self._is_late = True
            child.kill()

    def _age_s(self) -> float:
        return time.monotonic() - self._renewed_s

    def _on_signal(self, number: int, frame: object) -> None:
        self._asked = number


def _wait(child: "subprocess.Popen[bytes]", seconds: float) -> int | None:
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def _record(raw: bytes) -> Record:
    """Return a lease with all its fields; raises `ValueError` where those that are read are not what they should be."""
    try:
        msgspec.json.decode(raw, type=_Lease)
        return msgspec.json.decode(raw, type=dict[str, Any])
    except UNDECODABLE as error:
        raise ValueError(f"its answer is no lease: {error}") from None


def _die_with_us() -> None:
    """Let the kernel kill the process if this one dies: nobody would hold its lease any more (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def namespace(path: Path = NAMESPACE) -> str:
    """Return the namespace that this pod runs in.

    Raises
    ------
    ConfigError
        This is no pod.
    """
    try:
        return path.read_text().strip()
    except OSError:
        raise ConfigError(f"{path}: not there; outside of a pod name the --namespace") from None
