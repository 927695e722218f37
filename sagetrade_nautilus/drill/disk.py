"""A full disk, made by the operating system itself: no file of this process may grow beyond a size."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def full_at(bytes_max: int | None) -> Iterator[None]:
    """Have every write beyond `bytes_max` of a file fail as on a full disk, or none if it is ``None``.

    It holds for the whole process (``RLIMIT_FSIZE``), so nothing else should write meanwhile.
    """
    if bytes_max is None:
        yield
        return
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))
