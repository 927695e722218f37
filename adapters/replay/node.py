"""A `TradingNode` whose clocks follow the data, and which can tell when it has worked everything through."""

import asyncio
import signal
from collections.abc import Sequence
from typing import Any

from nautilus_trader.common.component import Clock, TestClock
from nautilus_trader.config import TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.live.node_builder import TradingNodeBuilder
from nautilus_trader.system.kernel import NautilusKernel

EVENTS = "ExecEngine.process"


class _ReplayKernel(NautilusKernel):
    """Nautilus's kernel with a `TestClock` where it would make a `LiveClock`; each component gets one like it."""

    @property
    def _clock(self) -> Clock:
        return self._followed

    @_clock.setter
    def _clock(self, clock: Clock) -> None:
        self._followed = TestClock()


class ReplayNode(TradingNode):
    """The real node: its kernel, engines, queues and clients. What differs:

    Its clocks are told the time. What a venue says of an order is applied at once instead of through the event queue,
    since Nautilus's simulated exchange reads from the node's cache what it has just said. Its loop can be asked to
    `settle`. And neither a signal nor an error in a queue ends the process: both are handed to whoever runs the node.

    Parameters
    ----------
    config : TradingNodeConfig
        With the environment SANDBOX, and no checks against the venue: those wait by the wall's clock.
    start_ns : int
        Where time begins, UNIX nanoseconds.

    Attributes
    ----------
    asked, failed : Future
        Resolved with the signal that asked the node to stop, and with the first error that anything in it raised.
    """

    def __init__(self, config: TradingNodeConfig, start_ns: int) -> None:
        self._config = config
        self._own_loop = loop = asyncio.SelectorEventLoop()
        asyncio.set_event_loop(loop)
        self.asked: asyncio.Future[signal.Signals] = loop.create_future()
        self.failed: asyncio.Future[BaseException] = loop.create_future()
        loop.set_exception_handler(self._hear_loop)
        try:
            self.kernel = _ReplayKernel("ReplayNode", config, loop, self._loop_sig_handler)
        except BaseException:
            self._close_loop()
            raise
        self._take_over(self.kernel, start_ns)

    def _take_over(self, kernel: NautilusKernel, start_ns: int) -> None:
        """Do what else `TradingNode` does when it is made, and put ours in the place of what differs."""
        self._builder = TradingNodeBuilder(
            loop=self._own_loop,
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
        for engine in (kernel.data_engine, kernel.risk_engine, kernel.exec_engine):
            engine._handle_queue_exception = self._hear_queue

    def clocks(self) -> Sequence[TestClock]:
        """Return the clocks of the node and of all its components, in the order in which these were added."""
        trader = self.kernel.trader
        parts = [*trader.actors(), *trader.strategies(), *trader.exec_algorithms()]
        return [self.kernel.clock, *(part.clock for part in parts)]

    def unconnected(self) -> str:
        """Say which clients are not connected."""
        kernel = self.kernel
        clients = [*kernel.data_engine._clients.values(), *kernel.exec_engine._clients.values()]
        missing = [str(client) for client in clients if not client.is_connected]
        return f"not connected: {', '.join(missing)}" if missing else "all clients are connected"

    async def settle(self) -> None:
        """Wait until nothing on the loop is ready to run: no queue holds anything, and no task has anything to do."""
        ready = self._own_loop._ready  # type: ignore[attr-defined] # asyncio keeps no public count
        while ready:
            await asyncio.sleep(0)

    def end(self) -> None:
        """Dispose of a node that has stopped, or has never run; its loop is closed."""
        self.kernel._is_running = False  # else it would wait for its clock, which stands still
        self._cancel_tasks()
        self.dispose()
        self._close_loop()

    def _cancel_tasks(self) -> None:
        """Cancel what waits for work that will not come, such as the components' executors."""
        tasks = asyncio.all_tasks(self._own_loop)
        for task in tasks:
            task.cancel()
        self._own_loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))

    def _close_loop(self) -> None:
        if not self._own_loop.is_closed():
            self._own_loop.close()
        asyncio.set_event_loop(None)

    def _loop_sig_handler(self, sig: signal.Signals) -> None:
        if not self.asked.done():
            self.asked.set_result(sig)

    def _hear_queue(self, error: Exception, queue_name: str) -> None:
        self._fail(error)

    def _hear_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._fail(context.get("exception") or RuntimeError(context["message"]))

    def _fail(self, error: BaseException) -> None:
        if not self.failed.done():
            self.failed.set_result(error)
