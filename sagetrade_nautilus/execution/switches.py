"""Whether a strategy may enter, as somebody said while it ran: it outlives a restart, beside what trades need.

A live node's order memory keeps it (`state/.../orders.sqlite`, or Redis). Who changes `enabled` in the configuration
afterwards has the last word.
"""

import msgspec
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.messages import MEMORY_TOPIC, NOTES_TOPIC, Memo, Note, StrategySwitch
from sagetrade_nautilus.strategy_config import SageStrategyConfig


class SavedSwitch(msgspec.Struct, frozen=True):
    """What was said, by whom, and what the configuration said at that time."""

    configured: bool
    enabled: bool
    by: str


def remember_switch(strategy: Strategy, settings: SageStrategyConfig, command: StrategySwitch) -> None:
    """Save what `command` says of the strategy."""
    raw = msgspec.msgpack.encode(SavedSwitch(settings.enabled, command.enabled, command.by))
    strategy.cache.add(memo_name(strategy), raw)
    strategy.msgbus.publish(MEMORY_TOPIC, Memo(memo_name(strategy), raw))


def recall_switch(strategy: Strategy, settings: SageStrategyConfig) -> bool:
    """Return whether the strategy may enter; what somebody said before a restart is journaled anew.

    What was saved and cannot be read any more switches it off.
    """
    raw = strategy.cache.get(memo_name(strategy))
    if not raw:
        return settings.enabled
    try:
        saved = msgspec.msgpack.decode(raw, type=SavedSwitch)
    except UNDECODABLE:
        saved = SavedSwitch(settings.enabled, False, "a damaged memory")
    if saved.configured != settings.enabled or saved.enabled == settings.enabled:
        return settings.enabled
    state = "still enabled" if saved.enabled else "still disabled"
    strategy.log.warning(f"{settings.label} is {state}, as {saved.by} said before the restart")
    strategy.msgbus.publish(NOTES_TOPIC, Note(f"strategy:{settings.label}", state, saved.by))
    return saved.enabled


def memo_name(strategy: Strategy) -> str:
    """Return the name by which the memory keeps the switch of `strategy`."""
    return f"sagetrade.switch.{strategy.id}"
