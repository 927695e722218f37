"""Nautilus's portfolio statistics, kept in lists.

`PortfolioAnalyzer` of NautilusTrader 1.231 appends every trade with ``pd.concat`` and every return with
``.loc``: both copy what is there already, so its time grows with the square of the number of trades. Here a
trade is appended to a list, and a series is made when it is asked for. Every public method returns the same
values.
"""

import datetime as dt
from typing import Any, Self, cast

import numpy as np
import pandas as pd
from nautilus_trader.analysis.analyzer import PortfolioAnalyzer
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.objects import Currency, Money
from nautilus_trader.portfolio.portfolio import Portfolio

from sagetrade_nautilus.errors import SageTradeError

type Floats = pd.Series[float]

_EXPECTED_STATE = frozenset(
    {
        "_account_balances",
        "_account_balances_starting",
        "_portfolio_returns",
        "_position_returns",
        "_positions",
        "_realized_pnl_timestamps",
        "_realized_pnls",
        "_recorded_realized_pnl_timestamps",
        "_recorded_realized_pnls",
        "_returns",
        "_statistics",
    }
)


class _Trades:
    """The realized profits of one currency, in the order in which they came."""

    __slots__ = ("pnls", "position_ids", "timestamps")

    def __init__(self) -> None:
        self.position_ids: list[str] = []
        self.pnls: list[float] = []
        self.timestamps: list[int | None] = []

    def append(self, position_id: str, pnl: float, timestamp: int | None) -> None:
        self.position_ids.append(position_id)
        self.pnls.append(pnl)
        self.timestamps.append(timestamp)

    def series(self) -> Floats:
        return pd.Series(self.pnls, index=self.position_ids, dtype=np.float64)

    def without(self, other: Self) -> Self:
        """Return the trades that `other` does not hold; one without a timestamp matches by position alone."""
        canonical = PortfolioAnalyzer._canonical_position_id_value
        known = {
            (canonical(position_id), timestamp)
            for position_id, timestamp in zip(other.position_ids, other.timestamps, strict=True)
        }
        known_ids = {position_id for position_id, _ in known}
        rest = type(self)()
        for raw_id, pnl, timestamp in zip(self.position_ids, self.pnls, self.timestamps, strict=True):
            position_id = canonical(raw_id)
            if timestamp is None:
                duplicate = position_id in known_ids
            else:
                duplicate = (position_id, timestamp) in known or (position_id, None) in known
            if not duplicate:
                rest.append(raw_id, pnl, timestamp)
        return rest

    def followed_by(self, other: Self) -> Self:
        joined = type(self)()
        joined.position_ids = self.position_ids + other.position_ids
        joined.pnls = self.pnls + other.pnls
        joined.timestamps = self.timestamps + other.timestamps
        return joined


class ListAnalyzer(PortfolioAnalyzer):
    """A `PortfolioAnalyzer` whose cost per trade does not grow with the number of trades."""

    _series: Floats | None
    _return_by_time: dict[dt.datetime, float]

    @property
    def _position_returns(self) -> Floats:
        if self._series is None:
            index = pd.DatetimeIndex(list(self._return_by_time))
            self._series = pd.Series(list(self._return_by_time.values()), index=index, dtype=np.float64)
        return self._series

    @_position_returns.setter
    def _position_returns(self, series: Floats) -> None:
        self._return_by_time = dict(zip(series.index, series.to_list(), strict=True))
        self._series = series

    @property
    def _returns(self) -> Floats:
        portfolio_returns: Floats = self._portfolio_returns
        return self._position_returns if portfolio_returns.empty else portfolio_returns

    @_returns.setter
    def _returns(self, series: Floats) -> None:
        """Accept the alias that the base class keeps; it is worked out on reading."""

    def _sync_returns_alias(self) -> None:
        """Do nothing: there is no alias to keep in step."""

    def add_position_return(self, timestamp: dt.datetime, value: float) -> None:
        """Add `value` to the position return at `timestamp`."""
        self._return_by_time[timestamp] = self._return_by_time.get(timestamp, 0.0) + float(value)
        self._series = None

    def _append_pnl_record(
        self,
        pnls: dict[Currency, Any],
        timestamps: dict[Currency, Any],
        position_id: PositionId,
        realized_pnl: Money,
        ts_event: int | None,
    ) -> None:
        trades: _Trades | None = pnls.get(realized_pnl.currency)
        if trades is None:
            trades = pnls[realized_pnl.currency] = _Trades()
        timestamp = None if ts_event is None else int(ts_event)
        trades.append(position_id.value, realized_pnl.as_double(), timestamp)

    def realized_pnls(self, currency: Currency | None = None) -> Floats | None:
        """Return the realized profit of each trade, by position id.

        Returns ``None`` where there are no trades, and where `currency` is not given and is ambiguous.
        """
        added = cast("dict[Currency, _Trades]", self._realized_pnls)
        recorded = cast("dict[Currency, _Trades]", self._recorded_realized_pnls)
        if currency is None:
            choices = list(self._account_balances)
            if len(choices) != 1:
                choices = list(dict.fromkeys([*added, *recorded]))
            if len(choices) != 1:
                return None
            currency = choices[0]
        trades, known = added.get(currency), recorded.get(currency)
        if trades is None or known is None:
            only = trades or known
            return None if only is None else only.series()
        return trades.without(known).followed_by(known).series()


def install(portfolio: Portfolio) -> ListAnalyzer:
    """Turn the analyzer of `portfolio` into a `ListAnalyzer`, keeping its registered statistics.

    To be called before the run. The attribute is read-only, so the object itself changes its class.

    Raises
    ------
    SageTradeError
        The analyzer is not Nautilus's own, has state unknown to this module, or has seen trades already.
    """
    analyzer = portfolio.analyzer
    if type(analyzer) is ListAnalyzer:
        return analyzer
    if type(analyzer) is not PortfolioAnalyzer:
        raise SageTradeError(
            f"portfolio.analyzer is a {type(analyzer).__qualname__}, not Nautilus's PortfolioAnalyzer: "
            "leave the list-backed analyzer out of this run"
        )
    unknown = sorted(_EXPECTED_STATE.symmetric_difference(vars(analyzer)))
    if unknown:
        raise SageTradeError(
            f"Nautilus's PortfolioAnalyzer has other state than 1.231 had ({', '.join(unknown)}): "
            "install nautilus_trader==1.231.*"
        )
    if analyzer._positions or analyzer._realized_pnls or analyzer._recorded_realized_pnls:
        raise SageTradeError("portfolio.analyzer has seen trades already: install the list-backed one before the run")
    statistics = dict(analyzer._statistics)
    vars(analyzer).clear()
    analyzer.__class__ = ListAnalyzer
    ListAnalyzer.__init__(analyzer)
    for statistic in statistics.values():
        analyzer.register_statistic(statistic)
    return cast("ListAnalyzer", analyzer)
