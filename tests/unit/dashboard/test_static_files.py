"""The page's files: served by name from memory, in the report's own colours."""

from importlib import resources

import pytest

from sagetrade_nautilus.dashboard.static_files import load_assets, theme
from sagetrade_nautilus.errors import ConfigError

CSS = ":root {\n  --bg: #fff;\n}\n@media (prefers-color-scheme: dark) {\n  :root {\n    --bg: #000;\n  }\n}\n"


def test_a_choice_of_colours_goes_before_the_system_s() -> None:
    made = theme(CSS)
    assert ':root[data-theme="light"] { --bg: #fff; color-scheme: light; }' in made
    assert ':root[data-theme="dark"] { --bg: #000; color-scheme: dark; }' in made


def test_a_style_sheet_without_the_colours_is_refused() -> None:
    with pytest.raises(ConfigError, match="its colours are not where they were"):
        theme("body { color: red; }")


def test_every_file_has_its_kind_and_the_licence_stands_beside_the_library() -> None:
    package = resources.files("sagetrade_nautilus.dashboard")
    assets = load_assets(package)
    assert {
        "index.html",
        "common.css",
        "theme.css",
        "js/main.js",
        "texts/ar.json",
        "vendor/lightweight-charts.js",
    } <= set(assets)
    assert b"--accent" in assets["common.css"].body
    assert assets["theme.css"].body.count(b"--accent") == 2
    notice = (package / "static/vendor/NOTICE").read_text(encoding="utf-8")
    assert "TradingView Lightweight Charts" in notice
    assert b"Licensed under Apache License 2.0" in assets["vendor/lightweight-charts.js"].body[:400]
