"""How large a position may be. Every method answers a notional in quote currency, never more than the wish.

Nonsense in (negative equity, no stop distance, no volatility) gives 0: no position.
"""

from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from math import isfinite

import msgspec

from sagetrade_nautilus.config import SizingConfig

KELLY_PRIOR_TRADES = 50
NOTHING = Decimal(0)
DOWNWARD = Context(rounding=ROUND_FLOOR)


class TradeHistory(msgspec.Struct, frozen=True, gc=False):
    """A strategy's closed trades so far: how many, how many won, and the mean win and loss as fractions (both >= 0)."""

    count: int = 0
    wins: int = 0
    mean_win: float = 0.0
    mean_loss: float = 0.0

    def plus(self, result: float) -> "TradeHistory":
        """Return the history with one more trade that earned `result`, a fraction of its notional."""
        if result > 0.0:
            mean = (self.mean_win * self.wins + result) / (self.wins + 1)
            return TradeHistory(self.count + 1, self.wins + 1, mean, self.mean_loss)
        losses = self.count - self.wins
        mean = (self.mean_loss * losses - result) / (losses + 1)
        return TradeHistory(self.count + 1, self.wins, self.mean_win, mean)


class SizingInput(msgspec.Struct, frozen=True, gc=False):
    """What sizing looks at.

    Parameters
    ----------
    account_balance : float
        Equity in quote currency.
    size_pct : float
        The decision's wish, percent of equity.
    share : float
        What the selector grants of that wish, in [0, 1].
    price, stop_price : float
        Entry price and stop-loss price.
    volatility : float
        Standard deviation of log returns over one hour, as a fraction.
    history : TradeHistory
        For `kelly_lite` alone.
    """

    account_balance: float
    size_pct: float
    share: float
    price: float
    stop_price: float
    volatility: float
    history: TradeHistory = TradeHistory()


def fixed_fraction(given: SizingInput, max_trade_risk_pct: float) -> float:
    """Return the notional that loses `max_trade_risk_pct` of equity between entry and stop.

    ``equity * risk / |entry - stop| * entry`` (Vince, *Portfolio Management Formulas*, 1990: fixed fractional).
    """
    distance = abs(given.price - given.stop_price)
    if distance <= 0.0:
        return 0.0
    return given.account_balance * max_trade_risk_pct / 100.0 * given.price / distance


def volatility_scaled(given: SizingInput, max_trade_risk_pct: float) -> float:
    """Return the notional on which one standard deviation over an hour is `max_trade_risk_pct` of equity.

    Volatility targeting as in Moskowitz, Ooi and Pedersen, *Time Series Momentum*, 2012, eq. 5, with an hourly target.
    """
    if given.volatility <= 0.0:
        return 0.0
    return given.account_balance * max_trade_risk_pct / 100.0 / given.volatility


def kelly_lite(given: SizingInput, max_trade_risk_pct: float, kelly_fraction: float) -> float:
    """Return a fraction of the Kelly stake, shrunk towards nothing while the sample is small.

    ``f = p / mean_loss - (1 - p) / mean_win`` (Kelly 1956, for unequal pay-offs), times `kelly_fraction`, times
    ``n / (n + 50)``, and never above what `fixed_fraction` allows. Before the first loss and win are seen there is no
    estimate, so the stake is a tenth of `fixed_fraction`: enough to learn from.
    """
    cap = fixed_fraction(given, max_trade_risk_pct)
    history = given.history
    if history.mean_win <= 0.0 or history.mean_loss <= 0.0 or history.count <= 0:
        return cap / 10.0
    win_rate = history.wins / history.count
    kelly = win_rate / history.mean_loss - (1.0 - win_rate) / history.mean_win
    shrunk = kelly * kelly_fraction * history.count / (history.count + KELLY_PRIOR_TRADES)
    return min(max(shrunk, 0.0) * given.account_balance, cap)


def notional(given: SizingInput, config: SizingConfig) -> float:
    """Return the notional to trade in quote currency: the smaller of the granted wish and the method's size.

    Returns 0 whenever an input or the size is not finite, the history contradicts itself, or equity, price or stop is
    not positive.
    """
    if not _is_sound(given):
        return 0.0
    if config.capital_pct < 100.0:
        capital = given.account_balance * config.capital_pct / 100.0
        given = msgspec.structs.replace(given, account_balance=capital)
    wish = given.account_balance * min(max(given.size_pct, 0.0), 100.0) / 100.0 * min(max(given.share, 0.0), 1.0)
    risk = config.max_trade_risk_pct
    if config.method == "fixed_fraction":
        size = fixed_fraction(given, risk)
    elif config.method == "volatility_scaled":
        size = volatility_scaled(given, risk)
    else:
        size = kelly_lite(given, risk, config.kelly_fraction)
    amount = max(min(wish, size), 0.0)
    return amount if isfinite(amount) else 0.0


def _is_sound(given: SizingInput) -> bool:
    history = given.history
    numbers = (given.size_pct, given.share, given.volatility, history.mean_win, history.mean_loss)
    positive = (given.account_balance, given.price, given.stop_price)
    return (
        all(isfinite(number) for number in (*numbers, *positive))
        and min(positive) > 0.0
        and min(history.mean_win, history.mean_loss) >= 0.0
        and 0 <= history.wins <= history.count
    )


def quantity(notional_quote: float, price: float, step: Decimal) -> Decimal:
    """Return the base quantity for a notional, rounded down to a multiple of the instrument's `step`.

    Exact: notional and price count as the decimals that they print as. So 0.25 at a step of 0.00001 is 25000 steps,
    which floats make 24999.999999999996, and no quantity times its price exceeds the notional. Nonsense gives 0.
    """
    if not (isfinite(notional_quote) and isfinite(price) and notional_quote > 0.0 and price > 0.0 and step > 0):
        return NOTHING
    steps = Fraction(repr(notional_quote)) // (Fraction(repr(price)) * Fraction(step))
    return DOWNWARD.multiply(Decimal(steps), step)
