"""`sagetool stop` and its like, before they touch anything."""

import sys

import pytest

from sagetrade_nautilus.cli.main import main


@pytest.mark.parametrize("command", ["stop", "status", "resume", "password", "watchdog"])
@pytest.mark.parametrize("latch", ["", ".", "..", "/"])
def test_a_kill_switch_without_a_name_is_refused_with_an_example(
    command: str, latch: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sagetool", command, "--latch", latch])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert "name the file, such as state/latch.json" in " ".join(capsys.readouterr().err.split())
