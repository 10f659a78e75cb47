"""A corpus as tokens, and windows of it in lanes: what a model is shown, in which order.

A corpus is encoded once, and kept beside it under the encoding's fingerprint. In training each of B lanes goes
through whole pieces, window by window, so that a model's state can be carried; a lane that begins a piece says so. Which piece a lane
takes next and how it is varied depends on the seed and on how many were taken before, so a place in the data is a few
numbers, and can be gone on from exactly. Must not know models.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from music.encodings.encoding import Encoding
from music.encodings.event import EventEncoding
from music.encodings.scales import CELLS_PER_S, GAPS, gap_cells, gap_number
from music.notes import KEYS
from music.settings import SettingError
from training.augmentation import Augmentation, Variant
from training.corpus import Corpus, PieceRecord
from training.music_sets import Split

_CELLS = np.array([gap_cells(gap) for gap in range(GAPS)])
_KEY_CHANGES = 2 * KEYS


@dataclass(frozen=True)
class _Source:
    """One corpus as tokens: its records, and its tokens end to end, read from disk piece by piece."""

    records: tuple[PieceRecord, ...]
    tokens: Any
    starts: NDArray[np.int64]


@dataclass(frozen=True)
class TokenPieces:
    """The encoded pieces of one split of some corpora, in order; `places` tells (source, piece)."""

    sources: tuple[_Source, ...]
    places: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, number: int) -> NDArray[np.int64]:
        source, place = self.places[number]
        starts = self.sources[source].starts
        tokens = self.sources[source].tokens[int(starts[place]) : int(starts[place + 1])]
        return np.asarray(tokens, np.int64)

    def record(self, number: int) -> PieceRecord:
        """What is known of a piece."""
        source, place = self.places[number]
        return self.sources[source].records[place]


def encoded(corpora: Sequence[Corpus], encoding: Encoding, split: Split) -> TokenPieces:
    """The pieces of a split as tokens; each corpus is encoded at the first call and kept."""
    sources = tuple(_source(corpus, encoding) for corpus in corpora)
    places = tuple(
        (number, place)
        for number, source in enumerate(sources)
        for place, record in enumerate(source.records)
        if record.split == split
    )
    if not places:
        named = ", ".join(str(corpus.path) for corpus in corpora)
        raise SettingError(
            f"{named}: no piece is for {split}; a corpus needs pieces for each of train, validation, test"
        )
    return TokenPieces(sources, places)


def _source(corpus: Corpus, encoding: Encoding) -> _Source:
    description = corpus.description
    path = corpus.path.with_suffix(f".{description.hash[:8]}-{encoding.fingerprint}.tokens")
    if not path.exists():
        _encode_all(corpus, encoding, path)
    file: Any = safe_open(path, framework="numpy")  # open as long as its slices are in use
    return _Source(description.pieces, file.get_slice("tokens"), file.get_tensor("starts"))


def _encode_all(corpus: Corpus, encoding: Encoding, path: Path) -> None:
    rows = [encoding.encode(phrase).astype(np.int16) for _, phrase in corpus.phrases()]
    starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    unfinished = path.with_suffix(".unfinished")
    save_file({"tokens": np.concatenate(rows), "starts": starts}, unfinished)
    unfinished.replace(path)


class Batch(NamedTuple):
    """A window of each lane: what is read, what follows it, which of that counts, which lanes begin a piece."""

    read: NDArray[np.int64]  # B x T x fields
    following: NDArray[np.int64]  # B x T x fields
    counts: NDArray[np.bool_]  # B x T
    begins: NDArray[np.bool_]  # B


@dataclass(frozen=True, slots=True)
class LanePlace:
    """Where a lane is: which piece of all that are taken one after another, and how many events of it are done."""

    piece: int
    done: int


class Lanes:
    """Windows without end. `places` is where it stands; given back, it goes on from there."""

    def __init__(
        self,
        pieces: TokenPieces,
        begin: tuple[int, ...],
        *,
        lanes: int,
        window: int,
        seed: int,
        augmentation: Augmentation,
        places: tuple[LanePlace, ...] | None = None,
    ) -> None:
        self._pieces, self._begin = pieces, np.array([begin])
        self._window, self._seed, self._augmentation = window, seed, augmentation
        self.places = list(places or (LanePlace(lane, 0) for lane in range(lanes)))
        if len(self.places) != lanes:
            raise SettingError(f"{lanes} lanes can't go on from a place of {len(self.places)}")
        self._music = [self._varied(place.piece) for place in self.places]

    def __iter__(self) -> Iterator[Batch]:
        while True:
            yield self.next()

    def next(self) -> Batch:
        """The next window of each lane; `places` stands after it."""
        lanes, window, fields = len(self.places), self._window, self._begin.shape[1]
        read = np.tile(self._begin[0], (lanes, window, 1))
        following = np.zeros((lanes, window, fields), np.int64)
        counts = np.zeros((lanes, window), bool)
        begins = np.zeros(lanes, bool)
        for lane in range(lanes):
            if self.places[lane].done >= len(self._music[lane]) - 1:
                self._take_another(lane)
            done = self.places[lane].done
            stretch = self._music[lane][done : done + window + 1]
            length = len(stretch) - 1
            read[lane, :length], following[lane, :length] = stretch[:-1], stretch[1:]
            counts[lane, :length] = True
            begins[lane] = done == 0
            self.places[lane] = LanePlace(self.places[lane].piece, done + length)
        return Batch(read, following, counts, begins)

    def _take_another(self, lane: int) -> None:
        number = max(place.piece for place in self.places) + 1
        self.places[lane] = LanePlace(number, 0)
        self._music[lane] = self._varied(number)

    def _varied(self, number: int) -> NDArray[np.int64]:
        epoch, place = divmod(number, len(self._pieces))
        order = np.random.default_rng([self._seed, epoch]).permutation(len(self._pieces))
        piece = int(order[place])
        chance = np.random.default_rng([self._seed, epoch, piece, 1])
        variant = self._augmentation.drawn(self._seed, self._pieces.record(piece).hash, epoch)
        return np.concatenate([self._begin, varied(self._pieces[piece], variant, chance)])


def varied(events: NDArray[np.int64], variant: Variant, chance: np.random.Generator) -> NDArray[np.int64]:
    """Tokens of `event` (without pedal) in another tempo, key and loudness, without decoding them.

    A transposition that would leave the keyboard goes only as far as it can. A stretched gap is rounded up or down by
    chance, so that the tempo is right on average though cells are coarse. Velocities move by whole bins of four.
    """
    gap, key, velocity = events.T
    if variant.stretch != 1:
        cells = np.floor(_CELLS[gap] * variant.stretch + chance.random(len(gap)))
        gap = np.where(gap == 0, 0, _GAP_OF[np.minimum(cells.astype(np.int64), len(_GAP_OF) - 1)])
    if variant.semitones and len(key):
        pitch = key % KEYS
        semitones = min(max(variant.semitones, -int(pitch.min())), KEYS - 1 - int(pitch.max()))
        key = key + semitones
    if variant.louder:
        louder = np.clip(velocity + round(variant.louder / 4), 1, 32)
        velocity = np.where(velocity == 0, 0, louder)
    return np.stack([gap, key, velocity], axis=1)


_GAP_OF = np.array([gap_number(cells) for cells in range(40 * CELLS_PER_S)])


def check_reads_events(encoding: Encoding) -> None:
    """An error unless tokens of this encoding are what the event model reads."""
    if encoding.fingerprint != EventEncoding().fingerprint:
        raise SettingError(f"the event model reads the encoding 'event' as it stands, not {encoding.name!r}")
