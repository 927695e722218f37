"""Where Alpaca is, and the names of its keys. No Nautilus here: the watchdog reads this too."""

from enum import StrEnum
from typing import Final

from adapters.common.addresses import is_safe
from sagetrade_nautilus.errors import ConfigError

ALPACA: Final = "ALPACA"
"""The venue and the clients' id: AAPL.ALPACA, BTC/USD.ALPACA."""

KEY_NAME, SECRET_NAME = "APCA_API_KEY_ID", "APCA_API_SECRET_KEY"
PAPER_URL: Final = "https://paper-api.alpaca.markets"
LIVE_URL: Final = "https://api.alpaca.markets"
DATA_URL: Final = "https://data.alpaca.markets"
STREAM_URL: Final = "wss://stream.data.alpaca.markets"

CONFIGURATION: Final = "/v2/account/configurations"
ORDERS: Final = "/v2/orders"
PAGE_ROWS: Final = 10_000
"""The most rows of market data in one answer."""
ORDERS_MAX: Final = 500
"""The most orders in one answer."""
ACTIVITIES_MAX: Final = 100
"""The most account activities in one answer."""

TASK_FAILED: Final = "a part of Alpaca's client has failed, and does not go on"


class Environment(StrEnum):
    """Which account is traded: Alpaca's simulated one, or the one with money in it."""

    PAPER = "paper"
    LIVE = "live"


class StockFeed(StrEnum):
    """Where prices of stocks come from: one exchange (free), all of them, or all 15 minutes late."""

    IEX = "iex"
    SIP = "sip"
    DELAYED_SIP = "delayed_sip"


def checked_url(url: str, scheme: str = "https") -> str:
    """Return `url` if keys may be sent there: over `scheme`, or to this machine.

    Raises
    ------
    ConfigError
        The address is neither encrypted nor on this machine.
    """
    if not is_safe(url, scheme):
        raise ConfigError(f"{url}: the broker is only spoken to over {scheme}; give such an address")
    return url.rstrip("/")
