"""From facts to an answer: one function for each kind of question. Every number comes from the facts."""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from sagetrade_nautilus.bot.advisor import accounts, analysis
from sagetrade_nautilus.bot.advisor.facts import Facts, Reading
from sagetrade_nautilus.bot.advisor.question import Intent, Question
from sagetrade_nautilus.bot.advisor.reasons import why
from sagetrade_nautilus.bot.words.figures import Show
from sagetrade_nautilus.bot.words.say import Language
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

INSTRUMENTS_SHOWN: Final = 5
SYMBOLS_SHOWN: Final = 8


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer in its parts.

    Parameters
    ----------
    headline : str
        The verdict; never phrased by a model.
    body : tuple[str, ...]
        The analysis, line by line: what a model may phrase.
    quotes : tuple[str, ...]
        What others wrote (headlines, reasons), as it is; no model sees it.
    footer : str
        That it is no advice; '' where nothing could be taken for some.
    """

    language: Language
    headline: str
    body: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    footer: str = ""

    @property
    def is_analysis(self) -> bool:
        """Whether it is about what signals show; accounts, reasons and help are never phrased by a model."""
        return bool(self.footer)

    @property
    def text(self) -> str:
        """The whole answer, as plain text."""
        return written(self.headline, [f"• {line}" for line in self.body], self.quotes, self.footer)


def written(headline: str, body: Iterable[str], quotes: Iterable[str], footer: str) -> str:
    """Return the parts of an answer as one text."""
    blocks = ("\n".join((headline, *body)), "\n".join(f"› {quote}" for quote in quotes), footer)
    return "\n\n".join(block for block in blocks if block)


def answer(question: Question, facts: Facts) -> Answer:
    """Return the answer to a question, from the facts that were gathered for it."""
    show = Show(question.language)
    if question.intent in _OF_INSTRUMENT and (question.asked or not facts.readings):
        return _unknown_symbol(question, facts, show)
    return _ANSWERS[question.intent](question, facts, show)


def _enter(question: Question, facts: Facts, show: Show) -> Answer:
    """Answer whether to enter, and what the signals are."""
    if len(facts.readings) > 1:
        return _overall(question, facts, show)
    reading = facts.readings[0]
    body = [*analysis.signals(reading, facts, show)]
    if question.intent is not Intent.SIGNALS:
        body += [*analysis.costs(reading, facts, show), *accounts.standing(facts, show)]
    body += [*accounts.held_lines(facts, show), *analysis.mind(reading, facts, show)]
    body += analysis.decided(reading, facts, show)
    headline = analysis.verdict(reading, facts, show)
    if question.intent is Intent.FORECAST:
        headline = f"{show.text('forecast')} {headline}"
    return _made(show, headline, body, advises=True)


def _exit(question: Question, facts: Facts, show: Show) -> Answer:
    if not facts.positions:
        named = question.symbol if question.symbol is not None else ""
        head = show.text("exit.none", name=named) if named else show.text("exit.none_at_all")
        return _made(show, head, [analysis.verdict(reading, facts, show) for reading in _first(facts)], advises=True)
    body = [*accounts.held_lines(facts, show)]
    for reading in facts.readings:
        if any(held.instrument_id == reading.instrument_id for held in facts.positions):
            body += [analysis.verdict(reading, facts, show), *analysis.signals(reading, facts, show)]
    body += [*accounts.at_stake(facts, show), *accounts.standing(facts, show)]
    return _made(show, show.text(_leaning(facts)), body, advises=True)


def _leaning(facts: Facts) -> str:
    """Say whether the signals go with what is held or against it, or neither."""
    ways: set[str] = set()
    for held in facts.positions:
        reading = next(reading for reading in facts.readings if reading.instrument_id == held.instrument_id)
        direction = reading.composite.direction if reading.composite is not None and reading.is_fresh else 0
        sign = 1 if held.side == "long" else -1
        ways.add("neither" if direction == 0 else "with" if direction == sign else "against")
    return f"exit.{ways.pop()}" if len(ways) == 1 else "exit.mixed"


def _overall(question: Question, facts: Facts, show: Show) -> Answer:
    """Answer for all instruments in one line each: none was named."""
    shown = sorted(facts.readings, key=lambda reading: (-_weight(reading), reading.name))[:INSTRUMENTS_SHOWN]
    body = [analysis.verdict(reading, facts, show) for reading in shown]
    body += [*accounts.standing(facts, show)]
    head = show.text("forecast" if question.intent is Intent.FORECAST else "overall")
    return _made(show, head, [*body, show.text("name_one", name=shown[0].name)], advises=True)


def _market(question: Question, facts: Facts, show: Show) -> Answer:
    body = []
    for reading in _first(facts):
        lines = list(analysis.market(reading, show)) or [analysis.verdict(reading, facts, show)]
        body.append(show.text("line.of", name=reading.name, lines=show.text("line.stop").join(lines)))
        if reading.composite is not None:
            body.append(analysis.verdict(reading, facts, show))
    return _made(show, show.text("market"), body, advises=True)


def _news(question: Question, facts: Facts, show: Show) -> Answer:
    body = []
    for reading in _first(facts):
        texts = [part for part in reading.parts if part.kind == "text"]
        weighed = sum(part.weight * part.score for part in texts)
        key = "news.weighed" if texts else "news.silent"
        body.append(show.text(key, name=reading.name, score=show.score(weighed), sources=str(len(texts))))
    quotes = [
        show.text(
            "quote.news",
            title=item.title,
            source=item.source,
            age=show.span((facts.ts - item.ts) / NANOS_PER_SECOND),
        )
        for item in facts.headlines
    ]
    head = show.text("news.some" if quotes else "news.none", name=question.symbol or show.text("news.all"))
    return _made(show, head, body, quotes, advises=True)


def _risk(question: Question, facts: Facts, show: Show) -> Answer:
    body = [*accounts.limits(facts, show), *accounts.at_stake(facts, show), *accounts.held_lines(facts, show)]
    standing = list(accounts.standing(facts, show))
    return _made(show, standing[0], [*standing[1:], *body], _reason(facts, show))


def _result(question: Question, facts: Facts, show: Show) -> Answer:
    period = show.word("advisor.period", facts.period.value)
    head = show.text("result.some" if facts.closed else "result.none", period=period)
    return _made(show, head, accounts.result(facts, show))


def _positions(question: Question, facts: Facts, show: Show) -> Answer:
    if not facts.positions:
        return _made(show, show.text("positions.none", name=question.symbol or show.text("news.all")), ())
    head = show.text("positions.some", count=str(len(facts.positions)))
    return _made(show, head, [*accounts.held_lines(facts, show), *accounts.at_stake(facts, show)])


def _costs(question: Question, facts: Facts, show: Show) -> Answer:
    bps = facts.rules.round_trip_bps
    pct = show.pct(bps / analysis.BPS_PER_PERCENT)
    return _made(show, show.text("line.costs", bps=show.bps(bps), pct=pct), accounts.fees(facts, show))


def _idle(question: Question, facts: Facts, show: Show) -> Answer:
    quotes = _reason(facts, show)
    failed = facts.last_failure
    if failed is not None:
        age = show.span((facts.ts - failed.ts) / NANOS_PER_SECOND)
        reason = show.cause(failed.reason)
        quotes.append(show.text("quote.failure", order=failed.client_order_id, age=age, reason=reason))
    return _made(show, show.text("idle"), accounts.idle(facts, show), quotes)


def _why(question: Question, facts: Facts, show: Show) -> Answer:
    head, body, quotes = why(question, facts, show)
    return _made(show, head, body, quotes)


def _command(question: Question, facts: Facts, show: Show) -> Answer:
    """Say that nothing was done, and what the signals say of what was named."""
    body = [show.text("command.how")]
    if question.symbol is not None:
        body += [analysis.verdict(reading, facts, show) for reading in _first(facts)]
    return _made(show, show.text("command.refused"), body)


def _help(question: Question, facts: Facts, show: Show) -> Answer:
    return _made(show, show.text("help.head"), _examples(facts, show))


def _not_understood(question: Question, facts: Facts, show: Show) -> Answer:
    return _made(show, show.text("unknown"), _examples(facts, show))


def _unknown_symbol(question: Question, facts: Facts, show: Show) -> Answer:
    if not facts.symbols:
        return _made(show, show.text("nothing_traded"), ())
    head = show.text("symbol.unknown", name=question.asked or question.symbol or "")
    return _made(show, head, [show.text("symbol.known", names=show.listed(facts.symbols[:SYMBOLS_SHOWN]))])


def _examples(facts: Facts, show: Show) -> list[str]:
    name = facts.readings[0].symbol if facts.readings else "BTC"
    return [show.text(f"help.{key}", name=name) for key in ("enter", "why", "risk", "result", "news", "idle")]


def _reason(facts: Facts, show: Show) -> list[str]:
    """Return why trading is held back, in the words of whoever did it."""
    return [show.text("quote.reason", reason=show.cause(facts.reason))] if facts.reason else []


def _first(facts: Facts) -> tuple[Reading, ...]:
    return facts.readings[:INSTRUMENTS_SHOWN]


def _weight(reading: Reading) -> float:
    return abs(reading.composite.score) if reading.composite is not None and reading.is_fresh else -1.0


def _made(
    show: Show, headline: str, body: Iterable[str], quotes: Iterable[str] = (), *, advises: bool = False
) -> Answer:
    return Answer(
        language=show.language,
        headline=headline,
        body=tuple(body),
        quotes=tuple(quotes),
        footer=show.text("footer") if advises else "",
    )


_ANSWERS: Final[dict[Intent, Callable[[Question, Facts, Show], Answer]]] = {
    Intent.ENTER: _enter,
    Intent.EXIT: _exit,
    Intent.WHY: _why,
    Intent.IDLE: _idle,
    Intent.RISK: _risk,
    Intent.RESULT: _result,
    Intent.POSITIONS: _positions,
    Intent.MARKET: _market,
    Intent.NEWS: _news,
    Intent.SIGNALS: _enter,
    Intent.COSTS: _costs,
    Intent.FORECAST: _enter,
    Intent.COMMAND: _command,
    Intent.HELP: _help,
    Intent.UNKNOWN: _not_understood,
}
_OF_INSTRUMENT: Final = frozenset(
    {Intent.ENTER, Intent.EXIT, Intent.SIGNALS, Intent.FORECAST, Intent.MARKET, Intent.NEWS}
)
