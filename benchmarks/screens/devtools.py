"""Chromium without a window, driven through its own DevTools protocol: pages opened, asked, typed at.

Knows the protocol. Must not know what is measured.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from websockets.sync.client import ClientConnection, connect

from benchmarks.screens.page_roll import FLAGS, browser_program, for_root
from music.settings import SettingError

WITHIN_S = 60.0
_LOOKS_EVERY_S = 0.02


class Browser:
    """A running browser; each tab of it has a profile of its own, with nothing kept in it."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire
        self._calls = 0

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol; its result."""
        self._calls += 1
        asked = {"id": self._calls, "method": method, "params": params}
        self._wire.send(json.dumps(asked | ({} if session is None else {"sessionId": session})))
        while True:
            try:
                said = json.loads(self._wire.recv(timeout=WITHIN_S))
            except TimeoutError:
                raise SettingError(f"the browser gave no answer to {method} within {WITHIN_S:g} s") from None
            if said.get("id") == self._calls:
                if "error" in said:
                    raise SettingError(f"{method}: {said['error']['message']}")
                result: dict[str, Any] = said["result"]
                return result

    @contextmanager
    def tab(self) -> Iterator["Tab"]:
        """A tab with an empty page."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        try:
            yield Tab(self, session)
        finally:
            self.call("Target.disposeBrowserContext", browserContextId=context)


class Tab:
    """One page."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session
        self.call("Page.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol; its result."""
        return self._browser.call(method, self._session, **params)

    def value(self, script: str) -> Any:
        """What an expression is in the page; a promise is waited for."""
        done = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise SettingError(f"the page failed: {done['exceptionDetails'].get('exception', {})}")
        return done["result"].get("value")

    def wait_for(self, script: str) -> None:
        """Until an expression is true."""
        give_up_at = time.monotonic() + WITHIN_S
        while not self.value(script):
            if time.monotonic() > give_up_at:
                raise SettingError(f"within {WITHIN_S:g} s it never was so in the page: {script}")
            time.sleep(_LOOKS_EVERY_S)

    def key(self, key: str, code: str, *, down: bool) -> None:
        """A key of the computer goes down or up."""
        kind = "keyDown" if down else "keyUp"
        self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code)


@contextmanager
def browser(*flags: str) -> Iterator[Browser]:
    """A browser with a profile of its own, ended in any case."""
    program = browser_program()
    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, *flags, *for_root(), "--remote-debugging-port=0"]
        process = subprocess.Popen(
            [*command, f"--user-data-dir={profile}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            with connect(
                _address_in(Path(profile)), max_size=None, compression=None, ping_interval=None
            ) as wire:
                yield Browser(wire)
        finally:
            process.terminate()
            process.wait()


def _address_in(profile: Path) -> str:
    """Where it listens; it writes that down once it does."""
    written = profile / "DevToolsActivePort"
    give_up_at = time.monotonic() + WITHIN_S
    while time.monotonic() < give_up_at:
        lines = written.read_text().split() if written.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(_LOOKS_EVERY_S)
    raise SettingError(f"the browser was not there within {WITHIN_S:g} s")
