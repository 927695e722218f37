"""`sagetool dashboard`: what runs and what ran, in a browser on this machine."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from sagetrade_nautilus.cli.killswitch import who
from sagetrade_nautilus.dashboard.experiments import ExperimentFiles
from sagetrade_nautilus.dashboard.serve import serve
from sagetrade_nautilus.dashboard.sources import Sources
from sagetrade_nautilus.dashboard.switches import Switches

NODE = "http://127.0.0.1:9108"


def dashboard(
    node: Annotated[
        list[str] | None,
        typer.Option(help=f"A running node's ops server, repeatable; {NODE} if left out.", metavar="<url>"),
    ] = None,
    runs: Annotated[Path, typer.Option(help="The folder of reports.")] = Path("runs"),
    state: Annotated[Path, typer.Option(help="The folder of nodes' folders, with their kill switches.")] = Path(
        "state"
    ),
    experiments: Annotated[Path, typer.Option(help="The folder of experiments.")] = Path("experiments"),
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port to listen at; 0 takes a free one.")] = 8787,
    host: Annotated[
        str, typer.Option(help="The address to listen at. Others than this machine's need --name.")
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None,
        typer.Option(
            help="A further name it is reached by, as behind a proxy, repeatable; none if left out.", metavar="<host>"
        ),
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Show running nodes, finished runs and experiments in a browser, and stop trading from it.

    It listens on this machine alone. The address that it prints holds a token: open it once, the browser keeps a
    cookie. It can stop a node of this machine at once; letting it go on is `sagetool resume`. Ctrl-C ends it, and
    touches no node.

    Example: sagetool dashboard --open
    """
    for url in node or ():
        if not url.startswith(("http://", "https://")):
            raise typer.BadParameter(f"{url} is no address such as {NODE}", param_hint="--node")
    console = Console()

    def tell(address: str) -> None:
        console.print(f"[bold]dashboard[/]  {escape(address)}", highlight=False, soft_wrap=True)
        console.print("Keep this address to yourself: whoever opens it can stop trading.", style="dim", soft_wrap=True)
        if open_browser:
            webbrowser.open(address)

    switches = Switches(state, who("dashboard"))
    sources = Sources(runs, state, ExperimentFiles(experiments), switches)
    serve(sources, node or [NODE], host, port, name or [], tell)
