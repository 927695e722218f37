"""Where the many runs of searches and experiments are made."""

from typing import Annotated, Literal

from msgspec import Meta

from sagetrade_nautilus.config.section import PositiveInt, Section


class PoolConfig(Section, frozen=True):
    """Where the many runs of searches and experiments are made.

    Parameters
    ----------
    backend : {'local', 'ray'}
        Processes of this machine, or a Ray cluster (extra `ray`).
    workers : int, optional
        How many processes of this machine; one for each core unless given. A Ray cluster knows its own.
    runs_per_worker : int
        After so many runs a process of this machine gives way to a new one, which bounds its memory.
    ray_address : str
        The cluster, as 'ray://head:10001' or 'auto'; empty starts Ray on this machine.
    """

    backend: Literal["local", "ray"] = "local"
    workers: PositiveInt | None = None
    runs_per_worker: Annotated[int, Meta(ge=1)] = 100
    ray_address: str = ""
