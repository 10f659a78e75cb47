"""A set of music from its official address: downloaded, checked, unpacked, and never taken for whole before
it is.

The archive comes into a `.part` file that a second call goes on with. Its checksum is the publisher's; only
an archive that has it is unpacked. The table that a set can't be read without is unpacked last, so a folder
that has its table has all of it. Knows HTTP and zip archives; must not know music.
"""

import errno
import hashlib
import http.client
import shutil
import ssl
import stat
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from music.settings import SettingError
from music.version import __version__
from music.whole_file import whole

Progress = Callable[[int, int], None]  # bytes there, bytes in all
Say = Callable[[str], None]
Pause = Callable[[float], None]  # seconds

TRIES = 6  # in a row, with less than a block that is new
_LONGEST_PAUSE_S = 20.0
_TIMEOUT_S = 30.0  # of silence from the server
_BLOCK = 1 << 18  # bytes read at a time
_WORTH_A_TRY = (408, 425, 429, 500, 502, 503, 504)  # answers that say: later, perhaps


@dataclass(frozen=True, slots=True)
class Archive:
    """What is published: its address, length and checksum, and what lies in it."""

    name: str  # what the set is called in words
    music_set: str  # and to `antiphon data prepare`
    url: str
    size: int  # bytes
    sha256: str
    unpacked: int  # bytes that all its files may have together
    root: str  # the folder in it that all files are in
    table: str  # the file in that folder that lists the splits
    music_files: int
    endings: tuple[str, ...]

    @property
    def file(self) -> str:
        """What its file is called."""
        return PurePosixPath(urlsplit(self.url).path).name


# Size and checksum as published at https://magenta.withgoogle.com/datasets/maestro.
ARCHIVES = {
    "maestro": Archive(
        name="MAESTRO v3.0.0",
        music_set="maestro-v3",
        url="https://storage.googleapis.com/magentadata/datasets/maestro/v3.0.0/maestro-v3.0.0-midi.zip",
        size=58_416_533,
        sha256="70470ee253295c8d2c71e6d9d4a815189e35c89624b76d22fce5a019d5dde12c",
        unpacked=100_000_000,
        root="maestro-v3.0.0",
        table="maestro-v3.0.0.csv",
        music_files=1276,
        endings=(".mid", ".midi"),
    )
}


class _BrokenOffError(Exception):
    """The download ended before its end; trying again may help."""


def fetch(
    archive: Archive,
    folder: Path,
    url: str | None = None,
    progress: Progress = lambda _there, _all: None,
    say: Say = lambda _line: None,
    pause: Pause = time.sleep,
) -> bool:
    """Bring an archive's files into a folder; False where they already are there.

    `url` is another address of the same archive: the checksum holds for it too. A download that broke off is
    gone on with, and an archive that lies in the folder already, under its own name, isn't downloaded.
    """
    url = _checked_address(url or archive.url)
    if _is_whole(archive, folder):
        return False
    packed = folder / archive.file
    try:
        folder.mkdir(parents=True, exist_ok=True)
        was_there = _has_checksum(packed, archive)
        if not was_there:
            _check_room(archive, folder)
            _download(archive, packed, partial(_fill, archive, _part_of(packed), url, progress, say, pause))
        _unpack(archive, packed, folder)
        if not was_there:
            packed.unlink()
    except OSError as error:
        raise SettingError(_what_failed(error, folder)) from error
    return True


