"""A page in a headless browser, whichever it is: opened, looked at, clicked, typed at and photographed.

`chromium.py` and `firefox.py` drive one each; a test that needs nothing of one alone takes either.
"""

import atexit
import json
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from tests.support.waiting import PATIENCE_S

_LOOK_EVERY_S = 0.05
# Pings are drawn at random on a thread of their own, which a test that draws its examples takes for its own.
UNWATCHED: Mapping[str, Any] = {"max_size": None, "compression": None, "ping_interval": None}
LOST_AFTER_S = 20.0  # a question that comes while one page is exchanged for another is answered by neither


class BrowserError(AssertionError):
    """The browser or the page did not do what was waited for."""


class BrowserPage(ABC):
    """One tab; what went wrong in it is kept."""

    errors: list[str]

    @abstractmethod
    def value(self, script: str, within_s: float = PATIENCE_S) -> Any:
        """What an expression is in the page, a promise's once it is kept; an error if there is no answer in
        time."""

    @abstractmethod
    def open(self, url: str) -> None:
        """Go to an address, without waiting for it to load."""

    @abstractmethod
    def back(self) -> None:
        """Go back to the page before."""

    @abstractmethod
    def leave_for_itself(self) -> None:
        """Load the same address anew, without waiting for it."""

    @abstractmethod
    def click(self, selector: str) -> None:
        """Click in the middle of the first element that a selector finds, as a mouse does."""

    @abstractmethod
    def key(self, kind: str, key: str, code: str) -> None:
        """`keyDown` or `keyUp` of a key, by its name and where it lies (`"a"`, `"KeyA"`)."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Make the window so large, in CSS pixels."""

    @abstractmethod
    def prefer(self, **features: str) -> None:
        """What the person has chosen for all pages, by the names of CSS: `forced_colors="active"`."""

    @abstractmethod
    def screenshot(self, path: Path) -> None:
        """A picture of what is seen."""

    def press(self, key: str, code: str) -> None:
        """A key, down and up."""
        self.key("keyDown", key, code)
        self.key("keyUp", key, code)

    def reload(self) -> None:
        """Load the same address anew; the page of before is gone then."""
        self.value("void (window.isBefore = true)")
        self.leave_for_itself()
        self.wait_for("!window.isBefore")

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


Running = TypeVar("Running", bound=BrowserProcess)


def one_for_all(begin: Callable[[], Running]) -> Callable[[], Running]:
    """Gives the one browser that all tests share, begun when it is first asked for, and anew where it crashed
    in another test."""
    shared = cache(begin)

    def running() -> Running:
        if shared().process.poll() is not None:
            shared.cache_clear()
        return shared()

    return running
