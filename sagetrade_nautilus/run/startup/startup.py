"""What is checked before anything may trade: in one order, one line each, and a failure stops the start."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from adapters.messaging.connection import ask, connect
from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ConfigError, GovernanceError, RunError, SageTradeError
from sagetrade_nautilus.governance import store
from sagetrade_nautilus.governance.approvals import reasons_against_live
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.model.records import symbol_of
from sagetrade_nautilus.nanos import NANOS_PER_MILLISECOND, NANOS_PER_SECOND
from sagetrade_nautilus.run.backtest import require_data, require_parts
from sagetrade_nautilus.run.files import LATCH
from sagetrade_nautilus.run.node.bot import TOKEN
from sagetrade_nautilus.run.node.state import is_new
from sagetrade_nautilus.run.startup.approval import POLICY, subject
from sagetrade_nautilus.run.venue import require_broker, venue_name
from sagetrade_nautilus.secrets import find_secret, read_secret

CLOCK_TRIES: Final = 3
FREE_BYTES_MIN: Final = 1 << 30


class Mode(StrEnum):
    """How a run meets the market."""

    BACKTEST = "backtest"
    REPLAY = "replay"
    PAPER = "paper"
    TRIAL = "trial"
    LIVE = "live"


AT_BROKER: Final = frozenset({Mode.TRIAL, Mode.LIVE})
"""The ways to run that send orders to a broker."""


class Outcome(StrEnum):
    """What became of a check."""

    OK = "ok"
    FAILED = "FAILED"
    NOT_ASKED = "not asked"


class Check(NamedTuple):
    """One line: what was checked, what came out, and what there is to say."""

    name: str
    outcome: Outcome
    says: str


class Venue(Protocol):
    """What the venue can be asked before a start."""

    keys: tuple[str, ...]
    """The names of the secrets that it needs."""

    async def time_ns(self) -> int:
        """Return the venue's time, UNIX nanoseconds."""
        ...

    async def account_status(self) -> str | None:
        """Return the status of an account that may trade, ``None`` where none is needed; raises where it may not."""
        ...

    async def newest_ns(self, symbol: str) -> int | None:
        """Return when `symbol` was last traded, UNIX nanoseconds; ``None`` while its market is closed."""
        ...


