"""Composite signals on demand, for tests that need a strategy to hear something."""

from collections.abc import Mapping

from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.data import Bar, BarType, DataType
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.model.readings import Component, Composite, Regime
from tests.support.engine import BTC, START


def composite(score: float, price: float, **changes: object) -> Composite:
    """Return a composite with one quant component."""
    fields: dict[str, object] = {
        "score": score,
        "direction": 1 if score > 0 else -1,
        "confidence": 0.5,
        "volatility": 0.01,
        "regime": Regime.LOW_VOL_RANGING,
        "price": price,
        "components": (Component("rsi", "quant", 30.0, score, 1.0),),
    }
    return Composite(**{**fields, **changes})  # type: ignore[arg-type]


def signal(score: float, price: float, ts: int = START, about: str = BTC, **changes: object) -> CompositeSignal:
    """Return the composite as a message about an instrument."""
    return CompositeSignal(InstrumentId.from_str(about), composite(score, price, **changes), ts, ts)


def wish(**changes: object) -> Decision:
    """Return a decision to buy at a signal whose price is 100."""
    fields: dict[str, object] = {
        "side": "buy",
        "size_pct": 1.0,
        "tp": 110.0,
        "sl": 90.0,
        "target_duration": 60.0,
        "expected_edge_bps": 30.0,
        "reason": "because",
        "signal_ids": ("s",),
    }
    return Decision(**{**fields, **changes})  # type: ignore[arg-type]


class SignalFeed(Actor):
    """Publishes the score that `scores` has for a bar's number (from 1), at that bar's close."""

    def __init__(self, scores: Mapping[int, float], about: str = BTC, **changes: object) -> None:
        super().__init__(ActorConfig(component_id=f"feed-{about}"))
        self._about = about
        self._scores = scores
        self._changes = changes
        self._count = 0

    def on_start(self) -> None:
        self.subscribe_bars(BarType.from_str(f"{self._about}-5-MINUTE-LAST-EXTERNAL"))

    def on_bar(self, bar: Bar) -> None:
        self._count += 1
        if self._count in self._scores:
            message = signal(
                self._scores[self._count], bar.close.as_double(), bar.ts_init, self._about, **self._changes
            )
            self.publish_data(DataType(CompositeSignal, metadata={"instrument_id": self._about}), message)
