"""What code that means harm would try: against the machine, the secrets, the guard, the limits and the plugin's shell.

Each is a program and stands for a plugin's file. CAPITALS are replaced by places of a world made for the occasion. An
attack whose success cannot be seen from outside prints ESCAPED. None does damage where it succeeds.
"""

from typing import Final

from tests.support.hostile.attack import Hostile
from tests.support.hostile.escapes import BREAKS_OUT, TRICKS
from tests.support.hostile.machine import ALTERS, GROWS, STEALS, TALKS
from tests.support.hostile.plugins import PLUGINS

__all__ = ["ATTACKS", "REAL", "Hostile"]

ATTACKS: Final = (*STEALS, *TALKS, *ALTERS, *GROWS, *BREAKS_OUT, *TRICKS, *PLUGINS)
REAL: Final = (
    *(
        attack.name
        for attack in STEALS
        if "device" not in attack.name and "kernel" not in attack.name and "disk" not in attack.name
    ),
    *(attack.name for attack in TALKS if "web server" not in attack.name),
    *(attack.name for attack in ALTERS[:11] if "folder" not in attack.name),
    "rewrites the interpreter's library",
    "rewrites an installed package",
    "sets who handles crashes",
    "links its outputs to the kill switch",
    "links a folder of its outputs",
    "gives a file a second name",
    "leaves a program with rights",
    "leaves a pipe that hangs its reader",
    "leaves a socket",
    "hides memory in nameless files",
    "opens too many files",
    "attaches to another process",
    "ends another process",
    "looks for other processes",
    "makes a namespace",
    "takes its root away",
    "asks for a ring",
    "becomes another program",
    *(
        attack.name
        for attack in TRICKS[:-2]
        if attack.name not in ("loads what numpy unpickles", "runs as a decorator")
    ),
)
"""Those that can be let loose without a sandbox, and then escape: they try what they say."""
