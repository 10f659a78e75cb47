"""A corpus as tokens: encoded once, kept beside it, and read from there piece by piece or in slices.

What is kept is named by the music's hash, the encoding's fingerprint, the transforms, the split and how much
of it was asked for, so that each is made once, none is taken for another, and nothing is encoded that nobody
asked for. Tokens are written as they are made and read as they are asked for, so memory doesn't grow with the
corpus, but for a few numbers a piece. Must not know models, windows or chance.
"""

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from music.phrase import Phrase
from music.settings import SettingError
from music.tokens.encoding import Encoding, Tokens
from music.tokens.vocabulary import Vocabulary
from music.whole_file import write_whole
from pieces.corpus import Corpus, PieceRecord
from pieces.difficulty import LEVEL_STARTS, STARTING_FROM, WEIGHTS, difficulty
from pieces.music_sets import Split
from pieces.streamed_tensors import Column, Tensors, TensorsWriter, refusing_if_unwritable, streamed
from pieces.transforms import InTurn

_FITS_16_BITS = 1 << 15


@dataclass(frozen=True)
class _Source:
    """One corpus as tokens: its records, its tokens end to end, and where each piece begins."""

    records: tuple[PieceRecord, ...]
    tensors: Tensors
    starts: NDArray[np.int64]
    read_as: np.dtype[Any]

    def rows(self, place: int, begin: int, end: int) -> Tokens:
        """Tokens of the piece at a place, from `begin` up to `end` or to the piece's own end."""
        first, last = self.starts.item(place), self.starts.item(place + 1)
        begin, end = min(first + max(begin, 0), last), min(first + max(end, 0), last)
        return self.tensors.rows("tokens", begin, end).astype(self.read_as)


@dataclass(frozen=True)
class TokenPieces:
    """The encoded pieces of one split of some corpora, in order; each of `places` is (source, piece).

    Rows are int64 where they are symbols, uint8 where they are a roll, float32 where a field is real.
    """

    sources: tuple[_Source, ...]
    places: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, number: int) -> Tokens:
        return self.rows(number, 0, self.length(number))

    def rows(self, number: int, begin: int, end: int) -> Tokens:
        """Tokens `begin` up to, and without, `end` of a piece, fewer where it ends before;
        nothing else is read."""
        source, place = self.places[number]
        return self.sources[source].rows(place, begin, end)

    def length(self, number: int) -> int:
        """How many tokens a piece has, without reading them."""
        source, place = self.places[number]
        starts = self.sources[source].starts
        return int(starts[place + 1] - starts[place])

    def record(self, number: int) -> PieceRecord:
        """What is known of a piece."""
        source, place = self.places[number]
        return self.sources[source].records[place]


@dataclass(frozen=True, slots=True)
class Most:
    """How many pieces of a split are asked for at most, and how many rows of them; none is all of them."""

    pieces: int | None = None
    rows: int | None = None

    @property
    def is_reached(self) -> bool:
        """Whether nothing more is asked for."""
        return self.pieces == 0 or self.rows == 0

    def after(self, pieces: int, rows: int) -> "Most":
        """What is still asked for when there are so many."""
        return Most(
            None if self.pieces is None else max(self.pieces - pieces, 0),
            None if self.rows is None else max(self.rows - rows, 0),
        )

    @property
    def name(self) -> str:
        """In the name of a file that holds no more."""
        numbers = {"pieces": self.pieces, "rows": self.rows}
        return "".join(f"-{number}-{what}" for what, number in numbers.items() if number is not None)


ALL = Most()


def encode_pieces(
    corpora: Sequence[Corpus],
    encoding: Encoding,
    split: Split,
    transform: InTurn | None = None,
    most: Most = ALL,
) -> TokenPieces:
    """The pieces of a split as tokens, after the transforms; encoded and written beside the corpus at the
    first call, read from there at the next ones.

    Pieces that the transforms leave out, and those of which the encoding writes nothing down, don't appear.
    From the first on there are as many as are asked for; there are more where more had been encoded before,
    and where the last one has rows beyond.
    """
    _check_has(corpora, split)
    sources: list[_Source] = []
    places: list[tuple[int, int]] = []
    for corpus in corpora:
        if most.is_reached:
            break
        source = _source(corpus, encoding, split, transform, most)
        there = [place for place, length in enumerate(np.diff(source.starts)) if length]
        places += [(len(sources), place) for place in there]
        sources.append(source)
        most = most.after(len(there), int(source.starts[-1]))
    if not places:
        raise SettingError(
            f"{_named(corpora)}: of its pieces for {split} the transforms and the encoding "
            f"{encoding.name!r} leave nothing; take another encoding, or leave out a transform"
        )
    return TokenPieces(tuple(sources), tuple(places))


def fitted(
    encoding: Encoding,
    corpora: Sequence[Corpus],
    transform: InTurn | None = None,
    most_symbols: int | None = None,
) -> Encoding:
    """An encoding with an open vocabulary with what it learns from the pieces for train; any other as it is.

    `most_symbols` keeps so many, the most frequent ones; the others are unknown.
    """
    if most_symbols is not None and most_symbols < 1:
        raise SettingError(f"most_symbols keeps 1 symbol or more, not {most_symbols}")
    if encoding.symbols_learnt is None:
        return encoding
    _check_has(corpora, "train")
    phrases = (
        changed
        for corpus in corpora
        for record, phrase in corpus.phrases("train")
        if (changed := _transformed(phrase, record, transform)) is not None
    )
    learnt = encoding.fitted(phrases).symbols_learnt
    if not learnt:
        raise SettingError(
            f"{_named(corpora)}: the transforms leave out every piece for train; leave out a transform"
        )
    return encoding.knowing(learnt[:most_symbols])


