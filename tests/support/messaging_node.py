"""A real trading node that hears texts from Redis: python -m tests.support.messaging_node PORT local|workers SECONDS

Prints, as JSON lines, every text signal as the aggregator would hear it, and in the end what the actors counted. The
password of Redis comes from the environment, and so does the level of what Nautilus logs (NODE_LOG).
"""

import asyncio
import json
import os
import sys
import threading
from typing import Any

from nautilus_trader.common.actor import Actor
from nautilus_trader.config import LoggingConfig
from nautilus_trader.live.config import LiveDataEngineConfig, TradingNodeConfig
from nautilus_trader.model.identifiers import TraderId

from actors.news import NewsActor, NewsActorConfig
from actors.nlp import NlpActor, NlpActorConfig
from actors.remote import RemoteNlpActor, RemoteNlpActorConfig
from adapters.messaging.items import ItemSender
from adapters.messaging.listener import Listener
from adapters.messaging.node import external_clients
from adapters.watched import WatchedNode
from sagetrade_nautilus.config import MessagingConfig
from sagetrade_nautilus.data import TextSignal


def _say(line: dict[str, Any]) -> None:
    """Print a line as one write, so that what Nautilus logs does not come between."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Hearer(Actor):
    def on_start(self) -> None:
        self._thread = threading.get_ident()
        self.msgbus.subscribe("data.TextSignal.entity=*", self._hear)

    def _hear(self, signal: TextSignal) -> None:
        here = threading.get_ident() == self._thread
        _say({**signal.to_dict(), "on_the_loop": here})


async def _run(node: WatchedNode, messaging: MessagingConfig, seconds: float) -> None:
    running = asyncio.ensure_future(node.run_async())
    msgbus = node.kernel.msgbus
    jobs = [Listener(messaging, os.environ, msgbus, print).run()]
    if messaging.scoring == "workers":
        jobs.append(ItemSender(messaging, os.environ, msgbus, lambda line: None).run())
    beside = [asyncio.ensure_future(job) for job in jobs]
    await asyncio.sleep(1.0)
    _say({"type": "ready"})
    await asyncio.sleep(seconds)
    await node.stop_async()
    for task in (running, *beside):
        task.cancel()
    await asyncio.gather(running, *beside, return_exceptions=True)


def main(port: int, scoring: Any, seconds: float) -> None:
    messaging = MessagingConfig(backend="redis", port=port, scoring=scoring)
    node = WatchedNode(
        config=TradingNodeConfig(
            trader_id=TraderId("SAGE-001"),
            logging=LoggingConfig(log_level=os.environ.get("NODE_LOG", "ERROR")),
            timeout_post_stop=0.1,
            data_engine=LiveDataEngineConfig(external_clients=external_clients(messaging)),
        )
    )
    news = NewsActor(NewsActorConfig())
    remote = RemoteNlpActor(RemoteNlpActorConfig())
    for actor in (news, remote if scoring == "workers" else NlpActor(NlpActorConfig()), Hearer()):
        node.trader.add_actor(actor)
    node.build()
    node.kernel.loop.run_until_complete(_run(node, messaging, seconds))
    counts = {"type": "counts", "news": news.counts, "remote": remote.counts}
    node.end()
    _say(counts)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
