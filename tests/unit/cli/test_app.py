"""The command line knows its commands without loading them."""

import subprocess
import sys

import pytest

from sagetrade_nautilus.cli.app import COMMANDS, command

HEAVY = ("nautilus_trader", "pandas", "numpy", "pyarrow", "httpx", "aiohttp")


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_listed_of_a_command_is_what_it_says_of_itself(name: str) -> None:
    said = " ".join(command(name).help.split("\n\n")[0].split())
    assert COMMANDS[name].line == said


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["stop", "--help"], ["status", "--help"]], ids=" ".join)
def test_help_and_the_kill_switch_wait_for_no_heavy_library(words: list[str]) -> None:
    program = (
        "import sys\n"
        "from sagetrade_nautilus.cli.app import app\n"
        f"app({words}, standalone_mode=False)\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_misspelt_command_is_met_with_the_one_that_was_meant() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sagetrade_nautilus.cli", "backtset"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Did you mean 'backtest'" in done.stderr
