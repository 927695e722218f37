"""Run the demo and put what it prints into the README, and a picture of its report into docs/images.

    python scripts/write_demo_sample.py [--picture]

The picture needs `chromium` and ImageMagick's `convert` on the path.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from sagetrade_nautilus.config import load

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
DEMO = ROOT / "configs" / "demo.toml"
PICTURE = ROOT / "docs" / "images" / "report.png"
BEGIN, END = "<!-- begin: scripts/write_demo_sample.py writes this -->\n", "<!-- end -->"
WIDTH_CHARS = "88"
PICTURE_SIZE = "1280,1350"


def run_demo(folder: Path) -> str:
    """Run the demo in `folder` and return what it prints."""
    command = [sys.executable, "-m", "sagetrade_nautilus.cli", "backtest", str(DEMO)]
    environment = {**os.environ, "COLUMNS": WIDTH_CHARS, "NO_COLOR": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603


def trimmed(printed: str) -> str:
    """Return the demo's output without the sentences on single strategies and without the time that it took."""
    tables, *sentences = printed.rsplit("\n\nReport:", 1)[0].split("\n•")
    strategies = {entry.label for entry in load(DEMO).strategies}
    kept = [text for text in sentences if text.split()[0] not in strategies]
    lines = "\n•".join([tables, *kept[:2], " [a sentence on each strategy]", *kept[2:]]).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def page(text: str, printed: str) -> str:
    """Return the README `text` with its sample written anew."""
    before, rest = text.split(BEGIN)
    after = rest.split(END, 1)[1]
    return f"{before}{BEGIN}```text\n{trimmed(printed)}\n```\n{END}{after}"


def take_picture(report: Path, folder: Path) -> None:
    """Photograph the top of `report` and write it with few colours."""
    shot = folder / "shot.png"
    browser = "chromium --headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run"
    options = [f"--user-data-dir={folder / 'browser'}", f"--screenshot={shot}", f"--window-size={PICTURE_SIZE}"]
    subprocess.run([*browser.split(), "--hide-scrollbars", *options, report.as_uri()], check=True, capture_output=True)  # noqa: S603
    small = ["+dither", "-colors", "255", "-strip", "-define", "png:compression-level=9"]
    subprocess.run(["convert", str(shot), *small, f"PNG8:{PICTURE}"], check=True)  # noqa: S603, S607


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        printed = run_demo(folder)
        README.write_text(page(README.read_text(encoding="utf-8"), printed), encoding="utf-8")
        if "--picture" in sys.argv[1:]:
            take_picture(next(folder.glob("runs/demo-*/report.html")), folder)


if __name__ == "__main__":
    main()
