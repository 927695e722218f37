"""Every command of the bot: one table, from a name to who may give it and what it does."""

from sagetrade_nautilus.bot.ask import Command
from sagetrade_nautilus.bot.authority import EMERGENCY_STOP, Role
from sagetrade_nautilus.bot.commands import (
    account,
    experiments,
    personal,
    risk,
    signals,
    strategies,
    switch,
    trades,
    why,
)

COMMANDS: dict[str, Command] = {
    "start": Command(Role.VIEWER, personal.start),
    "status": Command(Role.VIEWER, account.status),
    "portfolio": Command(Role.VIEWER, account.portfolio),
    "open_positions": Command(Role.VIEWER, account.open_positions),
    "balance": Command(Role.VIEWER, account.balance),
    "trades": Command(Role.VIEWER, trades.trades),
    "daily": Command(Role.VIEWER, trades.daily),
    "weekly": Command(Role.VIEWER, trades.weekly),
    "performance": Command(Role.VIEWER, trades.performance),
    "risk": Command(Role.VIEWER, risk.risk),
    "signal": Command(Role.VIEWER, signals.signal),
    "news": Command(Role.VIEWER, signals.news),
    "explain": Command(Role.VIEWER, why.explain),
    "why": Command(Role.VIEWER, why.why),
    "strategies": Command(Role.VIEWER, strategies.strategies),
    "enable": Command(Role.OWNER, strategies.enable),
    "disable": Command(Role.TRADER, strategies.disable),
    "pause": Command(Role.TRADER, switch.pause),
    "resume": Command(Role.TRADER, switch.resume),
    EMERGENCY_STOP: Command(Role.TRADER, switch.emergency_stop),
    "flatten": Command(Role.TRADER, switch.flatten),
    "experiments": Command(Role.VIEWER, experiments.experiments),
    "approve": Command(Role.OWNER, experiments.approve),
    "settings": Command(Role.VIEWER, personal.settings),
    "health": Command(Role.VIEWER, personal.health),
    "version": Command(Role.VIEWER, personal.version),
    "help": Command(Role.VIEWER, personal.help_),
}
"""In the order in which /help names them."""
