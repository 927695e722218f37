"""The Telegram bot: who may say what, and how much of it."""

from typing import Annotated, Literal

from msgspec import Meta

from sagetrade_nautilus.config.section import PositiveFloat, PositiveInt, Section

UserId = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,18}\Z")]
RoleName = Literal["viewer", "trader", "owner"]
Language = Literal["en", "ar"]
Tightening = Literal["pause", "disable", "flatten"]
"""Commands that only ever make trading less. None that allows more can go without a code."""


class BotConfig(Section, frozen=True):
    """The Telegram bot. Its token comes from the environment or `config/secrets.env` (`TELEGRAM_TOKEN`), never from
    here.

    Parameters
    ----------
    enabled : bool
        Whether a replay, paper trading or live node has a bot.
    users : dict[str, str]
        A person's numeric Telegram id to 'viewer', 'trader' or 'owner'. Nobody else is answered; empty admits nobody.
    language : {'en', 'ar'}
        What the bot speaks with whoever has not chosen.
    auto_approve : list[str]
        Commands that are carried out without a code; only such as allow less.
    code_life_s : float
        How long a confirmation code is good, in seconds.
    message_age_s_max : float
        Messages that were sent longer ago than this are refused, in seconds; an emergency stop never is.
    messages_per_minute : int
        Messages that one person may send within a minute; an emergency stop is always heard.
    outbox_max : int
        Messages that wait while Telegram cannot be reached. Beyond it the oldest notices are dropped, and counted.
    base_url : str
        Where the Bot API is; over https, save on this machine.
    """

    enabled: bool = False
    users: dict[UserId, RoleName] = {}
    language: Language = "en"
    auto_approve: list[Tightening] = []
    code_life_s: Annotated[float, Meta(ge=10.0, le=3_600.0)] = 120.0
    message_age_s_max: PositiveFloat = 60.0
    messages_per_minute: PositiveInt = 30
    outbox_max: PositiveInt = 500
    base_url: Annotated[str, Meta(pattern="^https?://")] = "https://api.telegram.org"
