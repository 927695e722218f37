"""Which instruments move together: those that the configuration names, and those whose returns say so."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.core.rust.model import AggregationSource
from nautilus_trader.model.enums import PriceType
from nautilus_trader.model.identifiers import InstrumentId

BARS_MAX = 200
BARS_MIN = 30
"""Fewer common bars than these say nothing of a correlation."""


class Clusters:
    """Finds the cluster of an instrument.

    Parameters
    ----------
    declared : mapping
        Cluster name to instrument ids.
    max_correlation : float
        From which correlation of bar returns on two instruments count as one cluster; 1 for never.
    """

    def __init__(self, cache: CacheFacade, declared: Mapping[str, Sequence[str]], max_correlation: float) -> None:
        self._cache = cache
        self._declared = [frozenset(names) for names in declared.values()]
        self._max_correlation = max_correlation

    def of(self, symbol: str, held: Iterable[str]) -> frozenset[str]:
        """Return what moves together with `symbol`, itself included. Correlations are looked up with `held` alone."""
        named = frozenset({symbol}).union(*(names for names in self._declared if symbol in names))
        if self._max_correlation >= 1.0:
            return named
        closes = self._closes(symbol)
        return named | {
            other
            for other in held
            if other not in named and correlation(closes, self._closes(other)) >= self._max_correlation
        }

    def _closes(self, symbol: str) -> dict[int, float]:
        types = self._cache.bar_types(InstrumentId.from_str(symbol), PriceType.LAST, AggregationSource.EXTERNAL)
        bars = self._cache.bars(types[0])[:BARS_MAX] if types else []
        return {bar.ts_event: bar.close.as_double() for bar in bars}


def correlation(first: Mapping[int, float], second: Mapping[int, float]) -> float:
    """Return Pearson's correlation of the log returns between common times; 1 where too few or no moves are known.

    What is not known to differ counts as the same.
    """
    common = sorted(first.keys() & second.keys())
    if len(common) < BARS_MIN:
        return 1.0
    with np.errstate(all="ignore"):
        returns = [np.diff(np.log([prices[ts] for ts in common])) for prices in (first, second)]
    if any(not np.all(np.isfinite(moves)) or np.ptp(moves) == 0.0 for moves in returns):
        return 1.0
    return float(np.corrcoef(returns[0], returns[1])[0, 1])
