"""What a run leaves behind, as plain values: fills, trades, prices, signals and decision counts.

The composition root fills these from the engine; `report` reads nothing else. Times are UNIX nanoseconds,
money is in the quote currency of the account, and a cost is positive.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, NamedTuple, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from sagetrade_nautilus.config import CostConfig, SelectorRule
from sagetrade_nautilus.model.decision import Side

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

ENTRY: Final = "entry"
"""The role, an order's second tag, of what opens a trade or adds to it; all others reduce."""
TAKE_PROFIT, STOP_LOSS = "take_profit", "stop_loss"
"""The roles of the two exits that a decision names."""
Liquidity = Literal["maker", "taker"]
Outcome = Literal["win", "loss", "flat"]

Positive = Annotated[float, Meta(gt=0.0)]
NonNegative = Annotated[float, Meta(ge=0.0)]


class SignalScore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One signal behind a trade: its type ('quant', 'text', 'composite') and its score in [-1, 1]."""

    type: str
    score: float


class FillRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One execution.

    Parameters
    ----------
    ts : int
        When it happened.
    trade_id : str
        The trade that it opens, adds to, reduces or closes.
    symbol, instrument_id : str
        'BTCUSDT' and 'BTCUSDT.BINANCE'.
    quantity, price : float
        In the base and the quote currency, both > 0.
    commission : float
        Positive is a cost, negative a rebate.
    reference_price : float, optional
        The price that the decision or the exit saw; slippage is measured against it. ``None`` if unknown.
    is_entry : bool
        Whether it opens or adds to its trade.
    """

    ts: int
    trade_id: str
    strategy: str
    symbol: str
    instrument_id: str
    side: Side
    quantity: float
    price: float
    commission: float
    liquidity: Liquidity
    reference_price: float | None
    is_entry: bool

    @property
    def slippage_cost(self) -> float:
        """What the fill cost against its reference price: negative if it was better, 0 without one."""
        if self.reference_price is None:
            return 0.0
        worse = self.price - self.reference_price
        return (worse if self.side == "buy" else -worse) * self.quantity


class TradeRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the trade log, ``trades.jsonl``.

    Parameters
    ----------
    timestamp : datetime
        Time of the first entry fill, in UTC.
    size_pct : float
        Entry notional as a percentage of equity at entry.
    entry_price, exit_price : float
        Quantity-weighted averages of the fills.
    pnl_pct : float
        Result after fees and slippage, as a percentage of the entry notional.
    outcome : {'win', 'loss', 'flat'}
        The sign of the result after costs.
    """

    trade_id: str
    timestamp: Annotated[dt.datetime, Meta(tz=True)]
    symbol: str
    side: Side
    size_pct: NonNegative
    entry_price: Positive
    exit_price: Positive
    duration_seconds: NonNegative
    strategy: str
    signals: tuple[SignalScore, ...]
    outcome: Outcome
    pnl_pct: float


class RoundTrip(msgspec.Struct, frozen=True, kw_only=True):
    """One closed trade with what it earned and cost.

    Parameters
    ----------
    gross_pnl : float
        Result at the prices of the fills: after slippage, before fees.
    fees, slippage_cost : float
        ``net_pnl == gross_pnl - fees``; without any cost it would have been ``gross_pnl + slippage_cost``.
    regime : str
        The market's regime at entry.
    confidence : float
        The composite's confidence at entry, in [0, 1].
    size_pct : float
        Entry notional as a percentage of equity at entry.
    exit_reason : str
        'take_profit', 'stop_loss', 'time_exit', 'plugin', 'end_of_run' and the like.
    expected_edge_bps : float
        What the plugin expected before costs, in basis points of the notional.
    """

    trade_id: str
    strategy: str
    symbol: str
    side: Side
    entry_ts: int
    exit_ts: int
    quantity: float
    entry_price: float
    exit_price: float
    gross_pnl: float
    fees: float
    slippage_cost: float
    net_pnl: float
    regime: str
    confidence: float
    size_pct: float
    signals: tuple[SignalScore, ...]
    exit_reason: str
    expected_edge_bps: float

    @property
    def duration_s(self) -> float:
        return (self.exit_ts - self.entry_ts) / 1e9

    @property
    def entry_notional(self) -> float:
        return self.quantity * self.entry_price

    @property
    def net_pnl_bps(self) -> float:
        """Result after all costs, in basis points of the entry notional."""
        return 1e4 * self.net_pnl / self.entry_notional

    @property
    def realized_edge_bps(self) -> float:
        """Result before fees and slippage, in basis points of the entry notional: what `expected_edge_bps` foretold."""
        return 1e4 * (self.gross_pnl + self.slippage_cost) / self.entry_notional

    @property
    def outcome(self) -> Outcome:
        return "win" if self.net_pnl > 0 else "loss" if self.net_pnl < 0 else "flat"


class PriceSeries(msgspec.Struct, frozen=True, eq=False):
    """Closes of one instrument, of shape (bars,); `ts` holds the bars' close times, strictly increasing."""

    instrument_id: str
    ts: IntArray
    close: FloatArray

    @property
    def symbol(self) -> str:
        return symbol_of(self.instrument_id)


