"""The commands that stop trading, or see to it that it can be stopped: they load nothing that could keep them."""

from collections.abc import Callable

import typer

from sagetrade_nautilus.cli import killswitch, watchdog

COMMANDS: dict[str, Callable[..., None]] = {
    "stop": killswitch.stop,
    "status": killswitch.status,
    "resume": killswitch.resume,
    "password": killswitch.password,
    "watchdog": watchdog.watchdog,
}


def mount(app: typer.Typer) -> typer.Typer:
    """Add these commands to `app`, and return it."""
    for name, command in COMMANDS.items():
        app.command(name)(command)
    return app
