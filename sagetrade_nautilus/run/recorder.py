"""What the report needs to hear while a run goes: every composite, and what became of every decision."""

from collections import Counter
from math import nan

import numpy as np
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.data import DataType

from sagetrade_nautilus.data import CompositeSignal, bus_topic
from sagetrade_nautilus.messages import DECISIONS_TOPIC, DecisionRecord, Verdict
from sagetrade_nautilus.model.readings import Component
from sagetrade_nautilus.model.records import DecisionCount, SignalSeries


class Recorder(Actor):
    """Keeps the scores per instrument and the decisions that were taken; counts the others."""

    def __init__(self, instruments: list[str]) -> None:
        super().__init__(ActorConfig(component_id="recorder"))
        self._rows: dict[str, list[tuple[int, float, float, float]]] = {name: [] for name in instruments}
        self._refused: Counter[tuple[str, str, str]] = Counter()
        self.taken: dict[str, DecisionRecord] = {}

    def on_start(self) -> None:
        for name in self._rows:
            data_type = DataType(CompositeSignal, metadata={"instrument_id": name})
            self.msgbus.subscribe(bus_topic(data_type), self.handle_data)
        self.msgbus.subscribe(topic=DECISIONS_TOPIC, handler=self.hear)

    def on_data(self, data: CompositeSignal) -> None:
        quant = _part_score(data.components, "quant", silent=0.0)
        text = _part_score(data.components, "text", silent=nan)
        self._rows[data.instrument_id.value].append((data.ts_init, data.score, quant, text))

    def signals(self) -> tuple[SignalSeries, ...]:
        """Return the composite and its parts per instrument; parts are rescaled to [-1, 1] by their own weights."""
        series = []
        for name, rows in self._rows.items():
            columns = np.array([row[1:] for row in rows], dtype=np.float64).reshape(len(rows), 3)
            parts = {"quant": columns[:, 1], "text": columns[:, 2]}
            ts = np.array([row[0] for row in rows], dtype=np.int64)
            series.append(SignalSeries(name, ts, columns[:, 0], parts))
        return tuple(series)

    def decisions(self) -> tuple[DecisionCount, ...]:
        """Return how often each strategy's decisions met which fate."""
        taken = Counter((record.strategy, Verdict.TAKEN.value, record.why) for record in self.taken.values())
        counts = taken + self._refused
        return tuple(
            DecisionCount(strategy=strategy, verdict=verdict, reason=why, count=count)
            for (strategy, verdict, why), count in sorted(counts.items())
        )

    def hear(self, record: DecisionRecord) -> None:
        """Take note of one decision; a later word on the same trade replaces the earlier one."""
        if record.verdict is Verdict.TAKEN and record.trade_id is not None:
            self.taken[record.trade_id] = record
            return
        if record.trade_id is not None:
            self.taken.pop(record.trade_id, None)
        why = record.why.split(":")[0]
        self._refused[record.strategy, record.verdict.value, why] += 1


def _part_score(components: tuple[Component, ...], kind: str, silent: float) -> float:
    """Return the score of one kind of signal alone, in [-1, 1]; `silent` where it has no component."""
    weight = score = 0.0
    for part in components:
        if part.kind == kind:
            weight += part.weight
            score += part.weight * part.score
    return score / weight if weight > 0.0 else silent
