"""The advisor: hears a question, looks at the facts, answers; with a model's phrasing where one is given."""

from zoneinfo import ZoneInfo

from sagetrade_nautilus.bot.advisor.answer import Answer, answer
from sagetrade_nautilus.bot.advisor.facts import Rules, gather
from sagetrade_nautilus.bot.advisor.phrasing import Phraser, phrased
from sagetrade_nautilus.bot.advisor.question import understand
from sagetrade_nautilus.bot.advisor.recall import Recall
from sagetrade_nautilus.bot.advisor.symbols import base
from sagetrade_nautilus.bot.words.say import Language
from sagetrade_nautilus.overview import Overview


class Advisor:
    """Answers questions about one node. It holds values only: nothing that it knows can reach an order.

    Parameters
    ----------
    rules : Rules
        Costs and thresholds of the configuration.
    recall : Recall
        The past; whoever owns it lets it hear.
    phraser : Phraser, optional
        A model that may put the answer's body into its own words; its words are checked. Without one, and where it
        fails, the plain answer stands.
    """

    def __init__(self, rules: Rules, recall: Recall, phraser: Phraser | None = None) -> None:
        self._rules = rules
        self._recall = recall
        self._phraser = phraser

    def answer(self, text: str, overview: Overview, language: Language, zone: ZoneInfo) -> Answer:
        """Return the plain answer to `text`; `language` is the person's own, and `zone` says when their day begins."""
        known = [base(price.instrument_id) for price in overview.prices]
        question = understand(text, known, language)
        return answer(question, gather(question, overview, self._recall, self._rules, zone))

    async def reply(self, text: str, overview: Overview, language: Language, zone: ZoneInfo) -> str:
        """Return the answer as text, phrased if there is a model and its words pass the check."""
        plain = self.answer(text, overview, language, zone)
        return plain.text if self._phraser is None else await phrased(plain, self._phraser)
