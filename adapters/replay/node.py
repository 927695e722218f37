"""A `TradingNode` whose clocks follow the data, and which can tell when it has worked everything through."""

import asyncio
from collections.abc import Sequence
from typing import Any

from nautilus_trader.common.component import Clock, TestClock
from nautilus_trader.config import TradingNodeConfig
from nautilus_trader.live.node_builder import TradingNodeBuilder
from nautilus_trader.system.kernel import NautilusKernel

from adapters.watched import WatchedNode

EVENTS = "ExecEngine.process"


class _ReplayKernel(NautilusKernel):
    """Nautilus's kernel with a `TestClock` where it would make a `LiveClock`; each component gets one like it."""

    @property
    def _clock(self) -> Clock:
        return self._followed

    @_clock.setter
    def _clock(self, clock: Clock) -> None:
        self._followed = TestClock()


class ReplayNode(WatchedNode):
    """The real node: its kernel, engines, queues and clients. Three things differ.

    Its clocks are told the time. What a venue says of an order is applied at once instead of through the event queue,
    since Nautilus's simulated exchange reads from the node's cache what it has just said. And its loop can be asked to
    `settle`.

    Parameters
    ----------
    config : TradingNodeConfig
        With the environment SANDBOX, and no checks against the venue: those wait by the wall's clock.
    start_ns : int
        Where time begins, UNIX nanoseconds.
    """

    def __init__(self, config: TradingNodeConfig, start_ns: int) -> None:
        self._config = config
        self.watch(asyncio.SelectorEventLoop())
        try:
            self.kernel = _ReplayKernel("ReplayNode", config, self.own_loop, self._loop_sig_handler)
        except BaseException:
            self.close_loop()
            raise
        self._take_over(self.kernel, start_ns)
        self.watch_queues()

    def _take_over(self, kernel: NautilusKernel, start_ns: int) -> None:
        """Do what else `TradingNode` does when it is made, and have a venue's events applied at once."""
        self._builder = TradingNodeBuilder(
            loop=self.own_loop,
            data_engine=kernel.data_engine,
            exec_engine=kernel.exec_engine,
            portfolio=kernel.portfolio,
            msgbus=kernel.msgbus,
            cache=kernel.cache,
            clock=kernel.clock,
            logger=kernel.logger,
        )
        self._stream_processors: list[Any] = []
        self._task_streaming = None
        self._is_built = False
        kernel.msgbus.deregister(EVENTS, kernel.exec_engine.process)
        kernel.msgbus.register(EVENTS, kernel.exec_engine._handle_event_with_tracking)
        kernel.clock.set_time(start_ns)

    def clocks(self) -> Sequence[TestClock]:
        """Return the clocks of the node and of all its components, in the order in which these were added."""
        trader = self.kernel.trader
        parts = [*trader.actors(), *trader.strategies(), *trader.exec_algorithms()]
        return [self.kernel.clock, *(part.clock for part in parts)]

    async def settle(self) -> None:
        """Wait until nothing on the loop is ready to run: no queue holds anything, and no task has anything to do."""
        ready = self.own_loop._ready  # type: ignore[attr-defined] # asyncio keeps no public count
        while ready:
            await asyncio.sleep(0)
