"""/start, /help, /settings, /health and /version: the bot itself, and what a person chose."""

from sagetrade_nautilus import __version__
from sagetrade_nautilus.bot.ask import Ask
from sagetrade_nautilus.bot.commands.account import RUN, menu, switch_line
from sagetrade_nautilus.bot.notices.hearers import DEFAULTS, Hearer
from sagetrade_nautilus.bot.notices.notice import Kind
from sagetrade_nautilus.bot.telegram.wire import Button, Reply
from sagetrade_nautilus.bot.words.say import LANGUAGES
from sagetrade_nautilus.bot.words.voice import Marked, Voice
from sagetrade_nautilus.errors import ConfigError


async def start(ask: Ask) -> Reply:
    """Greet, say what the person may do, and offer the languages."""
    lines = [
        ask.voice.say("start.hello"),
        ask.voice.say("start.role", role=ask.voice.word("authority", ask.role.name.lower())),
    ]
    return ask.reply(*lines, ask.voice.say("start.next"), rows=(_languages(), menu(ask.voice, "status", "help")))


async def help_(ask: Ask) -> Reply:
    """Name the commands that the person may give."""
    lines = [ask.voice.say("help.title")]
    for name, command in ask.commands.items():
        if command.role <= ask.role and name != "start":
            lines.append(
                ask.voice.say("help.line", name=ask.voice.fixed(f"/{name}"), what=ask.voice.say(f"command.{name}"))
            )
    return ask.reply(*lines, Marked(""), ask.voice.say("help.free_text"), rows=(menu(ask.voice, "status", "settings"),))


async def settings(ask: Ask) -> Reply:
    """Show what the person chose; `/settings NAME VALUE` and the buttons change it."""
    name, _, value = ask.argument.partition(" ")
    name, value = name.lower(), value.strip()
    if name == "language" and value:
        return _choose_language(ask, value.lower())
    if name in DEFAULTS and value:
        chosen = {name: value if name == "zone" else value.lower()}
        try:
            Hearer.of(ask.user_id, ask.voice.language, chosen)
        except ConfigError:
            kinds = ask.voice.fixed(", ".join(Kind))
            return ask.say(f"settings.wrong_{name}", value=value, kinds=kinds)
        ask.choose(choices={**ask.choices, **chosen})
        ask.desk.note(f"settings:{ask.user_id}", f"{name} {chosen[name]}", ask.by)
    voice = ask.voice
    if name and name not in (*DEFAULTS, "language"):
        known, example = ", ".join((*DEFAULTS, "language")), "/settings zone Asia/Riyadh"
        return ask.say("settings.unknown", name=name, known=voice.fixed(known), example=voice.fixed(example))
    lines = [
        voice.say("settings.title"),
        voice.row("language", voice.say("settings.this_language")),
        voice.row("role", voice.word("authority", ask.role.name.lower())),
        voice.row("id", voice.code(str(ask.user_id))),
    ]
    for name in DEFAULTS:
        value = voice.fixed(ask.choices.get(name, DEFAULTS[name]))
        lines.append(voice.say("form.row", label=voice.word("choice", name), value=value))
    lines.append(voice.say("settings.how"))
    return ask.reply(*lines, rows=(_languages(),))


def _choose_language(ask: Ask, language: str) -> Reply:
    if language not in LANGUAGES:
        return ask.say("settings.wrong_language", value=language)
    ask.choose(language=language)
    ask.desk.note(f"settings:{ask.user_id}", f"language {language}", ask.by)
    voice = Voice("ar" if language == "ar" else "en")
    return Reply(voice.page(voice.say("settings.language_chosen")), (menu(voice, "status", "help"),))


async def health(ask: Ask) -> Reply:
    """Say what is alive and what is stale."""
    seen, voice = ask.look(), ask.voice
    lines = [voice.say("health.title"), switch_line(seen.guard, voice)]
    lines.append(voice.row("uptime", voice.span((seen.ts - seen.started_ns) / 1e9)))
    for price in seen.prices:
        fresh = price.age_s is not None and price.age_s <= ask.desk.limits.max_price_age_s
        light, symbol = Marked("🟢" if fresh else "🔴"), voice.fixed(price.instrument_id)
        lines.append(voice.say("health.price", light=light, symbol=symbol, age=voice.span(price.age_s)))
    text_age = None if seen.last_text_ns is None else (seen.ts - seen.last_text_ns) / 1e9
    lines.append(voice.row("text_age", voice.span(text_age)))
    lines.append(voice.row("waiting", voice.number(ask.desk.waiting(), 0)))
    lines.append(voice.say("health.guard" if seen.guard.state == "running" else "health.guard_stops"))
    return ask.reply(*lines, rows=(menu(voice, "status", "risk"),))


async def version(ask: Ask) -> Reply:
    """Say what runs."""
    guard, voice = ask.look().guard, ask.voice
    return ask.reply(
        voice.say("version.title", version=voice.fixed(__version__)),
        voice.row("run", guard.run),
        voice.row("config", voice.code(guard.config_digest[:12] or "?")),
        voice.row("code", voice.code(guard.code_version or "?")),
        voice.row("venue", voice.fixed(guard.venue)),
    )


def _languages() -> tuple[Button, ...]:
    return Button("English", f"{RUN}settings language en"), Button("العربية", f"{RUN}settings language ar")
