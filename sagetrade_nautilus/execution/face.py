"""What a plugin may define and keep, so that it takes the place of nothing that the shell needs to keep it safe."""

from collections.abc import Mapping
from typing import Any, Final

from sagetrade_nautilus.errors import PluginError
from sagetrade_nautilus.model.decision import FACE

KEPT: Final = f"the framework's own: a plugin overrides {', '.join(sorted(FACE))}, and keeps its state by other names"


def refuse_overrides(plugin: type, shell: type) -> None:
    """Refuse a plugin's class that defines again what `shell` defines, other than `FACE`.

    Raises
    ------
    PluginError
        It does.
    """
    again = set(vars(plugin)) & set(vars(shell)) - FACE
    taken = sorted(name for name in again if not name.startswith("__"))
    if taken:
        raise PluginError(f"{plugin.__name__} defines {', '.join(taken)}, {KEPT}")


def fault(before: Mapping[str, Any], after: Mapping[str, Any], shell: type) -> str | None:
    """Return what is wrong with what a plugin did to its attributes, which were `before`; ``None`` where nothing is."""
    taken = sorted(
        name for name, value in after.items() if (before[name] is not value if name in before else hasattr(shell, name))
    )
    return f"it sets {', '.join(taken)}, {KEPT}" if taken else None
