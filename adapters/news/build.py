"""The sources that a configuration names."""

from adapters.news.alpaca import AlpacaNews
from adapters.news.reddit import RedditSource
from adapters.news.rss import RssSource
from adapters.news.source import Secret, Source
from adapters.news.telegram import TelegramSource
from adapters.news.x import XSearch
from adapters.news.x_stream import XStream
from sagetrade_nautilus.config.news import NewsConfig


def create_sources(config: NewsConfig, secret: Secret) -> list[Source]:
    """Build every source that `config` asks for; nothing is connected, and no key is read yet.

    Raises
    ------
    ConfigError
        The address of a feed is none.
    """
    sources: list[Source] = [RssSource(url, config.feed_interval_s) for url in config.feeds]
    if config.subreddits:
        sources.append(RedditSource(config.subreddits, secret, config.reddit_interval_s))
    if config.x_query and config.x_stream:
        sources.append(XStream(config.x_query, secret))
    elif config.x_query:
        sources.append(XSearch(config.x_query, secret, config.x_interval_s))
    if config.telegram_channels:
        sources.append(TelegramSource(config.telegram_channels, secret))
    if config.alpaca:
        sources.append(AlpacaNews(config.alpaca_symbols, secret, config.alpaca_interval_s))
    return sources
