"""Which code a run rests on."""

import hashlib
from importlib.resources import files
from pathlib import Path

import sagetrade_nautilus
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.run.plugins import resolve, source_file

OWN_PACKAGES = ("actors", "adapters", "catalog", "sagetrade_nautilus", "strategies")


def code_version(config: RunConfig) -> str:
    """Return the package's version and the first digits of `code_digest`."""
    return f"{sagetrade_nautilus.__version__}+{code_digest(config)[:12]}"


def code_digest(config: RunConfig) -> str:
    """Return a SHA-256 of all code and weights that the run rests on, the folders of one's own plugins too."""
    roots = [Path(str(files(package))) for package in OWN_PACKAGES]
    sources = {
        f"{root.name}/{file.relative_to(root).as_posix()}": file
        for root in roots
        for pattern in ("*.py", "*.npz")
        for file in root.rglob(pattern)
    }
    for entry in config.strategies:
        folder = source_file(resolve(entry)).parent
        sources |= {f"{folder.name}/{file.relative_to(folder).as_posix()}": file for file in folder.rglob("*.py")}
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(name.encode())
        digest.update(sources[name].read_bytes())
    return digest.hexdigest()
