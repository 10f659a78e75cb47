"""The music that a model is judged on: a split as events and as whole notes, and where memory is reset.

A reset falls at a note boundary: just before the event in which a key goes down, its gap included. Of these
boundaries the one is taken that lies nearest to each 2,048th event of the `performance` writing, counted from
the piece's beginning (of two as near, the earlier). What an event of `event` is in `performance` events: its
shifts of time, its change of velocity, its key. Must not know models.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.scoring.scorer import Events
from music.encodings.event import EventEncoding
from music.encodings.note import NoteEncoding
from music.encodings.performance import PerformanceEncoding
from music.notes import KEYS
from music.phrase import Phrase
from music.settings import SettingError
from pieces.corpus import Corpus
from pieces.music import Music
from pieces.music_sets import Split

RESET_EVERY = 2048  # performance events: the context that published models of that writing are judged with
_KEYS_DOWN_AND_UP = EventEncoding().vocabulary.fields[1].numbers
_IS_A_KEY_OF_THE_PIANO = np.array(
    [symbol in _KEYS_DOWN_AND_UP for symbol in PerformanceEncoding().vocabulary.fields[0].symbols or ()]
)
Notes = NDArray[np.int64]  # N x 4: gap, pitch, velocity, length as `note` numbers them


@dataclass(frozen=True, slots=True)
class Piece:
    """One held-out piece; `resets` are the events before which memory is emptied, its beginning left out."""

    name: str
    events: Events
    notes: Notes
    resets: tuple[int, ...]
    performance_events: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Events that are read without a break, and the keys (88) that sound when they begin."""

    piece: int
    events: Events
    sounding: NDArray[np.bool_]


def held_out(corpus: Corpus, split: Split) -> list[Piece]:
    """The pieces of a split that have a note on the piano, in the corpus' order; none at all is an error."""
    pieces = [_piece(record.file, phrase) for record, phrase in corpus.phrases(split)]
    if not pieces:
        raise SettingError(
            f"{corpus.path}: no piece is for {split}; say another --split, or another --corpus"
        )
    heard = [piece for piece in pieces if len(piece.notes)]
    if not heard:
        raise SettingError(f"{corpus.path}: its pieces for {split} have no note on the piano")
    return heard


def _piece(name: str, phrase: Phrase) -> Piece:
    events, before = EventEncoding().encode(phrase), performance_events_before(phrase)
    resets = resets_of(events, before[:-1], RESET_EVERY)
    return Piece(name, events, NoteEncoding().encode(phrase), resets, int(before[-1]))


def performance_events_before(phrase: Phrase) -> NDArray[np.int64]:
    """How many `performance` events lie before each event of a phrase, and last how many there are."""
    is_key_change = _IS_A_KEY_OF_THE_PIANO[PerformanceEncoding().encode(phrase)[:, 0]]
    return np.concatenate([[0], np.flatnonzero(is_key_change) + 1])


def resets_of(events: Events, before: NDArray[np.int64], every: int) -> tuple[int, ...]:
    """The events, all keys going down, that lie nearest to each multiple of `every` performance events."""
    downs = np.flatnonzero(events[:, 1] < KEYS)
    if len(downs) == 0:
        return ()
    aims = np.arange(every, int(before[-1]) + 1, every)
    nearest = np.abs(before[downs][None, :] - aims[:, None]).argmin(1)
    return tuple(int(place) for place in np.unique(downs[nearest]) if place > 0)


def carried(pieces: Sequence[Piece]) -> list[Stretch]:
    """Each piece as one stretch, from silence."""
    return [Stretch(number, piece.events, np.zeros(KEYS, bool)) for number, piece in enumerate(pieces)]


def reset(pieces: Sequence[Piece]) -> list[Stretch]:
    """Each piece in stretches between its resets; of what was before, they know which keys sound."""
    return [stretch for number, piece in enumerate(pieces) for stretch in _stretches(number, piece)]


def beginnings(pieces: Music, events: int) -> list[Stretch]:
    """The beginning of each piece, `events` in all (0: the whole), for a look while a model learns."""
    each = max(events // len(pieces), 1) if events else None
    return [
        Stretch(number, pieces.rows(number, 0, each or pieces.length(number)), np.zeros(KEYS, bool))
        for number in range(len(pieces))
    ]


def _stretches(number: int, piece: Piece) -> Iterable[Stretch]:
    sounding = np.zeros(KEYS, bool)
    for begin, end in zip((0, *piece.resets), (*piece.resets, len(piece.events)), strict=True):
        events = piece.events[begin:end]
        if len(events):
            yield Stretch(number, events, sounding.copy())
        sounding = sounding_after(sounding, events)


def sounding_after(sounding: NDArray[np.bool_], events: Events) -> NDArray[np.bool_]:
    """Which keys sound after events, from those that sounded before: the last change of each key counts."""
    after = sounding.copy()
    after[events[:, 1] % KEYS] = events[:, 1] < KEYS  # where a key stands twice, numpy keeps the last
    return after
