"""The optional password of a release."""

import stat
from pathlib import Path

import pytest

from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard.switch import password as password_module
from sagetrade_nautilus.guard.switch.password import Password

PHRASE = "correct horse ✓"


@pytest.fixture
def latch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(password_module, "COST_LOG2", 4)
    return tmp_path / "state" / "latch.json"


def test_where_none_is_set_anything_matches(latch: Path) -> None:
    assert not Password(latch).is_set()
    assert Password(latch).matches("")


def test_only_the_password_that_was_set_matches(latch: Path) -> None:
    Password(latch).set(PHRASE)
    assert Password(latch).is_set()
    assert Password(latch).matches(PHRASE)
    for wrong in ("", PHRASE + " ", PHRASE.upper(), "\udc80"):
        assert not Password(latch).matches(wrong)


def test_the_file_holds_no_password_and_is_the_owners_alone(latch: Path) -> None:
    Password(latch).set(PHRASE)
    file = latch.with_suffix(".password")
    assert b"horse" not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_same_password_has_another_hash_each_time(latch: Path) -> None:
    Password(latch).set(PHRASE)
    first = latch.with_suffix(".password").read_bytes()
    Password(latch).set(PHRASE)
    assert latch.with_suffix(".password").read_bytes() != first


def test_a_short_password_is_refused(latch: Path) -> None:
    with pytest.raises(KillSwitchError, match="at least 10"):
        Password(latch).set("123456789")
    assert not Password(latch).is_set()


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"scrypt", b'{"algorithm":"scrypt","cost_log2":4,"block":8,"salt":"x","key":"y"}']
)
def test_a_damaged_file_matches_nothing(latch: Path, raw: bytes) -> None:
    Password(latch).set(PHRASE)
    latch.with_suffix(".password").write_bytes(raw)
    with pytest.raises(KillSwitchError, match="cannot be trusted"):
        Password(latch).matches(PHRASE)


def test_a_file_that_others_may_write_matches_nothing(latch: Path) -> None:
    Password(latch).set(PHRASE)
    latch.with_suffix(".password").chmod(0o666)
    with pytest.raises(KillSwitchError, match="others may write"):
        Password(latch).is_set()


def test_a_hash_that_is_cheaper_to_guess_is_refused(latch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Password(latch).set(PHRASE)
    monkeypatch.setattr(password_module, "COST_LOG2", 5)
    with pytest.raises(KillSwitchError, match="another cost"):
        Password(latch).matches(PHRASE)


def test_a_refusing_disk_keeps_what_was_set(latch: Path) -> None:
    latch.parent.write_text("a file where the folder should be")
    with pytest.raises(KillSwitchError, match="was not set"):
        Password(latch).set(PHRASE)


def test_the_real_cost_is_what_owasp_advises() -> None:
    assert (password_module.COST_LOG2, password_module.BLOCK) == (17, 8)
