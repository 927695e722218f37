"""Equity rebuilt from fills and prices, independently of the account, and held against what the account says.

The value at a bar's close is cash plus position times close. A fill counts from the first close at or after
it; one after the last close counts there.
"""

from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.model.records import FillRecord, FloatArray, IntArray, PriceSeries, RunSummary
from sagetrade_nautilus.model.round_trips import trade_amounts

CENT = 0.01
SHARE = 1e-7  # of the starting balance: a cent of 100,000, and less where the currency's unit is worth more
DUST = 1e-10  # of all quantity traded: what a closed position leaves of rounding

Mask = npt.NDArray[np.bool_]


class Curve(msgspec.Struct, frozen=True, eq=False):
    """Value over time, all of shape (bars,).

    Parameters
    ----------
    ts : ndarray
        Closes of the bars, in nanoseconds.
    pnl : ndarray
        What fills have earned so far, open positions at the last close, after all costs.
    gross : ndarray
        Sum of the absolute values of the open positions.
    """

    ts: IntArray
    pnl: FloatArray
    gross: FloatArray


class FillColumns(msgspec.Struct, frozen=True, eq=False):
    """The fills as columns, each of shape (fills,). `signed` is the quantity, negative for sells."""

    strategy: npt.NDArray[np.str_]
    instrument: npt.NDArray[np.str_]
    trade: npt.NDArray[np.str_]
    bar: IntArray
    signed: FloatArray
    price: FloatArray
    commission: FloatArray
    slippage: FloatArray
    has_reference: Mask
    is_taker: Mask

    @property
    def notional(self) -> FloatArray:
        return np.abs(self.signed) * self.price


class Traded(Protocol):
    """What a ledger is made of; a `RunSummary` is one."""

    @property
    def starting_balance(self) -> float: ...
    @property
    def fills(self) -> tuple[FillRecord, ...]: ...
    @property
    def prices(self) -> tuple[PriceSeries, ...]: ...


class EquityLedger:
    """The fills and prices of one run on one grid of bar closes.

    Raises
    ------
    ReportError
        There are no prices, they are not finite and positive, their times do not increase, or a fill has
        none.
    """

    def __init__(self, summary: Traded) -> None:
        self.starting_balance = summary.starting_balance
        self.ts = _grid(summary.prices)
        self.closes = {series.instrument_id: _on_grid(series, self.ts) for series in summary.prices}
        for fill in summary.fills:
            if fill.instrument_id not in self.closes:
                raise ReportError(f"trade {fill.trade_id} has a fill in {fill.instrument_id}, which has no prices")
        self.fills = _columns(summary.fills, self.ts)

    def all_fills(self) -> Mask:
        return np.ones(self.fills.bar.size, dtype=np.bool_)

    def curve(self, chosen: Mask) -> Curve:
        """Add up the chosen fills. Opposite positions of two strategies do not cancel in `gross`."""
        fills = self.fills
        pnl, gross = np.zeros(self.ts.size), np.zeros(self.ts.size)
        books = sorted(set(zip(fills.strategy[chosen], fills.instrument[chosen], strict=True)))
        for strategy, instrument in books:
            book = chosen & (fills.strategy == strategy) & (fills.instrument == instrument)
            cash, position = self._book(book)
            value = position * self.closes[str(instrument)]
            pnl += cash + value
            gross += np.abs(value)
        return Curve(ts=self.ts, pnl=pnl, gross=gross)

    def _book(self, book: Mask) -> tuple[FloatArray, FloatArray]:
        """Return cash spent or received so far and the position, of one strategy in one instrument."""
        fills, bars = self.fills, self.ts.size
        signed = fills.signed[book]
        flow = -signed * fills.price[book] - fills.commission[book]
        cash = np.cumsum(np.bincount(fills.bar[book], weights=flow, minlength=bars))
        position = np.cumsum(np.bincount(fills.bar[book], weights=signed, minlength=bars))
        position[np.abs(position) < DUST * np.abs(signed).sum()] = 0.0
        return cash, position

    def benchmark(self) -> FloatArray:
        """Return the starting balance, bought into all instruments in equal parts and held, without costs."""
        growth = [close / close[0] for close in self.closes.values()]
        return np.asarray(self.starting_balance * np.mean(growth, axis=0), dtype=np.float64)


