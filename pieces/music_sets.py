"""The sets of music that are known by name: under which licence, where their splits are listed, and what a
file is called.

A set that isn't known here is somebody's own folder of MIDI files. Must not read music: that is
`pieces.corpus`.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from music.file_names import readable
from music.settings import SettingError

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
Tier = Literal["ship", "sharealike", "research-nc", "benchmark", "own"]

# What the licence of the music permits for weights trained on it.
TIERS: dict[Tier, str] = {
    "ship": "weights may be given away freely, with the credits",
    "sharealike": "weights may be given away under the same licence",
    "research-nc": "weights are for research, not for sale",
    "benchmark": "for measuring only; weights stay at home",
    "own": "the owner of the music decides",
}


def tier_in_words(tier: str) -> str:
    """What a tier permits, whichever it is."""
    words = (words for name, words in TIERS.items() if name == tier)
    return next(words, "a tier that this Antiphon does not know")


_FILES = {"midi": "MIDI files", "rolls": ".mat files"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of a set, the split it belongs to, and who wrote what."""

    path: Path
    split: Split
    composer: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class MusicSet:
    """A set of music and its licence; `listing` finds its files in its folder,
    and `holds` says what they hold."""

    name: str
    tier: Tier
    licence: str
    credit: str
    listing: Callable[[Path], Iterator[Listed]]
    holds: Literal["midi", "rolls"] = "midi"
    is_score: bool = False  # written music played by a machine: its tempo says where the beats are

    @property
    def splits_by_chance(self) -> bool:
        """Whether nobody said which piece is for what."""
        return self.listing is _any_folder

    def files(self, folder: Path) -> list[Listed]:
        """Its files in a folder, in the order of their paths."""
        if not folder.is_dir():
            raise SettingError(f"{folder}: no such folder; unpack the set {self.name!r} there first")
        listed = sorted(self.listing(folder), key=lambda file: file.path)
        if not listed:
            raise SettingError(f"{folder}: no {_FILES[self.holds]} of the set {self.name!r} in it")
        return listed


def music_set(name: str, tier: Tier | None = None, licence: str = "") -> MusicSet:
    """A set that is known, or the folder of somebody who says its tier."""
    if name in KNOWN_SETS:
        if tier is not None and tier != KNOWN_SETS[name].tier:
            raise SettingError(
                f"the set {name!r} is of tier {KNOWN_SETS[name].tier!r}, which can't be changed"
            )
        return KNOWN_SETS[name]
    return MusicSet(name, tier or "own", licence or "not stated", "", _any_folder)


def split_by_chance(piece: str) -> Split:
    """One piece in ten is for the test and one for validation; the same name always falls alike."""
    tenth = blake2b(piece.encode(), digest_size=8).digest()[0] % 10
    return "test" if tenth == 0 else "validation" if tenth == 1 else "train"


def none_empty(splits: Mapping[str, Split]) -> dict[str, Split]:
    """The splits of groups of pieces, each known by a hash, where chance left one empty: one of the largest
    split's groups is moved there.

    Which one depends on the hashes alone, so it stays the same when music is added, unless a lower hash is
    among it or chance fills the split. Fewer than three groups stay as they are.
    """
    filled = dict(splits)
    if len(filled) < len(SPLITS):
        return filled
    for empty in (split for split in SPLITS if split not in splits.values()):
        members = {split: [group for group, of in filled.items() if of == split] for split in SPLITS}
        largest = max(members.values(), key=len)
        filled[min(largest, key=lambda group: blake2b(f"{empty} {group}".encode()).digest())] = empty
    return filled


def _table(path: Path) -> Iterator[dict[str, str]]:
    if not path.exists():
        raise SettingError(f"{path}: missing; it lists the splits, and the set can't be read without it")
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _rolls(folder: Path) -> Iterator[Listed]:
    for row in _table(folder / "split.csv"):
        split = _as_split(_spelt_out(row["split"]), folder)
        yield Listed(folder / row["midi"], split, row["composer"], row["title"])


