"""Headless Chromium, driven through its own DevTools protocol.

A page is opened, looked at, clicked, typed at and photographed.

Needs Debian's `chromium` and the `websockets` that Antiphon depends on anyway; nothing is downloaded.
"""

import atexit
import base64
import json
import shutil
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
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
    "--disable-renderer-backgrounding",  # of several pages all are looked at
    "--disable-backgrounding-occluded-windows",
    "--disable-background-timer-throttling",
    "--autoplay-policy=user-gesture-required",
    "--remote-debugging-port=0",
)
_LOOK_EVERY_S = 0.05
# Pings are drawn at random on a thread of their own, which a test that draws its examples takes for its own.
UNWATCHED: Mapping[str, Any] = {"max_size": None, "compression": None, "ping_interval": None}
LOST_AFTER_S = 20.0  # a question that comes while one page is exchanged for another is answered by neither


class BrowserError(AssertionError):
    """The browser or the page did not do what was waited for."""


class Looking(ABC):
    """Waiting for what a page shows, in whatever browser."""

    errors: list[str]

    @abstractmethod
    def value(self, script: str, within_s: float = PATIENCE_S) -> Any:
        """What an expression is in the page; an error if there is no answer in time."""

    def wait_for(self, script: str, patience_s: float = PATIENCE_S) -> Any:
        """Until an expression is truthy, and what it then is.

        A page that is just being loaded is asked again.
        """
        return self.until(lambda: self.value(script, LOST_AFTER_S), script, patience_s)

    def wait_for_text(self, text: str, patience_s: float = PATIENCE_S) -> None:
        """Until the page shows this text."""
        try:
            self.wait_for(f"document.body?.innerText.includes({json.dumps(text)})", patience_s)
        except BrowserError as error:
            shown = self.value("document.body?.innerText") or ""
            raise BrowserError(
                f"the page never showed {text!r}; it shows:\n{shown}\n{self.errors}"
            ) from error

    def until(self, look: Callable[[], Any], what: str, patience_s: float) -> Any:
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


class BrowserPage(Looking):
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


class BrowserProcess:
    """A browser with a folder of its own, ended with the process of the tests."""

    def __init__(self, name: str) -> None:
        self.profile = TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True)
        self.line = ExitStack()

    def runs(self, process: subprocess.Popen[Any]) -> None:
        """It was started."""
        self.process = process
        atexit.register(self.end)

    def end(self) -> None:
        """End it, and forget all that it kept."""
        self.line.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.profile.cleanup()


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
    def page(self, width: int, height: int) -> Iterator[BrowserPage]:
        """An empty tab that shares nothing with others."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        try:
            target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
            address = f"ws://127.0.0.1:{self._wire.remote_address[1]}/devtools/page/{target}"
            with connect(address, **UNWATCHED) as wire:
                page = BrowserPage(wire)
                page.resize(width, height)
                yield page
        finally:
            self.call("Target.disposeBrowserContext", browserContextId=context)


@cache
def _shared() -> _Chromium:
    return _Chromium()


@contextmanager
def browser_page(width: int = 1400, height: int = 1000) -> Iterator[BrowserPage]:
    """An empty tab with nothing remembered, which is closed afterwards."""
    if _shared().process.poll() is not None:  # it crashed in another test
        _shared.cache_clear()
    with _shared().page(width, height) as page:
        yield page


def _address_of(process: subprocess.Popen[bytes], profile: Path) -> str:
    """Where the browser itself listens, as soon as it has written that down."""
    place = profile / "DevToolsActivePort"
    give_up_at = time.monotonic() + PATIENCE_S
    while not (place.exists() and len(place.read_text().splitlines()) == 2):
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise BrowserError(f"chromium did not start (exit status {process.poll()})")
        time.sleep(_LOOK_EVERY_S)
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
