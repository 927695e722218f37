"""A release needs a code that a person was shown, for exactly this, and not long ago."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sagetrade_nautilus import durable
from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard.switch import password as password_module
from sagetrade_nautilus.guard.switch.codes import CODE_LETTERS
from sagetrade_nautilus.guard.switch.confirmation import Confirmation
from sagetrade_nautilus.guard.switch.latch import Latch, Release
from sagetrade_nautilus.guard.switch.password import Password
from sagetrade_nautilus.guard.switch.state import LatchRecord, State
from tests.support.latch import NOW, FaultyOs, full_disk, put, record

SECOND = 1_000_000_000
WRONG = "ZZZZ-ZZZZ"
HALTED = record(State.HALTED)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(password_module, "COST_LOG2", 4)
    return tmp_path / "latch.json"


def _confirm(
    path: Path,
    code: str,
    after_s: int = 1,
    record: LatchRecord = HALTED,
    to: State = State.RUNNING,
    password: str = "",
) -> Release:
    now_ns = NOW + after_s * SECOND
    return Confirmation(path).confirm(record, to, code=code, password=password, reason="r", by="anna", now_ns=now_ns)


def _fail(path: Path, times: int, after_s: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(KillSwitchError, match="wrong code"):
            _confirm(path, WRONG, after_s)


def test_the_right_code_releases_the_latch(path: Path) -> None:
    latch = put(path, State.HALTED)
    code = Confirmation(path).issue(latch.read(), State.RUNNING, NOW)
    latch.release(_confirm(path, code, record=latch.read()), NOW + SECOND)
    assert Latch(path).read().state is State.RUNNING


def test_a_code_may_be_typed_as_people_type(path: Path) -> None:
    code = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    typed = " " + code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert _confirm(path, typed).by == "anna"


def test_codes_are_long_and_never_the_same(path: Path) -> None:
    codes = {Confirmation(path).issue(HALTED, State.RUNNING, NOW) for _ in range(50)}
    assert len(codes) == 50
    assert all(set(code.replace("-", "")) <= set(CODE_LETTERS) and len(code) == 9 for code in codes)


def test_a_code_works_once(path: Path) -> None:
    code = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    _confirm(path, code)
    with pytest.raises(KillSwitchError, match="no code for this"):
        _confirm(path, code)


def test_a_newer_code_voids_the_older(path: Path) -> None:
    older = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    with pytest.raises(KillSwitchError, match="wrong code"):
        _confirm(path, older)


@pytest.mark.parametrize(
    ("record", "to"),
    [
        (HALTED, State.NO_ENTRIES),
        (record(State.HALTED, sequence=NOW + 1), State.RUNNING),
        (record(State.HALTED, reason="another"), State.RUNNING),
        (record(State.REDUCE_ONLY), State.RUNNING),
    ],
)
def test_a_code_is_for_its_exact_effect(path: Path, record: LatchRecord, to: State) -> None:
    code = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    with pytest.raises(KillSwitchError, match="no code for this"):
        _confirm(path, code, record=record, to=to)


def test_a_command_alone_releases_nothing(path: Path) -> None:
    with pytest.raises(KillSwitchError, match="no code for this"):
        _confirm(path, "")


@pytest.mark.parametrize("code", ["", "0", WRONG, "\udc80", "ZZZZ-ZZZZ" * 1000])
def test_a_wrong_code_releases_nothing(path: Path, code: str) -> None:
    Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    with pytest.raises(KillSwitchError, match="wrong code"):
        _confirm(path, code)


@pytest.mark.parametrize(("after_s", "good"), [(-1, False), (0, True), (299, True), (300, False)])
def test_a_code_lives_for_five_minutes_and_not_before_it_was_issued(path: Path, after_s: int, good: bool) -> None:
    code = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    if good:
        assert _confirm(path, code, after_s).ts == NOW + after_s * SECOND
    else:
        with pytest.raises(KillSwitchError, match="expired"):
            _confirm(path, code, after_s)


def test_the_third_wrong_answer_locks_and_each_further_one_doubles_the_wait(path: Path) -> None:
    code = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    _fail(path, 3)
    for after_s, wait_s in ((1, 30), (31, 60), (91, 120)):
        with pytest.raises(KillSwitchError, match=f"locked after .* try again in {wait_s} s"):
            _confirm(path, code, after_s)
        if after_s + wait_s < 200:
            _fail(path, 1, after_s + wait_s)
    assert _confirm(path, code, 211).by == "anna"


def test_a_lock_outlives_new_codes_and_new_processes(path: Path) -> None:
    Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    _fail(path, 3)
    with pytest.raises(KillSwitchError, match="locked"):
        Confirmation(path).issue(HALTED, State.RUNNING, NOW + 2 * SECOND)


def test_the_wait_is_at_most_an_hour(path: Path) -> None:
    now_s = 0
    for _ in range(15):
        Confirmation(path).issue(HALTED, State.RUNNING, NOW + now_s * SECOND)
        _fail(path, 1, now_s)
        now_s += 3600
    assert Confirmation(path).issue(HALTED, State.RUNNING, NOW + now_s * SECOND)


def test_a_right_answer_forgets_the_wrong_ones(path: Path) -> None:
    for _ in range(4):
        code = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
        _fail(path, 2)
        _confirm(path, code)


def test_code_and_password_are_both_needed(path: Path) -> None:
    right = "a long password"
    Password(path).set(right)
    code = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    for typed, password in ((code, ""), (WRONG, right)):
        with pytest.raises(KillSwitchError, match="wrong code or password"):
            _confirm(path, typed, password=password)
    assert _confirm(path, code, password=right).by == "anna"


def test_the_file_does_not_show_the_code_and_is_the_owners_alone(path: Path) -> None:
    code = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    file = path.with_suffix(".confirm")
    assert code.replace("-", "").encode() not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("raw", [b"", b"{", b'{"failures":"0"}', b'{"extra":1}'])
def test_a_damaged_count_releases_nothing(path: Path, raw: bytes) -> None:
    code = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    path.with_suffix(".confirm").write_bytes(raw)
    with pytest.raises(KillSwitchError, match="damaged"):
        _confirm(path, code)


def test_a_count_that_others_may_write_releases_nothing(path: Path) -> None:
    code = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    path.with_suffix(".confirm").chmod(0o666)
    with pytest.raises(KillSwitchError, match="others may write"):
        _confirm(path, code)


def test_on_a_full_disk_nothing_is_released_since_nothing_can_be_counted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    with monkeypatch.context() as patch:
        patch.setattr(durable, "os", FaultyOs(full_disk))
        with pytest.raises(KillSwitchError, match="Without a count"):
            _confirm(path, code)
    assert _confirm(path, code).by == "anna"


def test_an_answer_is_counted_before_it_is_looked_at(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Confirmation(path).issue(HALTED, State.RUNNING, NOW)

    def die(self: Password, password: str) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(Password, "matches", die)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            _confirm(path, WRONG)
    with pytest.raises(KillSwitchError, match="locked after 3"):
        _confirm(path, WRONG)


def _answer(path: Path, code: str) -> bool:
    try:
        _confirm(path, code)
    except KillSwitchError:
        return False
    return True


def test_of_many_who_answer_at_once_with_the_same_code_one_gets_the_release(path: Path) -> None:
    code = Confirmation(path).issue(HALTED, State.RUNNING, NOW)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: _answer(path, code), range(12))) == 1
