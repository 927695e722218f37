"""Bars that come straight from the bus."""

from pathlib import Path

from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.data import Bar

from sagetrade_nautilus.data import hear_bars
from tests.support.engine import bars, engine

BARS = bars([40_000.0, 40_100.0, 40_200.0])


class Listener(Actor):
    """Hears bars, and keeps apart what came on Nautilus's own way."""

    def __init__(self) -> None:
        super().__init__(ActorConfig(component_id="listener"))
        self.heard: list[Bar] = []
        self.by_nautilus: list[Bar] = []

    def on_start(self) -> None:
        hear_bars(self, BARS[0].bar_type, self.hear)

    def hear(self, bar: Bar) -> None:
        self.heard.append(bar)

    def on_bar(self, bar: Bar) -> None:
        self.by_nautilus.append(bar)


def test_each_bar_is_heard_once_after_a_second_start_too(tmp_path: Path) -> None:
    made, listener = engine(tmp_path), Listener()
    made.trader.add_actor(listener)
    made.add_data(BARS)
    made.run()
    assert listener.heard == BARS
    listener.start()  # the run has stopped it
    made.kernel.msgbus.publish(f"data.bars.{BARS[0].bar_type}", BARS[0])
    assert listener.heard == [*BARS, BARS[0]]
    assert not listener.by_nautilus
    made.dispose()
