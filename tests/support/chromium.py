"""Headless Chromium, driven through its own DevTools protocol.

Needs Debian's `chromium` and the `websockets` that Antiphon depends on anyway; nothing is downloaded.
"""

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.support.browser import UNWATCHED, BrowserError, BrowserPage, BrowserProcess, one_for_all
from tests.support.waiting import PATIENCE_S, wait_until

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
    "--disable-renderer-backgrounding",  # of several pages all are looked at
    "--disable-backgrounding-occluded-windows",
    "--disable-background-timer-throttling",
    "--autoplay-policy=user-gesture-required",
    "--remote-debugging-port=0",
)


class ChromiumPage(BrowserPage):
    """One tab; what its console said and what went wrong in it is kept."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire
        self._calls = 0
        self.console: list[str] = []
        self.errors: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, *, within_s: float = PATIENCE_S, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol; its result."""
        self._calls += 1
        number = self._calls
        self._wire.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            try:
                message = json.loads(self._wire.recv(timeout=within_s))
            except TimeoutError:
                raise BrowserError(f"{method}: no answer within {within_s:g} s") from None
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

        (before,) = self.until(entries, "a page to go back to", PATIENCE_S)
        self.call("Page.navigateToHistoryEntry", entryId=before["id"])

    def value(self, script: str, within_s: float = PATIENCE_S) -> Any:
        """What an expression is in the page; a promise is waited for."""
        how = {"returnByValue": True, "awaitPromise": True}
        done = self.call("Runtime.evaluate", within_s=within_s, expression=script, **how)
        if "exceptionDetails" in done:
            raise BrowserError(f"{script}: {_error_of(done['exceptionDetails'])}")
        return done["result"].get("value")

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

    def click_at(self, selector: str, x: float, y: float) -> None:
        """Click so many pixels from the upper left corner of the first element that a selector finds."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(f"!!{element}")
        left, top = self.value(
            f"(() => {{ const e = {element}; e.scrollIntoView({{block: 'center'}}); "
            "const box = e.getBoundingClientRect(); return [box.x, box.y] })()"
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent", type=kind, x=left + x, y=top + y, button="left", clickCount=1
            )

    def key(self, kind: str, key: str, code: str) -> None:
        """`keyDown` or `keyUp` of a key, by its name and where it lies (`"a"`, `"KeyA"`)."""
        text = {"text": key} if kind == "keyDown" and len(key) == 1 else {}
        self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code, **text)

    def leave_for_itself(self) -> None:
        """Load the same address anew, without waiting for it."""
        self.call("Page.reload")

    def prefer(self, **features: str) -> None:
        """What the person has chosen for all pages, by the names of CSS: `forced_colors="active"`."""
        chosen = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", features=chosen)

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


class _Chromium(BrowserProcess):
    """The one browser of these tests, started when it is first wanted: each page has a profile of its own."""

    def __init__(self) -> None:
        program = shutil.which("chromium")
        if program is None:
            raise BrowserError("no chromium is installed")
        super().__init__("chromium")
        words = [program, *_FLAGS, f"--user-data-dir={self.profile.name}", "about:blank"]
        self.runs(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        self._calls = 0
        address = _address_of(self.process, Path(self.profile.name))
        self._wire = self.line.enter_context(connect(address, **UNWATCHED))

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the browser itself."""
        self._calls += 1
        return _call(self._wire, self._calls, method, **params)

    @contextmanager
    def page(self, width: int, height: int) -> Iterator[ChromiumPage]:
        """An empty tab that shares nothing with others."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        try:
            target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
            address = f"ws://127.0.0.1:{self._wire.remote_address[1]}/devtools/page/{target}"
            with connect(address, **UNWATCHED) as wire:
                page = ChromiumPage(wire)
                page.resize(width, height)
                yield page
        finally:
            self.call("Target.disposeBrowserContext", browserContextId=context)


_shared = one_for_all(_Chromium)


@contextmanager
def chromium_page(width: int = 1400, height: int = 1000) -> Iterator[ChromiumPage]:
    """An empty tab with nothing remembered, which is closed afterwards."""
    with _shared().page(width, height) as page:
        yield page


def _address_of(process: subprocess.Popen[bytes], profile: Path) -> str:
    """Where the browser itself listens, as soon as it has written that down."""
    place = profile / "DevToolsActivePort"

    def is_written() -> bool:
        return place.exists() and len(place.read_text().splitlines()) == 2

    wait_until(lambda: is_written() or process.poll() is not None)
    if not is_written():
        raise BrowserError(f"chromium did not start (exit status {process.poll()})")
    port, path = place.read_text().splitlines()
    return f"ws://127.0.0.1:{port}{path}"


def _call(wire: ClientConnection, number: int, method: str, **params: Any) -> dict[str, Any]:
    wire.send(json.dumps({"id": number, "method": method, "params": params}))
    while True:
        message = json.loads(wire.recv(timeout=PATIENCE_S))
        if message.get("id") == number:
            if "error" in message:
                raise BrowserError(f"{method}: {message['error']['message']}")
            result: dict[str, Any] = message["result"]
            return result


def _error_of(details: dict[str, Any]) -> str:
    return str(details.get("exception", {}).get("description") or details.get("text"))
