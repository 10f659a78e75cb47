"""An Ogg file is cut where one of its pages ends."""

import pytest

from realtime.web.recorded.ogg import OggError, cut
from tests.support.recordings import ogg_page

PAGES = [ogg_page(position, bytes([position // 100]) * 600) for position in (0, 100, 200, 300)]
WHOLE = b"".join(PAGES)


@pytest.mark.parametrize(("samples", "pages"), [(0, 1), (100, 2), (101, 3), (300, 4), (999, 4)])
def test_as_many_pages_are_kept_as_the_samples_need(samples: int, pages: int) -> None:
    assert cut(WHOLE, samples) == b"".join(PAGES[:pages])


@pytest.mark.parametrize(
    "content", [WHOLE[:-1], WHOLE + b"x", b"RIFF" + WHOLE[4:], WHOLE[: len(PAGES[0]) + 20]]
)
def test_what_ends_too_soon_or_is_no_ogg_file_is_refused(content: bytes) -> None:
    with pytest.raises(OggError):
        cut(content, 1000)
