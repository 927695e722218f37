"""Coverage-guided fuzzing by hand: `python -m tests.fuzz NAME --seconds 60`, or without a name every target in turn.

Each target runs in a process of its own, since a find ends it. What broke a target is kept in the folder of `--keep`.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

INSTALL = "atheris is not installed: pip install 'sagetrade-nautilus[fuzz]' (Linux, Python 3.12 or 3.13)"
OURS = ["sagetrade_nautilus", "adapters", "catalog", "feedparser", "tomllib"]
HANG_S = 20
MEMORY_MB = 3_000
BYTES_MAX = 70_000
SHOWN_LINES = 12


def main(words: Sequence[str]) -> int:
    """Attack the targets that are named, all unless any is; return how many broke."""
    options = _options(words)
    if find_spec("atheris") is None:
        print(INSTALL, file=sys.stderr)
        return 2
    if options.inside:
        _attack(options.names[0], options.seconds, options.keep)
    names = options.names or _all_names()
    return sum(_told(name, options.seconds, options.keep) for name in names)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="targets; all unless one is named")
    parser.add_argument("--seconds", type=int, default=60, help="how long each is attacked")
    parser.add_argument("--keep", type=Path, default=Path(".fuzz"), help="where inputs that break a target are kept")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(words)


def _all_names() -> list[str]:
    from tests.fuzz.targets import TARGETS

    return sorted(TARGETS)


def _told(name: str, seconds: int, keep: Path) -> bool:
    """Attack one target in a process of its own, print a line about it, and return whether it broke."""
    command = [sys.executable, "-m", "tests.fuzz", name, "--seconds", str(seconds), "--keep", str(keep), "--inside"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    said = done.stdout.decode("utf-8", "replace")
    runs = re.findall(r"^#(\d+)", said, re.MULTILINE)
    edges = re.findall(r"cov: (\d+)", said)
    broke = done.returncode != 0
    figures = f"{int(runs[-1]) if runs else 0:,} runs, {edges[-1] if edges else '0'} edges"
    print(f"{name}: {figures}, {f'BROKE ({done.returncode})' if broke else 'held'}", flush=True)
    if broke:
        trace = re.search(r"=== Uncaught Python exception: ===\n(.*?)(?:\n==\d+|\Z)", said, re.DOTALL)
        lines = (trace[1] if trace else said).splitlines()
        print("\n".join(f"    {line[:200]}" for line in lines[-SHOWN_LINES:]), flush=True)
    return broke


def _attack(name: str, seconds: int, keep: Path) -> None:
    """Let libFuzzer, which ends the process, attack one target."""
    import atheris

    with atheris.instrument_imports(include=OURS):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    corpus = Path(tempfile.mkdtemp(prefix="sagetrade-corpus-"))
    for number, seed in enumerate(target.seeds):
        (corpus / str(number)).write_bytes(seed)
    kept = keep / name
    kept.mkdir(parents=True, exist_ok=True)
    settings = {
        "max_total_time": seconds,
        "timeout": HANG_S,
        "rss_limit_mb": MEMORY_MB,
        "max_len": BYTES_MAX,
        "artifact_prefix": f"{kept}/",
        "print_final_stats": 1,
    }
    atheris.Setup([name, str(corpus), *(f"-{key}={value}" for key, value in settings.items())], target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
