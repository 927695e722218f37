"""Which addresses are this machine's own, and where keys may be sent."""

from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def is_safe(url: str, scheme: str = "https") -> bool:
    """Tell whether what goes to an address is encrypted, or stays on this machine.

    Parameters
    ----------
    scheme : {'https', 'wss'}
        How it is encrypted; without the last letter it goes to this machine alone.
    """
    try:
        parts = urlsplit(url)
        is_local = parts.hostname in LOOPBACK
    except ValueError:
        return False
    return parts.scheme == scheme or (is_local and parts.scheme == scheme.removesuffix("s"))
