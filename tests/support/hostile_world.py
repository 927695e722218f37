"""A world in which an attack can show what it gains: secrets, services, a kill switch, a process; and its judge."""

import hashlib
import os
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sagetrade_nautilus.experiments.sandbox import Finished, Sandbox, SandboxLimits
from tests.support.checkout import ROOT
from tests.support.hostile import Hostile

PROJECT = tuple(ROOT / name for name in ("sagetrade_nautilus", "strategies", "actors", "adapters", "catalog"))
LIMITS = SandboxLimits(
    seconds=4.0,
    cpu_seconds=4,
    memory_bytes=700 << 20,
    address_bytes=16 << 30,
    processes=16,
    file_bytes=8 << 20,
    output_bytes=32 << 20,
    files=300,
    open_files=128,
)
SLACK_S = 20.0
MACHINE = ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname")


class World:
    """Everything that an attack is after, with a canary in each secret."""

    def __init__(self, folder: Path) -> None:
        self.canary = f"canary-{secrets.token_hex(12)}"
        self.marker = f"31536{secrets.randbelow(10**9):09d}"
        self.outputs = folder / "outputs"
        self.outside, self.worktree = folder / "outside", folder / "worktree"
        self.input = folder / "outside" / "input"
        self.heard: list[str] = []
        self._fill()

    def _fill(self) -> None:
        files = {
            self.outside / "secrets.env": f"APCA_API_SECRET_KEY={self.canary}",
            self.outside / "latch.json": '{"state": "halted"}',
            self.outside / "gate.py": "def check(order): return False",
            self.outside / "ledger.jsonl": "{}\n",
            self.input / "bars": "down",
            self.worktree / "config" / "secrets.env": self.canary,
            self.worktree / ".env": self.canary,
            self.worktree / ".git" / "config": f"url = https://{self.canary}@host",
            self.worktree / "state" / "latch.json": '{"state": "halted"}',
            self.worktree / "gate.py": "def check(order): return False",
        }
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for package in PROJECT:
            (self.worktree / package.name).symlink_to(package)

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Have services listen, a process hold a secret, and the environment too."""
        variable = f"SAGETRADE_{self.marker}"
        os.environ[variable] = self.canary
        self.victim = subprocess.Popen(["sleep", "600"], env={"TOKEN": self.canary}, start_new_session=True)
        self.unix = str(self.outside / "service")
        with (
            socket.create_server(("127.0.0.1", 0)) as tcp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
            socket.socket(socket.AF_UNIX) as named,
            socket.socket(socket.AF_UNIX) as nameless,
        ):
            udp.bind(("127.0.0.1", 0))
            named.bind(self.unix)
            nameless.bind(f"\0{self.marker}")
            for service in (named, nameless):
                service.listen()
            self.tcp, self.udp = tcp.getsockname()[1], udp.getsockname()[1]
            for name, service in (("tcp", tcp), ("udp", udp), ("unix", named), ("abstract", nameless)):
                threading.Thread(target=self._listen, args=(name, service), daemon=True).start()
            try:
                yield
            finally:
                del os.environ[variable]
                self.victim.kill()
                self.victim.wait()

    def source(self, attack: Hostile) -> str:
        """Return the attack's program, with this world's places in it."""
        places = {
            "OUTSIDE": self.outside,
            "WORKTREE": self.worktree,
            "OUTPUTS": self.outputs,
            "INPUT": self.input,
            "VICTIM": self.victim.pid,
            "TCP": self.tcp,
            "UDP": self.udp,
            "UNIX": self.unix,
            "ABSTRACT": self.marker,
            "MARKER": self.marker,
        }
        text = attack.source.replace("AF_UNIX", "AF_LOCAL_").replace("AF_INET", "AF_NET_")
        for name, place in places.items():
            text = text.replace(name, str(place))
        return text.replace("AF_LOCAL_", "AF_UNIX").replace("AF_NET_", "AF_INET")

    def attack(self, sandbox: Sandbox, attack: Hostile) -> tuple[Finished, list[str]]:
        """Run the attack in the sandbox, and return what came of it and how it escaped, if it did."""
        program = self.worktree / "attack.py"
        program.write_text(self.source(attack), encoding="utf-8")
        shutil.rmtree(self.outputs, ignore_errors=True)
        self.heard.clear()
        before = self._state()
        inputs = [self.input, *(PROJECT if attack.project else ())]
        done = sandbox.run(
            [sys.executable, str(program)], worktree=self.worktree, inputs=inputs, outputs=self.outputs, limits=LIMITS
        )
        return done, [*self._told(done), *self._left(), *self._changed(before), *self._lives(done)]

    def _told(self, done: Finished) -> Iterator[str]:
        if self.canary in done.stdout + done.stderr:
            yield "it learned a secret"
        if "ESCAPED" in done.stdout:
            yield f"it says so: {done.stdout[-200:]}"
        if self.heard:
            yield f"it was heard by {self.heard}"

    def _left(self) -> Iterator[str]:
        size = 0
        for path in self.outputs.rglob("*"):
            mode = path.lstat().st_mode
            size += path.lstat().st_size
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                yield f"it left {path.name}, which is no plain file"
            elif mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWOTH):
                yield f"it left {path.name} with mode {mode:o}"
            elif stat.S_ISREG(mode) and self.canary.encode() in path.read_bytes():
                yield f"it left a secret in {path.name}"
        if size > LIMITS.output_bytes + (1 << 20):
            yield f"it left {size} bytes"

    def _changed(self, before: dict[str, str]) -> Iterator[str]:
        after = self._state()
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                yield f"it changed {name}"

    def _lives(self, done: Finished) -> Iterator[str]:
        if done.seconds > LIMITS.seconds + SLACK_S:
            yield f"it ran for {done.seconds:.0f} s"
        if self.victim.poll() is not None:
            yield "it ended another process"
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                line = entry.read_bytes()
                if self.marker.encode() in line or str(self.worktree / "attack.py").encode() in line:
                    yield f"process {entry.parent.name} lives on"

    def _state(self) -> dict[str, str]:
        """Return a digest of every file and folder that must not change."""
        found = {name: Path(name).read_text(encoding="utf-8") for name in MACHINE}
        found["/dev/null"] = oct(os.stat("/dev/null").st_mode)
        for top in (self.outside, self.worktree):
            for path in [top, *top.rglob("*")]:
                status = path.lstat()
                content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
                found[str(path)] = f"{status.st_mode:o} {status.st_nlink} {hashlib.sha256(content).hexdigest()}"
        return found

    def _listen(self, name: str, service: socket.socket) -> None:
        with suppress(OSError):
            while True:
                if service.type == socket.SOCK_DGRAM:
                    service.recv(64)
                else:
                    service.accept()[0].close()
                self.heard.append(name)
