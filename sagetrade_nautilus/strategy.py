"""SageStrategy: the shell between a plugin's decisions and Nautilus's orders.

A plugin says what it wishes. This class asks it, checks the answer, subtracts the costs, asks the policy table, sizes
the position, and sends an entry with its take-profit and stop-loss as one bracket. It closes the position when its
time is over. It holds at most one position per instrument, so that one decision is one trade.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from nautilus_trader.common.component import TimeEvent
from nautilus_trader.config import StrategyConfig
from nautilus_trader.model.data import Bar, BarType, DataType
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.events import (
    OrderCanceled,
    OrderDenied,
    OrderEvent,
    OrderExpired,
    OrderRejected,
    PositionClosed,
    PositionOpened,
)
from nautilus_trader.model.identifiers import InstrumentId, StrategyId
from nautilus_trader.model.objects import Currency, Quantity
from nautilus_trader.model.orders import OrderList
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.account import equity
from sagetrade_nautilus.config import SelectorConfig, SizingConfig
from sagetrade_nautilus.data import CompositeSignal, bus_topic
from sagetrade_nautilus.errors import GuardError, PluginError
from sagetrade_nautilus.messages import (
    CONTROL_TOPIC,
    DECISIONS_TOPIC,
    GATE_ENDPOINT,
    RISK_BUDGET_TOPIC,
    TRADING_STATE_TOPIC,
    DecisionRecord,
    StrategySwitch,
    TradingState,
    Verdict,
    decision_record,
)
from sagetrade_nautilus.model.decision import ActionKind, Decision, MarketState, PositionAction
from sagetrade_nautilus.model.readings import Composite
from sagetrade_nautilus.model.selection import NONE, Grant, Selector
from sagetrade_nautilus.model.sizing import SizingInput, TradeHistory, notional
from sagetrade_nautilus.orders import bracket, whole_quantity
from sagetrade_nautilus.prices import Prices
from sagetrade_nautilus.trade import Trade, market_state, tightens

NANOS_PER_SECOND = 1_000_000_000


class SageStrategyConfig(StrategyConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every plugin is given by the run; a plugin's own settings are fields of its subclass.

    Parameters
    ----------
    label : str
        The strategy's name in the run.
    instruments : list[str]
        The instrument ids that it trades.
    bar : str
        Bar specification, as '5-MINUTE-LAST'.
    currency : str
        The account's currency.
    round_trip_bps : float
        Fees and slippage of a round trip, in basis points of the notional: the least edge worth a trade.
    enabled : bool
        Whether it may enter from the start.
    entry_lifetime_s : float
        Seconds after which an unfilled limit entry is cancelled.
    sizing, selector : dict
        `SizingConfig` and `SelectorConfig` as plain values.
    """

    label: str = "strategy"
    instruments: list[str] = []
    bar: str = "5-MINUTE-LAST"
    currency: str = "USDT"
    round_trip_bps: float = 0.0
    enabled: bool = True
    entry_lifetime_s: float = 300.0
    manage_gtd_expiry: bool = True  # Nautilus's simulated venue keeps an order past its expiry while it is touched
    sizing: SizingConfig = SizingConfig()
    selector: SelectorConfig = SelectorConfig()