class SignalSeries(msgspec.Struct, frozen=True, eq=False):
    """The composite score of one instrument and of the parts it was made of, each of shape (signals,).

    A score stays in force until the next one, so a signal that is published on change only is complete.
    `components` maps 'quant' and 'text' to their own scores in [-1, 1]; NaN where a part had nothing to say.
    """

    instrument_id: str
    ts: IntArray
    composite: FloatArray
    components: Mapping[str, FloatArray]

    @property
    def symbol(self) -> str:
        return symbol_of(self.instrument_id)


class DecisionCount(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """How often decisions of one strategy met one fate, and why.

    `verdict` is 'taken', 'refused_edge', 'refused_selector', 'refused_sizing', 'denied_by_guard' and the like.
    """

    strategy: str
    verdict: str
    reason: str
    count: int


class RunSummary(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Everything that a report is made of.

    Parameters
    ----------
    config_digest, code_version, data_fingerprint : str
        What reproduces the run.
    start, end : int
        The first and the last moment of the run.
    final_balance : float
        The balance as the venue's account reports it.
    open_pnl : float
        What the account would add for positions still open at the last price: their unrealised result on a
        margin account, their market value on a cash account.
    currency_precision : int
        Decimals that the account rounds to.
    strategies : tuple[str, ...]
        Every strategy that ran, in the order of the configuration, whether or not it traded.
    fills, round_trips : tuple
        In the order of time.
    """

    name: str
    config_digest: str
    code_version: str
    data_fingerprint: str
    start: int
    end: int
    starting_balance: float
    final_balance: float
    open_pnl: float = 0.0
    currency: str
    currency_precision: int = 8
    account: Literal["margin", "cash"] = "margin"
    strategies: tuple[str, ...]
    costs: CostConfig
    selector: tuple[SelectorRule, ...] = ()
    fills: tuple[FillRecord, ...]
    round_trips: tuple[RoundTrip, ...]
    prices: tuple[PriceSeries, ...]
    signals: tuple[SignalSeries, ...] = ()
    decisions: tuple[DecisionCount, ...] = ()


class OrderTags(NamedTuple):
    """Of which trade an order is, and what it is in it: 'entry', 'take_profit', 'stop_loss', 'time_exit'."""

    trade_id: str = ""
    role: str = ""

    @property
    def purpose(self) -> str:
        """The role alone, without the reason that a plugin may give behind a colon."""
        return purpose_of(self.role)


class Tagged(Protocol):
    """An order, or what a journal tells of one."""

    @property
    def tags(self) -> Sequence[str] | None: ...


def read_tags(order: Tagged | None) -> OrderTags:
    """Return what an order's tags say: nothing where there is no order, no role where no strategy of ours made it."""
    return OrderTags(*(order.tags or ())[:2]) if order is not None else OrderTags()


def purpose_of(role: str) -> str:
    """Return 'plugin' for 'plugin:the spread is gone', and any other role as it is."""
    return role.partition(":")[0]


def symbol_of(instrument_id: str) -> str:
    """Return 'BTCUSDT' for 'BTCUSDT.BINANCE'; the venue stands after the last dot."""
    symbol, _, venue = instrument_id.rpartition(".")
    return symbol or venue
