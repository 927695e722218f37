"""What is known of one instrument's market at one moment. Plain values, no engine."""

import msgspec


class Market(msgspec.Struct, frozen=True, gc=False):
    """The newest price of an instrument, and how far it can be trusted.

    Parameters
    ----------
    price : float
        The last price, NaN if none is known.
    age_s : float
        Seconds since it was made or, if that is longer, since it arrived; infinite if no price is known.
    jump_pct : float
        How far it lies from the price before it, in percent without a sign; 0 if there was none.
    crossed : bool
        Whether the last bid lies above the last ask.
    spread_bps : float
        The last ask less the last bid, in basis points of their middle; NaN where there are no quotes.
    drift_ms : float
        Milliseconds from the moment that the venue put on the price to the moment that our clock says it arrived: the
        way, and how far the two clocks differ. Negative: it came before it was made.
    """

    price: float
    age_s: float = 0.0
    jump_pct: float = 0.0
    crossed: bool = False
    spread_bps: float = float("nan")
    drift_ms: float = 0.0
