"""What a running node tells of itself: metrics, health, and a look at it for those who show it."""

from typing import Annotated

from msgspec import Meta

from sagetrade_nautilus.config.section import PositiveFloat, Section


class OpsConfig(Section, frozen=True):
    """The node's ops server. It answers questions and can change nothing; it shows what the account is worth.

    Parameters
    ----------
    enabled : bool
        Whether a node has one.
    host : str
        Where it listens. Anything but this machine's own address needs a wall around it: it asks for no password.
    port : int
        Its port; 0 takes one that is free. Two nodes on one machine need two.
    max_loop_lag_ms : float
        How late the node's event loop may be before the node counts as not well.
    """

    enabled: bool = False
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 9108
    max_loop_lag_ms: PositiveFloat = 1_000.0
