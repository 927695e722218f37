"""Whether a node may trade with real money. On this side of the gates the answer is no."""

from typing import NoReturn

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import GuardError


def require_live(config: RunConfig) -> NoReturn:
    """Return only if every gate is open for this very configuration, policy and code.

    Raises
    ------
    GuardError
        Always, until the gates exist: no approval can be shown, so nothing trades.
    """
    raise GuardError(
        f"live trading of {config.name!r} is refused: nobody can approve it yet (gates A and B, the canary plan and "
        "the reconciliation are not built); use `sagetool paper`"
    )
