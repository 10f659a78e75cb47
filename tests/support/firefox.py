"""Headless Firefox, driven through WebDriver BiDi: the same face as Chromium's page, in `browser.py`.

Needs Debian's `firefox-esr` and the `websockets` that Antiphon depends on anyway; nothing is downloaded.
"""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any

from websockets.sync.client import connect

from tests.support import loudspeaker
from tests.support.browser import UNWATCHED, BrowserError, BrowserPage, BrowserProcess, one_for_all
from tests.support.waiting import PATIENCE_S, wait_until

_SETTINGS = {
    "media.cubeb.backend": "alsa",
    "browser.shell.checkDefaultBrowser": False,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.active-protocols": 1,
    "remote.events.async.enabled": False,  # through the window, some are waited for without end
    "dom.ipc.processCount": 1,
}
LAST_THAT_SOUNDS = 140  # of its versions that were tried: through `loudspeaker`, each time
_NAMED = {"Enter": "\ue007", "Escape": "\ue00c", "Shift": "\ue008", " ": " ", "Tab": "\ue004"}
# What a person chooses for all pages, and the setting that says so here: of the process, not of a tab.
_CHOICES = {
    "forced-colors": ("browser.display.document_color_use", {"none": 0, "active": 2}),
    "prefers-color-scheme": ("ui.systemUsesDarkTheme", {"light": 0, "dark": 1}),
    "prefers-reduced-motion": ("ui.prefersReducedMotion", {"no-preference": 0, "reduce": 1}),
}


