"""The runtime that runs a model file in a browser: three files of a package of npm's, checked.

Comes from npm, or from a folder in which the package lies unpacked. Must not know the page.
"""

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from music.settings import SettingError

PACKAGE, VERSION = "onnxruntime-web", "1.30.0"
LICENCE = "MIT, Microsoft"
FILES = {
    "ort.wasm.min.mjs": "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
    "ort-wasm-simd-threaded.mjs": "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b",
    "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}


def bring(to: Path, place: Path | None) -> int:
    """Put the runtime's files into a folder, from a folder or from npm; how many bytes they have."""
    if place is not None:
        return _copied(place, to)
    with TemporaryDirectory() as folder:
        return _copied(_unpacked(Path(folder)), to)


def _copied(place: Path, to: Path) -> int:
    found = {path.name: path for path in place.rglob("*") if path.name in FILES}
    missing = sorted(FILES.keys() - found.keys())
    if missing:
        raise SettingError(f"{place}: {missing[0]} is not in it: unpack {PACKAGE} {VERSION} there")
    contents = {name: path.read_bytes() for name, path in found.items()}
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != FILES[name]:
            raise SettingError(f"{found[name]} is another than that of {PACKAGE} {VERSION}; nothing was kept")
    to.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (to / name).write_bytes(content)
    return sum(map(len, contents.values()))


def _unpacked(folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise SettingError(
            f"npm is not installed: unpack {PACKAGE} {VERSION} yourself, and say --from FOLDER"
        )
    command = [npm, "pack", "--silent", "--pack-destination", str(folder), f"{PACKAGE}@{VERSION}"]
    packed = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if packed.returncode != 0:
        said = (packed.stderr or packed.stdout).strip().splitlines()
        reason = said[0][:200] if said else "it does not say why"
        raise SettingError(
            f"npm does not give {PACKAGE} {VERSION} ({reason}): try again, or say --from FOLDER"
        )
    for archive in folder.glob("*.tgz"):
        with tarfile.open(archive) as file:
            file.extractall(folder / archive.stem, filter="data")
    return folder
