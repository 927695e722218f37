"""Where a live run's texts come from."""

from typing import Annotated

from msgspec import Meta

from sagetrade_nautilus.config.section import Section

Interval = Annotated[float, Meta(ge=1.0)]


class NewsConfig(Section, frozen=True):
    """The sources of texts. Keys never stand here: each source reads its own from the environment or
    `config/secrets.env`, and is off without them.

    Parameters
    ----------
    feeds : list[str]
        Addresses of RSS and Atom feeds.
    subreddits : list[str]
        Names without 'r/'.
    x_query : str
        What to look for on X, in its search language; empty for nothing.
    x_stream : bool
        Whether X streams posts that match, instead of being asked in intervals.
    telegram_channels : list[str]
        Public names of channels.
    alpaca : bool
        Whether to read Alpaca's news.
    alpaca_stream : bool
        Whether Alpaca streams its news, instead of being asked in intervals. An account may have one such connection.
    alpaca_symbols : list[str]
        Only news about these, as Alpaca writes them ('BTCUSD', 'AAPL'); none for all.
    feed_interval_s, reddit_interval_s, x_interval_s, alpaca_interval_s : float
        Seconds between two questions to a source.
    """

    feeds: list[str] = []
    subreddits: list[str] = []
    x_query: str = ""
    x_stream: bool = False
    telegram_channels: list[str] = []
    alpaca: bool = False
    alpaca_stream: bool = False
    alpaca_symbols: list[str] = []
    feed_interval_s: Interval = 60.0
    reddit_interval_s: Interval = 30.0
    x_interval_s: Interval = 30.0
    alpaca_interval_s: Interval = 5.0
