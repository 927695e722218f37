"""`sagetool strategy`: begin a plugin, and judge one."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.config import StrategyEntry, load
from sagetrade_nautilus.errors import CheckError, ConfigError
from sagetrade_nautilus.run.checks.strategy_check import judge, sample_run
from sagetrade_nautilus.run.plugins import available
from sagetrade_nautilus.run.scaffold import scaffold

app = typer.Typer(name="strategy", no_args_is_help=True, help="Begin a strategy plugin, list them, and judge one.")


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="The plugin's name, such as dip_buyer.")],
    folder: Annotated[Path, typer.Option(help="Where strategies/, configs/ and tests/ are.")] = Path(),
) -> None:
    """Write a plugin that runs, a run that names it, and a test. Nothing that is there is written over.

    Example: sagetool strategy new dip_buyer
    """
    for path in scaffold(name, folder):
        print(path)
    print(f"next: sagetool strategy check {name}")


@app.command("list")
def list_() -> None:
    """List the plugins that a run can name, and where each is.

    Example: sagetool strategy list
    """
    for name, path in available().items():
        print(f"{name:26} {path}")


@app.command("check")
def check(
    plugin: Annotated[str, typer.Argument(help="A plugin's name, or its file in a strategies/ folder.")],
    config: Annotated[
        Path | None, typer.Option(help="A run that names it; a fortnight of the bundled sample if left out.")
    ] = None,
) -> None:
    """Judge a plugin: whether it keeps the contract, repeats itself to the byte, knows no future, and costs little.

    It is run six times or so, each in a process of its own, which takes a minute. Exits with code 10 if it fails.

    Example: sagetool strategy check dip_buyer
    """
    name, console = Path(plugin).stem, Console()
    settings = sample_run(StrategyEntry(plugin=name)) if config is None else load(config)
    mine = [entry for entry in settings.strategies if entry.plugin == name]
    if not mine:
        raise ConfigError(f"{config}: names no plugin {name!r}")
    failed = []
    for entry in mine:
        if len(mine) > 1:
            console.print(f"[bold]{escape(entry.label)}[/]", highlight=False)
        with console.status("judging"):
            for judged in judge(settings.only(entry)):
                verdict = "[green]ok[/]" if judged.ok else "[bold red]FAILED[/]"
                said = f"{judged.name:26} {verdict:17} {escape(plain(judged.says))}"
                console.print(said, highlight=False, soft_wrap=True)
                failed += [] if judged.ok else [judged.name]
    if failed:
        raise CheckError(f"{name}: {', '.join(failed)}")
