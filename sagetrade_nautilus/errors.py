"""Every error that SageTrade raises on purpose.

The message of each says what is wrong, where, and what to do about it; the command line prints it without a
traceback and exits with ``exit_code``. Anything else that escapes is a defect.
"""

import errno
from typing import Final

WAYS_OUT: Final = {
    errno.ENOENT: "is the path right?",
    errno.EACCES: "give this user the right to it, or name another place",
    errno.EPERM: "give this user the right to it, or name another place",
    errno.EEXIST: "a file stands where a folder is needed",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.EISDIR: "name a file, not a folder",
    errno.ENOSPC: "make room on that disk",
    errno.EDQUOT: "make room within the quota",
    errno.EROFS: "name a place that can be written to",
    errno.EMFILE: "raise the limit: ulimit -n 4096",
}
"""What a person can do when the operating system refuses."""


class SageTradeError(Exception):
    """Base of all SageTrade errors."""

    exit_code = 1


class ConfigError(SageTradeError):
    """A configuration file is missing, unreadable, has an unknown key, a wrong type or a contradiction."""

    exit_code = 2


class DataError(SageTradeError):
    """Market data or text would corrupt the catalog, or the data that a run asks for is not there."""

    exit_code = 3


class PluginError(SageTradeError):
    """A strategy plugin raised, or returned something that is not a valid decision."""

    exit_code = 4


class OrderError(SageTradeError):
    """An order cannot be made of what was asked: an unknown symbol, type or parameter, or a size that is too small."""


class GuardError(SageTradeError):
    """The guard could not be put in front of the execution engine, so nothing may trade."""

    exit_code = 5


class KillSwitchError(GuardError):
    """The kill switch could not be set, or was not released because a condition of the release does not hold."""

    exit_code = 9


class CodeError(KillSwitchError):
    """A one-time code or a password was not good for what was asked, so nothing was done.

    `why` is 'wrong', 'locked' (too many wrong answers of late), 'expired', 'void' (used, or for something else) or
    'disk'; `wait_s` is how long no answer is taken, in seconds.
    """

    def __init__(self, message: str, why: str, wait_s: int = 0) -> None:
        super().__init__(message)
        self.why = why
        self.wait_s = wait_s


class RunError(SageTradeError):
    """A run ended before its data did, so its figures would be of something else than what was asked."""

    exit_code = 7


class ReportError(SageTradeError):
    """The figures of a run contradict one another, so no report is written."""

    exit_code = 6


class StateError(SageTradeError):
    """What was saved of orders and positions cannot be read or written, so nothing may go on from it."""

    exit_code = 12


class SnapshotError(StateError):
    """A snapshot cannot be made, is damaged, or was not brought back whole."""


class JournalError(SageTradeError):
    """A journal was altered, cannot be read, or does not hold what it is asked for."""

    exit_code = 8


class DrillError(SageTradeError):
    """The drill itself failed, so it says nothing about the guard."""


class CheckError(SageTradeError):
    """A check of how runs behave found a fault: a run knew its future, or two that must be the same are not."""

    exit_code = 10


class GovernanceError(SageTradeError):
    """People have not approved what would be done, or what they approved cannot be read."""

    exit_code = 11


class ExperimentError(SageTradeError):
    """An experiment cannot go on: what it names is missing, was altered, or may not be done with it."""

    exit_code = 13


class LlmError(SageTradeError):
    """The language model cannot be asked, its answer is not what was asked for, or its budget is used up."""


class MessagingError(SageTradeError):
    """Messages cannot be sent or read: the broker is missing or refuses us, or an entry is not what it should be."""


def cause(error: OSError) -> str:
    """Return why the operating system refuses, and the way out where one is known."""
    said, way = error.strerror or str(error), WAYS_OUT.get(error.errno or 0)
    return f"{said} ({way})" if way else said
