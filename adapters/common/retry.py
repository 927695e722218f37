"""Asking again: one decorator for every call to somebody outside, on stamina.

Only what is said to be worth it is asked again, so a call raises a `TransientError` where another try may help, and
something else where it would not or must not. An order is sent again only after a `NotProcessedError`: whoever it was
sent to has surely not seen it.
"""

import logging
from collections.abc import Callable
from math import inf
from typing import Final

import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from sagetrade_nautilus.errors import SageTradeError

WAIT_S_MAX: Final = 60.0
_LOG: Final = logging.getLogger("sagetrade.retry")


def _tell(details: RetryDetails) -> None:
    _LOG.warning("%s; asking again in %.1f s", details.caused_by, details.wait_for)


set_on_retry_hooks([_tell])


class TransientError(SageTradeError):
    """A call failed, and may work if it is made again.

    Parameters
    ----------
    message : str
        What failed.
    retry_after_s : float
        The server asks not to be called again within this many seconds; 0 where it does not say.
    """

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotProcessedError(TransientError):
    """The call had no effect: it was turned away or never arrived. Even what must not happen twice may be repeated."""


def retry[**P, R](
    max_attempts: int | None = 3,
    backoff_seconds: float = 2.0,
    *,
    on: type[TransientError] = TransientError,
    patience_seconds: float = inf,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that makes a call again after an `on`, for functions and coroutine functions.

    The n-th wait lies between ``backoff_seconds * 2 ** (n - 1)`` and half of `backoff_seconds` more, so that many
    callers do not come back at once; it is as long as the server asks for where it does, and never above `WAIT_S_MAX`.
    After the last try the error is the caller's.

    Parameters
    ----------
    max_attempts : int, optional
        Tries in all, >= 1; ``None`` to go on for ever.
    backoff_seconds : float
        The first wait, in seconds.
    on : type
        What is worth another try: `NotProcessedError` for a call that must not have its effect twice.
    patience_seconds : float
        A server that asks for a longer wait is not asked again: for a call that must not have its effect late.
    """

    def again(error: Exception) -> bool | float:
        if not isinstance(error, on) or error.retry_after_s > patience_seconds:
            return False
        return min(error.retry_after_s, WAIT_S_MAX) or True

    return stamina.retry(
        on=again,
        attempts=max_attempts,
        timeout=None,
        wait_initial=backoff_seconds,
        wait_max=WAIT_S_MAX,
        wait_jitter=backoff_seconds / 2,
    )
