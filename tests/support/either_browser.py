"""Tests that run in Chromium and in Firefox, each where it is installed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.support.browser import BrowserPage
from tests.support.chromium import chromium_page
from tests.support.firefox import firefox_page

# An empty tab so wide and so high.
Browser = Callable[[int, int], AbstractContextManager[BrowserPage]]

CHROMIUM = pytest.param(chromium_page, marks=pytest.mark.browser, id="chromium")
FIREFOX = pytest.param(firefox_page, marks=pytest.mark.firefox, id="firefox")
EITHER = [CHROMIUM, FIREFOX]


def taken_with(browser: Any, *values: Any) -> Any:
    """One of them together with the values of further parameters."""
    name = "-".join([str(browser.id), *map(str, values)])
    return pytest.param(*browser.values, *values, marks=browser.marks, id=name)
