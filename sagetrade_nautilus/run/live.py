"""Live trading: a node whose orders reach a broker, once every gate is open and our books are the venue's.

A trial is the same at the broker's simulated account: no gate is asked, since no money is there, and all else is.
"""

import os
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import GovernanceError
from sagetrade_nautilus.run.node.clients import Account, DataClient, Execution, data_client, live_client
from sagetrade_nautilus.run.node.reconcile import Differences, Reconciler
from sagetrade_nautilus.run.node.remember import memory_fault
from sagetrade_nautilus.run.node.state import begin_halted, held
from sagetrade_nautilus.run.node.wall import run_recorded, wall_node
from sagetrade_nautilus.run.startup.approval import require_live, require_trial
from sagetrade_nautilus.run.venue import require_broker, require_currency

MEMORY_LOOK_S: Final = 1.0


def live(
    config: RunConfig,
    folder: Path,
    tell: Callable[[str], None],
    check: Callable[[], None],
    clients: tuple[DataClient, Execution] | None = None,
    account: Account = "live",
) -> signal.Signals:
    """Trade at a broker until a signal asks to stop, and return it.

    A folder in which no node has been begins halted: a person lets it trade by ``sagetool resume``.

    Parameters
    ----------
    folder : Path
        Where its kill switch stands, and where its journal and its memory of orders go.
    tell : callable
        Told when it is up and when it winds down.
    check : callable
        Called when the kill switch stands and before a node does; raises where none may start.
    clients : tuple, optional
        The data and the execution client; those that the configuration names unless given.
    account : {'live', 'paper'}
        The account with money in it, or the broker's simulated one.

    Raises
    ------
    ConfigError
        What the configuration names is not there, or cannot be traded at a broker: asked before anything else.
    GovernanceError
        A gate is not open, or our books are not the venue's: nothing has been sent then.
    SageTradeError
        A plugin misbehaves, a client does not connect, or another node works in the folder.
    """
    require_broker(config)
    require_currency(config)
    data, execution = clients or (data_client(config, account), live_client(config, account))
    _require(config, account, is_reconciled=True)  # the last gate is asked when the venue has told what is open
    with held(folder):
        begin_halted(folder)
        check()
        node = wall_node(config, folder, data, execution, with_money=True)
        reconciler = Reconciler(node)

        async def last_gate() -> GovernanceError | None:
            return _against(config, account, await reconciler.at_start())

        node.ask_before_start(last_gate)
        return run_recorded(config, folder, node, tell, _watches(config, reconciler))


def _watches(config: RunConfig, reconciler: Reconciler) -> list[Coroutine[Any, Any, None]]:
    """Return what looks at our books and at the memory of orders while the node runs."""
    fault = memory_fault(config, os.environ)
    return [
        reconciler.watch(config.node.reconcile_s),
        reconciler.watch_memory(fault, config.data.instruments, MEMORY_LOOK_S),
    ]


def _require(config: RunConfig, account: Account, *, is_reconciled: bool) -> None:
    require = require_live if account == "live" else require_trial
    require(config, is_reconciled=is_reconciled)


def _against(config: RunConfig, account: Account, found: Differences) -> GovernanceError | None:
    """Return why the run may send nothing now that the venue's books are known, or ``None``."""
    try:
        _require(config, account, is_reconciled=not found)
    except GovernanceError as error:
        lines = (f"- {symbol}: {line}" for symbol, said in found.items() for line in said)
        return GovernanceError("\n".join((str(error), *lines)))
    return None
