"""Where our own web servers listen: a socket at an address, and how a URL names it."""

import socket


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; a port of 0 takes a free one.

    Raises
    ------
    OSError
        The address cannot be had; `why_not` says why.
    """
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def why_not(error: OSError) -> str:
    """Return why an address cannot be had: the system's reason alone, since `socket` puts the address behind it."""
    return (error.strerror or str(error)).split(" (while attempting", 1)[0]


def netloc(host: str, port: int | str) -> str:
    """Return an address as a URL has it: '127.0.0.1:9108', '[::1]:9108'."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
