"""Whatever a server does, an archive is there whole and checked, or one line says what to do;
a part is gone on with."""

import hashlib
import io
import re
import stat
import zipfile
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from antiphon import main
from music.midi.files import midi_bytes
from music.settings import SettingError
from pieces import fetch as fetching
from pieces.fetch import ARCHIVES, TRIES, Archive, fetch
from tests.support.phrases import improvised

Act = Callable[["Answering"], None]
TABLE = "canonical_composer,canonical_title,split,year,midi_filename\n" + "".join(
    f"Somebody,Piece {number},{split},2004,2004/{number}.midi\n"
    for number, split in enumerate(("train", "validation", "test"))
)


def packed(**more: bytes | str) -> bytes:
    """A small archive of the same make, too random to be packed small."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("set-1/table.csv", TABLE)
        file.writestr("set-1/README", np.random.default_rng(1).bytes(900_000))
        for number in range(3):
            file.writestr(f"set-1/2004/{number}.midi", midi_bytes(improvised(number)))
        for name, content in more.items():
            file.writestr(name, content)
    return data.getvalue()


WHOLE = packed()


def described(data: bytes, **changes: Any) -> Archive:
    archive = Archive(
        name="a set",
        music_set="maestro-v3",
        url="http://127.0.0.1:1/set.zip",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        unpacked=2_000_000,
        root="set-1",
        table="table.csv",
        music_files=3,
        endings=(".midi",),
    )
    return replace(archive, **changes)


class Answering(BaseHTTPRequestHandler):
    """Does what the server was set to do next; the last of it again and again."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.asked.append(asked)
        self.begin = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked else 0
        acts = self.server.acts
        (acts.pop(0) if len(acts) > 1 else acts[0])(self)
        self.close_connection = True

    def head(self, status: int, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Server(ThreadingHTTPServer):
    """Plays a list of answers, and keeps which ranges were asked for."""

    def __init__(self, *acts: Act) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.acts, self.asked = list(acts), list[str | None]()
        self.url = f"http://127.0.0.1:{self.server_port}/set.zip"

    def handle_error(self, *_: object) -> None:
        """A client that leaves is no error."""


def gives(
    data: bytes = WHOLE, *, until: int | None = None, says: int | None = None, ranges: bool = True
) -> Act:
    """The bytes asked for, breaking off at `until`; `says` is a length that isn't so."""

    def act(answer: Answering) -> None:
        begin = answer.begin if ranges else 0
        length = len(data) - begin if says is None else says
        if begin:
            answer.head(
                206, Content_Length=length, Content_Range=f"bytes {begin}-{len(data) - 1}/{len(data)}"
            )
        else:
            answer.head(200, Content_Length=length)
        answer.wfile.write(data[begin:until])

    return act


def unsized(answer: Answering) -> None:
    answer.head(200)
    answer.wfile.write(WHOLE)


def another_range(answer: Answering) -> None:
    answer.head(206, Content_Length=5, Content_Range=f"bytes 3-7/{len(WHOLE)}")
    answer.wfile.write(WHOLE[3:8])


def refuses(status: int) -> Act:
    return lambda answer: answer.head(status, Content_Length=0)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Server]]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    running: list[tuple[Server, Thread]] = []

    def start(*acts: Act) -> Server:
        server = Server(*acts)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def fetched(server: Server, folder: Path, archive: Archive | None = None, **more: Any) -> bool:
    return fetch(archive or described(WHOLE), folder, server.url, pause=lambda _: None, **more)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


UNPACKED = {"table.csv", "README", "2004/0.midi", "2004/1.midi", "2004/2.midi"}


