"""Feeds over real sockets into a real live node: from the server's answer to clean items on the bus."""

import asyncio
import email.utils

from nautilus_trader.config import LoggingConfig, TradingNodeConfig
from nautilus_trader.live.node import TradingNode

from actors.news import NewsActor, NewsActorConfig
from adapters.news.client import NewsClientConfig, news_client_factory
from sagetrade_nautilus.config import NewsConfig, TextConfig
from sagetrade_nautilus.data import NEWS_CLIENT_ID, TextItem
from tests.support.http_server import Reply, serving

ITEM = (
    "<item><guid>{n}</guid><title>Bitcoin news {n}</title><link>https://e.com/{n}</link><pubDate>{at}</pubDate></item>"
)


def feed(*numbers: int) -> bytes:
    items = "".join(ITEM.format(n=number, at=email.utils.formatdate(usegmt=True)) for number in numbers)
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{items}</channel></rss>".encode()


async def run_node(config: NewsClientConfig, count: int) -> list[TextItem]:
    """Run a node until `count` items were heard, and return them."""
    node = TradingNode(
        TradingNodeConfig(
            logging=LoggingConfig(log_level="OFF"),
            data_clients={NEWS_CLIENT_ID: config},
            timeout_connection=5.0,
            timeout_disconnection=2.0,
            timeout_post_stop=0.1,
        ),
        loop=asyncio.get_running_loop(),
    )
    node.add_data_client_factory(NEWS_CLIENT_ID, news_client_factory(lambda name: None))
    heard: list[TextItem] = []
    node.build()
    node.trader.add_actor(NewsActor(NewsActorConfig(text=TextConfig(ingest_latency_s=0.0))))
    node.kernel.msgbus.subscribe("data.TextItem*", heard.append)
    running = asyncio.create_task(node.run_async())
    for _ in range(400):
        await asyncio.sleep(0.02)
        if len(heard) >= count:
            break
    await node.stop_async()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return heard


def test_a_feed_reaches_the_bus_while_sources_without_a_key_are_off() -> None:
    with serving(Reply(200, feed(1, 2)), Reply(500), Reply(200, feed(2, 3))) as server:
        news = NewsConfig(feeds=[server.url + "/feed"], subreddits=["Bitcoin"], feed_interval_s=1.0)
        config = NewsClientConfig(news=news)
        heard = asyncio.run(asyncio.wait_for(run_node(config, 3), 30))
    assert [item.title for item in heard] == ["Bitcoin news 1", "Bitcoin news 2", "Bitcoin news 3"]
    assert all(item.ts_init >= item.ts_event > 0 for item in heard)
