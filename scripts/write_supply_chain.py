"""Write what is installed with SageTrade, under which licence, and how large it is, into docs/supply-chain.md.

    python scripts/write_supply_chain.py

It reads the metadata of the packages in the environment that it runs in, best one where the wheel is installed: an
editable install hides our own size. An extra that is not installed there is named as such. Only what stands between
the two markers of the page is replaced.
"""

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

PAGE = Path(__file__).resolve().parents[1] / "docs" / "supply-chain.md"
BEGIN, END = "<!-- begin: scripts/write_supply_chain.py writes this -->", "<!-- end -->"
OURS = "sagetrade-nautilus"
ENGINE = "nautilus_trader"
EXTRAS = ("alpaca", "experiments", "news", "redis", "s3", "transformers", "ray", "torch")
MEGABYTE = 1_048_576

PERMISSIVE = frozenset(
    {"0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-CMU"}
    | {"PSF-2.0", "Zlib"}
)
WEAK_COPYLEFT = frozenset({"LGPL-3.0-only", "LGPL-3.0-or-later", "MPL-2.0"})
"""Used unchanged and replaceable, code under these asks nothing of ours; changes to it must be given out."""
SPDX = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
}
"""The SPDX identifiers of what older packages call their licences."""


def needed(name: str, extras: Iterable[str] = ()) -> dict[str, Distribution]:
    """Return the packages that `name` with `extras` asks for here, itself among them, by their names in lower case.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        One of them is not installed.
    """
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    asked = [(name, extra) for extra in ("", *extras)]
    while asked:
        package, extra = asked.pop()
        key = re.sub(r"[-_.]+", "-", package).lower()
        if (key, extra) in seen:
            continue
        seen.add((key, extra))
        found[key] = distribution(package)
        for line in found[key].requires or ():
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                asked += [(wanted.name, further) for further in ("", *wanted.extras)]
    return found


def licence(package: Distribution) -> str:
    """Return the licence as an SPDX expression, or as the package itself words it; '' where it says nothing."""
    about = package.metadata
    if "License-Expression" in about:
        return about["License-Expression"]
    named = [line.split(" :: ")[-1] for line in about.get_all("Classifier") or () if line.startswith("License ::")]
    named = [name for name in named if name != "OSI Approved"]
    if not named and "License" in about:
        named = about["License"].splitlines()[:1]
    return " AND ".join(SPDX.get(name, name) for name in named)


def kind(expression: str) -> str:
    """Return 'permissive', 'weak copyleft', or 'unknown', which whoever adds the package must look into."""
    parts = set(re.split(r" AND | OR |[()]", expression)) - {""}
    if parts and parts <= PERMISSIVE:
        return "permissive"
    return "weak copyleft" if parts and parts <= PERMISSIVE | WEAK_COPYLEFT else "unknown"


def size(packages: Iterable[Distribution]) -> float:
    """Return how much the files of `packages` take, in MB of 2**20 bytes."""
    files = (Path(str(package.locate_file(file))) for package in packages for file in package.files or ())
    return sum(file.stat().st_size for file in files if file.is_file()) / MEGABYTE


def tables() -> str:
    """Return the generated part of the page."""
    base = needed(OURS)
    engine = needed(ENGINE)
    own = {name: package for name, package in base.items() if name not in engine}
    rows = [
        f"| NautilusTrader and what it needs | {len(engine)} | {size(engine.values()):,.0f} |",
        f"| the rest of the base install | {len(own)} | {size(own.values()):,.0f} |",
    ]
    further: dict[str, Distribution] = {}
    for extra in EXTRAS:
        try:
            added = {name: package for name, package in needed(OURS, [extra]).items() if name not in base}
        except PackageNotFoundError as missing:
            rows.append(f"| extra `{extra}` | not measured: {missing.name} is not installed here | |")
            continue
        rows.append(f"| extra `{extra}` | +{len(added)} | +{size(added.values()):,.0f} |")
        further |= added
    sizes = "\n".join(["| what | packages | MB |", "|---|---|---|", *rows])
    return f"{sizes}\n\n## The base install\n\n{_listed(base)}\n\n## What extras add\n\n{_listed(further)}"


def page(text: str) -> str:
    """Return the page `text` with its generated part written anew."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{rest.split(END)[1]}"


def _listed(packages: dict[str, Distribution]) -> str:
    def rows() -> Iterator[str]:
        yield "| package | version | licence | |"
        yield "|---|---|---|---|"
        for name, package in sorted(packages.items()):
            terms = licence(package)
            yield f"| {name} | {package.version} | {terms} | {'' if kind(terms) == 'permissive' else kind(terms)} |"

    return "\n".join(rows())


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
