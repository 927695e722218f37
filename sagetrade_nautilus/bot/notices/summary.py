"""The summary of a day or a week: what was earned, what is open, what was refused, and a picture of equity."""

import asyncio
import logging
from collections.abc import Callable, Iterable

import msgspec

from sagetrade_nautilus.background import Background
from sagetrade_nautilus.bot.advisor import accounts
from sagetrade_nautilus.bot.advisor.facts import Facts, Rules, gather
from sagetrade_nautilus.bot.advisor.question import Intent, Question
from sagetrade_nautilus.bot.advisor.recall import Recall
from sagetrade_nautilus.bot.notices.hearers import Hearer
from sagetrade_nautilus.bot.notices.notice import Message
from sagetrade_nautilus.bot.pictures.charts import POINTS_MIN, Charts, Draw
from sagetrade_nautilus.bot.pictures.track import STEP_NS
from sagetrade_nautilus.bot.words.figures import Show
from sagetrade_nautilus.bot.words.periods import Period, local, span
from sagetrade_nautilus.bot.words.say import say
from sagetrade_nautilus.model.records import FloatArray
from sagetrade_nautilus.overview import Overview

_LOG = logging.getLogger(__name__)


class Summaries:
    """Writes and sends summaries of one node.

    Parameters
    ----------
    rules : Rules
        Costs and thresholds of the configuration.
    recall : Recall
        The closed trades and the decisions.
    charts : Charts
        The pictures, and what the account was worth.
    look : callable
        Returns the node as it is now.
    send : callable
        Takes a person's id and a message, and returns at once; it raises nothing.
    """

    def __init__(
        self,
        rules: Rules,
        recall: Recall,
        charts: Charts,
        look: Callable[[], Overview],
        send: Callable[[int, Message], None],
    ) -> None:
        self._rules = rules
        self._recall = recall
        self._charts = charts
        self._look = look
        self._send = send
        self._background = Background(lambda error: _LOG.warning("a summary was not sent: %s", type(error).__name__))

    def send(self, hearer: Hearer, period: Period) -> None:
        """Send the summary of `period` to one person; on an event loop the picture is drawn on a thread beside it."""
        now = self._look()
        message = self.write(hearer, period, now)
        draw = self._charts.equity(period, now.ts, hearer.tz)
        if draw is None:
            self._send(hearer.user_id, message)
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._send(hearer.user_id, msgspec.structs.replace(message, picture=draw()))
            return
        self._background.begin(self._send_drawn(hearer.user_id, message, draw))

    def write(self, hearer: Hearer, period: Period, overview: Overview) -> Message:
        """Return the summary of `period`, the last day or week, in words."""
        show = Show(hearer.language)
        question = Question(intent=Intent.RESULT, language=hearer.language, period=period)
        facts = gather(question, overview, self._recall, self._rules, hearer.tz)
        begins = span(period, overview.ts, hearer.tz)[0]
        ts, equity = self._charts.track.since(begins)
        since = _moment(int(ts[0]), hearer) if ts.size and ts[0] - begins > STEP_NS else ""
        lines = [say(hearer.language, f"notice.summary.{period.value}", moment=_moment(overview.ts, hearer))]
        return Message(text="\n".join([*lines, *(f"• {line}" for line in _lines(facts, equity, since, show))]))

    async def _send_drawn(self, user_id: int, message: Message, draw: Draw) -> None:
        picture: bytes | None = None
        try:
            picture = await asyncio.to_thread(draw)
        except Exception as error:  # noqa: BLE001 - the task's edge: an error that leaves it would end the node
            _LOG.warning("a summary is sent without its picture: %s", type(error).__name__)
        self._send(user_id, msgspec.structs.replace(message, picture=picture))


def _moment(ts: int, hearer: Hearer) -> str:
    return f"{local(ts, hearer.tz):%Y-%m-%d %H:%M}"


def _lines(facts: Facts, equity: FloatArray, since: str, show: Show) -> Iterable[str]:
    """Yield the lines; `since` is when equity was first seen where that is not the whole time, and '' where it is."""
    yield from accounts.standing(facts, show)
    if not facts.closed:
        yield say(show.language, "notice.summary.none")
    yield from accounts.result(facts, show)
    if equity.size >= POINTS_MIN and equity[0] > 0.0:
        change = float(equity[-1] - equity[0])
        pct = show.pct(change / float(equity[0]) * 100.0, signed=True)
        money = show.money(change, facts.currency, signed=True)
        key = "notice.summary.change_since" if since else "notice.summary.change"
        yield say(show.language, key, change=money, pct=pct, since=since)
    yield from accounts.held_lines(facts, show)
    for kind, count in facts.verdicts:
        yield show.text(f"verdicts.{kind.value}", count=str(count))
    if facts.failures:
        yield show.text("line.failures", count=str(facts.failures))
