"""/strategies, /enable and /disable: which plugins may enter."""

from functools import partial

import msgspec

from sagetrade_nautilus.bot.ask import Ask, Deed
from sagetrade_nautilus.bot.commands.account import RUN
from sagetrade_nautilus.bot.telegram.wire import Button, Reply, Rows
from sagetrade_nautilus.bot.words.voice import Voice
from sagetrade_nautilus.guard.view import StrategyView


async def strategies(ask: Ask) -> Reply:
    """List the strategies and whether they may enter, with a button that changes it."""
    views, voice = ask.look().guard.strategies, ask.voice
    lines = [voice.say("strategies.title")]
    lines += [
        voice.say("strategies.on" if view.enabled else "strategies.off", name=voice.fixed(view.label)) for view in views
    ]
    return ask.reply(*lines, voice.say("strategies.note"), rows=_buttons(views, voice))


async def enable(ask: Ask) -> Reply | Deed:
    """Let a strategy enter again. It changes what money is put at risk: the password is needed too."""
    return _switch(ask, enabled=True)


async def disable(ask: Ask) -> Reply | Deed:
    """Let a strategy enter no more; what it has open it still manages and closes."""
    return _switch(ask, enabled=False)


def _switch(ask: Ask, *, enabled: bool) -> Reply | Deed:
    guard, voice = ask.look().guard, ask.voice
    view = next((view for view in guard.strategies if view.label.lower() == ask.argument.lower()), None)
    if view is None:
        change = [other for other in guard.strategies if other.enabled != enabled]
        if not change and guard.strategies:
            return ask.say("strategies.all_on" if enabled else "strategies.all_off")
        return ask.say("strategies.which", rows=_buttons(change, voice))
    name = voice.fixed(view.label)
    if view.enabled == enabled:
        return ask.say("strategies.already_on" if enabled else "strategies.already_off", name=name)
    effect = {"strategy": view.label, "from": view.enabled, "to": enabled, "run": guard.config_digest}
    return Deed(
        effect=msgspec.json.encode(effect).decode(),
        shown=voice.say("strategies.would_enable" if enabled else "strategies.would_disable", name=name),
        do=partial(_do, ask, view.label, enabled),
        doubly="always" if enabled else "never",
    )


async def _do(ask: Ask, label: str, enabled: bool, granted: object) -> Reply:
    ask.desk.switch(label, ask.by, enabled=enabled)
    view = next(view for view in ask.look().guard.strategies if view.label == label)
    name = ask.voice.fixed(label)
    if view.enabled != enabled:  # a Nautilus strategy of somebody else's, that hears no switch
        return ask.say("strategies.deaf", name=name)
    return ask.say("strategies.enabled" if enabled else "strategies.disabled", name=name)


def _buttons(views: "list[StrategyView] | tuple[StrategyView, ...]", voice: Voice) -> Rows:
    return tuple(
        (
            Button(
                f"{voice.say('button.disable' if view.enabled else 'button.enable')} {view.label}",
                f"{RUN}{'disable' if view.enabled else 'enable'} {view.label}",
            ),
        )
        for view in views
        if len(view.label.encode()) <= 50  # of the 64 bytes that a button takes
    )
