"""A real Redis of one's own, that can be killed, restarted and frozen."""

import asyncio
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

import redis

from adapters.messaging.connection import connect, require
from sagetrade_nautilus.config import MessagingConfig

KEPT = ("orders", "positions")
NOTE = "needs redis-server: `apt-get install redis-server`, or your system's package of it"


def asked(config: MessagingConfig, environment: Mapping[str, str]) -> list[str]:
    """Ask the configured Redis whether it takes us, as whoever uses it does first, and return what is said of it."""

    async def ask() -> list[str]:
        client = connect(config, environment)
        try:
            return await require(client, config)
        finally:
            await client.aclose()

    return asyncio.run(ask())


class RedisServer:
    """Redis on a free port of the loopback, with an append-only file in `folder`, and with a password if need be."""

    def __init__(self, folder: Path, password: str = "") -> None:
        self._folder = folder
        self._password = password
        folder.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def is_installed() -> bool:
        return shutil.which("redis-server") is not None

    @property
    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, password=self._password or None, socket_timeout=10.0)

    def config(self, **changes: object) -> MessagingConfig:
        return MessagingConfig(backend="redis", port=self.port, **changes)  # type: ignore[arg-type]

    def keeps(self, orders: Iterable[str]) -> bool:
        """Tell whether Nautilus has kept `orders` here, and what it has made of them, whole.

        It writes in the background, and loses at a death what it has not written.
        """
        kept = {kind: {key.decode().rpartition(":")[2] for key in self._keys(kind)} for kind in KEPT}
        named = {name.decode() for key in self._keys("index") for name in self._positions(key)}
        return kept["orders"].issuperset(orders) and kept["positions"] >= named

    def _keys(self, kind: str) -> list[bytes]:
        return list(self.client.scan_iter(f"trader-*:{kind}:*"))

    def _positions(self, index: bytes) -> Iterable[bytes]:
        """Return the positions that an index of Nautilus names."""
        if index.endswith(b":positions"):
            return self.client.smembers(index)
        return self.client.hvals(index) if index.endswith(b":order_position") else ()

    def start(self) -> Self:
        settings = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--dir", str(self._folder))
        locked = ("--requirepass", self._password) if self._password else ()
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), *settings, *locked],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until_s = time.monotonic() + 10.0
        while time.monotonic() < until_s:
            try:
                self.client.ping()
            except redis.RedisError:
                time.sleep(0.02)
            else:
                return self
        raise RuntimeError("redis-server did not start")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it hang: connections stay, and nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
