"""Watches the canary of an approved experiment, and locks the run's strategies when it breaks its own criteria.

It looks at the account every five minutes of the node's clock. What it saw stands in a file, so that a restart begins
no new canary, and how it ended is told on the bus, for the bot; `sagetool experiment watch` reads that file and rolls
the experiment back.
"""

from math import isfinite
from pathlib import Path
from typing import Any, Final

import msgspec
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import TimeEvent
from nautilus_trader.common.config import ActorConfig
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Currency

from actors.hop import Hop
from sagetrade_nautilus import durable
from sagetrade_nautilus.account import equity
from sagetrade_nautilus.config import ProposalCanaryConfig
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import RunError, cause
from sagetrade_nautilus.messages import CANARY_TOPIC, CONTROL_TOPIC, CanaryEnd, StrategySwitch
from sagetrade_nautilus.model.canary import Canary
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE, NANOS_PER_SECOND
from sagetrade_nautilus.prices import Prices

EVERY_NS: Final = 5 * NANOS_PER_MINUTE
SOON_NS: Final = NANOS_PER_SECOND
TIMER, SOON = "canary", "canary-soon"


class CanaryActorConfig(ActorConfig, frozen=True, kw_only=True):
    """Settings of `CanaryActor`.

    Parameters
    ----------
    experiment : str
        Whose canary it is.
    plan : dict
        A `ProposalCanaryConfig` as plain values.
    strategies : list[str]
        Those that are locked when it is given up.
    venue, currency : str
        Of the account.
    file : str
        Where it is kept.
    """

    experiment: str
    plan: dict[str, Any]
    strategies: list[str]
    venue: str
    currency: str
    file: str


class CanaryActor(Actor):
    """Looks at the account; on a breach it disables the strategies, which still exit what they hold."""

    def __init__(self, config: CanaryActorConfig) -> None:
        super().__init__(config)
        self._settings = config
        self._plan = msgspec.convert(config.plan, ProposalCanaryConfig)
        self._path = Path(config.file).absolute()
        self._canary: Canary | None = None
        self._kept: Canary | None = None
        self._locked = False

    def on_start(self) -> None:
        self._hop = Hop(self.clock)
        self._kept = read_canary(self._path)
        self._canary = self._kept or self._canary
        now = self.clock.timestamp_ns()
        self.clock.set_time_alert_ns(SOON, now + SOON_NS, self._ring)  # the strategies start after the actors
        self.clock.set_timer_ns(TIMER, EVERY_NS, now, 0, self._ring)

    def on_stop(self) -> None:
        for name in (TIMER, SOON):
            if name in self.clock.timer_names:
                self.clock.cancel_timer(name)

    def _ring(self, event: TimeEvent) -> None:
        self._hop(self.look)

    def look(self) -> None:
        """Note what the account is worth now, and lock the strategies if the canary is to be given up."""
        if self._canary is not None and self._canary.reasons:
            self._lock(self._canary)
            self._keep()
            return
        now = self.clock.timestamp_ns()
        worth = equity(
            self.cache, Venue(self._settings.venue), Currency.from_str(self._settings.currency), Prices(self.cache, now)
        )
        if not isfinite(worth) or worth <= 0.0:
            return  # the account is not known yet; the guard lets nothing enter meanwhile
        before = self._canary or Canary(
            experiment=self._settings.experiment, start=worth, allocated=worth * self._plan.allocation_pct / 100.0
        )
        after = before.noted(now, worth, None, self._plan)
        if after == before:
            self._keep()
            return
        self._canary = after
        if after.reasons:
            self.log.error(f"the canary of {after.experiment} is given up: {'; '.join(after.reasons)}")
            self._lock(after)
        elif after.ended:
            self._tell(f"{after.worth[-1] / after.allocated - 1.0:+.2%}")
        self._keep()

    def _lock(self, canary: Canary) -> None:
        """Lock the strategies, once for each start, and tell why."""
        if self._locked:
            return
        self._locked = True
        self._tell("; ".join(canary.reasons), given_up=True)
        for name in self._settings.strategies:
            switch = StrategySwitch(strategy=name, enabled=False, by=f"canary of {self._settings.experiment}")
            self.msgbus.publish(topic=CONTROL_TOPIC, msg=switch)

    def _tell(self, figures: str, *, given_up: bool = False) -> None:
        self.msgbus.publish(topic=CANARY_TOPIC, msg=CanaryEnd(self._settings.experiment, given_up, figures))

    def _keep(self) -> None:
        """Put what is new on the disk; where that is refused the next look tries again."""
        if self._canary is self._kept:
            return
        try:
            self._path.parent.mkdir(mode=durable.FOLDER_MODE, parents=True, exist_ok=True)
            durable.replace(self._path, msgspec.json.encode(self._canary))
            durable.sync_folder(self._path.parent)
        except OSError as error:
            said = f"{self._path}: what the canary saw is not on the disk: {cause(error)}"
            self.log.error(said)  # noqa: TRY400 - the disk's refusal needs no traceback
            return
        self._kept = self._canary


def read_canary(path: Path) -> Canary | None:
    """Return the canary that is kept at `path`, ``None`` if none has begun.

    Raises
    ------
    RunError
        The file is damaged: that stops a start, so that no second one begins.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Canary)
    except FileNotFoundError:
        return None
    except (OSError, *UNDECODABLE) as error:
        raise RunError(f"{path}: the canary cannot be read: {error}; restore it from a snapshot") from None
