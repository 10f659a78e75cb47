"""Headless Chromium, driven through its own DevTools protocol.

A page is opened, looked at, clicked, typed at and photographed.

Needs Debian's `chromium` and the `websockets` that Antiphon depends on anyway; nothing is downloaded.
"""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.support.waiting import PATIENCE_S

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--mute-audio",
    "--autoplay-policy=user-gesture-required",
    "--remote-debugging-port=0",
)
_LOOK_EVERY_S = 0.05


class BrowserError(AssertionError):
    """The browser or the page did not do what was waited for."""


class BrowserPage:
    """One tab; what its console said and what went wrong in it is kept."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire
        self._calls = 0
        self.console: list[str] = []
        self.errors: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol; its result."""
        self._calls += 1
        number = self._calls
        self._wire.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._wire.recv(timeout=PATIENCE_S))
            if message.get("id") == number:
                if "error" in message:
                    raise BrowserError(f"{method}: {message['error']['message']}")
                result: dict[str, Any] = message["result"]
                return result
            self._hear(message)

    def open(self, url: str) -> None:
        """Go to an address, without waiting for it to load."""
        done = self.call("Page.navigate", url=url)
        if "errorText" in done:
            raise BrowserError(f"{url}: {done['errorText']}")

    def back(self) -> None:
        """Go back to the page before; while a page is being exchanged for another, there is none to go back
        from."""

        def entries() -> Any:
            return self.call("Page.getNavigationHistory")["entries"][-2:-1]

        (before,) = self._until(entries, "a page to go back to", PATIENCE_S)
        self.call("Page.navigateToHistoryEntry", entryId=before["id"])

    def value(self, script: str) -> Any:
        """What an expression is in the page; a promise is waited for."""
        done = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise BrowserError(f"{script}: {_error_of(done['exceptionDetails'])}")
        return done["result"].get("value")

    def wait_for(self, script: str, patience_s: float = PATIENCE_S) -> Any:
        """Until an expression is truthy, and what it then is.

        A page that is just being loaded is asked again.
        """
        return self._until(lambda: self.value(script), script, patience_s)

    def wait_for_text(self, text: str, patience_s: float = PATIENCE_S) -> None:
        """Until the page shows this text."""
        try:
            self.wait_for(f"document.body?.innerText.includes({json.dumps(text)})", patience_s)
        except BrowserError as error:
            shown = self.value("document.body?.innerText") or ""
            raise BrowserError(
                f"the page never showed {text!r}; it shows:\n{shown}\n{self.errors}"
            ) from error

    def click(self, selector: str, frame: str | None = None) -> None:
        """Click in the middle of the first element that a selector finds, as a mouse does.

        `frame` finds the iframe it is in.
        """
        inner = (
            "document" if frame is None else f"document.querySelector({json.dumps(frame)})?.contentDocument"
        )
        element = f"{inner}?.querySelector({json.dumps(selector)})"
        self.wait_for(f"!!{element}")
        x, y = self.value(
            f"(() => {{ const e = {element}; e.scrollIntoView({{block: 'center'}}); "
            "const box = e.getBoundingClientRect();"
            "const around = e.ownerDocument.defaultView.frameElement?.getBoundingClientRect();"
            "return [box.x + box.width / 2 + (around?.x ?? 0), "
            "box.y + box.height / 2 + (around?.y ?? 0)] })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def key(self, kind: str, key: str, code: str) -> None:
        """`keyDown` or `keyUp` of a key, by its name and where it lies (`"a"`, `"KeyA"`)."""
        text = {"text": key} if kind == "keyDown" and len(key) == 1 else {}
        self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code, **text)

    def resize(self, width: int, height: int) -> None:
        """Make the window so large, in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def screenshot(self, path: Path) -> None:
        """A picture of what is seen: PNG or JPEG, as the file is called."""
        kind: dict[str, Any] = (
            {"format": "jpeg", "quality": 88} if path.suffix == ".jpg" else {"format": "png"}
        )
        picture = self.call("Page.captureScreenshot", **kind)
        path.write_bytes(base64.b64decode(picture["data"]))

    def _until(self, look: Callable[[], Any], what: str, patience_s: float) -> Any:
        give_up_at = time.monotonic() + patience_s
        while True:
            try:
                found = look()
            except BrowserError as error:
                found, what = None, f"{what} ({error})"[:2000]
            if found:
                return found
            if time.monotonic() > give_up_at:
                raise BrowserError(f"after {patience_s:g} s still not so: {what}; {self.errors}")
            time.sleep(_LOOK_EVERY_S)

    def _hear(self, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(_error_of(params["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled":
            self.console.append(
                " ".join(str(part.get("value", part.get("description", ""))) for part in params["args"])
            )
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(f"{params['entry']['text']} {params['entry'].get('url', '')}".strip())


@contextmanager
def browser_page(width: int = 1400, height: int = 1000) -> Iterator[BrowserPage]:
    """An empty tab of a browser of its own, which is ended afterwards."""
    program = shutil.which("chromium")
    if program is None:
        raise BrowserError("no chromium is installed")
    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                program,
                *_FLAGS,
                f"--user-data-dir={profile}",
                f"--window-size={width},{height}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with _browser(process, Path(profile)) as browser:
                target = _call_once(browser, "Target.createTarget", url="about:blank")["targetId"]
                port = browser.remote_address[1]
                address = f"ws://127.0.0.1:{port}/devtools/page/{target}"
                with connect(address, max_size=None, compression=None) as wire:
                    page = BrowserPage(wire)
                    page.resize(width, height)
                    yield page
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _browser(process: subprocess.Popen[bytes], profile: Path) -> ClientConnection:
    """The connection to the browser itself, as soon as it has written down its port."""
    place = profile / "DevToolsActivePort"
    give_up_at = time.monotonic() + PATIENCE_S
    while not (place.exists() and len(place.read_text().splitlines()) == 2):
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise BrowserError(f"chromium did not start (exit status {process.poll()})")
        time.sleep(_LOOK_EVERY_S)
    port, path = place.read_text().splitlines()
    return connect(f"ws://127.0.0.1:{port}{path}", max_size=None, compression=None)


def _call_once(wire: ClientConnection, method: str, **params: Any) -> dict[str, Any]:
    wire.send(json.dumps({"id": 1, "method": method, "params": params}))
    while True:
        message = json.loads(wire.recv(timeout=PATIENCE_S))
        if message.get("id") == 1:
            result: dict[str, Any] = message["result"]
            return result


def _error_of(details: dict[str, Any]) -> str:
    return str(details.get("exception", {}).get("description") or details.get("text"))
