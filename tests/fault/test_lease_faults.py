"""One writer alone: whatever dies, hangs or is cut off, two processes never run under one lease at a time."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagetrade_nautilus.ops.lease import Election
from tests.support.http_server import Reply, Request, ScriptedServer

HOLD_S = 1.5
PATIENCE_S = 30.0
WRITER = """
import os, signal, sys, time
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
while True:
    os.write(out, f"{os.getpid()} {time.monotonic_ns()}\\n".encode())
    time.sleep(0.01)
"""


class Kubernetes:
    """The part of an API server that keeps one lease: a change of what has changed meanwhile is a conflict."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lease = {"metadata": {"name": "trader", "resourceVersion": "1"}}
        self.cut_off: set[str] = set()
        """Tokens whose owners get no answer."""
        self.dripping: set[str] = set()
        """Tokens whose owners get theirs byte by byte, each in time."""
        self.server = ScriptedServer(route=self._answer)

    def _answer(self, request: Request) -> Reply:
        who = request.headers["authorization"].removeprefix("Bearer ")
        if who in self.cut_off:
            return Reply(status=503)
        if who in self.dripping:
            return Reply(body=b" " * 1_000, pause_s=HOLD_S / 50)
        with self._lock:
            if request.method == "PUT":
                asked = json.loads(request.body)
                if asked["metadata"]["resourceVersion"] != self._lease["metadata"]["resourceVersion"]:
                    return Reply(status=409)
                asked["metadata"]["resourceVersion"] = str(int(asked["metadata"]["resourceVersion"]) + 1)
                self._lease = asked
            return Reply(body=json.dumps(self._lease).encode())

    @property
    def holder(self) -> str:
        return str(self._lease.get("spec", {}).get("holderIdentity", ""))  # type: ignore[attr-defined]


class Pods:
    """Processes that want the lease, and what their writers wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kubernetes = Kubernetes()
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, manner: str = "good") -> subprocess.Popen[bytes]:
        account = self.folder / name
        account.mkdir()
        (account / "token").write_text(name)
        writer = [sys.executable, "-c", WRITER, str(self.folder / "written"), manner]
        command = [
            sys.executable, "-c", "from sagetrade_nautilus.cli.lease import app; app()", "--name", "trader",
            "--hold-s", str(HOLD_S), "--namespace", "n", "--server", self.kubernetes.server.url,
            "--account", str(account), "--", *writer,
        ]  # fmt: skip
        environment = {**os.environ, "POD_NAME": name}
        self.processes.append(
            subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        )
        return self.processes[-1]

    def written(self) -> list[tuple[int, int]]:
        """Return who wrote when."""
        path = self.folder / "written"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(int(who), int(when)) for who, when in (line.split() for line in lines)]

    def wait_for_writers(self, count: int) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while len({who for who, _ in self.written()}) < count:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def overlaps(self) -> int:
        """Return how often a writer wrote after a later one had begun."""
        first: dict[int, int] = {}
        for who, when in self.written():
            first.setdefault(who, when)
        order = sorted(first, key=first.__getitem__)
        return sum(when > first[order[order.index(who) + 1]] for who, when in self.written() if who != order[-1])


@pytest.fixture
def pods(tmp_path: Path) -> Iterator[Pods]:
    made = Pods(tmp_path)
    yield made
    for process in made.processes:
        process.kill()
        process.communicate()
    made.kubernetes.server.close()


@pytest.mark.slow
def test_the_second_waits_until_the_first_has_given_it_back(pods: Pods) -> None:
    first = pods.start("first")
    pods.wait_for_writers(1)
    pods.start("second")
    time.sleep(2 * HOLD_S)
    assert len({who for who, _ in pods.written()}) == 1
    first.terminate()
    pods.wait_for_writers(2)
    assert first.wait(PATIENCE_S) == 128 + signal.SIGTERM
    assert pods.overlaps() == 0


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["killed", "frozen", "cut off", "cut off and stubborn", "dripping"])
def test_two_never_write_at_a_time(pods: Pods, fault: str) -> None:
    first = pods.start("first", "stubborn" if "stubborn" in fault else "good")
    pods.wait_for_writers(1)
    pods.start("second")
    time.sleep(HOLD_S)
    if fault == "killed":
        first.kill()
    elif fault == "frozen":
        os.kill(pods.written()[0][0], signal.SIGSTOP)  # a node that hangs and comes back is stopped with its lease
        first.send_signal(signal.SIGSTOP)
        time.sleep(2.5 * HOLD_S)
        first.send_signal(signal.SIGCONT)
    elif fault == "dripping":
        pods.kubernetes.dripping.add("first")
    else:
        pods.kubernetes.cut_off.add("first")
    pods.wait_for_writers(2)
    if fault not in ("killed", "dripping"):  # what drips is heard to its end first
        assert first.wait(PATIENCE_S) != 0
        assert b"the lease is lost" in first.stderr.read()  # type: ignore[union-attr]
    time.sleep(HOLD_S)
    assert pods.overlaps() == 0


def test_a_record_that_stands_still_for_long_enough_may_be_taken_by_ones_own_clock() -> None:
    election = Election("me", 10.0)
    theirs = {"holderIdentity": "other", "renewTime": "1999-01-01T00:00:00Z"}
    assert not election.may_take(theirs, 0.0)
    assert not election.may_take(theirs, 10.0)
    assert not election.may_take({**theirs, "renewTime": "later"}, 10.5)
    assert not election.may_take({**theirs, "renewTime": "later"}, 20.5)
    assert election.may_take({**theirs, "renewTime": "later"}, 20.6)
    assert election.may_take({"holderIdentity": "me"}, 30.0)
    assert election.may_take({}, 40.0)
