"""Paper trading on real data: a node on the wall's clock, whose orders go to a simulated account."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.run.node.clients import DataClient, data_client, paper_client
from sagetrade_nautilus.run.node.state import begin, held
from sagetrade_nautilus.run.node.wall import run_recorded, wall_node
from sagetrade_nautilus.run.venue import require_currency

ACCOUNT: Final = "account.bin"


def paper(
    config: RunConfig,
    folder: Path,
    tell: Callable[[str], None],
    data: DataClient | None = None,
    check: Callable[[], None] = lambda: None,
) -> signal.Signals:
    """Trade on paper until a signal asks to stop, and return it.

    The kill switch, the breaker's memory, the journal and the account in `folder` outlive the node: it goes on where it
    stopped.

    Parameters
    ----------
    folder : Path
        Where its kill switch stands and its journal goes.
    tell : callable
        Told when it is up and when it winds down.
    data : tuple, optional
        The data client's settings and factory; what `node.data` names unless given.
    check : callable
        Called when the kill switch stands and before a node does; raises where none may start.

    Raises
    ------
    ConfigError
        What the configuration names is not there.
    SageTradeError
        A plugin misbehaves, a client does not connect, or another node works in the folder.
    """
    require_currency(config)
    with held(folder):
        begin(folder)
        check()
        execution = paper_client(config, hears="bus", state=folder / ACCOUNT)
        node = wall_node(config, folder, data or data_client(config), execution, with_money=False)
        return run_recorded(config, folder, node, tell)
