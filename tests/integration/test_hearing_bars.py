"""Bars that come straight from the bus."""

from pathlib import Path

from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.data import Bar

from sagetrade_nautilus.data import hear_bars
from tests.support.engine import bars, engine

BARS = bars([40_000.0, 40_100.0, 40_200.0])


class Listener(Actor):
    """Hears bars, with or without an indicator of them."""

    def __init__(self, average: SimpleMovingAverage | None = None) -> None:
        super().__init__(ActorConfig(component_id="listener"))
        self.heard: list[Bar] = []
        self.seen: list[float] = []
        self._average = average

    def on_start(self) -> None:
        if self._average is not None:
            self.register_indicator_for_bars(BARS[0].bar_type, self._average)
        hear_bars(self, BARS[0].bar_type)

    def on_bar(self, bar: Bar) -> None:
        self.heard.append(bar)
        if self._average is not None:
            self.seen.append(self._average.value)


def test_each_bar_is_heard_once_after_a_second_start_too(tmp_path: Path) -> None:
    made, listener = engine(tmp_path), Listener()
    made.trader.add_actor(listener)
    made.add_data(BARS)
    made.run()
    assert listener.heard == BARS
    listener.start()  # the run has stopped it
    made.kernel.msgbus.publish(f"data.bars.{BARS[0].bar_type}", BARS[0])
    assert listener.heard == [*BARS, BARS[0]]
    made.dispose()


def test_an_indicator_that_is_registered_has_seen_the_bar_before_it_is_heard(tmp_path: Path) -> None:
    made, listener = engine(tmp_path), Listener(SimpleMovingAverage(2))
    made.trader.add_actor(listener)
    made.add_data(BARS)
    made.run()
    assert listener.heard == BARS
    assert listener.seen == [40_000.0, 40_050.0, 40_150.0]
    made.dispose()
