"""What our strategies can trade at a broker, by the broker's own rules: asked wherever a run could send it an order."""

from collections.abc import Iterable
from typing import Final

SENDS_TO: Final = "ALPACA"
"""The venue that a client of ours sends orders to."""
ON_PAPER: Final = "trade it by `sagetool paper`, without `[canary]`"


def why_not_at_broker(instruments: Iterable[str]) -> str | None:
    """Return why no order may be sent to a broker for one of `instruments`; ``None`` if all can be traded there.

    Parameters
    ----------
    instruments : iterable of str
        Instrument ids, as 'AAPL.ALPACA'.
    """
    for name in instruments:
        if name.rpartition(".")[2] != SENDS_TO:
            return f"{name!r} cannot be traded at a broker: orders can be sent to {SENDS_TO} alone; {ON_PAPER}"
    return None