def _checked_address(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise SettingError(f"{url}: no address to fetch from; it begins with https:// or http://")
    return url


def _what_failed(error: OSError, folder: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"{folder}: no room left on its disk: make room, and the same command goes on where it stopped"
    return f"{error.filename or folder}: {(error.strerror or str(error)).lower()}"


def _is_whole(archive: Archive, folder: Path) -> bool:
    return (folder / archive.table).is_file() and _music_files(archive, folder) >= archive.music_files


def _music_files(archive: Archive, folder: Path) -> int:
    return sum(path.suffix in archive.endings for path in folder.rglob("*"))


def _check_room(archive: Archive, folder: Path) -> None:
    needed = archive.size + archive.unpacked - _length(_part_of(folder / archive.file))
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SettingError(
            f"{folder}: {archive.name} needs {_megabytes(needed)} there, and {_megabytes(free)} are free: "
            "make room, or choose another folder with --to"
        )


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


def _part_of(packed: Path) -> Path:
    return packed.with_name(packed.name + ".part")


def _length(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _has_checksum(path: Path, archive: Archive) -> bool:
    return _length(path) == archive.size and _sha256_of(path) == archive.sha256


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(archive: Archive, packed: Path, fill: Callable[[], None]) -> None:
    """The whole archive at `packed`; where what was gone on with turns out wrong, it is begun anew, once."""
    part = _part_of(packed)
    if _length(part) > archive.size:
        part.unlink()
    went_on = _length(part) > 0
    fill()
    if went_on and not _has_checksum(part, archive):
        part.unlink()
        fill()
    if not _has_checksum(part, archive):
        found = _sha256_of(part)
        part.unlink()
        raise SettingError(
            f"what was fetched is not {archive.name}: its SHA-256 is {found}, where {archive.sha256} is "
            "published; it was thrown away: try again, or from another address (--from)"
        )
    part.replace(packed)


def _fill(archive: Archive, part: Path, url: str, progress: Progress, say: Say, pause: Pause) -> None:
    """Ask until the part is as long as the archive;
    so many tries in a row that hardly bring anything are the end."""
    in_vain, most = 0, _length(part)
    while _length(part) < archive.size:
        try:
            _ask(archive, part, url, progress)
        except _BrokenOffError as broken:
            got_on = _length(part) >= most + _BLOCK
            in_vain, most = (0 if got_on else in_vain + 1), max(most, _length(part))
            if in_vain >= TRIES:
                raise SettingError(
                    f"{url}: {broken}; given up after {TRIES} tries, with {_megabytes(_length(part))} of "
                    f"{_megabytes(archive.size)} there: the same command goes on from them"
                ) from None
            pause_s = min(2.0**in_vain, _LONGEST_PAUSE_S)
            say(f"{broken}; trying again in {pause_s:.0f} s")
            pause(pause_s)


def _ask(archive: Archive, part: Path, url: str, progress: Progress) -> None:
    """One request: what the part lacks is put at its end."""
    there = _length(part)
    request = Request(url, headers={"User-Agent": f"antiphon/{__version__}"})
    if there:
        request.add_header("Range", f"bytes={there}-")
    try:
        with urlopen(request, timeout=_TIMEOUT_S) as answer:  # http and https alone: see _checked_address
            _take(archive, part, url, answer, progress)
    except HTTPError as refused:
        refused.close()
        if refused.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and there:
            part.unlink()  # what lies there is longer than what they have: not a part of it
            raise _BrokenOffError("the server has less than was already there") from None
        said = f"the server answers {refused.code} {refused.reason}"
        if refused.code in _WORTH_A_TRY:
            raise _BrokenOffError(said) from None
        raise SettingError(f"{url}: {said}; give another address of the archive: --from URL") from None
    except URLError as failed:
        if isinstance(failed.reason, ssl.SSLCertVerificationError):
            raise SettingError(f"{url}: the server's certificate is not trusted ({failed.reason})") from None
        raise _BrokenOffError(f"no answer ({failed.reason})") from None
    except (http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError) as failed:
        raise _BrokenOffError(f"the connection broke off ({failed or type(failed).__name__})") from None


def _take(archive: Archive, part: Path, url: str, answer: Any, progress: Progress) -> None:
    begin, length = _promised(answer, _length(part))
    if length is not None and begin + length != archive.size:
        raise SettingError(
            f"{url}: it offers {begin + length:,} bytes, and the archive of {archive.name} has "
            f"{archive.size:,}: give another address (--from)"
        )
    there = begin
    with part.open("r+b" if begin else "wb") as file:
        file.seek(begin)
        while there < archive.size:
            block = answer.read(min(_BLOCK, archive.size - there))
            if not block:
                raise _BrokenOffError("the connection broke off")
            file.write(block)
            there += len(block)
            progress(there, archive.size)


def _promised(answer: Any, there: int) -> tuple[int, int | None]:
    """Which byte an answer begins with and how many it says it has; from the first where it doesn't go on."""
    length = answer.headers.get("Content-Length")
    count = int(length) if length and length.isdecimal() else None
    if answer.status != http.client.PARTIAL_CONTENT:
        return 0, count
    said = answer.headers.get("Content-Range", "")
    if not said.startswith(f"bytes {there}-"):
        raise _BrokenOffError(
            f"the server sends {said or 'an unnamed range'} where byte {there} was asked for"
        )
    return there, count


def _unpack(archive: Archive, packed: Path, folder: Path) -> None:
    """All files of the archive, without its root, the table last: it is what makes the set readable."""
    (folder / archive.table).unlink(missing_ok=True)
    try:
        with zipfile.ZipFile(packed) as file:
            members = {_place_of(each, archive): each for each in file.infolist() if not each.is_dir()}
            _check_members(archive, packed, members)
            table = members.pop(PurePosixPath(archive.table))
            for place, member in members.items():
                _unpack_one(file, member, folder / place)
            _unpack_one(file, table, folder / archive.table)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise SettingError(f"{packed}: no archive that can be unpacked ({error})") from None


def _check_members(archive: Archive, packed: Path, members: Mapping[PurePosixPath, zipfile.ZipInfo]) -> None:
    music = sum(place.suffix in archive.endings for place in members)
    unpacked = sum(member.file_size for member in members.values())
    if (
        music != archive.music_files
        or unpacked > archive.unpacked
        or PurePosixPath(archive.table) not in members
    ):
        raise SettingError(
            f"{packed}: {music} music files, {_megabytes(unpacked)} unpacked, where {archive.name} has "
            f"{archive.music_files} and its table {archive.table}, less than "
            f"{_megabytes(archive.unpacked)}; nothing was unpacked"
        )


def _unpack_one(file: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with (
        whole(place) as unfinished,
        file.open(member) as packed,
        unfinished.open("wb") as unpacked,
    ):
        shutil.copyfileobj(packed, unpacked)


def _place_of(member: zipfile.ZipInfo, archive: Archive) -> PurePosixPath:
    """Where a member goes within the folder; one that would go anywhere else is an error."""
    path = PurePosixPath(member.filename)
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    odd = is_link or ".." in path.parts or any(sign in member.filename for sign in "\\:")
    if odd or path.is_absolute() or len(path.parts) < 2 or path.parts[0] != archive.root:
        raise SettingError(
            f"{member.filename!r} lies outside the folder {archive.root!r} of the archive; nothing was "
            "unpacked"
        )
    return PurePosixPath(*path.parts[1:])
