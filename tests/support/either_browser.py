"""Tests that run in Chromium and in Firefox, each where it is installed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.support.browser import BrowserPage
from tests.support.chromium import chromium_page
from tests.support.firefox import LAST_THAT_SOUNDS, firefox_page, version

# An empty tab so wide and so high.
Browser = Callable[[int, int], AbstractContextManager[BrowserPage]]

CHROMIUM = pytest.param(chromium_page, marks=pytest.mark.browser, id="chromium")
FIREFOX = pytest.param(firefox_page, marks=pytest.mark.firefox, id="firefox")
EITHER = [CHROMIUM, FIREFOX]

# The same where the page is to be heard.
_SOUNDS = pytest.mark.skipif(
    version() > LAST_THAT_SOUNDS,
    reason=f"without a sound card, Firefox after {LAST_THAT_SOUNDS} finds ALSA's devices now and then",
)
_HEARD_FIREFOX = pytest.param(firefox_page, marks=[pytest.mark.firefox, _SOUNDS], id="firefox")
EITHER_HEARD = [CHROMIUM, _HEARD_FIREFOX]


def taken_with(browser: Any, *values: Any) -> Any:
    """One of them together with the values of further parameters."""
    name = "-".join([str(browser.id), *map(str, values)])
    return pytest.param(*browser.values, *values, marks=browser.marks, id=name)
