"""Tasks on a Ray cluster."""

import logging
from collections.abc import Callable, Generator
from typing import Any

from sagetrade_nautilus.errors import ConfigError, RunError
from sagetrade_nautilus.experiments.sweeps.pool import Encoded, died_twice, perform

try:
    import ray
    from ray.exceptions import RayTaskError, WorkerCrashedError
except ImportError as error:
    raise ConfigError(
        "`pool.backend` = 'ray' needs Ray: pip install 'sagetrade-nautilus[ray]', on every machine of the cluster"
    ) from error

CPUS_PER_TASK = 1
"""Ray then lets the libraries of a worker have one thread, as the pool of this machine does."""


class RayRunner:
    """Does tasks on a cluster, or in a Ray of this machine's own that ends with them.

    Parameters
    ----------
    address : str
        The cluster, as 'ray://head:10001' or 'auto'; empty starts Ray here.
    """

    def __init__(self, address: str = "") -> None:
        self._address = address

    def __call__(self, function: Callable[[Any], Any], waiting: Encoded) -> Generator[tuple[int, bytes]]:
        """Yield each result with its place, as it comes; leaving gives up what runs."""
        if not waiting:
            return
        is_ours = not ray.is_initialized()
        if is_ours:
            self._begin()
        remote = ray.remote(num_cpus=CPUS_PER_TASK, max_retries=1, retry_exceptions=False)(perform)
        running = {remote.remote(function, raw): place for place, raw in waiting.items()}
        try:
            while running:
                (ready,), _ = ray.wait(list(running), num_returns=1)
                place = running.pop(ready)
                yield place, _result(ready, place, waiting[place])
        finally:
            for reference in running:
                ray.cancel(reference, force=True)
            if is_ours:
                ray.shutdown()

    def _begin(self) -> None:
        try:
            ray.init(
                address=self._address or None,
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except (ConnectionError, RuntimeError, TimeoutError) as error:
            raise RunError(f"`pool.ray_address` = {self._address!r}: no Ray cluster answers there: {error}") from None


def _result(reference: Any, place: int, task: bytes) -> bytes:
    try:
        raw: bytes = ray.get(reference)
    except WorkerCrashedError as died:
        raise died_twice(place, task, died) from None
    except RayTaskError as failed:
        raise failed.cause from None
    return raw
