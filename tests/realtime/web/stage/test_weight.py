"""The page is small: all that a browser fetches where there is no recorded piano."""

from pathlib import Path

import pytest

from tests.support.chromium import chromium_page
from tests.support.page_process import page_process

MOST_BYTES = 250_000
FETCHED = (
    "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    ".map(({name, encodedBodySize}) => [name, encodedBodySize])"
)


@pytest.mark.browser
@pytest.mark.slow
def test_the_page_is_a_quarter_of_a_megabyte_at_most_and_nothing_comes_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTIPHON_PIANO", str(tmp_path / "none"))
    with page_process() as process, chromium_page() as page:
        process.open()
        page.open(process.ready["url"])
        page.wait_for("window.antiphon?.connected")
        assert page.value("antiphon.sound.recordedIsReady") is False
        sizes = page.value(FETCHED)
        assert len(sizes) > 20
        assert 20_000 < sum(size for _, size in sizes) < MOST_BYTES
        assert {name.split("/")[2] for name, _ in sizes} == {process.host}
