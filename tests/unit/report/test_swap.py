from pathlib import Path

import pytest

from sagetrade_nautilus.report import swap


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    new, final = tmp_path / "new", tmp_path / "final"
    for path in (new, final):
        path.mkdir()
        (path / "name").write_text(path.name)
    return new, final


@pytest.mark.parametrize("exchange", [True, False])
def test_the_new_directory_takes_the_place_of_the_old(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    new, final = pair
    if not exchange:
        monkeypatch.setattr(swap, "_exchange", lambda *_: False)
    swap.put_in_place(new, final)
    assert (final / "name").read_text() == "new"
    assert not new.exists() or (new / "name").read_text() == "final"
    assert not [path for path in final.parent.iterdir() if path.name.startswith(".")]


def test_without_an_old_directory_the_new_one_is_renamed(pair: tuple[Path, Path]) -> None:
    new, final = pair
    swap.put_in_place(new, final.with_name("other"))
    assert (final.with_name("other") / "name").read_text() == "new"
    assert not new.exists()


def test_if_the_second_step_fails_the_old_directory_comes_back(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    new, final = pair
    rename = Path.rename

    def fail_for_new(self: Path, target: Path) -> Path:
        if self == new:
            raise PermissionError(13, "Permission denied", str(target))
        return rename(self, target)

    monkeypatch.setattr(swap, "_exchange", lambda *_: False)
    monkeypatch.setattr(Path, "rename", fail_for_new)
    with pytest.raises(PermissionError):
        swap.put_in_place(new, final)
    assert (final / "name").read_text() == "final"
    assert sorted(path.name for path in final.parent.iterdir()) == ["final", "new"]


def test_an_exchange_that_fails_names_the_place(tmp_path: Path) -> None:
    (tmp_path / "final").mkdir()
    with pytest.raises(FileNotFoundError, match="final"):
        swap.put_in_place(tmp_path / "missing", tmp_path / "final")