class Startup:
    """The checks of one start.

    Parameters
    ----------
    path : Path
        The run's TOML file.
    mode : Mode
        How it is to run.
    latch : Path
        The kill switch's file.
    venue : callable
        Returns the venue of a configuration, ``None`` where none is known; it raises `SageTradeError` where it cannot.
    policy, approvals : Path
        The AI policy, and where approvals are kept.
    now_ns : callable
        Tells the time, UNIX nanoseconds.
    """

    def __init__(
        self,
        path: Path,
        mode: Mode,
        *,
        latch: Path,
        venue: Callable[[RunConfig], Venue | None] = lambda config: None,
        policy: Path = POLICY,
        approvals: Path = store.FOLDER,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._path = path
        self._mode = mode
        self._latch = latch
        self._make_venue = venue
        self._policy = policy
        self._approvals = approvals
        self._now_ns = now_ns
        self._config: RunConfig | None = None

    async def run(self) -> list[Check]:
        """Check everything, in order; a check that needs what failed before it fails as well."""
        return [await self._one(name, modes, check) for name, modes, check in self._checks()]

    def _checks(self) -> Iterator[tuple[str, frozenset[Mode], Callable[[], object]]]:
        everywhere, trading = frozenset(Mode), AT_BROKER | {Mode.PAPER}
        yield "config", everywhere, self._load
        yield "secrets", frozenset(Mode) - {Mode.BACKTEST}, self._secrets
        yield "policy approved", frozenset({Mode.LIVE}), self._approved
        yield "clock", trading, self._clock
        yield "disk", everywhere, self._disk
        yield "redis", trading, self._redis
        yield "venue", trading, self._connection
        yield "account", AT_BROKER, self._account
        yield "kill switch", trading, self._kill_switch
        yield "data", everywhere, self._fresh if self._mode in trading else self._data

    async def _one(self, name: str, modes: frozenset[Mode], check: Callable[[], object]) -> Check:
        if self._mode not in modes:
            return Check(name, Outcome.NOT_ASKED, f"not in {self._mode}")
        try:
            if self._config is None and name != "config":
                raise ConfigError("not looked at: mend the configuration first")
            said = check()
            return Check(name, Outcome.OK, str(await said if hasattr(said, "__await__") else said))
        except (SageTradeError, OSError) as error:
            return Check(name, Outcome.FAILED, str(error))

    @property
    def config(self) -> RunConfig:
        """The run's configuration."""
        if self._config is None:
            raise ConfigError("not looked at: mend the configuration first")
        return self._config

    def _load(self) -> str:
        config = load(self._path)
        if self._mode in AT_BROKER:
            require_broker(config)
        require_parts(config)
        self._config = config
        labels = ", ".join(entry.label for entry in config.strategies)
        return f"{config.name}, strategies: {labels}; digest {config.digest[:12]}"

    def _secrets(self) -> str:
        venue = None if self._mode is Mode.REPLAY else self._make_venue(self.config)
        bot = (TOKEN,) if self.config.bot.enabled else ()
        wanted = (*(venue.keys if venue is not None else ()), *bot)
        for name in wanted:
            read_secret(name)
        find_secret("SAGETRADE_NONE")  # so that an unsafe file is refused although nothing is looked up in it
        return ", ".join(wanted) + " present" if wanted else "this run needs none"

    def _approved(self) -> str:
        against = reasons_against_live(
            store.read(self._approvals), subject(self.config, self._policy), self.config.canary, is_reconciled=True
        )
        if against:
            raise GovernanceError("; ".join(against))
        return "gates A and B, and a canary plan"

    async def _clock(self) -> str:
        """Is our clock the venue's? An answer that came late, or was asked for twice, tells too little."""
        venue, top_ms = self._venue(), self.config.limits.max_clock_drift_ms
        for _ in range(CLOCK_TRIES):
            before_ns = self._now_ns()
            theirs_ns = await venue.time_ns()
            after_ns = self._now_ns()
            drift_ms = ((before_ns + after_ns) / 2 - theirs_ns) / NANOS_PER_MILLISECOND
            slack_ms = (after_ns - before_ns) / 2 / NANOS_PER_MILLISECOND
            if abs(drift_ms) - slack_ms > top_ms:
                raise RunError(
                    f"our clock is {drift_ms:+.0f} ms off the venue's, of {top_ms:g} ms at most; set it by NTP"
                )
            if slack_ms <= top_ms:
                return f"{drift_ms:+.0f} ms off the venue's, within {slack_ms:.0f} ms"
        raise RunError(
            f"the venue's time took {2 * slack_ms:.0f} ms to come, too long to tell whether our clock is within "
            f"{top_ms:g} ms of it; look at the network, and start again"
        )

    def _disk(self) -> str:
        folder = self._latch.parent
        while not folder.exists():
            folder = folder.parent
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"x" * 4_096)
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(folder).free
        if free < FREE_BYTES_MIN:
            raise RunError(f"{folder.absolute()}: {free / 1e9:.1f} GB free, and 1.1 GB is the least; make room")
        return f"{free / 1e9:.0f} GB free, and it keeps what is written"

    async def _redis(self) -> str:
        if self.config.messaging.backend != "redis":
            return "not used"
        redis = connect(self.config.messaging, os.environ)
        try:
            said = await ask(redis, self.config.messaging)
            if self.config.execution.memory == "redis" and len(said) > 1:
                raise RunError(f"`execution.memory` = 'redis', and it may forget: {'; '.join(said[1:])}")
            return "; ".join(said)
        finally:
            await redis.aclose()

    async def _connection(self) -> str:
        await self._venue().time_ns()
        return f"{venue_name(self.config)} answers"

    async def _account(self) -> str:
        status = await self._venue().account_status()
        return "none is needed" if status is None else status

    def _kill_switch(self) -> str:
        record = Latch(self._latch).read()
        if record.is_fault and self._latch.name == LATCH and is_new(self._latch.parent):
            begins = State.RUNNING if self._mode is Mode.PAPER else State.HALTED
            return f"{self._latch}: not there yet; no node has been there, and the first one begins {begins}"
        if record.is_fault:
            raise RunError(f"{self._latch}: {record.reason}: `sagetool resume --latch {self._latch}` makes one")
        return f"{record.state.value}{f': {record.reason}' if record.reason else ''}"

    def _data(self) -> str:
        if self.config.data.sample:
            return "the bundled sample, imported where it is missing"
        require_data(self.config)
        return f"bars of {', '.join(self.config.data.instruments)}"

    async def _fresh(self) -> str:
        """Are the venue's prices of now? What nobody trades at this hour is told, and is no fault."""
        venue, top_s, said = self._venue(), self.config.limits.max_price_age_s, []
        for name in self.config.data.instruments:
            newest_ns = await venue.newest_ns(symbol_of(name))
            if newest_ns is None:
                said.append(f"{name}: the market is closed")
                continue
            age_s = (self._now_ns() - newest_ns) / NANOS_PER_SECOND
            if age_s > top_s:
                raise RunError(f"{name}: nothing was traded for {age_s:,.0f} s, and {top_s:g} s is the most")
            said.append(f"{name}: {max(age_s, 0.0):.0f} s old")
        return "; ".join(said)

    def _venue(self) -> Venue:
        venue = self._make_venue(self.config)
        if venue is None:
            raise ConfigError(f"no adapter of {venue_name(self.config)} is here to ask")
        return venue
