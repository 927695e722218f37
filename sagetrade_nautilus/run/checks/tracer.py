"""A trace of a run: every signal on the bus, one line each, in the order in which they were said."""

from pathlib import Path

import msgspec
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.core.data import Data

TOPICS = ("data.QuantSignal*", "data.TextItem*", "data.TextSignal*", "data.CompositeSignal*")
BUFFERED_LINES = 5_000


class Tracer(Actor):
    """Writes signals to a file. With the journal it is all that a run said and did; `run.compare` reads both."""

    def __init__(self, path: Path) -> None:
        super().__init__(ActorConfig(component_id="tracer"))
        self._path = path
        self._lines: list[bytes] = []

    def on_start(self) -> None:
        self._path.write_bytes(b"")
        for topic in TOPICS:
            self.msgbus.subscribe(topic, self._hear)

    def on_stop(self) -> None:
        self._flush()

    def _hear(self, signal: Data) -> None:
        self._lines.append(msgspec.json.encode(signal.to_dict(), order="sorted"))
        if len(self._lines) >= BUFFERED_LINES:
            self._flush()

    def _flush(self) -> None:
        with self._path.open("ab") as file:
            file.writelines(line + b"\n" for line in self._lines)
        self._lines.clear()
