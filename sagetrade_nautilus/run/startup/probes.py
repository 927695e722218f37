"""Which venue a configuration is about, as something that can be asked."""

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.run.startup.startup import Mode, Venue
from sagetrade_nautilus.run.venue import venue_name


def probe(config: RunConfig, mode: Mode, url: str | None = None) -> Venue | None:
    """Return the venue of `config`, ``None`` where no adapter of it is here.

    Parameters
    ----------
    mode : Mode
        Live runs ask for the account with money in it, all others for the one of paper trading.
    url : str, optional
        Its address, if not the usual one.
    """
    match venue_name(config):
        case "BINANCE":
            from adapters.binance.http import URL  # noqa: PLC0415 - only the venue that is asked
            from adapters.binance.probe import BinanceProbe  # noqa: PLC0415

            return BinanceProbe(url or URL)
        case "ALPACA":
            from adapters.alpaca.constants import LIVE_URL, PAPER_URL  # noqa: PLC0415
            from adapters.alpaca.probe import AlpacaProbe  # noqa: PLC0415

            return AlpacaProbe(url or (LIVE_URL if mode is Mode.LIVE else PAPER_URL))
        case _:
            return None
