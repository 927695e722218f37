"""One replay from its configuration to plain values: the same wiring as a backtest, in a node that runs."""

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nautilus_trader.common.actor import Actor

from adapters.replay.clocks import ReplayClocks
from adapters.replay.node import ReplayNode
from adapters.replay.pace import Pace
from adapters.replay.player import Player
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import RunError
from sagetrade_nautilus.messages import WIND_DOWN_ENDPOINT
from sagetrade_nautilus.model.records import RunSummary
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.run import analyzer
from sagetrade_nautilus.run.backtest import summarize
from sagetrade_nautilus.run.compose import interval_ns, last_arrival_ns
from sagetrade_nautilus.run.node.feed import Feed, load_feed
from sagetrade_nautilus.run.node.nodes import replay_node
from sagetrade_nautilus.run.node.state import begin_anew, held
from sagetrade_nautilus.run.progress import Progress
from sagetrade_nautilus.run.recorder import Recorder

START_TIMEOUT_S = 30.0


class Played(NamedTuple):
    """What a replay left behind, or by which signal it was stopped; its summary is then ``None``."""

    summary: RunSummary | None
    stopped_by: signal.Signals | None
    data_count: int


def replay(
    config: RunConfig,
    folder: Path,
    pace: Pace | None = None,
    tell: Callable[[float], None] = lambda share: None,
    listeners: Sequence[Actor] = (),
    *,
    warm_up_h: float = 0.0,
) -> Played:
    """Play the catalog into a node, and return what it left behind.

    Parameters
    ----------
    config : RunConfig
        The run; `backtest.prepare` must have found its data.
    folder : Path
        Where the node's kill switch stands and its journal goes. What an earlier replay left there is taken away.
    pace : Pace, optional
        How fast; as fast as the node works unless given.
    tell : callable
        Told the share that is done, in [0, 1], once a replayed day.
    listeners : sequence of Actor
        Further actors that hear the run and change nothing.
    warm_up_h : float
        How many hours of bars before its first day the signals begin with, as those of a node on the wall's clock do.
        A backtest has none, and a replay is like it unless this is given.

    Raises
    ------
    SageTradeError
        A plugin misbehaves, the node stops by itself, or another node works in the folder.
    """
    feed = load_feed(config, warm_up_h)
    player = Player(feed.data, _over_ns(config, feed), pace or Pace())
    with held(folder):
        begin_anew(folder)
        node = replay_node(config, folder, feed, player, warm_up_h=warm_up_h)
        try:
            recorder = Recorder(config.data.instruments)
            analyzer.install(node.kernel.portfolio)
            for actor in (recorder, Progress(*interval_ns(config), tell), *listeners):
                node.trader.add_actor(actor)
            stopped_by = node.kernel.loop.run_until_complete(_play(config, node, player))
            summary = None if stopped_by else summarize(config, node, recorder)
            return Played(summary, stopped_by, player.count)
        finally:
            node.end()


def _over_ns(config: RunConfig, feed: Feed) -> int:
    """Return when the answer to what is sent at the last datum has come."""
    start, end = interval_ns(config)
    late_ns = max(0, max((arrival.at_ns for arrival in feed.data), default=start) - end)
    return last_arrival_ns(config) + late_ns


async def _play(config: RunConfig, node: ReplayNode, player: Player) -> signal.Signals | None:
    """Run the node, play until the data end or something stops it, and stop the node in good order."""

    async def settle() -> None:
        await node.settle()
        while player.arrive():
            await node.settle()

    clocks = ReplayClocks(node.clocks, settle)
    clocks.set(interval_ns(config)[0])
    running = asyncio.ensure_future(node.run_async())
    playing = asyncio.ensure_future(_from_start(node, player, clocks))
    either: set[asyncio.Future[Any]] = {running, playing, node.asked, node.failed}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    stopped_by = node.asked.result() if node.asked.done() else None
    by_itself = running.done() and not playing.done()
    if not playing.done():
        playing.cancel()
        await asyncio.wait({playing})
        if stopped_by is not None and config.node.on_stop != "leave":
            node.kernel.msgbus.send(WIND_DOWN_ENDPOINT, config.node.on_stop == "flatten")
            await clocks.ring_through(clocks.now_ns + round(config.node.stop_timeout_s * NANOS_PER_SECOND))
    if node.trader.is_running:
        await node.stop_async()
    else:
        running.cancel()  # it has not come up: by its own clock, which stands still, it would try for ever
    await asyncio.wait({running})
    if node.failed.done():
        raise node.failed.result()
    if not playing.cancelled():
        playing.result()
    if by_itself:
        raise RunError(f"replay {config.name} ended early: the node stopped by itself; its log says why")
    return stopped_by


async def _from_start(node: ReplayNode, player: Player, clocks: ReplayClocks) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while not node.trader.is_running:
        if time.monotonic() > deadline_s:
            raise RunError(f"the node did not come up within {START_TIMEOUT_S:g} s: {node.unconnected()}")
        await asyncio.sleep(0)
    await player.play(clocks)