def _maestro(folder: Path) -> Iterator[Listed]:
    for row in _table(folder / "maestro-v3.0.0.csv"):
        split = _as_split(row["split"], folder)
        yield Listed(folder / row["midi_filename"], split, row["canonical_composer"], row["canonical_title"])


def _scores(folder: Path) -> Iterator[Listed]:
    for row in _table(folder / "metadata.csv"):
        split = _as_split(_spelt_out(row["split"]), folder)
        yield Listed(folder / row["file"], split, row["composer"], row["title"])


def _spelt_out(split: str) -> str:
    return "validation" if split.startswith("valid") else split


def _any_folder(folder: Path) -> Iterator[Listed]:
    for path in folder.rglob("*"):
        if path.suffix.lower() in (".mid", ".midi") and path.is_file():
            name = readable(path.relative_to(folder).as_posix())
            yield Listed(path, split_by_chance(name), title=readable(path.stem))


def _mat(file: str) -> Callable[[Path], Iterator[Listed]]:
    """A benchmark's one file, which holds all three splits."""

    def listing(folder: Path) -> Iterator[Listed]:
        path = folder / file
        if not path.exists():
            raise SettingError(f"{path}: missing; the set is this one file: put it there")
        for split in SPLITS:
            yield Listed(path, split)

    return listing


def _benchmark(name: str, file: str) -> MusicSet:
    return MusicSet(
        name,
        "benchmark",
        "not stated",
        f"{file}, polyphonic music as Boulanger-Lewandowski et al. (2012) prepared it",
        _mat(file),
        holds="rolls",
    )


def _as_split(word: str, folder: Path) -> Split:
    for split in SPLITS:
        if word == split:
            return split
    raise SettingError(f"{folder}: {word!r} is no split; there are: {', '.join(SPLITS)}")


def _score_set(name: str, licence: str, credit: str) -> MusicSet:
    return MusicSet(name, "ship", licence, credit, _scores, is_score=True)


_CHOPIN_INSTITUTE = "The Fryderyk Chopin Institute"

KNOWN_SETS = {
    known.name: known
    for known in (
        MusicSet(
            "rolls",
            "ship",
            "MIT",
            "piano-roll performances 1905-1930, Stanford University (pianoroll/pianolatron-data)",
            _rolls,
        ),
        MusicSet(
            "maestro-v3", "research-nc", "CC BY-NC-SA 4.0", "MAESTRO v3.0.0 (Hawthorne et al. 2019)", _maestro
        ),
        MusicSet("mutopia-free", "ship", "public domain, CC BY", "the Mutopia project", _any_folder),
        MusicSet("mutopia-sa", "sharealike", "CC BY-SA", "the Mutopia project", _any_folder),
        MusicSet("js-fakes", "ship", "CC BY 4.0", "JS Fakes (Peracha)", _any_folder),
        _score_set("chopin-scores", "CC BY 4.0", f"{_CHOPIN_INSTITUTE}: Chopin's first editions"),
        _score_set(
            "polish-scores", "CC BY 4.0", f"{_CHOPIN_INSTITUTE}: Polish Music Heritage in Open Access"
        ),
        _score_set("lieder-piano", "CC0 1.0", "OpenScore Lieder Corpus: the piano parts"),
        _score_set("mutopia-more", "public domain, CC BY 3.0", "the Mutopia project"),
        MusicSet("krueger", "sharealike", "CC BY-SA 3.0 DE", "Bernd Krueger, piano-midi.de", _any_folder),
        MusicSet("nottingham", "research-nc", "GPL v3", "the Nottingham music database", _any_folder),
        _benchmark("jsb", "JSB_Chorales.mat"),
        _benchmark("nottingham-rolls", "Nottingham.mat"),
        _benchmark("musedata", "MuseData.mat"),
        _benchmark("piano-midi", "Piano_midi.mat"),
    )
}
