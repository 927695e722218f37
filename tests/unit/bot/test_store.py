"""What the bot must not forget is on the disk, and a file that was damaged neither stops nor deceives it."""

from pathlib import Path

import pytest

from sagetrade_nautilus import durable
from sagetrade_nautilus.bot.store import NAME, BotStore, Settings
from tests.support.latch import FaultyOs, full_disk


def test_settings_and_what_was_heard_outlive_a_restart(tmp_path: Path) -> None:
    store = BotStore(tmp_path)
    store.choose(7, Settings(language="ar", choices={"quiet": "22-7"}))
    store.asked[7] = 12
    store.write(store.snapshot((3, 1, 2)))
    again = BotStore(tmp_path)
    assert again.asked == {7: 12}
    assert again.settings(7) == Settings(language="ar", choices={"quiet": "22-7"})
    assert again.seen == (3, 1, 2)
    assert again.is_sound
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_a_file_of_before_passwords_were_awaited_over_a_restart_is_read(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"users": {"7": {"language": "ar"}}, "seen": [3]}')
    (tmp_path / NAME).chmod(0o600)
    store = BotStore(tmp_path)
    assert store.is_sound
    assert (store.settings(7).language, store.asked) == ("ar", {})


def test_a_stranger_to_the_file_has_chosen_nothing(tmp_path: Path) -> None:
    assert BotStore(tmp_path).settings(8) == Settings()


@pytest.mark.parametrize("raw", [b"", b"{", b'{"users": 3}', b"\xff"])
def test_a_damaged_file_is_kept_aside_and_owned_up_to(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / NAME).write_bytes(raw)
    store = BotStore(tmp_path)
    assert not store.is_sound
    assert store.seen == ()
    assert (tmp_path / NAME).with_suffix(".damaged").read_bytes() == raw
    store.write(store.snapshot((1,)))
    assert BotStore(tmp_path).seen == (1,)


def test_a_file_that_others_may_write_is_not_believed(tmp_path: Path) -> None:
    BotStore(tmp_path).write(BotStore(tmp_path).snapshot((1,)))
    (tmp_path / NAME).chmod(0o666)
    assert not BotStore(tmp_path).is_sound


def test_a_full_disk_leaves_what_stood_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = BotStore(tmp_path)
    store.write(store.snapshot((1,)))
    with monkeypatch.context() as patch:
        patch.setattr(durable, "os", FaultyOs(full_disk))
        with pytest.raises(OSError, match="space"):
            store.write(store.snapshot((1, 2)))
    assert BotStore(tmp_path).seen == (1,)


def test_as_many_as_are_remembered_fit_the_file(tmp_path: Path) -> None:
    BotStore(tmp_path).write(BotStore(tmp_path).snapshot(tuple(range(10**9, 10**9 + 1_000))))
    assert len(BotStore(tmp_path).seen) == 1_000
