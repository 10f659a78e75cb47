"""Part of the music: some pieces of it, or its beginning."""

from collections.abc import Sequence
from dataclasses import dataclass

from pieces.corpus import PieceRecord
from pieces.music import Music, Rows


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some pieces, in this order."""

    music: Music
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.numbers)

    def length(self, number: int) -> int:
        """How many rows a piece has."""
        return self.music.length(self.numbers[number])

    def rows(self, number: int, begin: int, end: int) -> Rows:
        """Those rows of a piece."""
        return self.music.rows(self.numbers[number], begin, end)

    def record(self, number: int) -> PieceRecord:
        """What is known of a piece."""
        return self.music.record(self.numbers[number])


def over_composers(music: Music) -> list[int]:
    """All pieces, their composers taking turns: the first of each before the second of any.

    Where no composer is stated, the folder of a piece stands for him. Who is first, and which piece of his,
    follows from the pieces' hashes, not from the order of files.
    """
    by_composer: dict[str, list[tuple[str, int]]] = {}
    for number in range(len(music)):
        record = music.record(number)
        composer = record.composer or record.file.rpartition("/")[0]
        by_composer.setdefault(composer, []).append((record.hash, number))
    ranked = [sorted(pieces) for pieces in by_composer.values()]
    turns = [(turn, digest, number) for pieces in ranked for turn, (digest, number) in enumerate(pieces)]
    return [number for _, _, number in sorted(turns)]


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first rows of the music: whole pieces, and of the last of them as much as fits."""

    music: Music
    lengths: tuple[int, ...]

    @classmethod
    def of(cls, music: Music, most_rows: int) -> "Beginning":
        """The first `most_rows` rows."""
        lengths: list[int] = []
        while len(lengths) < len(music) and sum(lengths) < most_rows:
            lengths.append(min(music.length(len(lengths)), most_rows - sum(lengths)))
        return cls(music, tuple(lengths))

    def __len__(self) -> int:
        return len(self.lengths)

    def length(self, number: int) -> int:
        """How many rows of a piece there are."""
        return self.lengths[number]

    def rows(self, number: int, begin: int, end: int) -> Rows:
        """Those rows of a piece."""
        return self.music.rows(number, begin, min(end, self.lengths[number]))

    def record(self, number: int) -> PieceRecord:
        """What is known of a piece."""
        return self.music.record(number)
