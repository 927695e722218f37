"""Advisor, notices and summaries of one node, put together: what an actor starts with its node and asks."""

from collections.abc import Callable, Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import MessageBus

from adapters.llm.client import LlmClient
from sagetrade_nautilus.bot.advisor.advisor import Advisor
from sagetrade_nautilus.bot.advisor.facts import Rules
from sagetrade_nautilus.bot.advisor.phrasing import Phraser
from sagetrade_nautilus.bot.advisor.recall import Recall
from sagetrade_nautilus.bot.notices.board import NoticeBoard
from sagetrade_nautilus.bot.notices.bulletin import Bulletin
from sagetrade_nautilus.bot.notices.hearers import Hearer
from sagetrade_nautilus.bot.notices.notice import Message
from sagetrade_nautilus.bot.notices.summary import Summaries
from sagetrade_nautilus.bot.pictures.charts import Charts
from sagetrade_nautilus.bot.pictures.track import EquityTrack
from sagetrade_nautilus.bot.words.say import Language
from sagetrade_nautilus.config import LlmConfig
from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.experiments.book import ExperimentBook
from sagetrade_nautilus.guard.journal import journal
from sagetrade_nautilus.overview import Overview


class Counsel:
    """Answers questions, and tells people of what happens.

    Make it in an actor's `on_start`, once the guard stands, on the node's event loop.

    Parameters
    ----------
    look : callable
        Returns the node as it is now: `Observer.look`.
    rules : Rules
        Costs and thresholds of the configuration: `Rules.of`.
    send : callable
        Takes a person's id and a message, and returns at once: an outbox. It raises nothing.
    hearers : callable
        Returns who is told at present, with their choices.
    tell : callable
        Is told in one line what went wrong.
    experiments : ExperimentBook
        All experiments.
    phraser : Phraser, optional
        A model that may phrase an analysis; its words are checked.

    Attributes
    ----------
    charts : Charts
        Pictures of equity and of positions.
    experiments : ExperimentBook
        The same.
    summaries : Summaries
        Can be asked for one at any time.
    board : NoticeBoard
        Where others hang their notices.
    """

    def __init__(
        self,
        msgbus: MessageBus,
        cache: CacheFacade,
        look: Callable[[], Overview],
        rules: Rules,
        send: Callable[[int, Message], None],
        hearers: Callable[[], Iterable[Hearer]],
        tell: Callable[[str], None],
        experiments: ExperimentBook,
        phraser: Phraser | None = None,
    ) -> None:
        self._tell = tell
        self.experiments = experiments
        recall = self._remember(Path(look().guard.journal))
        self.charts = Charts(cache, EquityTrack())
        self._advisor = Advisor(rules, recall, phraser)
        self.summaries = Summaries(rules, recall, self.charts, look, send)
        self.board = NoticeBoard(send, hearers, self.summaries.send)
        self._bulletin = Bulletin(msgbus, cache, look, self.board, recall, self.charts.track, tell, experiments.list)

    def start(self) -> None:
        """Listen to the node from now on."""
        self._bulletin.start()

    def stop(self) -> None:
        """Tell what waits, and nothing more."""
        self._bulletin.stop()

    async def answer(self, text: str, overview: Overview, language: Language, zone: ZoneInfo) -> str:
        """Return the answer to a person's words, as plain text; days begin at midnight in `zone`."""
        return await self._advisor.reply(text, overview, language, zone)

    def _remember(self, path: Path) -> Recall:
        """Return what the node's journal says of the past: nothing, and a word in the log, if it cannot be read."""
        recall = Recall()
        if not path.is_file():
            return recall
        try:
            for record in journal.read(path):
                recall.hear(record)
        except JournalError as error:
            self._tell(f"the bot remembers nothing: {error}")
            return Recall()
        return recall


def phraser_of(config: LlmConfig) -> Phraser | None:
    """Return the model that may phrase answers, ``None`` where none is named."""
    if not config.model:
        return None
    client = LlmClient.of(config)

    async def ask(system: str, user: str) -> str:
        return (await client.complete(system, user)).text

    return ask
