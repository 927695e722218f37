"""`sagetool lease run`: a command that runs only while this process holds a Kubernetes lease."""

import os
import socket
from pathlib import Path
from typing import Annotated

import typer

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.ops.addresses import netloc
from sagetrade_nautilus.ops.lease import RETRIES_PER_HOLD, SERVICE_ACCOUNT, Holder, LeaseClient
from sagetrade_nautilus.ops.lease import namespace as own_namespace

app = typer.Typer(no_args_is_help=True, help="Run one writer alone, by a lease of Kubernetes.")


@app.command(context_settings={"ignore_unknown_options": True})
def run(
    command: Annotated[list[str], typer.Argument(help="What to run, after `--`.")],
    name: Annotated[str, typer.Option(help="The lease's name.")],
    hold_s: Annotated[
        float, typer.Option(min=1.0, help="Seconds without a renewal after which another takes it.")
    ] = 30,
    namespace: Annotated[str | None, typer.Option(help="The lease's namespace; the pod's own if left out.")] = None,
    server: Annotated[
        str | None,
        typer.Option(
            envvar="SAGETRADE_KUBERNETES", help="The API server's address; the pod's own if left out.", metavar="<url>"
        ),
    ] = None,
    account: Annotated[Path, typer.Option(help="The folder with `token` and `ca.crt`.")] = SERVICE_ACCOUNT,
) -> None:
    """Wait for the lease, run the command while it is held, and stop it in time if the lease is lost.

    Example: sagetool lease run --name trader -- sagetool live configs/run.toml
    """
    url = server or _server()
    client = LeaseClient(url, namespace or own_namespace(), name, hold_s / RETRIES_PER_HOLD, account)
    me = os.environ.get("POD_NAME", socket.gethostname()) + "_" + os.environ.get("POD_UID", str(os.getpid()))
    raise typer.Exit(Holder(client, me, hold_s, lambda line: print(line, flush=True)).run(command))


def _server() -> str:
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT_HTTPS", "443")
    if not host:
        raise ConfigError("this is no pod: name the API server with --server")
    return f"https://{netloc(host, port)}"
