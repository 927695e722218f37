import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import Clock, LiveClock, MessageBus, TestClock
from nautilus_trader.config import BacktestEngineConfig, LoggingConfig
from nautilus_trader.model.data import CustomData, DataType
from nautilus_trader.model.identifiers import ClientId, TraderId
from nautilus_trader.portfolio.portfolio import Portfolio

from actors.news import NewsActor, NewsActorConfig
from sagetrade_nautilus.config import TextConfig
from sagetrade_nautilus.data import NEWS_CLIENT_ID, TEXT_REPEATS_TOPIC, RawText, TextItem
from sagetrade_nautilus.model.text.pipeline import Repeat

SECOND = 1_000_000_000
T0 = 1_650_000_000 * SECOND
LATENCY = 60 * SECOND


def raw(title: str, at: int = T0, *, seen: int | None = None, known: bool = False, source: str = "Wire") -> RawText:
    return RawText(
        at,
        at if seen is None else seen,
        source=source,
        title=title,
        body="",
        url="https://example.com/a",
        first_seen_known=known,
    )


class Listener(Actor):
    """Keeps every item with the clock's time at which it came."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[int, TextItem]] = []

    def on_start(self) -> None:
        self.msgbus.subscribe("data.TextItem*", self._hear)

    def on_stop(self) -> None:
        self.msgbus.unsubscribe("data.TextItem*", self._hear)

    def on_reset(self) -> None:
        self.heard.clear()

    def _hear(self, item: TextItem) -> None:
        self.heard.append((self.clock.timestamp_ns(), item))


class Desk:
    """A backtest engine with a news actor and someone who listens."""

    def __init__(self, texts: list[RawText]) -> None:
        self.engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
        self.news = NewsActor(NewsActorConfig(text=TextConfig(ingest_latency_s=60.0)))
        self.listener = Listener()
        self.engine.add_actor(self.listener)
        self.engine.add_actor(self.news)
        wrapped = [CustomData(DataType(RawText), text) for text in texts]
        self.engine.add_data(wrapped, client_id=ClientId(NEWS_CLIENT_ID))

    def run(self, seconds: int = 600) -> list[tuple[int, TextItem]]:
        self.engine.run(end=pd.Timestamp(T0 + seconds * SECOND, tz="UTC"))
        return self.listener.heard


@pytest.fixture
def desk() -> Iterator[Any]:
    made: list[Desk] = []

    def make(*texts: RawText) -> Desk:
        made.append(Desk(list(texts)))
        return made[-1]

    yield make
    for one in made:
        one.engine.dispose()


def test_a_text_without_a_recorded_first_sight_comes_strictly_after_its_publication_plus_the_latency(
    desk: Any,
) -> None:
    [(now, item)] = desk(raw("Bitcoin rises")).run()
    assert now == T0 + LATENCY + 1
    assert (item.ts_event, item.ts_init) == (T0, now)
    assert (item.title, item.entities, item.language, item.source) == ("Bitcoin rises", "BTC", "en", "Wire")


def test_a_text_whose_first_sight_was_recorded_comes_then(desk: Any) -> None:
    [(now, item)] = desk(raw("Bitcoin rises", seen=T0 + 7 * SECOND, known=True)).run()
    assert now == item.ts_init == T0 + 7 * SECOND


def test_items_come_by_their_release_and_equal_ones_in_the_order_of_arrival(desk: Any) -> None:
    heard = desk(
        raw("Bitcoin one"),
        raw("Bitcoin two"),
        raw("Bitcoin three"),
        raw("Bitcoin four", T0 + 1),
        raw("Bitcoin five", T0 + SECOND, seen=T0 + 2 * SECOND, known=True),
        raw("Bitcoin six", T0 + LATENCY, seen=T0 + LATENCY + 1, known=True),
    ).run()
    order = [item.title.removeprefix("Bitcoin ") for _, item in heard]
    assert order == ["five", "one", "two", "three", "six", "four"]
    assert [now for now, _ in heard] == sorted(now for now, _ in heard)


def test_two_runs_give_the_same_items(desk: Any) -> None:
    texts = [raw(f"Bitcoin {number % 7}", T0 + number * SECOND // 3) for number in range(40)]
    first = [item.to_dict() for _, item in desk(*texts).run()]
    again = desk(*texts)
    again.run()
    again.engine.reset()
    assert [item.to_dict() for _, item in again.run()] == first
    assert len(first) == 7


def test_what_cannot_be_used_is_counted_and_never_published(desk: Any) -> None:
    one = desk(
        raw("Bitcoin rises"),
        raw("BITCOIN rises!", T0 + SECOND, source="Other"),
        raw("Weather in Paris", T0 + 2 * SECOND),
        raw("Bitcoin undated", 0, seen=T0 + 3 * SECOND),
        raw("Bitcoin tomorrow", T0 + 86_400 * SECOND, seen=T0 + 4 * SECOND, known=True),
        raw("<p></p>", T0 + 5 * SECOND),
    )
    assert len(one.run()) == 1
    refused = {"duplicate": 1, "no_entity": 1, "undated": 1, "future": 1, "empty": 1}
    assert one.news.counts == {"accepted": 1, **refused, "pending": 0}


def test_a_story_told_again_is_told_to_who_listens_with_the_addresses_where_it_stands(desk: Any) -> None:
    again = raw("BITCOIN rises!", T0 + SECOND, source="Other")
    again.url = "https://other.example/b"
    one = desk(raw("Bitcoin rises"), again)
    told: list[Repeat] = []
    one.engine.kernel.msgbus.subscribe(TEXT_REPEATS_TOPIC, told.append)
    [(_, item)] = one.run()
    assert told == [Repeat(item.item_id, ("https://other.example/b",))]


def test_an_item_not_yet_due_when_the_run_ends_is_not_published(desk: Any) -> None:
    one = desk(raw("Bitcoin rises"))
    assert one.run(seconds=60) == []
    assert one.news.counts["pending"] == 1


def live(config: NewsActorConfig, clock: Clock) -> tuple[NewsActor, list[tuple[int, str]]]:
    """Return a news actor on a clock as a node has it, and the threads and titles of the items that it publishes."""
    bus = MessageBus(trader_id=TraderId("TESTER-001"), clock=clock)
    cache = Cache()
    news = NewsActor(config)
    news.register_base(portfolio=Portfolio(bus, cache, clock), msgbus=bus, cache=cache, clock=clock)
    heard: list[tuple[int, str]] = []
    bus.subscribe("data.TextItem*", lambda item: heard.append((threading.get_ident(), item.title)))
    bus.register("DataEngine.execute", lambda command: None)
    return news, heard


def test_a_text_that_waited_on_its_way_until_it_was_too_old_is_counted_and_never_published() -> None:
    clock = TestClock()
    clock.set_time(T0 + 3_600 * SECOND)
    news, heard = live(NewsActorConfig(text=TextConfig(max_age_min=60.0)), clock)
    news.start()
    news.handle_data(raw("Bitcoin rises", T0, known=True))
    news.handle_data(raw("Bitcoin falls", T0 - 1, known=True))
    news.handle_data(raw("Ethereum falls", T0 - 7_200 * SECOND, known=True))
    assert [title for _, title in heard] == ["Bitcoin rises"]
    assert news.counts == {"accepted": 1, "late": 2, "pending": 0}


def test_in_a_live_node_items_are_published_on_the_event_loops_thread() -> None:
    clock = LiveClock()
    news, heard = live(NewsActorConfig(text=TextConfig(ingest_latency_s=0.02)), clock)

    async def scenario() -> None:
        news.start()
        now = clock.timestamp_ns()
        news.handle_data(raw("Bitcoin rises", now))
        assert heard == []
        for _ in range(200):
            await asyncio.sleep(0.01)
            if heard:
                break
        news.stop()

    asyncio.run(scenario())
    assert heard == [(threading.get_ident(), "Bitcoin rises")]