class FirefoxPage(BrowserPage):
    """One tab; what went wrong in it is kept."""

    def __init__(self, firefox: "_Firefox", context: str) -> None:
        self._firefox, self.context = firefox, context
        self.errors: list[str] = []

    def call(self, method: str, *, within_s: float = PATIENCE_S, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol on this tab; its result."""
        return self._firefox.call(method, within_s=within_s, context=self.context, **params)

    def open(self, url: str) -> None:
        """Go to an address, without waiting for it to load."""
        self.call("browsingContext.navigate", url=url, wait="none")

    def leave_for_itself(self) -> None:
        """Load the same address anew, without waiting for it."""
        self.call("browsingContext.reload", wait="none")

    def back(self) -> None:
        """Go back to the page before."""
        self.call("browsingContext.traverseHistory", delta=-1)

    def value(self, script: str, within_s: float = PATIENCE_S) -> Any:
        """What an expression is in the page; a promise is waited for."""
        done = self._firefox.call(
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
            f"(() => {{ const e = {element}; e.scrollIntoView({{block: 'center'}});"
            "const box = e.getBoundingClientRect();"
            "return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)] })()"
        )
        move = {"type": "pointerMove", "x": x, "y": y}
        press = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        mouse = {"type": "pointer", "id": "mouse", "actions": [move, *press]}
        self._act(mouse)

    def key(self, kind: str, key: str, code: str) -> None:
        """`keyDown` or `keyUp` of a key, by its name; `code` is where it lies on an American keyboard."""
        action = {"type": kind, "value": _NAMED.get(key, key)}
        keyboard = {"type": "key", "id": "keyboard", "actions": [action]}
        self._act(keyboard)

    def _act(self, actions: Mapping[str, Any]) -> None:
        """As a person does, who has this tab before them."""
        if self._firefox.in_front != self.context:
            self.call("browsingContext.activate")
            self._firefox.in_front = self.context
        self.call("input.performActions", actions=[actions])

    def resize(self, width: int, height: int) -> None:
        """Make the window so large, in CSS pixels."""
        self.call("browsingContext.setViewport", viewport={"width": width, "height": height})

    def prefer(self, **features: str) -> None:
        """What the person has chosen for all pages, by the names of CSS: `forced_colors="active"`."""
        chosen = {name.replace("_", "-"): value for name, value in features.items()}
        self._firefox.set({_CHOICES[name][0]: _CHOICES[name][1][value] for name, value in chosen.items()})

    def screenshot(self, path: Path) -> None:
        """A picture of what is seen, as PNG."""
        picture = self.call("browsingContext.captureScreenshot")
        path.write_bytes(base64.b64decode(picture["data"]))


class _Firefox(BrowserProcess):
    """The one Firefox of these tests, started when it is first wanted."""

    def __init__(self) -> None:
        program = shutil.which("firefox-esr") or shutil.which("firefox")
        if program is None:
            raise BrowserError("no Firefox is installed")
        super().__init__("firefox")
        settings = (f'user_pref("{name}", {json.dumps(value)});' for name, value in _SETTINGS.items())
        (Path(self.profile.name) / "user.js").write_text("\n".join(settings))
        hears = Path(self.profile.name) / "asound.conf"
        hears.write_text(loudspeaker.configuration())
        words = ["--headless", "--no-remote", "--profile", self.profile.name, "--remote-debugging-port", "0"]
        words.append("--remote-allow-system-access")  # to its settings, which newer ones keep to themselves
        words = [program, *words, "about:blank"]
        surroundings = os.environ | {"ALSA_CONFIG_PATH": str(hears)}
        self.runs(
            subprocess.Popen(
                words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=surroundings
            )
        )
        self._said: list[str] = []
        Thread(target=self._read, daemon=True).start()
        wait_until(lambda: self._address() or self.process.poll() is not None)
        if (address := self._address()) is None:
            raise BrowserError(f"Firefox did not start: {self._said}")
        self._wire = self.line.enter_context(connect(f"{address}/session", **UNWATCHED))
        self._calls = 0
        self.in_front = ""  # the tab that was acted in last
        self._pages: dict[str, FirefoxPage] = {}
        self._was_set: set[str] = set()
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])

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
                if message["type"] == "error":
                    raise BrowserError(f"{method}: {message['error']}: {message['message']}")
                result: dict[str, Any] = message["result"]
                return result
            self._hear(message)

    def _hear(self, message: dict[str, Any]) -> None:
        """Something that was not asked for: an error of one of the pages."""
        said = message.get("params", {})
        if message.get("method") != "log.entryAdded" or said["level"] != "error":
            return
        if (page := self._pages.get(said["source"].get("context"))) is not None:
            page.errors.append(str(said["text"]))

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
        user = self.call("browser.createUserContext")["userContext"]
        context = self.call("browsingContext.create", type="tab", userContext=user)["context"]
        page = self._pages[context] = FirefoxPage(self, context)
        try:
            page.resize(width, height)
            yield page
        finally:
            if self._was_set:
                self.set(dict.fromkeys(self._was_set))
            del self._pages[context]
            self.call("browsingContext.close", context=context)
            self.call("browser.removeUserContext", userContext=user)

    def set(self, settings: Mapping[str, int | None]) -> None:
        """Settings of the whole browser, as a person makes them in `about:config`; none: as it came."""
        tab = self.call("browsingContext.create", type="tab")["context"]
        desk = FirefoxPage(self, tab)
        self.call("browsingContext.navigate", context=tab, url="about:config", wait="complete")
        for name, value in settings.items():
            words = f"clearUserPref({name!r})" if value is None else f"setIntPref({name!r}, {value})"
            desk.value(f"void Services.prefs.{words}")
        self._was_set = {name for name, value in settings.items() if value is not None}
        self.call("browsingContext.close", context=tab)


_shared = one_for_all(_Firefox)


@contextmanager
def firefox_page(width: int = 1400, height: int = 1000) -> Iterator[FirefoxPage]:
    """An empty tab with nothing remembered, which is closed afterwards."""
    with _shared().page(width, height) as page:
        yield page


@cache
def version() -> int:
    """Of the Firefox that is here; 0 where there is none."""
    program = shutil.which("firefox-esr")
    if program is None:
        return 0
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"Firefox (\d+)", said)
    return int(found[1]) if found else 0
