"""The sources that a configuration names. Client libraries are loaded for those that are wanted only."""

# ruff: noqa: PLC0415

from adapters.news.source import Secret, Source
from sagetrade_nautilus.config.news import NewsConfig


def create_sources(config: NewsConfig, secret: Secret) -> list[Source]:
    """Build every source that `config` asks for; nothing is connected, and no key is read yet.

    Raises
    ------
    ConfigError
        The address of a feed is none.
    """
    sources: list[Source] = []
    if config.feeds:
        from adapters.news.rss import RssSource

        sources += [RssSource(url, config.feed_interval_s) for url in config.feeds]
    if config.subreddits:
        from adapters.news.reddit import RedditSource

        sources.append(RedditSource(config.subreddits, secret, config.reddit_interval_s))
    if config.x_query:
        sources.append(_x(config, secret))
    if config.telegram_channels:
        from adapters.news.telegram import TelegramSource

        sources.append(TelegramSource(config.telegram_channels, secret))
    if config.alpaca:
        sources.append(_alpaca(config, secret))
    return sources


def _x(config: NewsConfig, secret: Secret) -> Source:
    if config.x_stream:
        from adapters.news.x_stream import XStream

        return XStream(config.x_query, secret)
    from adapters.news.x import XSearch

    return XSearch(config.x_query, secret, config.x_interval_s)


def _alpaca(config: NewsConfig, secret: Secret) -> Source:
    if config.alpaca_stream:
        from adapters.news.alpaca_stream import AlpacaStream

        return AlpacaStream(config.alpaca_symbols, secret)
    from adapters.news.alpaca import AlpacaNews

    return AlpacaNews(config.alpaca_symbols, secret, config.alpaca_interval_s)
