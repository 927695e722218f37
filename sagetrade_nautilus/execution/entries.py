"""From a plugin's wish to an order: costs, policy table and sizing have their say, then the entry is sent."""

from collections.abc import Container, Sequence
from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.objects import Currency, Quantity
from nautilus_trader.model.orders import Order, OrderList
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.account import equity
from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.execution import micro
from sagetrade_nautilus.execution.legs import Leg
from sagetrade_nautilus.messages import DECISIONS_TOPIC, DecisionRecord, Verdict, decision_record
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.model.one_exit import has_one_exit
from sagetrade_nautilus.model.selection import NONE, Grant, Selector
from sagetrade_nautilus.model.sizing import SizingInput, TradeHistory, notional
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.orders import bracket, lone_entry, whole_quantity
from sagetrade_nautilus.prices import Prices
from sagetrade_nautilus.strategy_config import SageStrategyConfig
from sagetrade_nautilus.trade import Trade


class Entries:
    """Judges the decisions of one strategy, journals the verdict and makes the orders of what is taken.

    Parameters
    ----------
    strategy : Strategy
        In whose name the orders are made.
    settings : SageStrategyConfig
        The strategy's settings.

    Attributes
    ----------
    risk_budget : float
        The share of the day's loss budget that is left, in [0, 1].
    history : TradeHistory
        The strategy's closed trades.
    taken : int
        How many decisions were taken: the number in the last trade's id.
    """

    def __init__(self, strategy: Strategy, settings: SageStrategyConfig) -> None:
        self._strategy = strategy
        self._settings = settings
        self._selector = Selector(settings.selector)
        self._currency = Currency.from_str(settings.currency)
        self.taken = 0
        self.risk_budget = 1.0
        self.history = TradeHistory()

    def judge(self, legs: Sequence[Leg], busy: Container[InstrumentId]) -> list[tuple[Trade, Order | OrderList]]:
        """Return the trades that decisions become, and the orders to send; none when something refuses one of them.

        Decisions that are judged together stand or fall together: where one is refused, so are all, for its reason.

        Parameters
        ----------
        legs : sequence of Leg
            The decisions, of different instruments.
        busy : container of InstrumentId
            Where a position is held or an entry is on its way.
        """
        judged = [self._judged(*leg, busy) for leg in legs]
        refused = next((record for record, _ in judged if record.verdict is not Verdict.TAKEN), None)
        if refused is not None:
            for record, _ in judged:
                fell = record.verdict is Verdict.TAKEN
                why = f"{refused.instrument_id}, which goes with it: {refused.why}"
                self.publish(replace(record, verdict=refused.verdict, why=why, notional=0.0) if fell else record)
            return []
        trades = [
            self._trade(self._numbered(record), decision, signal, amount)
            for (record, amount), (decision, signal) in zip(judged, legs, strict=True)
            if amount is not None
        ]
        for trade, _ in trades:
            trade.partners = frozenset(other.trade_id for other, _ in trades if other is not trade)
        return trades

    def _numbered(self, record: DecisionRecord) -> DecisionRecord:
        self.taken += 1
        return replace(record, trade_id=f"{self._settings.label}-{self.taken:04d}")

    def _judged(
        self, decision: Decision, signal: CompositeSignal, busy: Container[InstrumentId]
    ) -> tuple[DecisionRecord, Quantity | None]:
        """Return what becomes of a decision by itself, and how much is traded if it is taken."""
        label, settings = self._settings.label, self._settings
        note = partial(
            decision_record,
            label,
            decision,
            signal,
            ts=self._strategy.clock.timestamp_ns(),
            cost_bps=settings.round_trip_bps,
        )
        if signal.instrument_id in busy:
            why = "a position is held there, or an entry is on its way"
            return note(verdict=Verdict.REFUSED_SELECTOR, why=why, grant=NONE), None
        if decision.side == "sell" and has_one_exit(signal.instrument_id.value):
            why = f"coins are not lent at {signal.instrument_id.venue}, so none are sold that are not held"
            return note(verdict=Verdict.REFUSED_SHORT, why=why, grant=NONE), None
        if decision.expected_edge_bps <= settings.round_trip_bps:
            why = "the expected edge does not cover the costs"
            return note(verdict=Verdict.REFUSED_EDGE, why=why, grant=NONE), None
        grant = self._selector.grant(label, signal.regime, signal.confidence, self.risk_budget)
        if grant.share <= 0.0:
            why = "no row of the policy table lets it act"
            return note(verdict=Verdict.REFUSED_SELECTOR, why=why, grant=grant), None
        prices = Prices(self._strategy.cache, self._strategy.clock.timestamp_ns())
        worth = equity(self._strategy.cache, signal.instrument_id.venue, self._currency, prices)
        amount = self._size(decision, signal, grant, worth)
        note = partial(note, grant=grant, equity=worth)
        if amount is None:
            return note(verdict=Verdict.REFUSED_SIZING, why="the size is below the instrument's minimum"), None
        value = amount.as_double() * signal.price
        return note(verdict=Verdict.TAKEN, why="every check passed", notional=value), amount

    def publish(self, record: DecisionRecord) -> None:
        """Tell the journal, and whoever else listens, what became of a decision."""
        self._strategy.msgbus.publish(DECISIONS_TOPIC, record)

    def _size(self, decision: Decision, signal: CompositeSignal, grant: Grant, worth: float) -> Quantity | None:
        given = SizingInput(
            account_balance=worth,
            size_pct=decision.size_pct,
            share=grant.share,
            price=signal.price,
            stop_price=decision.sl,
            volatility=signal.volatility,
            history=self.history,
        )
        wanted = notional(given, self._settings.sizing)
        return whole_quantity(self._strategy.cache.instrument(signal.instrument_id), wanted, signal.price)

    def _trade(
        self, record: DecisionRecord, decision: Decision, signal: CompositeSignal, amount: Quantity
    ) -> tuple[Trade, Order | OrderList]:
        orders: Order | OrderList
        strategy, settings, trade_id = self._strategy, self._settings, record.trade_id or ""
        if settings.execution.style == "micro":
            orders = micro.entry(
                strategy.order_factory,
                strategy.cache.instrument(signal.instrument_id),
                decision,
                signal.price,
                amount,
                trade_id,
                settings.execution,
                settings.entry_lifetime_s,
            )
        else:
            make, expiry = lone_entry if has_one_exit(record.instrument_id) else bracket, self._expiry(decision)
            orders = make(strategy.order_factory, strategy.cache, decision, signal, amount, trade_id, expiry)
        entry = orders.first if isinstance(orders, OrderList) else orders
        due_ns = record.ts + int(decision.target_duration * NANOS_PER_SECOND)
        trade = Trade(record, decision, entry.client_order_id, due_ns, signal.reading)
        trade.follows = trade.one_exit or settings.execution.style == "micro"
        return trade, orders

    def _expiry(self, decision: Decision) -> datetime | None:
        """Return when a resting entry is cancelled, ``None`` for one that does not rest."""
        if decision.order_type != "limit":
            return None
        expiry: datetime = self._strategy.clock.utc_now() + timedelta(seconds=self._settings.entry_lifetime_s)
        return expiry
