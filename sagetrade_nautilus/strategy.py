"""SageStrategy: the shell between a plugin's decisions and Nautilus's orders.

A plugin says what it wishes. This class asks it, checks the answer, subtracts the costs, asks the policy table, sizes
the position, and sends an entry with its take-profit and stop-loss: as one bracket, or as a micro-trade whose exits
follow what was filled. It closes the position when its time is over. It holds at most one position per instrument, so
that one decision is one trade.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from nautilus_trader.model.data import Bar, BarType, DataType, QuoteTick
from nautilus_trader.model.events import (
    OrderCanceled,
    OrderDenied,
    OrderEvent,
    OrderExpired,
    OrderRejected,
    PositionChanged,
    PositionClosed,
    PositionOpened,
)
from nautilus_trader.model.identifiers import InstrumentId, StrategyId
from nautilus_trader.model.orders import OrderList
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.data import CompositeSignal, TextSignal, bus_topic, hear_bars, text_signal_type
from sagetrade_nautilus.errors import GuardError, PluginError
from sagetrade_nautilus.execution.entries import Entries
from sagetrade_nautilus.execution.exits import TIME_EXIT, Exits
from sagetrade_nautilus.execution.face import RAISES, Plugin, raised, refuse_overrides, taken_names
from sagetrade_nautilus.execution.legs import LEG_FAILED, Heard, legs, partners
from sagetrade_nautilus.execution.manager import OrderManager
from sagetrade_nautilus.execution.past import Past
from sagetrade_nautilus.execution.recovery import free_legs, recall_history, remember, remember_result, take_up_trades
from sagetrade_nautilus.execution.sight import actions, market_state
from sagetrade_nautilus.execution.switches import recall_switch, remember_switch
from sagetrade_nautilus.messages import (
    CONTROL_TOPIC,
    ENTRIES_TOPIC,
    GATE_ENDPOINT,
    RISK_BUDGET_TOPIC,
    TRADING_STATE_TOPIC,
    EntryEnd,
    StrategySwitch,
    TradingState,
    Verdict,
)
from sagetrade_nautilus.model.decision import ActionKind, MarketState
from sagetrade_nautilus.model.one_exit import has_one_exit
from sagetrade_nautilus.strategy_config import SageStrategyConfig
from sagetrade_nautilus.trade import Trade

__all__ = ["SageStrategy", "SageStrategyConfig"]


class SageStrategy[ConfigT: SageStrategyConfig](Plugin[ConfigT], Strategy):
    """Base of all strategy plugins. A plugin overrides methods of `Plugin`, and nothing else."""

    def __init__(self, config: ConfigT) -> None:
        super().__init__(config)
        self.change_id(StrategyId(f"{config.label}-{config.order_id_tag}"))
        self.label = config.label
        self._enabled = config.enabled
        self._trades: dict[InstrumentId, Trade] = {}
        self._entries = Entries(self, config)
        self._heard = Heard()
        self._learns = type(self).on_market is not SageStrategy.on_market
        self._past = Past(self, config, partial(self._guarded, self.on_market))
        self._manages = type(self).on_tick is not SageStrategy.on_tick

    # What the run and the user may ask

    @property
    def is_enabled(self) -> bool:
        """Whether new positions may be opened. Open ones are managed and closed either way."""
        return self._enabled

    # Nautilus calls these

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        refuse_overrides(cls, SageStrategy)

    def on_start(self) -> None:
        if GATE_ENDPOINT not in self.msgbus.endpoints():
            raise GuardError(f"strategy {self.label!r} does not start without the guard; name it as the controller")
        self._exits = Exits(self, self.config.execution)
        self._orders = OrderManager(self, self.config.execution)
        before = dict(vars(self))
        self._guarded(self.initialize, self.config)
        fault = taken_names(before, vars(self), SageStrategy)
        if fault is not None:
            raise self._nonsense("initialize", fault)
        self.msgbus.subscribe(topic=RISK_BUDGET_TOPIC, handler=self._on_risk_budget)
        self.msgbus.subscribe(topic=CONTROL_TOPIC, handler=self._on_control)
        self.msgbus.subscribe(topic=ENTRIES_TOPIC, handler=self._on_entry_end)
        self.msgbus.subscribe(topic=TRADING_STATE_TOPIC, handler=self._on_trading_state)
        self._entries.history = recall_history(self)
        self._enabled = recall_switch(self, self.config)
        self._trades |= take_up_trades(self, self._entries, self._exits, self.config)
        for name in self.config.instruments:
            data_type = DataType(CompositeSignal, metadata={"instrument_id": name})
            self.msgbus.subscribe(bus_topic(data_type), self.handle_data)
            if type(self).on_text is not SageStrategy.on_text:
                for entity in self.config.entities.get(name, ()):
                    hear = partial(self._hear_text, name)
                    self.msgbus.subscribe(bus_topic(text_signal_type(entity)), hear)
            watched = has_one_exit(name)
            if watched:
                self.subscribe_quote_ticks(InstrumentId.from_str(name))
            if self._learns or self._manages or watched:
                hear_bars(self, BarType.from_str(f"{name}-{self.config.bar}-EXTERNAL"))
        if self._learns:
            self._past.ask()

    def on_data(self, data: CompositeSignal) -> None:
        self._heard.signal(data)
        if data.instrument_id in self._trades or self._exits.locked or not self._enabled:
            return
        answer = self._guarded(self.on_new_signal, data)
        if answer is not None:
            self._enter(answer, data)

    def _hear_text(self, instrument_id: str, text: TextSignal) -> None:
        self._guarded(self.on_text, text, instrument_id)

    def on_historical_data(self, data: Any) -> None:
        self._past.take(data)

    def on_bar(self, bar: Bar) -> None:
        if not (self._learns or self._trades) or not self.is_running:
            return
        here = bar.bar_type.instrument_id
        name = here.value
        trade, latest = self._trades.get(here), self._heard.price(name, bar.close.as_double())
        if trade is not None and trade.one_exit:
            high = bar.high if self.cache.quote_tick(here) is None else bar.close  # which quotes have told of by now
            self._exits.watch(trade, high.as_double(), bar.close.as_double())
        manages = self._manages and not self._exits.locked and trade is not None and trade.is_held
        if not (self._learns or manages):
            return
        held = [each for each in self._trades.values() if each.is_held]
        composite = latest.reading if latest else trade.composite if trade else None
        state = market_state(self.cache, name, bar, held, composite)
        if self._learns:
            self._past.go_on(state)
        if manages:
            self._manage(state)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        trade, bid = self._trades.get(tick.instrument_id), tick.bid_price.as_double()
        if trade is not None and 0.0 < bid <= tick.ask_price.as_double():
            self._exits.watch(trade, bid, bid)

    def _manage(self, state: MarketState) -> None:
        wished = actions(self._guarded(self.on_tick, state), state)
        if isinstance(wished, str):
            raise self._nonsense("on_tick", wished)
        for action, held in wished:
            trade = self._trades.get(InstrumentId.from_str(held.instrument_id))
            if trade is None or not trade.is_held:
                continue  # an action before this one has closed it
            if action.stop_price is not None and action.kind is ActionKind.MOVE_STOP:
                self._exits.move_stop(trade, action.stop_price, held.price)
            else:
                self._exits.close(trade, f"plugin: {action.reason}")

    def on_position_opened(self, event: PositionOpened) -> None:
        trade = self._trades.get(event.instrument_id)
        if trade is None or not trade.opens(event.position_id, event.opening_order_id):
            self._exits.flatten(self.cache.position(event.position_id), "late_fill")
            return
        if trade.position_id is None:
            trade.position_id = event.position_id
            self._exits.close_at(trade, trade.due_ns, TIME_EXIT)
            free_legs(self, trade.trade_id, self._trades.values())
        self._follow(trade)

    def on_position_changed(self, event: PositionChanged) -> None:
        trade = self._trades.get(event.instrument_id)
        if trade is not None and trade.position_id == event.position_id:
            self._follow(trade)

    def on_position_closed(self, event: PositionClosed) -> None:
        trade = self._trades.get(event.instrument_id)
        if trade is None or trade.position_id != event.position_id:
            return
        self._exits.release(trade)
        remember_result(self, self._entries, self.cache.position(event.position_id))
        trade.closing = trade.closing or "late_fill"  # of whatever its entry may still bring
        self._follow(trade)

    def on_order_denied(self, event: OrderDenied) -> None:
        trade = self._entry_failed(event)
        if trade is not None:
            self._deny(trade, event.reason)

    def on_order_rejected(self, event: OrderRejected) -> None:
        self._entry_failed(event)

    def on_order_canceled(self, event: OrderCanceled) -> None:
        self._entry_failed(event)

    def on_order_expired(self, event: OrderExpired) -> None:
        self._entry_failed(event)

    def on_order_event(self, event: OrderEvent) -> None:
        trade = self._trades.get(event.instrument_id)
        if trade is None or trade.position_id is None:
            return
        if event.client_order_id == trade.entry_id:
            if trade.closing is not None or trade.one_exit:
                self._follow(trade)
        else:
            self._exits.hear(trade, event)

    # From a decision to an order

    def _enter(self, answer: Any, signal: CompositeSignal) -> None:
        """Send the orders of what is taken. What they answer at once must find the trade."""
        decided = legs(answer, signal, self._heard, self.config.instruments)
        if isinstance(decided, str):
            raise self._nonsense("on_new_signal", decided)
        taken = self._entries.judge(decided, self._trades)
        for trade, _ in taken:
            self._trades[trade.instrument_id] = trade
            remember(self, trade)
            self._entries.publish(trade.record)
        for trade, orders in taken:
            if trade.closing is not None:  # the leg before it has failed
                self._deny(self._trades.pop(trade.instrument_id), LEG_FAILED)
            elif isinstance(orders, OrderList):
                self.submit_order_list(orders)
            else:
                self.submit_order(orders)

    def _deny(self, trade: Trade, why: str) -> None:
        self._entries.publish(msgspec.structs.replace(trade.record, verdict=Verdict.DENIED_BY_GUARD, why=why))

    # What is open

    def _follow(self, trade: Trade) -> None:
        """Have the exits follow the position; forget the trade once neither it nor its entry is open."""
        if self._exits.settle(trade):
            del self._trades[trade.instrument_id]
            self._exits.forget(trade)
        else:
            self._exits.protect(trade)

    def _on_entry_end(self, end: EntryEnd) -> None:
        for trade in list(self._trades.values()):
            if end.close and trade.entry_id.value == end.client_order_id:
                self._exits.close(trade, "partial_fill")

    def _entry_failed(self, event: OrderEvent) -> Trade | None:
        """Forget a trade whose entry ended without a fill, and give up what was decided with it; return it."""
        trade = self._trades.get(event.instrument_id)
        if trade is None or trade.entry_id != event.client_order_id or trade.position_id is not None:
            return None
        del self._trades[event.instrument_id]
        for other in partners(trade.trade_id, self._trades.values()):
            self._exits.abandon(other, LEG_FAILED)
        return trade

    # The edges

    def _on_risk_budget(self, budget: float) -> None:
        self._entries.risk_budget = budget

    def _on_control(self, command: StrategySwitch) -> None:
        if isinstance(command, StrategySwitch) and command.strategy == self.label:
            self._enabled = command.enabled
            remember_switch(self, self.config, command)
            self.log.info(f"{self.label} {'enabled' if command.enabled else 'disabled'} by {command.by}")

    def _on_trading_state(self, message: TradingState) -> None:
        """Lock, or unlock and see to what was held back: close what came due, and protect the rest."""
        self._exits.locked = message.locked
        now = self.clock.timestamp_ns()
        for trade in [] if message.locked else list(self._trades.values()):
            if trade.position_id is not None and (trade.closing is not None or trade.due_ns <= now):
                self._exits.close(trade, TIME_EXIT)
            else:
                self._exits.protect(trade)

    def _guarded(self, method: Callable[..., Any], *arguments: Any) -> Any:
        """Call into the plugin; whatever it raises becomes a `PluginError` that names it."""
        try:
            return method(*arguments)
        except RAISES as error:  # the plugin's edge: foreign code may raise anything
            raise raised(f"{self._who()}: {type(self).__name__}.{method.__name__}", error) from error

    def _nonsense(self, method: str, fault: str) -> PluginError:
        return PluginError(f"{self._who()}: {type(self).__name__}.{method} is not valid: {fault}")

    def _who(self) -> str:
        return f"strategy {self.label!r} at {self.clock.utc_now():%Y-%m-%d %H:%M} UTC"
