"""A crash day is replayed beside a real Prometheus and Alertmanager: the right alerts reach the chat, and no others."""

import json
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.http_server import Reply, ScriptedServer
from tests.support.monitoring import RULES, rendered
from tests.support.ops import ask, free_port

pytestmark = pytest.mark.slow
NEEDED = ("prometheus", "prometheus-alertmanager")
TOKEN = "123456:AAcAnArYcAnArYcAnArYcAnArYcAnArYcAn"  # noqa: S105 - of nobody
PATIENCE_S = 90.0
ALWAYS = {"AlertingWorks"}
RUN = """
name = "crash"
[data]
instruments = ["BTCUSDT.BINANCE", "ETHUSDT.BINANCE"]
start = {start}
end = {end}
sample = true
[limits]
max_daily_loss_pct = 0.2
max_day_drop_pct = 0.2
[ops]
enabled = true
port = {port}
[[strategies]]
plugin = "momentum_scalper"
[[strategies]]
plugin = "mean_reversion_scalper"
[[strategies]]
plugin = "news_quick_trade"
"""


class Monitoring:
    """Prometheus and Alertmanager with the project's rules and routes, and a chat of the test's own."""

    def __init__(self, folder: Path, node_port: int) -> None:
        self.chat = ScriptedServer(
            Reply(body=b'{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":-1001,"type":"group"}}}')
        )
        self._ports = free_port(), free_port()
        routes = rendered(folder / "alertmanager.yml", TOKEN, more=f"\n        api_url: {self.chat.url}")
        settings = folder / "prometheus.yml"
        settings.write_text(
            f"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [{RULES}]\n"
            f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{self._ports[1]}']}}]}}]}}\n"
            f"scrape_configs: [{{job_name: sagetrade, static_configs: [{{targets: ['127.0.0.1:{node_port}']}}]}}]\n"
        )
        self._processes = [
            self._start(
                "prometheus", f"--config.file={settings}", f"--storage.tsdb.path={folder / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{self._ports[0]}",
            ),
            self._start(
                "prometheus-alertmanager", f"--config.file={routes}", f"--storage.path={folder / 'alerts'}",
                f"--web.listen-address=127.0.0.1:{self._ports[1]}", "--cluster.listen-address=",
            ),
        ]  # fmt: skip

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def firing(self) -> set[str]:
        """Return the alerts that fire now."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._ports[0]}/api/v1/alerts", timeout=5.0) as answer:
                alerts = json.loads(answer.read())["data"]["alerts"]
        except OSError:
            return set()
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def messages(self) -> list[str]:
        """Return what has reached the chat."""
        return [str(json.loads(request.body)["text"]) for request in self.chat.requests]

    def close(self) -> None:
        for process in self._processes:
            process.terminate()
            process.wait(30.0)
        self.chat.close()


class Played:
    """A replay in a process of its own, watched; what fired while it was up, and what fires once it is dead."""

    def __init__(self, folder: Path, start: str, end: str, speed: int) -> None:
        self.port = free_port()
        (folder / "run.toml").write_text(RUN.format(start=start, end=end, port=self.port))
        self.monitoring = Monitoring(folder, self.port)
        command = [sys.executable, "-m", "sagetrade_nautilus.cli", "replay", "run.toml", "-q", f"--speed={speed}"]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self._wait(lambda: ask(self.port, "/health/live")[0] == 200)
        time.sleep(3.0)  # until then it was no node, and is told as down
        self.fired: set[str] = set()

    def watch(self, until: Callable[[], bool]) -> None:
        """Collect what fires, until a condition holds or the replay is over."""
        deadline = time.monotonic() + PATIENCE_S
        while not until() and self.process.poll() is None and time.monotonic() < deadline:
            self.fired |= self.monitoring.firing()
            time.sleep(0.25)

    def _wait(self, until: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not until():
            assert self.process.poll() is None, self.process.stderr.read().decode()  # type: ignore[union-attr]
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def wait_for_message(self, text: str) -> float:
        """Wait until the chat has heard `text`, and return how many seconds that took."""
        began = time.monotonic()
        while not any(text in message for message in self.monitoring.messages()):
            assert time.monotonic() - began < PATIENCE_S, self.monitoring.messages()
            time.sleep(0.1)
        return time.monotonic() - began

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.monitoring.close()


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Callable[..., Played]]:
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {missing[0]}: `apt-get install prometheus prometheus-alertmanager`")
    made: list[Played] = []

    def start(*arguments: object) -> Played:
        made.append(Played(tmp_path, *arguments))  # type: ignore[arg-type]
        return made[-1]

    yield start
    for played in made:
        played.close()


def test_a_crash_day_fires_what_it_must_and_the_chat_hears_it(play: Callable[..., Played]) -> None:
    crash = play("2022-05-09", "2022-05-11", 3_600)
    crash.watch(until=lambda: "CircuitBreakerTripped" in crash.fired and "TradingStopped" in crash.fired)
    assert crash.fired - ALWAYS - {"LossNearLimit"} == {"CircuitBreakerTripped", "TradingStopped"}
    crash.wait_for_message("CRITICAL CircuitBreakerTripped")
    crash.wait_for_message("CRITICAL TradingStopped")
    crash.process.send_signal(signal.SIGKILL)
    took_s = crash.wait_for_message("CRITICAL NodeDown")
    print(f"the chat heard of a dead node after {took_s:.1f} s")
    assert took_s < 30.0
    assert not any(TOKEN in message for message in crash.monitoring.messages())
    crash.wait_for_message("operations.html#nodedown")


def test_a_quiet_weekend_fires_nothing(play: Callable[..., Played]) -> None:
    quiet = play("2022-04-16", "2022-04-17", 3_600)
    quiet.watch(until=lambda: False)
    assert quiet.fired == ALWAYS