def test_an_archive_is_fetched_unpacked_and_not_fetched_again(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(gives())
    progress: list[tuple[int, int]] = []
    assert fetched(server, tmp_path / "set", progress=lambda *row: progress.append(row))
    assert files(tmp_path / "set") == UNPACKED
    assert (tmp_path / "set" / "2004" / "1.midi").read_bytes() == midi_bytes(improvised(1))
    assert progress[-1] == (len(WHOLE), len(WHOLE))
    assert progress == sorted(progress)
    assert not fetched(server, tmp_path / "set")
    assert server.asked == [None]


def test_a_download_that_breaks_off_goes_on_where_it_stopped(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(gives(until=300_000), refuses(503), gives(until=700_000), gives())
    lines: list[str] = []
    pauses: list[float] = []
    archive = described(WHOLE)
    fetch(archive, tmp_path, server.url, say=lines.append, pause=pauses.append)
    assert files(tmp_path) == UNPACKED
    assert server.asked == [None, "bytes=300000-", "bytes=300000-", "bytes=700000-"]
    assert pauses == [1.0, 2.0, 1.0]
    assert "503" in lines[1]


def test_another_call_goes_on_with_the_part(serve: Callable[..., Server], tmp_path: Path) -> None:
    broken = serve(gives(until=400_000), refuses(500))
    with pytest.raises(SettingError, match=rf"500.*given up after {TRIES} tries.*the same command goes on"):
        fetched(broken, tmp_path)
    assert files(tmp_path) == {"set.zip.part"}
    server = serve(gives())
    assert fetched(server, tmp_path)
    assert server.asked == ["bytes=400000-"]
    assert files(tmp_path) == UNPACKED


def test_a_server_that_hardly_gives_anything_is_given_up(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    crumbs = [gives(until=10 * number) for number in range(1, 40)]
    server = serve(*crumbs)
    with pytest.raises(SettingError, match="given up"):
        fetched(server, tmp_path)
    assert len(server.asked) == TRIES


def test_a_server_without_ranges_begins_anew(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(gives(until=300_000), gives(ranges=False))
    assert fetched(server, tmp_path)
    assert server.asked == [None, "bytes=300000-"]
    assert files(tmp_path) == UNPACKED


def test_an_answer_of_no_stated_length_is_taken(serve: Callable[..., Server], tmp_path: Path) -> None:
    assert fetched(serve(unsized), tmp_path)
    assert files(tmp_path) == UNPACKED


def test_a_range_that_was_not_asked_for_is_not_taken(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(gives(until=300_000), another_range, gives())
    assert fetched(server, tmp_path)
    assert server.asked == [None, "bytes=300000-", "bytes=300000-"]


def test_a_part_of_something_else_is_thrown_away(serve: Callable[..., Server], tmp_path: Path) -> None:
    (tmp_path / "set.zip.part").write_bytes(b"x" * 5000)
    server = serve(gives())
    assert fetched(server, tmp_path)
    assert server.asked == ["bytes=5000-", None]
    (tmp_path / "table.csv").unlink()
    (tmp_path / "set.zip.part").write_bytes(b"x" * (len(WHOLE) + 1))
    assert fetched(server, tmp_path)
    assert server.asked[2:] == [None]


def test_a_part_that_they_can_not_go_on_with_is_begun_anew(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    (tmp_path / "set.zip.part").write_bytes(WHOLE[:5000])
    server = serve(refuses(416), gives())
    assert fetched(server, tmp_path)
    assert server.asked == ["bytes=5000-", None]


@pytest.mark.parametrize("says", [5, len(WHOLE) - 1, len(WHOLE) + 1, 10**12])
def test_a_length_that_is_not_the_archives_is_refused(
    serve: Callable[..., Server], tmp_path: Path, says: int
) -> None:
    with pytest.raises(SettingError, match=f"it offers {says:,} bytes, and the archive of a set has"):
        fetched(serve(gives(says=says)), tmp_path)
    assert files(tmp_path) == set()


def test_a_wrong_file_of_the_right_length_is_thrown_away(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    wrong = bytes(len(WHOLE))
    with pytest.raises(SettingError, match=r"its SHA-256 is .* is published; it was thrown away"):
        fetched(serve(gives(wrong)), tmp_path)
    assert files(tmp_path) == set()


@pytest.mark.parametrize("status", [403, 404, 410])
def test_an_address_with_nothing_is_refused_at_once(
    serve: Callable[..., Server], tmp_path: Path, status: int
) -> None:
    server = serve(refuses(status))
    with pytest.raises(SettingError, match=rf"the server answers {status} .*--from URL"):
        fetched(server, tmp_path)
    assert len(server.asked) == 1
    assert files(tmp_path) == set()


def test_a_server_that_is_not_there_is_reported(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(gives())
    server.shutdown()
    server.server_close()
    with pytest.raises(SettingError, match=r"no answer .*given up"):
        fetched(server, tmp_path)


@pytest.mark.parametrize("url", ["ftp://a/b.zip", "file:///etc/passwd", "set.zip", "http:///set.zip"])
def test_what_is_no_address_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingError, match="no address to fetch from"):
        fetch(described(WHOLE), tmp_path, url)


def test_an_archive_that_lies_there_is_not_downloaded(serve: Callable[..., Server], tmp_path: Path) -> None:
    (tmp_path / "set.zip").write_bytes(WHOLE)
    server = serve(refuses(500))
    assert fetched(server, tmp_path)
    assert server.asked == []
    assert files(tmp_path) == UNPACKED | {"set.zip"}


Usage = namedtuple("Usage", "total used free")


def test_a_disk_without_room_is_refused_before(
    serve: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: Usage(0, 0, 2_100_000))
    server = serve(gives())
    with pytest.raises(SettingError, match="needs 3 MB there, and 2 MB are free: make room"):
        fetched(server, tmp_path)
    assert server.asked == []


def test_a_disk_that_fills_up_keeps_the_part_and_no_set(
    serve: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fetching.shutil, "copyfileobj", full)
    with pytest.raises(SettingError, match="no room left on its disk: make room, and the same command"):
        fetched(serve(gives()), tmp_path)
    assert files(tmp_path) == {"set.zip"}
    monkeypatch.undo()
    assert fetched(serve(refuses(500)), tmp_path)
    assert files(tmp_path) >= UNPACKED


def test_a_folder_that_can_not_be_is_refused(serve: Callable[..., Server], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="file"):
        fetched(serve(gives()), tmp_path / "file" / "set")


ASTRAY = [
    "../out.midi",
    "/out.midi",
    "set-1/../../out.midi",
    "other/out.midi",
    "out.midi",
    "set-1/a:b",
    "set-1\\..\\b",
]


@pytest.mark.parametrize("name", ASTRAY)
def test_a_member_that_would_go_elsewhere_stops_the_unpacking(
    serve: Callable[..., Server], tmp_path: Path, name: str
) -> None:
    data = packed(**{name: "x"})
    with pytest.raises(SettingError, match="lies outside the folder"):
        fetched(serve(gives(data)), tmp_path / "set", described(data, music_files=4))
    assert files(tmp_path) == {"set/set.zip"}


def test_a_link_is_not_unpacked(serve: Callable[..., Server], tmp_path: Path) -> None:
    data = io.BytesIO(packed())
    with zipfile.ZipFile(data, "a") as file:
        link = zipfile.ZipInfo("set-1/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    with pytest.raises(SettingError, match="lies outside"):
        fetched(serve(gives(data.getvalue())), tmp_path, described(data.getvalue()))


@pytest.mark.parametrize("changes", [{"music_files": 4}, {"unpacked": 1000}, {"table": "no.csv"}])
def test_an_archive_with_other_contents_is_not_unpacked(
    serve: Callable[..., Server], tmp_path: Path, changes: dict[str, Any]
) -> None:
    with pytest.raises(SettingError, match=r"3 music files.*nothing was unpacked"):
        fetched(serve(gives()), tmp_path, described(WHOLE, **changes))
    assert files(tmp_path) == {"set.zip"}


def test_what_is_no_archive_is_refused(serve: Callable[..., Server], tmp_path: Path) -> None:
    data = WHOLE[: len(WHOLE) // 2]
    with pytest.raises(SettingError, match="no archive that can be unpacked"):
        fetched(serve(gives(data)), tmp_path, described(data))


def test_unpacking_that_stops_half_way_has_no_table(
    serve: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching.shutil, "copyfileobj", stopping_after(3))
    with pytest.raises(KeyboardInterrupt):
        fetched(serve(gives()), tmp_path)
    assert "table.csv" not in files(tmp_path)
    monkeypatch.undo()
    assert fetched(serve(refuses(500)), tmp_path)
    assert files(tmp_path) >= UNPACKED


def stopping_after(count: int) -> Callable[..., None]:
    copying = fetching.shutil.copyfileobj
    done: list[int] = []

    def copy(*args: Any) -> None:
        done.append(1)
        if len(done) > count:
            raise KeyboardInterrupt
        copying(*args)

    return copy


def test_the_published_archive_is_as_published() -> None:
    maestro = ARCHIVES["maestro"]
    assert (len(maestro.sha256), maestro.file) == (64, "maestro-v3.0.0-midi.zip")
    assert maestro.url.startswith("https://storage.googleapis.com/magentadata/")


def test_the_command_fetches_and_says_what_follows(
    serve: Callable[..., Server],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = serve(gives())
    monkeypatch.setitem(ARCHIVES, "maestro", described(WHOLE))
    words = ["data", "fetch", "maestro", "--to", str(tmp_path / "my set"), "--from", server.url]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert f"next: antiphon data prepare maestro-v3 '{tmp_path}/my set'" in printed.out
    assert "100 %" in printed.err
    assert main(words) == 0
    assert "was there already" in capsys.readouterr().out
    assert main([*words[:-1], "nowhere"]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("antiphon: nowhere: no address")
