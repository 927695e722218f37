"""Which venue a configuration is about, as something that can be asked."""

from adapters.binance.probe import URL as BINANCE_URL
from adapters.binance.probe import BinanceProbe
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.run.compose import venue_name
from sagetrade_nautilus.run.startup import Venue


def probe(config: RunConfig, url: str | None = None) -> Venue | None:
    """Return the venue of `config`, ``None`` where no adapter of it is here.

    Parameters
    ----------
    url : str, optional
        Its address, if not the usual one.
    """
    if venue_name(config) == "BINANCE":
        return BinanceProbe(url or BINANCE_URL)
    return None
