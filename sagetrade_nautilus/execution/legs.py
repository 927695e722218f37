"""What a plugin answers to a signal: one decision, or several that belong together, each at its instrument's price."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.trade import Trade

LEG_FAILED: Final = "leg_failed"
"""Why a trade is given up whose other leg did not come about."""

type Leg = tuple[Decision, CompositeSignal]
"""A decision, and the last signal of its instrument at the last price that the plugin has heard."""


class Heard:
    """The last signal and the last price that a plugin has heard of each instrument."""

    def __init__(self) -> None:
        self._signals: dict[str, CompositeSignal] = {}
        self._prices: dict[str, float] = {}

    def signal(self, signal: CompositeSignal) -> None:
        """Take up a signal."""
        name = signal.instrument_id.value
        self._signals[name], self._prices[name] = signal, signal.price

    def price(self, instrument_id: str, price: float) -> CompositeSignal | None:
        """Take up a bar's close; return the instrument's last signal, if it had one."""
        self._prices[instrument_id] = price
        return self._signals.get(instrument_id)

    def at_last_price(self, instrument_id: str) -> CompositeSignal | None:
        """Return the last signal of an instrument as if it had come at the last price; ``None`` without any."""
        signal = self._signals.get(instrument_id)
        if signal is None or signal.price == self._prices[instrument_id]:
            return signal
        reading = msgspec.structs.replace(signal.reading, price=self._prices[instrument_id])
        return CompositeSignal(signal.instrument_id, reading, signal.ts_event, signal.ts_init)


def legs(answer: Any, signal: CompositeSignal, heard: Heard, instruments: Sequence[str]) -> list[Leg] | str:
    """Return the decisions of a plugin's `answer` to `signal` with their signals, or what is wrong with it.

    Parameters
    ----------
    answer : Any
        What the plugin returned, but ``None``.
    instruments : sequence of str
        The plugin's.
    """
    decisions = answer if isinstance(answer, list) else [answer]
    found: dict[InstrumentId, Leg] = {}
    for decision in decisions:
        if not isinstance(decision, Decision):
            return f"a Decision, a list of them, or None was expected, got {answer!r}"
        name = decision.instrument_id or signal.instrument_id.value
        if name not in instruments:
            return f"instrument_id {name!r} is none of the strategy's: {', '.join(instruments)}"
        own = signal if name == signal.instrument_id.value else heard.at_last_price(name)
        if own is None:
            return f"{name} has had no signal yet, so nothing can be decided about it"
        fault = decision.fault(own.price)
        if fault is not None:
            return f"{name}: {fault}"
        if own.instrument_id in found:
            return f"two decisions about {name}; one decision is one trade"
        found[own.instrument_id] = (decision, own)
    return list(found.values())


def partners(trade_id: str, trades: Iterable[Trade]) -> list[Trade]:
    """Return those of `trades` that are given up if the trade of that id does not open."""
    return [other for other in trades if trade_id in other.partners]
