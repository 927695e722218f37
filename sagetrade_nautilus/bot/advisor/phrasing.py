"""A model may put an answer into its own words; it learns nothing that a stranger wrote, and what it says is checked.

It is given the plain lines of an analysis alone: not the question, no news title, no reason that a person typed. So no
instruction in any of these can reach it. The verdict, quotations and the note that it is no advice are never its words.
"""

import asyncio
import logging
from typing import Final, Protocol

from sagetrade_nautilus.bot.advisor.answer import Answer, written
from sagetrade_nautilus.bot.advisor.check import fault

PATIENCE_S: Final = 12.0
LANGUAGE_NAMES: Final = {"en": "English", "ar": "Modern Standard Arabic"}

_LOG = logging.getLogger(__name__)
_SYSTEM: Final = (
    "You rewrite the lines of a trading analysis as one short, friendly paragraph in {language}. "
    "The first line is its verdict, which is shown above your words: do not repeat it and do not contradict it. "
    "Use nothing but what the lines say. Copy every number exactly as it is written, with its sign and unit, in "
    "digits; write no number in words and compute none. Name no instrument, price, side or indicator that the lines do "
    "not name. "
    "Give no advice and no promise. No headings, no lists, no links, no markup. At most 90 words."
)


class Phraser(Protocol):
    """A language model: any OpenAI-compatible endpoint is one, behind a client that makes it so."""

    async def __call__(self, system: str, user: str) -> str:
        """Return the model's answer to `user` under the instructions `system`. It may raise anything."""
        ...


async def phrased(plain: Answer, phraser: Phraser, patience_s: float = PATIENCE_S) -> str:
    """Return the answer in the model's words where they hold, else the plain one.

    A model that fails, takes longer than `patience_s` seconds or says what the facts do not costs nothing but that.
    """
    if not (plain.is_analysis and plain.body):
        return plain.text
    facts = "\n".join((plain.headline, *plain.body))
    system = _SYSTEM.format(language=LANGUAGE_NAMES[plain.language])
    try:
        said = await asyncio.wait_for(phraser(system, facts), patience_s)
    except Exception as error:  # noqa: BLE001 - the model's edge: whatever it raises, the plain answer stands
        _LOG.warning("the model did not phrase an answer: %s", type(error).__name__)
        return plain.text
    wrong = fault(said, facts, plain.language)
    if wrong is not None:
        _LOG.warning("a model's answer was refused: %s", wrong)
        return plain.text
    return written(plain.headline, [" ".join(said.split())], plain.quotes, plain.footer)
