import asyncio

from adapters.news.build import create_sources
from adapters.news.supervisor import SourceState, Supervisor
from sagetrade_nautilus.config import NewsConfig


def test_by_default_nothing_is_read() -> None:
    assert create_sources(NewsConfig(), lambda name: None) == []


def test_a_source_is_built_for_all_that_is_named_and_x_and_alpaca_are_asked_or_streamed_not_both() -> None:
    config = NewsConfig(
        feeds=["https://e.com/a", "https://e.com/b"],
        subreddits=["Bitcoin"],
        x_query="bitcoin",
        telegram_channels=["newswire"],
        alpaca=True,
    )
    names = [source.name for source in create_sources(config, lambda name: None)]
    assert names == ["rss:e.com/a", "rss:e.com/b", "reddit", "x", "telegram", "alpaca"]
    assert [source.name for source in create_sources(NewsConfig(x_query="a", x_stream=True), lambda n: None)] == [
        "x-stream"
    ]
    assert [source.name for source in create_sources(NewsConfig(alpaca=True, alpaca_stream=True), lambda n: None)] == [
        "alpaca-stream"
    ]


def test_without_keys_every_source_that_needs_some_is_off_with_one_line() -> None:
    config = NewsConfig(subreddits=["a"], x_query="a", telegram_channels=["a"], alpaca=True)
    lines: list[str] = []
    supervisor = Supervisor(create_sources(config, lambda name: None), lines.append)

    async def read() -> None:
        async for _ in supervisor.texts():
            raise AssertionError("a text without a key")

    asyncio.run(asyncio.wait_for(read(), 10))
    assert sorted(lines) == [
        f"news source {name}: off: {keys} not set in the environment or config/secrets.env"
        for name, keys in [
            ("alpaca", "APCA_API_KEY_ID, APCA_API_SECRET_KEY"),
            ("reddit", "REDDIT_CLIENT_ID, REDDIT_CLIENT_SECRET"),
            ("telegram", "TELEGRAM_API_ID, TELEGRAM_API_HASH, TELEGRAM_SESSION"),
            ("x", "X_BEARER_TOKEN"),
        ]
    ]
    assert {status.state for status in supervisor.status.values()} == {SourceState.OFF}