class SageStrategy[ConfigT: SageStrategyConfig](Strategy):
    """Base of all strategy plugins. A plugin overrides `initialize`, `on_new_signal` and, if it manages, `on_tick`."""

    def __init__(self, config: ConfigT) -> None:
        super().__init__(config)
        self.change_id(StrategyId(f"{config.label}-{config.order_id_tag}"))
        self.label = config.label
        self._enabled = config.enabled
        self._locked = False
        self._risk_budget = 1.0
        self._selector = Selector(config.selector)
        self._currency = Currency.from_str(config.currency)
        self._trades: dict[InstrumentId, Trade] = {}
        self._taken = 0
        self._history = TradeHistory()
        self._manages = type(self).on_tick is not SageStrategy.on_tick

    # What a plugin overrides

    def initialize(self, config: ConfigT) -> None:
        """Prepare the plugin's own state. Called once, before the first signal."""

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        """Return the wish to enter, or ``None``. Not called while a position is held or on its way."""
        raise NotImplementedError(f"{type(self).__name__} must define on_new_signal")

    def on_tick(self, market_state: MarketState) -> list[PositionAction]:
        """Return what to do with the open positions at this bar's close. Called only while one is open."""
        return []

    # What the run and the user may ask

    @property
    def is_enabled(self) -> bool:
        """Whether new positions may be opened. Open ones are managed and closed either way."""
        return self._enabled

    # Nautilus calls these

    def on_start(self) -> None:
        if GATE_ENDPOINT not in self.msgbus.endpoints():
            raise GuardError(f"strategy {self.label!r} does not start without the guard; name it as the controller")
        self._guarded(self.initialize, self.config)
        self.msgbus.subscribe(topic=RISK_BUDGET_TOPIC, handler=self._on_risk_budget)
        self.msgbus.subscribe(topic=CONTROL_TOPIC, handler=self._on_control)
        self.msgbus.subscribe(topic=TRADING_STATE_TOPIC, handler=self._on_trading_state)
        for name in self.config.instruments:
            data_type = DataType(CompositeSignal, metadata={"instrument_id": name})
            self.msgbus.subscribe(bus_topic(data_type), self.handle_data)
            if self._manages:
                self.subscribe_bars(BarType.from_str(f"{name}-{self.config.bar}-EXTERNAL"))

    def on_data(self, data: CompositeSignal) -> None:
        trade = self._trades.get(data.instrument_id)
        if trade is not None:
            trade.composite = data.reading
            return
        if self._locked or not self._enabled:
            return
        decision = self._guarded(self.on_new_signal, data)
        if decision is not None:
            self._judge(self._checked(decision, data), data)

    def on_bar(self, bar: Bar) -> None:
        if self._locked or not self._trades:
            return
        trade = self._trades.get(bar.bar_type.instrument_id)
        if trade is None or trade.position_id is None or trade.closing:
            return
        state = market_state(bar, self.cache.position(trade.position_id), trade)
        actions = self._guarded(self.on_tick, state)
        if actions == []:
            return
        if not isinstance(actions, list) or not all(isinstance(item, PositionAction) for item in actions):
            raise self._nonsense("on_tick", f"a list of PositionAction was expected, got {actions!r}")
        for action in actions:
            self._act(action, trade, state)

    def on_position_opened(self, event: PositionOpened) -> None:
        trade = self._trades.get(event.instrument_id)
        if trade is not None and trade.position_id is None:
            trade.position_id = event.position_id
            self.clock.set_time_alert_ns(f"exit-{trade.trade_id}", trade.due_ns, self._on_time_over)

    def on_position_closed(self, event: PositionClosed) -> None:
        trade = self._trades.get(event.instrument_id)
        if trade is None or trade.position_id != event.position_id:
            return
        del self._trades[event.instrument_id]
        alert = f"exit-{trade.trade_id}"
        if alert in self.clock.timer_names:
            self.clock.cancel_timer(alert)
        self.cancel_all_orders(event.instrument_id)
        self._learn(event)

    def on_order_denied(self, event: OrderDenied) -> None:
        trade = self._entry_failed(event)
        if trade is not None:
            self._publish(msgspec.structs.replace(trade.record, verdict=Verdict.DENIED_BY_GUARD, why=event.reason))

    def on_order_rejected(self, event: OrderRejected) -> None:
        self._entry_failed(event)

    def on_order_canceled(self, event: OrderCanceled) -> None:
        self._entry_failed(event)

    def on_order_expired(self, event: OrderExpired) -> None:
        self._entry_failed(event)

    # From a decision to an order

    def _checked(self, decision: Any, signal: CompositeSignal) -> Decision:
        if not isinstance(decision, Decision):
            raise self._nonsense("on_new_signal", f"a Decision or None was expected, got {decision!r}")
        fault = decision.fault(signal.price)
        if fault is not None:
            raise self._nonsense("on_new_signal", fault)
        return decision

    def _judge(self, decision: Decision, signal: CompositeSignal) -> None:
        """Let the costs, the policy table and sizing have their say, in this order; then send the orders."""
        note = partial(
            decision_record,
            self.label,
            decision,
            signal,
            ts=self.clock.timestamp_ns(),
            cost_bps=self.config.round_trip_bps,
        )
        if decision.expected_edge_bps <= self.config.round_trip_bps:
            self._publish(
                note(verdict=Verdict.REFUSED_EDGE, why="the expected edge does not cover the costs", grant=NONE)
            )
            return
        grant = self._selector.grant(self.label, signal.regime, signal.confidence, self._risk_budget)
        if grant.share <= 0.0:
            why = "no row of the policy table lets it act"
            self._publish(note(verdict=Verdict.REFUSED_SELECTOR, why=why, grant=grant))
            return
        prices = Prices(self.cache, self.clock.timestamp_ns())
        worth = equity(self.cache, signal.instrument_id.venue, self._currency, prices)
        amount = self._size(decision, signal, grant, worth)
        note = partial(note, grant=grant, equity=worth)
        if amount is None:
            self._publish(note(verdict=Verdict.REFUSED_SIZING, why="the size is below the instrument's minimum"))
            return
        self._taken += 1
        trade_id = f"{self.label}-{self._taken:04d}"
        value = amount.as_double() * signal.price
        self._enter(
            note(verdict=Verdict.TAKEN, why="every check passed", trade_id=trade_id, notional=value),
            bracket(self.order_factory, self.cache, decision, signal, amount, trade_id, self._entry_expiry(decision)),
            decision,
            signal.reading,
        )

    def _size(self, decision: Decision, signal: CompositeSignal, grant: Grant, worth: float) -> Quantity | None:
        given = SizingInput(
            account_balance=worth,
            size_pct=decision.size_pct,
            share=grant.share,
            price=signal.price,
            stop_price=decision.sl,
            volatility=signal.volatility,
            history=self._history,
        )
        wanted = notional(given, self.config.sizing)
        return whole_quantity(self.cache.instrument(signal.instrument_id), wanted, signal.price)

    def _enter(self, record: DecisionRecord, orders: OrderList, decision: Decision, composite: Composite) -> None:
        due_ns = record.ts + int(decision.target_duration * NANOS_PER_SECOND)
        self._trades[orders.instrument_id] = Trade(record, orders.first.client_order_id, due_ns, composite)
        self._publish(record)
        self.submit_order_list(orders)

    def _entry_expiry(self, decision: Decision) -> datetime | None:
        """Return when a resting entry is cancelled, ``None`` for one that does not rest."""
        if decision.order_type != "limit":
            return None
        expiry: datetime = self.clock.utc_now() + timedelta(seconds=self.config.entry_lifetime_s)
        return expiry

    def _publish(self, record: DecisionRecord) -> None:
        self.msgbus.publish(DECISIONS_TOPIC, record)

    # What is open

    def _act(self, action: PositionAction, trade: Trade, state: MarketState) -> None:
        if action.trade_id != trade.trade_id:
            raise self._nonsense("on_tick", f"{action.trade_id!r} is not an open trade")
        if action.kind is ActionKind.CLOSE:
            self._close(trade, f"plugin: {action.reason}")
        elif action.stop_price is None:
            raise self._nonsense("on_tick", "MOVE_STOP needs a stop_price")
        else:
            self._move_stop(trade, action.stop_price, state)

    def _move_stop(self, trade: Trade, stop_price: float, state: MarketState) -> None:
        """Move the stop towards the price; a stop that is wider, or beyond the price, is left as it is."""
        for order in self.cache.orders_open(strategy_id=self.id):
            mine = order.position_id == trade.position_id and order.order_type == OrderType.STOP_MARKET
            if mine and tightens(order.trigger_price.as_double(), stop_price, state):
                instrument = self.cache.instrument(order.instrument_id)
                self.modify_order(order, trigger_price=instrument.make_price(stop_price))

    def _on_time_over(self, event: TimeEvent) -> None:
        trade_id = event.name.removeprefix("exit-")
        for trade in self._trades.values():
            if trade.trade_id == trade_id:
                self._close(trade, "time_exit")
                return

    def _close(self, trade: Trade, tag: str) -> None:
        position = self.cache.position(trade.position_id)
        if self._locked or trade.closing or position is None or position.is_closed:
            return  # a halt would deny the closing order, and the stop must not be cancelled for it
        trade.closing = True
        self.cancel_all_orders(position.instrument_id)
        self.close_position(position, tags=[trade.trade_id, tag])

    def _entry_failed(self, event: OrderEvent) -> Trade | None:
        """Forget a trade whose entry ended without a fill; return it."""
        trade = self._trades.get(event.instrument_id)
        if trade is None or trade.entry_id != event.client_order_id or trade.position_id is not None:
            return None
        return self._trades.pop(event.instrument_id)

    def _learn(self, event: PositionClosed) -> None:
        position = self.cache.position(event.position_id)
        invested = position.avg_px_open * position.peak_qty.as_double()
        self._history = self._history.plus(position.realized_pnl.as_double() / invested)

    # The edges

    def _on_risk_budget(self, budget: float) -> None:
        self._risk_budget = budget

    def _on_control(self, command: StrategySwitch) -> None:
        if isinstance(command, StrategySwitch) and command.strategy == self.label:
            self._enabled = command.enabled
            self.log.info(f"{self.label} {'enabled' if command.enabled else 'disabled'} by {command.by}")

    def _on_trading_state(self, message: TradingState) -> None:
        """Lock, or unlock and close what came due meanwhile."""
        self._locked = message.locked
        now = self.clock.timestamp_ns()
        for trade in [] if self._locked else list(self._trades.values()):
            if trade.position_id is not None and trade.due_ns <= now:
                self._close(trade, "time_exit")

    def _guarded(self, method: Callable[[Any], Any], argument: Any) -> Any:
        """Call into the plugin; whatever it raises becomes a `PluginError` that names it."""
        try:
            return method(argument)
        except Exception as error:  # the plugin's edge: foreign code may raise anything
            name = f"{type(self).__module__}.{type(self).__name__}.{method.__name__}"
            raise PluginError(f"strategy {self.label!r}: {name} raised {type(error).__name__}: {error}") from error

    def _nonsense(self, method: str, fault: str) -> PluginError:
        return PluginError(f"strategy {self.label!r}: {type(self).__name__}.{method} is not valid: {fault}")
