"""Everything that is handed on has terms that allow it, and is named."""

from importlib.metadata import Distribution
from pathlib import Path

import pytest

from scripts import write_supply_chain as supply

SHIPPED = ["alpaca", "experiments", "news", "ray", "redis", "s3", "transformers"]


@pytest.fixture(scope="module")
def shipped() -> dict[str, Distribution]:
    return supply.needed(supply.OURS, SHIPPED)


def test_no_package_has_terms_that_nobody_has_looked_into(shipped: dict[str, Distribution]) -> None:
    odd = {name: terms for name in shipped if supply.kind(terms := supply.licence(shipped[name])) == "unknown"}
    assert odd == {}


def test_the_page_names_every_package_with_its_terms(shipped: dict[str, Distribution]) -> None:
    page = supply.PAGE.read_text()
    missing = [name for name, package in shipped.items() if f"| {name} | {package.version} |" not in page]
    assert missing == [], "run scripts/write_supply_chain.py"


def test_what_an_extra_brings_is_found_behind_what_brings_it(shipped: dict[str, Distribution]) -> None:
    """pandas needs NumPy, and s3fs, an extra's, needs botocore by way of aiobotocore."""
    assert {"numpy", "botocore"} <= shipped.keys()
    assert "botocore" not in supply.needed(supply.OURS)


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        ("MIT", "permissive"),
        ("Apache-2.0 OR BSD-2-Clause", "permissive"),
        ("(MIT AND BSD-3-Clause)", "permissive"),
        ("MPL-2.0 AND MIT", "weak copyleft"),
        ("GPL-3.0-only", "unknown"),
        ("MIT AND GPL-3.0-only", "unknown"),
        ("", "unknown"),
    ],
)
def test_terms_are_only_as_free_as_the_least_free_of_them(terms: str, kind: str) -> None:
    assert supply.kind(terms) == kind


def test_size_counts_the_files_that_are_there(tmp_path: Path) -> None:
    about = tmp_path / "a-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Name: a\nVersion: 1\n")
    (tmp_path / "a.py").write_bytes(b"x" * supply.MEGABYTE)
    (about / "RECORD").write_text("a.py,,\ngone.py,,\n")
    assert supply.size([Distribution.at(about)]) == 1.0
