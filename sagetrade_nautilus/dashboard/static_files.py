"""The page's own files, read once at the start: no request ever becomes a path."""

import re
from collections.abc import Iterator
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

import msgspec

from sagetrade_nautilus.errors import ConfigError

KINDS: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
COMMON: Final = "common.css"
THEME: Final = "theme.css"
_ROOT: Final = re.compile(r":root \{(.*?)\}", re.DOTALL)


class Asset(msgspec.Struct, frozen=True):
    """A file's content, its media type, and its ETag."""

    body: bytes
    kind: str
    tag: str


def load_assets(package: Traversable) -> dict[str, Asset]:
    """Return every file that may be served, by its name below ``static/``; the common look is the report's own."""
    found = {name: _asset(name, file.read_bytes()) for name, file in _walk(package / "static", "")}
    common = (resources.files("sagetrade_nautilus.report") / "templates" / COMMON).read_text(encoding="utf-8")
    found[COMMON] = _asset(COMMON, common.encode())
    found[THEME] = _asset(THEME, theme(common).encode())
    return found


def theme(common_css: str) -> str:
    """Return the light and the dark colours once more, for whoever has chosen against the system's own.

    Raises
    ------
    ConfigError
        The style sheet does not begin with the two blocks of colours.
    """
    blocks = _ROOT.findall(common_css)
    if len(blocks) < 2:
        raise ConfigError("common.css: its colours are not where they were; reinstall SageTrade")
    light, dark = (re.sub(r"\s+", " ", block).strip() for block in blocks[:2])
    return (
        f':root[data-theme="light"] {{ {light} color-scheme: light; }}\n'
        f':root[data-theme="dark"] {{ {dark} color-scheme: dark; }}\n'
    )


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, f"{name}/")
        elif any(name.endswith(suffix) for suffix in KINDS):
            yield name, entry


def _asset(name: str, body: bytes) -> Asset:
    kind = next(kind for suffix, kind in KINDS.items() if name.endswith(suffix))
    return Asset(body, kind, f'"{sha256(body).hexdigest()[:32]}"')
