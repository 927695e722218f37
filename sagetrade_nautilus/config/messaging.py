"""How texts travel between processes, and how `sagetool ingest` keeps what it cannot send."""

from typing import Annotated, Literal

from msgspec import Meta

from sagetrade_nautilus.config.section import PositiveFloat, PositiveInt, Section


class MessagingConfig(Section, frozen=True):
    """The message broker. Backtests and replays use none; user name and password come from the
    environment or `config/secrets.env`, never from here.

    Parameters
    ----------
    backend : {'embedded', 'redis'}
        `embedded` keeps everything in the process; `redis` lets nodes share the texts that `sagetool ingest` collects.
    host : str
        Where Redis listens: a name or an IP address, no whole address.
    port : int
        Its port.
    tls : bool
        Whether to encrypt the connection.
    namespace : str
        What every key in Redis begins with.
    scoring : {'local', 'workers'}
        `local` scores texts in the node; `workers` leaves that to `sagetool score` processes.
    stream_length_max : int
        Texts, items or scores that a stream keeps: the oldest go first, whether or not they were read.
    remember_h : float
        How long a text's id is remembered, so that the same text again is no new one, in hours.
    claim_after_s : float
        What a worker has taken and not finished for this long goes to another, in seconds.
    tries_max : int
        How often an item is tried before it is laid aside as dead.
    batch_max : int
        Items that a worker takes at a time.
    """

    backend: Literal["embedded", "redis"] = "embedded"
    host: Annotated[str, Meta(pattern=r"^[^\s/@]+\Z")] = "127.0.0.1"
    port: Annotated[int, Meta(gt=0, le=65_535)] = 6379
    tls: bool = False
    namespace: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]*\Z")] = "sagetrade"
    scoring: Literal["local", "workers"] = "local"
    stream_length_max: PositiveInt = 100_000
    remember_h: PositiveFloat = 72.0
    claim_after_s: PositiveFloat = 30.0
    tries_max: PositiveInt = 5
    batch_max: PositiveInt = 64


class IngestConfig(Section, frozen=True):
    """What `sagetool ingest` does beside running the sources.

    Parameters
    ----------
    queue : str
        The file that keeps texts until Redis has taken them; one process each.
    queue_max : int
        Texts that it keeps. Beyond it the oldest are dropped, and counted.
    replay_speed : float, optional
        Play the catalog's texts of the run's days, this many times faster than they came; 0 is as fast as it goes.
    """

    queue: str = "state/ingest.sqlite"
    queue_max: PositiveInt = 1_000_000
    replay_speed: Annotated[float, Meta(ge=0.0)] | None = None
