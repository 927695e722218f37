"""What a run reads, the account that it trades with, and what trading costs."""

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta

from sagetrade_nautilus.config.section import NonNegativeFloat, PositiveFloat, PositiveInt, Section


class DataConfig(Section, frozen=True):
    """What a run reads.

    Parameters
    ----------
    instruments : list[str]
        Instrument ids, as 'BTCUSDT.BINANCE', all of one venue.
    start : datetime.date
        The first day, UTC. Bars are read that lie wholly between `start` and `end`.
    end : datetime.date
        The day after the last, UTC.
    bar : str
        Bar specification, as '5-MINUTE-LAST'.
    catalog : str
        The catalog's folder.
    sample : bool
        Import the bundled sample into the catalog where it is missing.
    texts : bool
        Whether to read texts.
    """

    instruments: Annotated[list[str], Meta(min_length=1)]
    start: dt.date
    end: dt.date
    bar: str = "5-MINUTE-LAST"
    catalog: str = "catalog/data"
    sample: bool = False
    texts: bool = True


class VenueConfig(Section, frozen=True):
    """The simulated account.

    Parameters
    ----------
    account : {'margin', 'cash'}
        `margin` may sell short (borrowed at no charge here), `cash` may not.
    currency : str
        The account's currency: the one that the instruments are quoted in.
    starting_balance : float
        What the account holds at the start.
    leverage : float
        How many times the balance may be committed, as far as the venue is concerned; the guard's limits stand above.
    """

    account: Literal["margin", "cash"] = "margin"
    currency: Annotated[str, Meta(min_length=1)] = "USDT"
    starting_balance: PositiveFloat = 100_000.0
    leverage: Annotated[float, Meta(ge=1.0)] = 1.0


class CostConfig(Section, frozen=True):
    """What trading costs in the simulation.

    Parameters
    ----------
    maker_fee_bps : float
        Fee of a fill that makes liquidity, of its notional.
    taker_fee_bps : float
        Fee of a fill that takes liquidity, of its notional.
    slippage_bps : float
        What every order that takes liquidity pays beyond the best price.
    depth : float
        The notional that stands at that price; each further `depth` costs another `slippage_bps`.
    depth_levels : int
        How many such levels there are. What is left after the last fills one step beyond it.
    latency_ms : float
        Time from sending a command to its arrival at the venue.
    """

    maker_fee_bps: NonNegativeFloat = 10.0
    taker_fee_bps: NonNegativeFloat = 10.0
    slippage_bps: NonNegativeFloat = 1.0
    depth: PositiveFloat = 250_000.0
    depth_levels: PositiveInt = 5
    latency_ms: NonNegativeFloat = 50.0

    @property
    def round_trip_bps(self) -> float:
        """Fees and slippage of entering and leaving with orders that take liquidity, in basis points."""
        return 2.0 * (self.taker_fee_bps + self.slippage_bps)
