"""Whether a node lives, has started, and may trade. Pure: an `Overview` and a few numbers in, checks out."""

from collections.abc import Sequence

import msgspec

from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.overview import Overview

PRICE_AGE = "max_price_age_s"


class Check(msgspec.Struct, frozen=True):
    """One thing that must hold, whether it does, and what there is to say."""

    name: str
    ok: bool
    says: str


class Health(msgspec.Struct, frozen=True):
    """The answer of the health addresses."""

    ok: bool
    checks: tuple[Check, ...]


def live(lag_s: float, lag_s_max: float) -> tuple[Check, ...]:
    """Return whether the event loop does what is due. Only this is mended by a restart."""
    return (Check("event_loop", lag_s <= lag_s_max, f"{lag_s * 1e3:.0f} ms late, of {lag_s_max * 1e3:.0f} at most"),)


def startup(seen: Overview) -> tuple[Check, ...]:
    """Return whether the node has come up: connected, and its positions and orders agreed upon with the venue."""
    return (_connected(seen), _reconciled(seen))


def ready(seen: Overview, lag_s: float, lag_s_max: float) -> tuple[Check, ...]:
    """Return whether an entry could leave now. A node that is not ready still manages what is open."""
    guard = seen.guard
    running = guard.state == State.RUNNING.value
    stopping = seen.node is not None and seen.node.stopping
    return (
        Check("staying", not stopping, "asked to stop" if stopping else "not asked to stop"),
        *live(lag_s, lag_s_max),
        *startup(seen),
        _fresh(seen),
        Check("equity", guard.equity is not None, "known" if guard.equity is not None else "not known"),
        Check("switches", running, guard.reason or guard.state),
    )


def all_ok(checks: Sequence[Check]) -> bool:
    """Return whether every check holds."""
    return all(check.ok for check in checks)


def _connected(seen: Overview) -> Check:
    missing = [] if seen.node is None else [view.client for view in seen.node.clients if not view.connected]
    return Check("connected", not missing, f"not connected: {', '.join(missing)}" if missing else "all clients")


def _reconciled(seen: Overview) -> Check:
    strange = seen.guard.reduce_only
    says = f"only reduced: {', '.join(strange)}" if strange else "every position is managed"
    return Check("reconciled", not strange, says)


def _fresh(seen: Overview) -> Check:
    """Return whether every instrument has a price that an entry could leave on."""
    top_s = next((limit.threshold for limit in seen.guard.limits if limit.limit == PRICE_AGE), float("inf"))
    stale = [last.instrument_id for last in seen.prices if last.age_s is None or last.age_s > top_s]
    if not seen.prices:
        return Check("feed", False, "no instrument is known yet")
    says = f"no price within {top_s:g} s: {', '.join(stale)}" if stale else f"every price is younger than {top_s:g} s"
    return Check("feed", not stale, says)
