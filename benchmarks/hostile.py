"""What code that means harm can do: ``python -m benchmarks.hostile``.

Every attack of `tests.support.hostile` is shown to the static guard, and then run in the sandbox as if the guard had
let it pass. Printed are those that one of the two did not hold, and how many there were.
"""

import tempfile
import time
from pathlib import Path

from benchmarks.command import Command
from sagetrade_nautilus.experiments.sandbox import Sandbox
from sagetrade_nautilus.experiments.static_guard import faults
from tests.support.hostile import ATTACKS
from tests.support.hostile_world import World


def main() -> None:
    """Attack, and print what came of it."""
    sandbox = Sandbox()
    unseen, escaped = [], []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        with world.alive():
            for attack in ATTACKS:
                if not faults(world.source(attack), "attack.py"):
                    unseen.append(attack.name)
                for escape in world.attack(sandbox, attack)[1]:
                    escaped.append(f"{attack.name}: {escape}")
    for line in (*(f"the static guard let pass: {name}" for name in unseen), *escaped):
        print(line)
    print(f"N = {len(ATTACKS)} attacks in {time.monotonic() - began:.0f} s")
    print(f"let pass by the static guard {len(unseen)}, escapes from the sandbox without it {len(escaped)}")


def command() -> Command:
    return Command("hostile", __doc__, "about three minutes")


if __name__ == "__main__":
    command().parse_args()
    main()
