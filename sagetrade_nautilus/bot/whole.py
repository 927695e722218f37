"""The bot of a node, whole: its commands together with advisor, notices, summaries, pictures and experiments."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Final

from adapters.llm.client import LlmClient
from sagetrade_nautilus.bot.actor import TelegramActor, TelegramActorConfig
from sagetrade_nautilus.bot.advisor.facts import Rules
from sagetrade_nautilus.bot.advisor.phrasing import Phraser
from sagetrade_nautilus.bot.charts import Draw
from sagetrade_nautilus.bot.counsel import Counsel
from sagetrade_nautilus.bot.extras import Answer, Extras
from sagetrade_nautilus.bot.hearers import Hearer
from sagetrade_nautilus.bot.notices import Message
from sagetrade_nautilus.bot.pages import split
from sagetrade_nautilus.bot.periods import Period
from sagetrade_nautilus.bot.text import Voice
from sagetrade_nautilus.bot.wire import Send
from sagetrade_nautilus.config import AggregatorConfig, CostConfig, LlmConfig
from sagetrade_nautilus.config.bot import Language
from sagetrade_nautilus.experiments.book import ExperimentBook
from sagetrade_nautilus.overview import HeldPosition, Overview

PERIODS: Final = ((1, Period.DAY), (7, Period.WEEK), (30, Period.MONTH))
"""The longest span in days that each period serves; beyond them all that is known."""

NOTICE_CHARS_MAX: Final = 3_500
"""Telegram takes 4,096; a notice has no buttons to turn pages with."""


class WholeBotConfig(TelegramActorConfig, frozen=True, kw_only=True):
    """Configuration of a `WholeBot`.

    Parameters
    ----------
    costs : CostConfig
        What the advisor says that a trade costs.
    aggregator : AggregatorConfig
        Below which score it says that there is no direction.
    llm : LlmConfig
        The language model that may phrase an answer; without a name there is none.
    experiments : str
        The folder of the experiments.
    """

    costs: CostConfig = CostConfig()
    aggregator: AggregatorConfig = AggregatorConfig()
    llm: LlmConfig = LlmConfig()
    experiments: str = "experiments"


class WholeBot(TelegramActor):
    """A `TelegramActor` that also advises, tells and draws."""

    config: WholeBotConfig

    def __init__(self, config: WholeBotConfig) -> None:
        super().__init__(config, self._join)

    def _join(self, actor: TelegramActor) -> Extras:
        config, book = self.config, ExperimentBook(Path(self.config.experiments))
        counsel = Counsel(
            self.msgbus,
            self.cache,
            self.observer.look,
            Rules.of(config.costs, config.aggregator, config.limits),
            self._send,
            self._hearers,
            self.log.warning,
            book.list,
            phraser(config.llm),
        )
        counsel.start()
        talk = Talk(counsel, self.clock.timestamp_ns)
        return Extras(
            answerer=talk,
            artist=talk,
            experiments=book,
            stop=counsel.stop,
        )

    def _send(self, user_id: int, message: Message) -> None:
        for send in sends(user_id, message, self._language(user_id)):
            self.outbox.notify(send)

    def _hearers(self) -> Iterable[Hearer]:
        for user_id in self.users:
            yield Hearer.kept(user_id, self._language(user_id), self.store.settings(user_id).choices)

    def _language(self, user_id: int) -> Language:
        return self.store.settings(user_id).language or self.config.bot.language


class Talk:
    """The advisor's answers and pictures, as the bot asks for them."""

    def __init__(self, counsel: Counsel, now_ns: Callable[[], int]) -> None:
        self._counsel = counsel
        self._now_ns = now_ns

    async def answer(self, text: str, language: Language, overview: Overview, choices: Mapping[str, str]) -> Answer:
        """Return the answer to a person's words."""
        said = await self._counsel.answer(text, overview, language, Hearer.kept(0, language, choices).tz)
        return Answer(marked(said, language))

    def equity(self, days: int, choices: Mapping[str, str]) -> Draw | None:
        """Return what draws equity over the last days."""
        period = next((period for most, period in PERIODS if days <= most), Period.ALL)
        return self._counsel.charts.equity(period, self._now_ns(), Hearer.kept(0, "en", choices).tz)

    def position(self, held: HeldPosition, choices: Mapping[str, str]) -> Draw | None:
        """Return what draws an open position on its chart."""
        return self._counsel.charts.position(held, Hearer.kept(0, "en", choices).tz)


def phraser(config: LlmConfig) -> Phraser | None:
    """Return the model that may phrase answers, ``None`` where none is named."""
    if not config.model:
        return None
    client = LlmClient.of(config)

    async def ask(system: str, user: str) -> str:
        return (await client.complete(system, user)).text

    return ask


def sends(user_id: int, message: Message, language: Language) -> list[Send]:
    """Return a notice as messages that Telegram takes, in their order; the first one has the picture."""
    pages = split(marked(message.text, language), NOTICE_CHARS_MAX)
    return [
        Send(chat_id=user_id, text=page, picture=None if number else message.picture, critical=message.critical)
        for number, page in enumerate(pages)
    ]


def marked(plain: str, language: Language) -> str:
    """Return plain text as Telegram's HTML, each line in the language's direction."""
    return Voice(language).page(escape(plain, quote=False))
