"""A `TradingNode` that hands signals and errors to whoever runs it, instead of ending the process with them."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

from nautilus_trader.config import TradingNodeConfig
from nautilus_trader.live.node import TradingNode

from sagetrade_nautilus.messages import LAST_WORDS_ENDPOINT, NODE_VIEW_ENDPOINT
from sagetrade_nautilus.overview import ClientStatus, NodeStatus

LAST_WORDS_S_MAX: Final = 4.0
"""How long the end of a node waits for what it has been given to wait for."""


class WatchedNode(TradingNode):
    """A node on a loop of its own.

    Nautilus ends the process where an error leaves one of the engines' queues, and stops by itself on a signal. Here
    both are futures, so that orders can be seen to, the journal closed and the exit code chosen.

    Parameters
    ----------
    config : TradingNodeConfig
        The node.

    Attributes
    ----------
    asked, failed : Future
        Resolved with the signal that asked the node to stop, and with the first error that anything in it raised.
    """

    def __init__(self, config: TradingNodeConfig) -> None:
        self.watch(asyncio.new_event_loop())
        try:
            super().__init__(config, self.own_loop)
        except BaseException:
            self.close_loop()
            raise
        self.watch_queues()

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take `loop` as the node's own, before there is a kernel."""
        self.own_loop = loop
        asyncio.set_event_loop(loop)
        self.asked: asyncio.Future[signal.Signals] = loop.create_future()
        self.failed: asyncio.Future[BaseException] = loop.create_future()
        loop.set_exception_handler(self._hear_loop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # Nautilus hears all others that ask to end
            loop.add_signal_handler(signal.SIGHUP, self._loop_sig_handler, signal.SIGHUP)

    def watch_queues(self) -> None:
        """Hear what the engines' queues raise, and tell whoever asks how the node runs."""
        for engine in (self.kernel.data_engine, self.kernel.risk_engine, self.kernel.exec_engine):
            engine._handle_queue_exception = self._hear_queue
        self.kernel.msgbus.register(NODE_VIEW_ENDPOINT, self._show)
        self._last_words: list[asyncio.Future[None]] = []
        self.kernel.msgbus.register(LAST_WORDS_ENDPOINT, self._last_words.append)

    def ask_before_start(self, check: Callable[[], Awaitable[BaseException | None]]) -> None:
        """Have `check` asked once Nautilus has reconciled; where it answers an error, the node fails with that.

        Nautilus starts its strategies right after its reconciliation, and only where that went well.
        """
        engine = self.kernel.exec_engine
        reconcile = engine.reconcile_execution_state

        async def reconcile_and_ask(timeout_secs: float = 10.0) -> bool:
            if not await reconcile(timeout_secs):
                return False
            error = await check()
            if error is not None:
                self.fail(error)
            return error is None

        engine.reconcile_execution_state = reconcile_and_ask

    def unconnected(self) -> str:
        """Say which clients are not connected."""
        missing = [view.client for view in self._clients() if not view.connected]
        return f"not connected: {', '.join(missing)}" if missing else "all clients are connected"

    def _clients(self) -> Iterator[ClientStatus]:
        for kind, engine in (("data", self.kernel.data_engine), ("exec", self.kernel.exec_engine)):
            for name in sorted(engine._clients, key=str):
                yield ClientStatus(f"{kind} {name}", stands(engine._clients[name]))

    def _show(self, show: Callable[[NodeStatus], None]) -> None:
        data, risk, execution = self.kernel.data_engine, self.kernel.risk_engine, self.kernel.exec_engine
        queues = {
            "data": data.data_qsize(),
            "data_commands": data.cmd_qsize(),
            "risk_commands": risk.cmd_qsize(),
            "risk_events": risk.evt_qsize(),
            "orders": execution.cmd_qsize(),
            "order_events": execution.evt_qsize(),
        }
        show(NodeStatus(clients=tuple(self._clients()), queues=queues, stopping=self.asked.done()))

    def end(self) -> None:
        """Dispose of a node that has stopped and whose last words are said, or has never run; its loop is closed."""
        self.kernel._is_running = False  # else it would wait by its clock, which may stand still
        if self._last_words:
            self.own_loop.run_until_complete(asyncio.wait(self._last_words, timeout=LAST_WORDS_S_MAX))
        tasks = asyncio.all_tasks(self.own_loop)  # what waits for work that will not come
        for task in tasks:
            task.cancel()
        self.own_loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.dispose()
        self.close_loop()

    def close_loop(self) -> None:
        """Close the loop, if the node has not."""
        if not self.own_loop.is_closed():
            self.own_loop.close()
        asyncio.set_event_loop(None)

    def _loop_sig_handler(self, sig: signal.Signals) -> None:
        if not self.asked.done():
            self.asked.set_result(sig)

    def _hear_queue(self, error: Exception, queue_name: str) -> None:
        self.fail(error)

    def _hear_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.fail(context.get("exception") or RuntimeError(context["message"]))

    def fail(self, error: BaseException) -> None:
        """Take the node to have failed with `error`, unless it has failed already."""
        if not self.failed.done():
            self.failed.set_result(error)


def stands(client: Any) -> bool:
    """Return whether a client is connected, and each market stream that it opens anew by itself, unseen: Binance's."""
    pools = (getattr(client, name, None) for name in ("_ws_client", "_ws_public_client"))
    sockets = [socket for pool in pools for socket in getattr(pool, "_clients", {}).values() if socket is not None]
    return bool(client.is_connected) and not any(socket.is_reconnecting() for socket in sockets)
