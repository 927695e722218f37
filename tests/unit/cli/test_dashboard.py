"""`sagetool dashboard` before it serves: what it refuses."""

import socket
import sys

import pytest

from sagetrade_nautilus.cli.main import main


def _refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    monkeypatch.setattr(sys, "argv", ["sagetool", "dashboard", *words])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    return " ".join(capsys.readouterr().err.split())


def test_it_listens_to_others_only_under_a_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "say with --name" in _refused(monkeypatch, capsys, "--host", "0.0.0.0")  # noqa: S104 - it is refused


def test_an_address_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "localhost:9108 is no address" in _refused(monkeypatch, capsys, "--node", "localhost:9108")


def test_a_port_that_is_taken_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "name another --port" in _refused(monkeypatch, capsys, "--port", port)
