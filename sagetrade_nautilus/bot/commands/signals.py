"""/signal and /news: what the market and the texts say now."""

from sagetrade_nautilus.bot.advisor.symbols import base
from sagetrade_nautilus.bot.ask import Ask
from sagetrade_nautilus.bot.commands.account import RUN
from sagetrade_nautilus.bot.telegram.wire import Button, Reply, Rows
from sagetrade_nautilus.bot.words.voice import Marked, Voice
from sagetrade_nautilus.model.records import symbol_of
from sagetrade_nautilus.model.text.entities import link
from sagetrade_nautilus.overview import LastSignal, Overview, ScoredText

ROW = 3


async def signal(ask: Ask) -> Reply:
    """Show the newest composite signal of an instrument, with its parts; without a name, of which there are some."""
    seen, voice = ask.look(), ask.voice
    names = [symbol_of(price.instrument_id) for price in seen.prices]
    if not ask.argument:
        return ask.say("signal.which", rows=_choices(names))
    found = find(ask.argument, names)
    if found is None:
        return ask.say("signal.unknown", symbol=ask.argument, rows=_choices(names))
    last = next((last for last in seen.signals if symbol_of(last.instrument_id) == found), None)
    if last is None:
        return ask.say("signal.none", symbol=voice.fixed(found))
    return ask.reply(*_signal(found, last, seen, voice))


async def news(ask: Ask) -> Reply:
    """List the last texts that were scored, with what they were taken to say; about one entity if it is named."""
    seen, voice = ask.look(), ask.voice
    wanted = {ask.argument.upper().removesuffix(seen.guard.currency), *link(ask.argument)}
    texts = [text for text in seen.texts if not ask.argument or text.entity.upper() in wanted]
    if not texts:
        return ask.say("news.none_about" if ask.argument else "news.none", entity=ask.argument)
    lines = [voice.say("news.title", n=voice.number(len({text.item_id for text in texts}), 0))]
    for item_id in dict.fromkeys(text.item_id for text in texts):
        lines += [Marked(""), *_text([text for text in texts if text.item_id == item_id], seen, voice)]
    return ask.reply(*lines)


def find(word: str, names: list[str]) -> str | None:
    """Return the one of `names` that a person means by 'btc', 'btc/usdt' or 'bitcoin'; ``None`` if it is not one."""
    wanted = "".join(letter for letter in word.upper().split(".")[0] if letter.isalnum())
    exact = [name for name in names if name.upper() == wanted]
    begun = [name for name in names if len(wanted) > 1 and name.upper().startswith(wanted)]
    called = link(wanted)
    matches = exact or begun or [name for name in names if base(name) in called]
    return matches[0] if len(matches) == 1 else None


def _signal(name: str, last: LastSignal, seen: Overview, voice: Voice) -> list[Marked]:
    composite = last.composite
    direction = voice.word("direction", {1: "up", -1: "down"}.get(composite.direction, "flat"))
    lines = [
        voice.say("signal.title", symbol=voice.fixed(name), direction=direction),
        voice.row("score", voice.number(composite.score, 3, signed=True)),
        voice.row("confidence", voice.percent(100.0 * composite.confidence, 0)),
        voice.row("regime", voice.word("regime", composite.regime)),
        voice.row("volatility", voice.percent(100.0 * composite.volatility, 2)),
        voice.row("price", voice.amount(composite.price)),
        voice.row("signal_age", voice.span((seen.ts - last.ts) / 1e9)),
        Marked(""),
        voice.say("signal.parts"),
    ]
    for part in sorted(composite.components, key=lambda part: (-abs(part.weight * part.score), part.name)):
        lines.append(
            voice.say(
                "signal.part",
                name=voice.part(part),
                score=voice.number(part.score, 3, signed=True),
                weight=voice.percent(100.0 * part.weight, 0),
                adds=voice.number(part.weight * part.score, 3, signed=True),
            )
        )
    return [*lines, Marked(""), voice.say("signal.no_advice")]


def _text(scored: list[ScoredText], seen: Overview, voice: Voice) -> list[Marked]:
    """Return one text, which may have been scored for several entities."""
    text = max(scored, key=lambda one: (one.impact, one.confidence))
    light = "🟢" if text.sentiment > 0.1 else "🔴" if text.sentiment < -0.1 else "⚪"
    return [
        voice.say("news.head", light=Marked(light), title=text.title or text.url or "?"),
        voice.say(
            "news.line",
            entity=voice.fixed(", ".join(sorted({one.entity for one in scored}))),
            source=text.source,
            sentiment=voice.number(text.sentiment, signed=True),
            impact=voice.number(text.impact),
            age=voice.span((seen.ts - text.published) / 1e9),
        ),
    ]


def _choices(names: list[str]) -> Rows:
    buttons = [Button(name, f"{RUN}signal {name}") for name in names]
    return tuple(tuple(buttons[at : at + ROW]) for at in range(0, len(buttons), ROW))
