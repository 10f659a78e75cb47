"""Headless Firefox, driven through WebDriver BiDi: the same questions to a page as in `browser.py`.

Needs Debian's `firefox-esr` and the `websockets` that Antiphon depends on anyway; nothing is downloaded.
"""

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.support.browser import UNWATCHED, BrowserError, BrowserProcess, Looking
from tests.support.waiting import PATIENCE_S, wait_until

_SETTINGS = {
    "media.volume_scale": "0.0",
    "browser.shell.checkDefaultBrowser": False,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.active-protocols": 1,
    "dom.ipc.processCount": 1,
}
_NAMED = {"Enter": "\ue007", "Escape": "\ue00c", "Shift": "\ue008", " ": " ", "Tab": "\ue004"}


class FirefoxPage(Looking):
    """One tab; what went wrong in it is kept."""

    def __init__(self, wire: ClientConnection, calls: Iterator[int], context: str) -> None:
        self._wire, self._calls, self.context = wire, calls, context
        self.errors: list[str] = []

    def call(self, method: str, *, within_s: float = PATIENCE_S, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol; its result."""
        number = next(self._calls)
        self._wire.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            try:
                message = json.loads(self._wire.recv(timeout=within_s))
            except TimeoutError:
                raise BrowserError(f"{method}: no answer within {within_s:g} s") from None
            if message.get("id") == number:
                if message["type"] == "error":
                    raise BrowserError(f"{method}: {message['error']}: {message['message']}")
                result: dict[str, Any] = message["result"]
                return result
            self._hear(message)

    def open(self, url: str) -> None:
        """Go to an address, without waiting for it to load."""
        self.call("browsingContext.navigate", context=self.context, url=url, wait="none")

    def value(self, script: str, within_s: float = PATIENCE_S) -> Any:
        """What an expression is in the page; a promise is waited for."""
        done = self.call(
            "script.evaluate",
            within_s=within_s,
            expression=f"(async () => JSON.stringify(await ({script})) ?? 'null')()",
            target={"context": self.context},
            awaitPromise=True,
        )
        if done["type"] == "exception":
            raise BrowserError(f"{script}: {done['exceptionDetails']['text']}")
        return json.loads(done["result"]["value"])

    def click(self, selector: str) -> None:
        """Click in the middle of the first element that a selector finds, as a mouse does."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(f"!!{element}")
        x, y = self.value(
            f"(() => {{ const box = {element}.getBoundingClientRect();"
            "return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)] })()"
        )
        move = {"type": "pointerMove", "x": x, "y": y}
        press = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        mouse = {"type": "pointer", "id": "mouse", "actions": [move, *press]}
        self.call("input.performActions", context=self.context, actions=[mouse])

    def key(self, kind: str, key: str, code: str) -> None:
        """`keyDown` or `keyUp` of a key, by its name; `code` is where it lies on an American keyboard."""
        action = {"type": kind, "value": _NAMED.get(key, key)}
        keyboard = {"type": "key", "id": "keyboard", "actions": [action]}
        self.call("input.performActions", context=self.context, actions=[keyboard])

    def resize(self, width: int, height: int) -> None:
        """Make the window so large, in CSS pixels."""
        size = {"width": width, "height": height}
        self.call("browsingContext.setViewport", context=self.context, viewport=size)

    def screenshot(self, path: Path) -> None:
        """A picture of what is seen, as PNG."""
        picture = self.call("browsingContext.captureScreenshot", context=self.context)
        path.write_bytes(base64.b64decode(picture["data"]))

    def _hear(self, message: dict[str, Any]) -> None:
        if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
            self.errors.append(str(message["params"]["text"]))


class _Firefox(BrowserProcess):
    """The one Firefox of these tests, started when it is first wanted."""

    def __init__(self) -> None:
        program = shutil.which("firefox-esr") or shutil.which("firefox")
        if program is None:
            raise BrowserError("no Firefox is installed")
        super().__init__("firefox")
        settings = (f'user_pref("{name}", {json.dumps(value)});' for name, value in _SETTINGS.items())
        (Path(self.profile.name) / "user.js").write_text("\n".join(settings))
        words = ["--headless", "--no-remote", "--profile", self.profile.name, "--remote-debugging-port", "0"]
        words = [program, *words, "about:blank"]
        self.runs(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
        self._said: list[str] = []
        Thread(target=self._read, daemon=True).start()
        wait_until(lambda: self._address() or self.process.poll() is not None)
        if (address := self._address()) is None:
            raise BrowserError(f"Firefox did not start: {self._said}")
        self._wire = self.line.enter_context(connect(f"{address}/session", **UNWATCHED))
        self._calls = iter(range(1, 1 << 60))
        self._own = FirefoxPage(self._wire, self._calls, "")
        self._own.call("session.new", capabilities={})
        self._own.call("session.subscribe", events=["log.entryAdded"])

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._said.append(line)

    def _address(self) -> str | None:
        found = re.search(r"WebDriver BiDi listening on (ws://\S+)", "".join(self._said))
        return None if found is None else found[1]

    @contextmanager
    def page(self, width: int, height: int) -> Iterator[FirefoxPage]:
        """An empty tab that shares nothing with others."""
        user = self._own.call("browser.createUserContext")["userContext"]
        context = self._own.call("browsingContext.create", type="tab", userContext=user)["context"]
        page = FirefoxPage(self._wire, self._calls, context)
        try:
            page.resize(width, height)
            yield page
        finally:
            self._own.call("browsingContext.close", context=context)
            self._own.call("browser.removeUserContext", userContext=user)


@cache
def _shared() -> _Firefox:
    return _Firefox()


@contextmanager
def firefox_page(width: int = 1400, height: int = 1000) -> Iterator[FirefoxPage]:
    """An empty tab with nothing remembered, which is closed afterwards."""
    if _shared().process.poll() is not None:  # it crashed in another test
        _shared.cache_clear()
    with _shared().page(width, height) as page:
        yield page
