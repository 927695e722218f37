"""What is checked before a start: each check fails where it should, in one order, and says what to do."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.config import load
from sagetrade_nautilus.errors import ConfigError, GovernanceError, RunError
from sagetrade_nautilus.governance import store
from sagetrade_nautilus.governance.approvals import Gate
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.run.startup import startup
from sagetrade_nautilus.run.startup.approval import require_live, subject
from sagetrade_nautilus.run.startup.startup import Check, Mode, Outcome, Startup
from tests.support.latch import put
from tests.support.redis_server import RedisServer
from tests.support.signers import allow, approval

NOW = 1_800_000_000_000_000_000
NAMES = ["config", "secrets", "policy approved", "clock", "disk", "redis", "venue", "account", "kill switch", "data"]
COINS = '["BTCUSDT.BINANCE", "ETHUSDT.BINANCE"]'
CANARY = '\n[canary]\nrollback = "the trader on duty halts with --flatten"\n'


class Asked:
    """A venue that answers as it is told."""

    def __init__(
        self,
        *,
        keys: tuple[str, ...] = (),
        offset_ms: float = 0.0,
        age_s: float | None = 20.0,
    ) -> None:
        self.keys = keys
        self._age_s = age_s
        self._offset_ms = offset_ms

    async def time_ns(self) -> int:
        return NOW - round(self._offset_ms * 1e6)

    async def account_status(self) -> str | None:
        return "ACTIVE"

    async def newest_ns(self, symbol: str) -> int | None:
        return None if self._age_s is None else NOW - round(self._age_s * 1e9)


class Silent(Asked):
    async def time_ns(self) -> int:
        raise RunError("it does not answer")


class Barred(Asked):
    async def account_status(self) -> str | None:
        raise ConfigError("its account may not trade")


@pytest.fixture
def desk(tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    demo = (project_root / "configs" / "demo.toml").read_text() + CANARY
    stocks = demo.replace(COINS, '["AAPL.ALPACA"]').replace("[venue]", '[venue]\ncurrency = "USD"')
    (tmp_path / "live.toml").write_text(stocks)
    shutil.copy(project_root / "AI_POLICY.md", tmp_path)
    put(tmp_path / "latch.json")
    return tmp_path


def _checks(desk: Path, mode: Mode = Mode.LIVE, venue: Asked | None = None) -> dict[str, Check]:
    asked = venue or Asked()
    found = asyncio.run(
        Startup(
            desk / "live.toml", mode, latch=desk / "latch.json", venue=lambda config: asked, now_ns=lambda: NOW
        ).run()
    )
    assert [check.name for check in found] == NAMES
    return {check.name: check for check in found}


def _failed(checks: dict[str, Check]) -> set[str]:
    return {name for name, check in checks.items() if check.outcome is Outcome.FAILED}


@pytest.mark.parametrize("mode", list(Mode))
def test_what_a_mode_does_not_need_is_not_asked_and_is_not_said_to_have_passed(desk: Path, mode: Mode) -> None:
    asked = {name for name, check in _checks(desk, mode).items() if check.outcome is not Outcome.NOT_ASKED}
    always = {"config", "disk", "data"}
    paper = always | {"secrets", "clock", "redis", "venue", "kill switch"}
    live = paper | {"policy approved", "account"}
    trial = live - {"policy approved"}
    replay = always | {"secrets"}
    wanted = {Mode.BACKTEST: always, Mode.REPLAY: replay, Mode.PAPER: paper, Mode.TRIAL: trial, Mode.LIVE: live}
    assert asked == wanted[mode]


@pytest.mark.parametrize("mode", [Mode.REPLAY, Mode.PAPER])
@pytest.mark.parametrize(
    ("token", "said"), [("", "TELEGRAM_TOKEN is not set"), ("hunter2", "what is set there is no bot's token")]
)
def test_a_bot_without_a_sound_token_fails_the_secrets_without_showing_it(
    desk: Path, monkeypatch: pytest.MonkeyPatch, mode: Mode, token: str, said: str
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", token)
    path = desk / "live.toml"
    assert _failed(_checks(desk, mode)) == set()
    path.write_text(path.read_text() + "\n[bot]\nenabled = true\n")
    check = _checks(desk, mode)["secrets"]
    assert (check.outcome, said in check.says, "hunter2" in check.says) == (Outcome.FAILED, True, False)
    monkeypatch.setenv("TELEGRAM_TOKEN", "4711:" + "a" * 35)
    assert _checks(desk, mode)["secrets"].says == "TELEGRAM_TOKEN present"


def test_a_run_without_approvals_fails_by_these_alone(desk: Path) -> None:
    checks = _checks(desk)
    assert _failed(checks) == {"policy approved"}
    assert "gate A" in checks["policy approved"].says


def test_a_market_that_is_closed_is_said_and_is_no_fault(desk: Path) -> None:
    check = _checks(desk, Mode.PAPER, Asked(age_s=None))["data"]
    assert check.outcome is Outcome.OK
    assert "AAPL.ALPACA: the market is closed" in check.says


def test_a_backtest_of_bars_that_are_not_there_fails(desk: Path) -> None:
    path = desk / "live.toml"
    path.write_text(path.read_text().replace("sample = true", "sample = false"))
    assert _failed(_checks(desk, Mode.BACKTEST)) == {"data"}


@pytest.mark.parametrize(
    ("venue", "failed"),
    [
        (Asked(offset_ms=1_500.0), "clock"),
        (Asked(offset_ms=-1_500.0), "clock"),
        (Barred(), "account"),
        (Asked(age_s=901.0), "data"),
        (Asked(keys=("SAGETRADE_NO_SUCH_KEY",)), "secrets"),
        (Silent(), "venue"),
    ],
)
def test_a_venue_that_is_not_as_it_should_be_fails(desk: Path, venue: Asked, failed: str) -> None:
    assert failed in _failed(_checks(desk, venue=venue))


@pytest.mark.parametrize("offset_ms", [999.0, -1_000.0])
def test_a_clock_within_the_limit_passes(desk: Path, offset_ms: float) -> None:
    assert "clock" not in _failed(_checks(desk, venue=Asked(offset_ms=offset_ms)))


@pytest.mark.parametrize(("late", "failed"), [((4.0, 0.1), set()), ((4.0, 4.0, 4.0), {"clock"})])
def test_a_clock_is_judged_by_an_answer_that_came_soon(desk: Path, late: tuple[float, ...], failed: set[str]) -> None:
    now_s, waits = [NOW / 1e9], iter((*late, 0.0))

    class Slow(Asked):
        async def time_ns(self) -> int:
            now_s[0] += next(waits)
            return round(now_s[0] * 1e9)

    startup = Startup(
        desk / "live.toml", Mode.PAPER, latch=desk / "latch.json", venue=lambda config: Slow(age_s=None),
        now_ns=lambda: round(now_s[0] * 1e9),
    )  # fmt: skip
    assert _failed({check.name: check for check in asyncio.run(startup.run())}) == failed


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"{}"), lambda path: path.chmod(0o666)])
def test_a_kill_switch_that_cannot_be_read_fails(desk: Path, harm: Callable[[Path], object]) -> None:
    (desk / "decisions.jsonl").touch()  # a node has been here
    harm(desk / "latch.json")
    assert "kill switch" in _failed(_checks(desk))


@pytest.mark.parametrize(("mode", "begins"), [(Mode.PAPER, "running"), (Mode.TRIAL, "halted"), (Mode.LIVE, "halted")])
def test_before_the_first_start_the_kill_switch_need_not_be_there_and_it_is_said_how_a_node_begins(
    desk: Path, mode: Mode, begins: str
) -> None:
    (desk / "latch.json").unlink()
    check = _checks(desk, mode)["kill switch"]
    assert check.outcome is Outcome.OK
    assert check.says.endswith(f"no node has been there, and the first one begins {begins}")
    assert not (desk / "latch.json").exists()


def test_a_kill_switch_that_is_engaged_can_be_read_and_says_why(desk: Path) -> None:
    put(desk / "latch.json", State.HALTED, reason="lunch")
    assert _checks(desk)["kill switch"].says == "halted: lunch"


def test_a_disk_that_is_full_or_refuses_fails(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "FREE_BYTES_MIN", 1 << 62)
    assert "disk" in _failed(_checks(desk))
    monkeypatch.undo()
    monkeypatch.setattr(startup.os, "fsync", lambda descriptor: (_ for _ in ()).throw(OSError(5, "I/O error")))
    assert "disk" in _failed(_checks(desk))


def test_a_configuration_that_is_none_fails_everything_that_rests_on_it(desk: Path) -> None:
    (desk / "live.toml").write_text("name = 1\n")
    assert _failed(_checks(desk)) == set(NAMES)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("name", ["BTC/USD.KRAKEN", "SPY.ARCA"])
def test_what_cannot_be_traded_at_a_broker_fails_where_orders_go_to_one_with_a_canary_plan_or_without(
    desk: Path, mode: Mode, name: str
) -> None:
    path = desk / "live.toml"
    path.write_text(path.read_text().replace("AAPL.ALPACA", name).replace(CANARY, ""))
    check = _checks(desk, mode)["config"]
    assert (check.outcome is Outcome.FAILED) is (mode in (Mode.TRIAL, Mode.LIVE))
    assert (f"`data.instruments`: '{name}' cannot be traded at a broker: " in check.says) is (check.outcome != "ok")


def test_a_secrets_file_that_others_may_read_fails_although_nothing_is_needed_of_it(desk: Path) -> None:
    (desk / "config").mkdir()
    (desk / "config" / "secrets.env").write_text("A=b\n")
    (desk / "config" / "secrets.env").chmod(0o644)
    assert "secrets" in _failed(_checks(desk))


def test_redis_that_is_asked_for_and_is_not_there_fails(desk: Path) -> None:
    with (desk / "live.toml").open("a") as file:
        file.write('\n[messaging]\nbackend = "redis"\nport = 1\n')
    assert "redis" in _failed(_checks(desk))


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client")
def test_with_every_approval_the_policy_passes_and_live_asks_only_for_clean_books(desk: Path) -> None:
    config = load(desk / "live.toml")
    for gate, person in ((Gate.A, "anna@desk"), (Gate.B, "anna@desk"), (Gate.B, "omar@desk")):
        key = allow(person, desk)
        store.write(approval(gate, person, subject(config), key), desk / store.FOLDER)
    assert "policy approved" not in _failed(_checks(desk))
    require_live(config, is_reconciled=True)
    with pytest.raises(GovernanceError, match="reconciled"):
        require_live(config, is_reconciled=False)
    with pytest.raises(GovernanceError, match=r"gate B .* by nobody"):
        require_live(msgspec.structs.replace(config, name="other"), is_reconciled=True)


@pytest.mark.parametrize("memory", ["file", "redis"])
def test_a_redis_that_forgets_with_its_death_is_no_memory_of_orders(
    desk: Path, redis_server: RedisServer, memory: str
) -> None:
    redis_server.client.config_set("appendonly", "no")
    messaging = f'[messaging]\nbackend = "redis"\nport = {redis_server.port}\n'
    with (desk / "live.toml").open("a") as file:
        file.write(f'\n{messaging}[execution]\nmemory = "{memory}"\n')
    checks = _checks(desk)
    assert ("redis" in _failed(checks)) is (memory == "redis")
    assert "append-only" in checks["redis"].says