def reconcile(summary: RunSummary, ledger: EquityLedger | None = None) -> None:
    """Hold the rebuilt equity against the account, and every closed trade against its own fills.

    Raises
    ------
    ReportError
        They differ by more than a cent, or `SHARE` if that is less, and the account's own rounding, so no figure may be
        published.
    """
    ledger = ledger or EquityLedger(summary)
    rounding = len(summary.fills) * 0.5 * 10.0**-summary.currency_precision
    tolerance = min(CENT, SHARE * summary.starting_balance) + rounding
    pnl = ledger.curve(ledger.all_fills()).pnl
    rebuilt = summary.starting_balance + float(pnl[-1])
    reported = summary.final_balance + summary.open_pnl
    if not abs(rebuilt - reported) <= tolerance:
        raise ReportError(
            f"run {summary.name}: the fills add up to {rebuilt:.8f} {summary.currency} but the account "
            f"reports {reported:.8f}, {rebuilt - reported:+.8f} apart; a fill or a charge is missing, "
            "so no report is written"
        )
    _check_trips(summary, tolerance)


def _check_trips(summary: RunSummary, tolerance: float) -> None:
    by_trade: dict[str, list[FillRecord]] = {}
    for fill in summary.fills:
        by_trade.setdefault(fill.trade_id, []).append(fill)
    seen: set[str] = set()
    for trip in summary.round_trips:
        if trip.trade_id in seen:
            raise ReportError(f"trade {trip.trade_id} is listed twice; trade ids must be unique")
        seen.add(trip.trade_id)
        if trip.trade_id not in by_trade:
            raise ReportError(f"trade {trip.trade_id} is listed as closed but none of its fills is")
        amounts = trade_amounts(by_trade[trip.trade_id])
        for name in ("gross_pnl", "fees", "slippage_cost", "net_pnl"):
            stated, found = getattr(trip, name), getattr(amounts, name)
            if not abs(stated - found) <= tolerance:
                raise ReportError(f"trade {trip.trade_id}: {name} is {stated} but its fills say {found}")


def _grid(prices: tuple[PriceSeries, ...]) -> IntArray:
    if not any(series.ts.size for series in prices):
        raise ReportError("the run has no prices to value it at; check data.start and data.end")
    for series in prices:
        if series.ts.size == 0 or series.ts.size != series.close.size or (np.diff(series.ts) <= 0).any():
            raise ReportError(f"{series.instrument_id}: bar times must increase, with one close each")
        if not (np.isfinite(series.close) & (series.close > 0.0)).all():
            raise ReportError(f"{series.instrument_id}: a close is not a positive number")
    return np.unique(np.concatenate([series.ts for series in prices]))


def _on_grid(series: PriceSeries, grid: IntArray) -> FloatArray:
    """Carry the last close on; before the first close there is only the first."""
    index = np.searchsorted(series.ts, grid, side="right") - 1
    return np.asarray(series.close[np.maximum(index, 0)], dtype=np.float64)


def _columns(fills: tuple[FillRecord, ...], grid: IntArray) -> FillColumns:
    bar = np.searchsorted(grid, np.asarray([fill.ts for fill in fills], dtype=np.int64), side="left")
    sign = np.asarray([1.0 if fill.side == "buy" else -1.0 for fill in fills])
    return FillColumns(
        strategy=np.asarray([fill.strategy for fill in fills], dtype=np.str_),
        instrument=np.asarray([fill.instrument_id for fill in fills], dtype=np.str_),
        trade=np.asarray([fill.trade_id for fill in fills], dtype=np.str_),
        bar=np.minimum(bar, grid.size - 1).astype(np.int64),
        signed=sign * np.asarray([fill.quantity for fill in fills], dtype=np.float64),
        price=np.asarray([fill.price for fill in fills], dtype=np.float64),
        commission=np.asarray([fill.commission for fill in fills], dtype=np.float64),
        slippage=np.asarray([fill.slippage_cost for fill in fills], dtype=np.float64),
        has_reference=np.asarray([fill.reference_price is not None for fill in fills], dtype=np.bool_),
        is_taker=np.asarray([fill.liquidity == "taker" for fill in fills], dtype=np.bool_),
    )
