"""Fees of the simulated venue, from the run's configuration instead of the instrument's definition."""

from decimal import Decimal

from nautilus_trader.backtest.models import FeeModel
from nautilus_trader.config import NautilusConfig
from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.model.orders import Order

BPS = Decimal(10_000)


class BpsFeeModelConfig(NautilusConfig, frozen=True):
    """Fees in basis points of the notional, for orders that make and that take liquidity."""

    maker_fee_bps: float = 10.0
    taker_fee_bps: float = 10.0


class BpsFeeModel(FeeModel):
    """Charges a share of each fill's notional, in the quote currency."""

    def __init__(self, config: BpsFeeModelConfig) -> None:
        self._maker = Decimal(str(config.maker_fee_bps)) / BPS
        self._taker = Decimal(str(config.taker_fee_bps)) / BPS

    def get_commission(self, order: Order, fill_qty: Quantity, fill_px: Price, instrument: Instrument) -> Money:
        """Return the commission of one fill; an order whose liquidity side is unknown pays the taker's rate."""
        rate = self._maker if order.liquidity_side == LiquiditySide.MAKER else self._taker
        notional = instrument.notional_value(fill_qty, fill_px)
        return Money(notional.as_decimal() * rate, notional.currency)
