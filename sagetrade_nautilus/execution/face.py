"""What a plugin is: the methods that it may define, and how it is kept from taking the place of anything else."""

import importlib
import traceback
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from sagetrade_nautilus.data import CompositeSignal, TextSignal
from sagetrade_nautilus.errors import PluginError
from sagetrade_nautilus.model.decision import Decision, MarketState, PositionAction


class Plugin[ConfigT]:
    """The methods that a strategy plugin defines: at least `on_new_signal`."""

    def initialize(self, config: ConfigT) -> None:
        """Prepare the plugin's own state. Called once, before the first signal."""

    def on_new_signal(self, signal: CompositeSignal) -> Decision | list[Decision] | None:
        """Return the wish to enter, or ``None``. Not called while a position is held or on its way.

        Several decisions, about different instruments of the plugin, belong together: all are taken or none, and where
        the entry of one fails, the others are given up.
        """
        raise NotImplementedError(f"{type(self).__name__} must define on_new_signal")

    def on_market(self, market_state: MarketState) -> None:
        """Learn from a bar's close. Called at every one of each instrument, whatever is open, enabled or halted.

        A bar's own composite signal comes first: what is remembered here is the past when `on_new_signal` asks for it.
        """

    def on_text(self, text: TextSignal, instrument_id: str) -> None:
        """Learn from a text about one of the plugin's instruments, once for each, at the moment when it may be used.

        The composite signal that counts it comes at the next bar.
        """

    def on_tick(self, market_state: MarketState) -> list[PositionAction]:
        """Return what to do with the open positions at this bar's close. Called only while one is open.

        An action may be about any position that the plugin holds, `elsewhere` too: what belongs together can be closed
        together.
        """
        return []


FACE: Final = frozenset(name for name in vars(Plugin) if name == "initialize" or name.startswith("on_"))
"""The names of those methods."""
OVERRIDES: Final = f"a plugin overrides {', '.join(sorted(FACE))}"
KEPT: Final = f"the framework's own: {OVERRIDES}, and keeps its state by other names"


def refuse_overrides(plugin: type, shell: type) -> None:
    """Refuse a plugin's class that defines again what `shell` defines or inherits, other than `FACE`; or a method that
    looks like one of `FACE` and would never be called.

    Raises
    ------
    PluginError
        It does.
    """
    own = sorted(name for name in set(vars(plugin)) - FACE if not name.startswith("__"))
    taken = [name for name in own if hasattr(shell, name)]
    if taken:
        raise PluginError(f"{plugin.__name__} defines {', '.join(taken)}, {KEPT}")
    unheard = [name for name in own if callable(getattr(plugin, name)) and _looks_called(name)]
    if unheard:
        raise PluginError(f"{plugin.__name__} defines {', '.join(unheard)}, which nobody calls: {OVERRIDES}")


def _looks_called(name: str) -> bool:
    return name.startswith("on_") or (name[0] != "_" and bool(get_close_matches(name, FACE, cutoff=0.8)))


def taken_names(before: Mapping[str, Any], after: Mapping[str, Any], shell: type) -> str | None:
    """Return what is wrong with what a plugin did to its attributes, which were `before`; ``None`` where nothing is."""
    taken = sorted(
        name for name, value in after.items() if (before[name] is not value if name in before else hasattr(shell, name))
    )
    return f"it sets {', '.join(taken)}, {KEPT}" if taken else None


RAISES: Final = (Exception, SystemExit)
"""What foreign code may raise at the plugin's edge; `sys.exit` is no way out of a run."""
FOLDER: Final = "strategies"


def raised(what: str, error: BaseException) -> PluginError:
    """Return the error of a plugin whose `what` raised `error`, with the line of its file where that happened.

    Ctrl-C, which the command line raises wherever it happens to be, is a kind of `SystemExit` and is raised on.
    """
    if isinstance(error, SystemExit) and type(error) is not SystemExit:
        raise error
    said = f"{what} raised {type(error).__name__}"
    if isinstance(error, SystemExit):
        return PluginError(
            f"{said}({error.code!r}){_line(error)}: a plugin does not end the run; let it raise what is wrong"
        )
    return PluginError(f"{said}: {error}{_line(error)}")


def _line(error: BaseException) -> str:
    """Return ' (strategies/x.py:12)': the innermost line of a plugin's file, or of any called where none is."""
    called = traceback.extract_tb(error.__traceback__)[1:]  # the first is the framework's, which calls
    frames = [frame for frame in called if not frame.filename.startswith("<") and frame.filename != importlib.__file__]
    own = [frame for frame in frames if Path(frame.filename).parent.name == FOLDER]
    for frame in (own or frames)[-1:]:
        path = Path(frame.filename)
        return f" ({path.parent.name}/{path.name}:{frame.lineno})"
    return ""
