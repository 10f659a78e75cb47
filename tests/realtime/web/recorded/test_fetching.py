"""The recorded piano is fetched from a folder or an address, and only as it was published."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from music.settings import SettingError
from realtime.web.recorded.fetching import fetch, source_of
from realtime.web.recorded.kept import KeptPiano
from realtime.web.recorded.salamander import RECORDINGS, VERSION, Recording
from tests.support.recordings import ogg_page

CONTENT = ogg_page(0, b"head") + ogg_page(10_000_000, b"sound" * 100) + ogg_page(20_000_000, b"tail")


class Made(Recording):
    """A recording whose file is made here."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(CONTENT).hexdigest()


TWO = (Made(63, 4), Made(60, 8))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    for recording in TWO:
        folder = tmp_path / "published" / f"{recording.package}@{VERSION}" / "audio"
        folder.mkdir(parents=True)
        (folder / recording.published).write_bytes(CONTENT)
    return tmp_path / "published"


@pytest.fixture
def address(published: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=published))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_every_recording_has_a_name_and_a_checksum_of_its_own() -> None:
    assert len(RECORDINGS) == 90
    assert len({recording.sha256 for recording in RECORDINGS}) == 90
    assert Recording(63, 4).published == "D#4v4.ogg"
    assert (Recording(108, 12).published, Recording(108, 12).velocity) == ("C8v12.ogg", 95)


@pytest.mark.parametrize("by", ["folder", "address"])
def test_what_is_published_is_cut_and_kept(by: str, published: Path, address: str, tmp_path: Path) -> None:
    with source_of(address if by == "address" else str(published)) as source:
        size = fetch(tmp_path / "kept", source, TWO)
    kept = KeptPiano(tmp_path / "kept")
    kept.check()
    short = CONTENT[: -len(ogg_page(0, b"tail"))]
    assert (kept.file("63-4.ogg"), kept.file("60-8.ogg"), size) == (short, short, 2 * len(short))


def test_a_recording_that_is_another_is_refused_and_nothing_kept(published: Path, tmp_path: Path) -> None:
    for path in published.rglob("C4v8.ogg"):
        path.write_bytes(CONTENT[:-3])
    with (
        source_of(str(published)) as source,
        pytest.raises(SettingError, match=r"C4v8.ogg: .* not the recording"),
    ):
        fetch(tmp_path / "kept", source, TWO)
    assert not (tmp_path / "kept").exists()


def test_what_is_not_to_be_had_is_said_in_a_line(published: Path, address: str, tmp_path: Path) -> None:
    missing = (Made(21, 4),)
    with (
        source_of(address) as source,
        pytest.raises(SettingError, match=r"A0v4.ogg: File not found; try again"),
    ):
        fetch(tmp_path / "kept", source, missing)
    with (
        source_of(str(published)) as source,
        pytest.raises(SettingError, match=r"A0v4.ogg is not in it: unpack @audio"),
    ):
        fetch(tmp_path / "kept", source, missing)
    with pytest.raises(SettingError, match="no folder, nor an address"), source_of(str(tmp_path / "nowhere")):
        pass