def levels_of(pieces: TokenPieces, corpora: Sequence[Corpus]) -> list[int]:
    """The difficulty level, 1 to 4, of each piece as its corpus holds it; kept beside the corpus.

    `corpora` are those that the pieces were encoded from; of the last ones there may be no piece.
    """
    if len(corpora) < len(pieces.sources):
        raise ValueError(f"pieces of {len(pieces.sources)} corpora, and {len(corpora)} given")
    levels = [_levels(corpus) for corpus in corpora[: len(pieces.sources)]]
    return [levels[source][place] for source, place in pieces.places]


def _check_has(corpora: Sequence[Corpus], split: Split) -> None:
    records = [record for corpus in corpora for record in corpus.description.pieces]
    if any(record.split == split for record in records):
        return
    raise SettingError(
        f"{_named(corpora)}: no piece is for {split}; of {len(records)} pieces, there must be some for "
        "each of train, validation, test: prepare it with more music (three pieces are enough)"
    )


def _named(corpora: Sequence[Corpus]) -> str:
    return ", ".join(str(corpus.path) for corpus in corpora) or "no corpus"


def _transformed(phrase: Phrase, record: PieceRecord, transform: InTurn | None) -> Phrase | None:
    return phrase if transform is None else transform.of_music(has_beat=record.has_beat)(phrase)


def _source(
    corpus: Corpus, encoding: Encoding, split: Split, transform: InTurn | None, most: Most
) -> _Source:
    pieces = corpus.description.pieces
    done = transform and transform.of_music(has_beat=any(piece.has_beat for piece in pieces))
    stem = f"{encoding.fingerprint}{_short_hash_of(done)}-{split}"
    whole, part = (_beside(corpus, f"{stem}{of.name}.tokens") for of in (ALL, most))
    tokens = Column.of(_stored_as(encoding.vocabulary), len(encoding.vocabulary.fields))
    kept = _kept(whole, tokens, len(pieces)) or _kept(part, tokens, len(pieces))
    if kept is None:
        _encode(corpus, encoding, split, transform, most, part, tokens)
        kept = _kept(part, tokens, len(pieces))
    if kept is None:
        raise SettingError(f"{part}: not what was just written there; is its disk failing?")
    return _Source(pieces, *kept, _read_as(tokens.kind))


def _beside(corpus: Corpus, ending: str) -> Path:
    return corpus.path.with_suffix(f".{corpus.description.hash[:8]}-{ending}")


def _short_hash_of(transform: InTurn | None) -> str:
    if transform is None or not transform.transforms:
        return ""
    return f"-{blake2b(repr(transform).encode(), digest_size=4).hexdigest()}"


def _kept(path: Path, tokens: Column, pieces: int) -> tuple[Tensors, NDArray[np.int64]] | None:
    """What was kept before; None where there is nothing, or something damaged."""
    try:
        tensors = Tensors(path)
    except (SafetensorError, FileNotFoundError):
        return None
    if tensors.column("tokens") != tokens or tensors.column("starts") != Column.of(np.int64):
        return None
    starts = tensors.all("starts")
    bounds = [0, *starts.tolist(), tensors.count("tokens")]
    if len(starts) != pieces + 1 or bounds[1] or bounds[-2] != bounds[-1] or bounds != sorted(bounds):
        return None
    return tensors, starts


def _encode(
    corpus: Corpus,
    encoding: Encoding,
    split: Split,
    transform: InTurn | None,
    most: Most,
    path: Path,
    tokens: Column,
) -> None:
    """The split's pieces from the first on; every other piece of the corpus has no row there."""
    lengths = np.zeros(len(corpus.description.pieces) + 1, np.int64)
    places = [place for place, piece in enumerate(corpus.description.pieces) if piece.split == split]
    with streamed(path, {"tokens": tokens, "starts": Column.of(np.int64)}) as writer:
        for place, (record, phrase) in zip(places, corpus.phrases(split), strict=True):
            changed = _transformed(phrase, record, transform)
            rows = 0 if changed is None else _appended(writer, encoding.encode(changed))
            lengths[place + 1] = rows
            most = most.after(int(rows > 0), rows)
            if most.is_reached:
                break
        writer.append("starts", lengths.cumsum())
        writer.finish()


def _appended(writer: TensorsWriter, rows: Tokens) -> int:
    writer.append("tokens", rows)
    return len(rows)


def _stored_as(vocabulary: Vocabulary) -> type[np.number[Any]]:
    """The smallest kind of number that holds each token."""
    if vocabulary.is_real:
        return np.float32
    if vocabulary.is_roll:
        return np.uint8
    return np.int16 if max(vocabulary.sizes) <= _FITS_16_BITS else np.int32


def _read_as(stored: np.dtype[Any]) -> np.dtype[Any]:
    return np.dtype(np.int64) if stored.kind == "i" else stored.newbyteorder("=")


def _levels(corpus: Corpus) -> list[int]:
    """The level of every piece of a corpus."""
    path = _beside(corpus, f"{_scale()}.levels.json")
    levels = _levels_in(path)
    if levels is None or len(levels) != len(corpus.description.pieces):
        levels = [difficulty(phrase).level for _, phrase in corpus.phrases()]
        with refusing_if_unwritable(path):
            write_whole(path, json.dumps(levels))
    return levels


def _scale() -> str:
    """Eight digits that change with how levels are computed."""
    scale = json.dumps([astuple(WEIGHTS), STARTING_FROM, LEVEL_STARTS])
    return blake2b(scale.encode(), digest_size=4).hexdigest()


def _levels_in(path: Path) -> list[int] | None:
    try:
        levels = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    possible = range(1, len(LEVEL_STARTS) + 2)
    return levels if isinstance(levels, list) and all(level in possible for level in levels) else None
