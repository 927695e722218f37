"""The first thing that runs in the sandbox: hands out what may be written to, limits itself, becomes the command.

It is started by its file, without the rest of the package: ``python launch.py FD LIMITS FOLDERS COMMAND...``.
"""

import json
import os
import resource
import socket
import sys

NICENESS = 10
"""How far it stands back: whoever watches it must get the processor even while it starts all the processes it can."""


def main(channel: int, limits: dict[str, int], folders: list[str], command: list[str]) -> None:
    """Send a descriptor of each folder over the socket `channel`, then become `command` under `limits`."""
    with socket.socket(fileno=os.dup(channel)) as out:
        opened = [os.open(folder, os.O_RDONLY | os.O_DIRECTORY) for folder in folders]
        socket.send_fds(out, [b"\0"], opened)
    os.closerange(3, max(channel, *opened) + 64)
    for name, value in limits.items():
        kind = getattr(resource, name)
        ceiling = resource.getrlimit(kind)[1]
        lowest = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(kind, (lowest, lowest))
    os.nice(NICENESS)
    try:
        os.execvp(command[0], command)  # noqa: S606 - this is what it is for
    except OSError as error:
        sys.exit(f"{command[0]}: cannot be run in the sandbox: {error.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3]), sys.argv[4:])
