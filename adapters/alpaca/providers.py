"""Which instruments Alpaca has."""

from collections.abc import Callable
from typing import Any

from nautilus_trader.common.providers import InstrumentProvider
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.instruments import CurrencyPair

from adapters.alpaca import parsing, schemas
from adapters.alpaca.config import AlpacaProviderConfig
from adapters.alpaca.trading import TradingApi
from sagetrade_nautilus.errors import DataError


class AlpacaInstrumentProvider(InstrumentProvider):
    """Looks instruments up among Alpaca's assets. What cannot be traded there is not loaded, and that is logged.

    Parameters
    ----------
    api : TradingApi
        Who is asked.
    config : AlpacaProviderConfig
        Which instruments are loaded.
    now_ns : callable
        Gives the present in UNIX nanoseconds.
    """

    def __init__(self, api: TradingApi, config: AlpacaProviderConfig, now_ns: Callable[[], int]) -> None:
        super().__init__(config)
        self._api = api
        self._fractional = config.fractional
        self._now_ns = now_ns

    async def load_all_async(self, filters: dict[str, Any] | None = None) -> None:
        """Load every stock and pair of currencies that can be traded: about ten thousand."""
        for kind in (parsing.STOCK, parsing.CRYPTO):
            for asset in await self._api.assets(kind):
                self._take(asset, quiet=True)

    async def load_ids_async(self, instrument_ids: list[InstrumentId], filters: dict[str, Any] | None = None) -> None:
        """Load the instruments that are named."""
        for instrument_id in instrument_ids:
            await self.load_async(instrument_id, filters)

    async def load_async(self, instrument_id: InstrumentId, filters: dict[str, Any] | None = None) -> None:
        """Load one instrument."""
        asset = await self._api.asset(instrument_id.symbol.value)
        if asset is None or asset.symbol != instrument_id.symbol.value:  # it finds BTC/USD for BTCUSD too
            self._log.error(f"{instrument_id}: Alpaca has no such asset; write AAPL.ALPACA or BTC/USD.ALPACA")
        else:
            self._take(asset)

    def _take(self, asset: schemas.Asset, quiet: bool = False) -> None:
        if not asset.tradable or asset.status != "active":
            if not quiet:
                self._log.error(f"{asset.symbol} cannot be traded at Alpaca (status {asset.status})")
            return
        try:
            instrument = parsing.instrument(asset, fractional=self._fractional, ts=self._now_ns())
        except (DataError, ValueError, ArithmeticError) as error:
            self._log.error(f"{asset.symbol} is left out: {error}")
            return
        if isinstance(instrument, CurrencyPair):
            self.add_currency(instrument.base_currency)
            self.add_currency(instrument.quote_currency)
        self.add(instrument)
