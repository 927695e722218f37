"""`sagetool verify-installation`: what is installed, and which keys are present, never their values.

``python -m sagetrade_nautilus.cli.verify_installation`` is the same.
"""

import platform
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sagetrade_nautilus.cli.edge import edge
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.secrets import KNOWN, find_secret

PACKAGE = "sagetrade-nautilus"
SHOWN = ("nautilus_trader", "pyarrow", "pandas", "msgspec")
EXTRAS = {
    "alpaca": ("websockets",),
    "experiments": ("hypothesis", "optuna", "pytest", "ruff"),
    "news": ("tweepy", "telethon", "websockets"),
    "ray": ("ray",),
    "redis": ("redis",),
    "s3": ("s3fs",),
    "transformers": ("transformers", "onnxruntime"),
    "torch": ("torch",),
}


def verify_installation() -> None:
    """Print the versions, the extras that are installed, and which keys are present. No value is ever shown.

    Example: sagetool verify-installation
    """
    console = Console()
    console.print(f"sagetrade {version(PACKAGE)} on Python {platform.python_version()}")
    console.print(", ".join(f"{name} {version(name)}" for name in SHOWN), highlight=False)
    for extra, packages in EXTRAS.items():
        missing = [name for name in packages if _version(name) is None]
        said = f"no: {', '.join(missing)} missing, pip install '{PACKAGE}[{extra}]'" if missing else "yes"
        console.print(f"extra {extra:13} {said}", highlight=False, markup=False, soft_wrap=True)
    table, unusable = Table("key", "present", "for", box=None), []
    for name, use in KNOWN.items():
        try:
            said = "yes" if find_secret(name) is not None else "no"
        except ConfigError as error:
            said = "[bold red]NOT USABLE[/]"
            unusable.append(str(error))
        table.add_row(name, said, use)
    console.print(table)
    for line in dict.fromkeys(unusable):
        console.print(f"[bold red]not usable:[/] {escape(line)}", highlight=False, soft_wrap=True)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    with edge():
        verify_installation()
