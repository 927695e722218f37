"""A real Chromium, driven over its own debugging protocol: no driver program, no further package."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

NO_CHROMIUM = "needs Chromium: apt-get install chromium (or google-chrome), or set CHROMIUM to the program"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    "--lang=en",
)
START_S = 30.0
WAIT_S = 20.0


def program() -> str:
    """Return where Chromium is; the test that asks is skipped where it is missing."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(NO_CHROMIUM)
    return found


class Page:
    """One tab. What its console and its network said is in `errors` and `requests`."""

    def __init__(self, address: str) -> None:
        self._open = ExitStack()
        self._socket: ClientConnection = self._open.enter_context(connect(address, max_size=None, ping_interval=None))
        self._numbers = count(1)
        self.errors: list[str] = []
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def close(self) -> None:
        self._open.close()

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask the browser and return its answer; what it tells meanwhile is noted."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            said = json.loads(self._socket.recv(timeout=WAIT_S))
            if said.get("id") == number:
                assert "error" not in said, (method, said)
                return dict(said["result"])
            self._note(said)

    def _note(self, said: dict[str, Any]) -> None:
        params = said.get("params", {})
        match said.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Runtime.exceptionThrown":
                self.errors.append(json.dumps(params["exceptionDetails"])[:600])
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                self.errors.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")

    def look(self, width: int, height: int, *, dark: bool = False, phone: bool = False) -> None:
        """Be a screen of this size, light or dark."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.send("Emulation.setTouchEmulationEnabled", enabled=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.send("Emulation.setEmulatedMedia", features=[scheme, still])

    def go(self, url: str) -> None:
        self.send("Page.navigate", url=url)

    def js(self, expression: str) -> Any:
        """Return what an expression is worth; a promise is awaited."""
        said = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    def until(self, expression: str, timeout_s: float = WAIT_S) -> Any:
        """Return what an expression is worth as soon as that is true."""
        deadline = time.monotonic() + timeout_s
        plain = f"(found => found instanceof Node ? true : found)({expression})"
        value = None
        while time.monotonic() < deadline:
            with suppress(AssertionError):  # the page is just being replaced
                value = self.js(plain)
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"{expression} did not come true; {self.errors}; the page: {self.text()[:2000]}")

    def text(self) -> str:
        return str(self.js("document.body ? document.body.innerText : ''"))

    def click(self, selector: str) -> None:
        """Click in the middle of what is shown there, as a person would."""
        spot = self.until(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); if (!e) return null; "
            "e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect(); "
            "return b.width ? [b.x + b.width / 2, b.y + b.height / 2] : null; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=spot[0], y=spot[1], button="left", clickCount=1)

    def press(self, key: str, code: int = 0) -> None:
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def shot(self, path: Path, *, whole: bool = False) -> Path:
        """Photograph what is seen, or the whole page."""
        said = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(said["data"]))
        return path


class Browser:
    """A running Chromium with a profile of its own."""

    def __init__(self, profile: Path) -> None:
        command = [program(), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._port = _port(profile / "DevToolsActivePort", self._process)

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Give a new tab, in a context of its own: no cookie of another page."""
        with connect(f"ws://127.0.0.1:{self._port[0]}{self._port[1]}", max_size=None, ping_interval=None) as socket:
            context = _ask(socket, 1, "Target.createBrowserContext")["browserContextId"]
            target = _ask(socket, 2, "Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
            page = Page(f"ws://127.0.0.1:{self._port[0]}/devtools/page/{target}")
            try:
                yield page
            finally:
                page.close()
                _ask(socket, 3, "Target.disposeBrowserContext", browserContextId=context)

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run a browser as long as the block does."""
    profile = Path(tempfile.mkdtemp(prefix="sagetrade-chromium-"))
    try:
        browser = Browser(profile)
        try:
            yield browser
        finally:
            browser.close()
    finally:
        shutil.rmtree(profile, ignore_errors=True)


def _ask(socket: ClientConnection, number: int, method: str, **params: Any) -> dict[str, Any]:
    socket.send(json.dumps({"id": number, "method": method, "params": params}))
    while True:
        said = json.loads(socket.recv(timeout=WAIT_S))
        if said.get("id") == number:
            assert "error" not in said, (method, said)
            return dict(said["result"])


def _port(file: Path, process: "subprocess.Popen[bytes]") -> tuple[int, str]:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        lines = file.read_text().split("\n") if file.exists() else []
        if len(lines) > 1:
            return int(lines[0]), lines[1]
        time.sleep(0.05)
    raise AssertionError("Chromium did not start")
