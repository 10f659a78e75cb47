"""An answer that was drawn, fitted to its call: its loudness, register, thickness and articulation moved
towards the goal, which is the call as it goes on, its onsets into the call's time.

What is played stays the model's: which keys, in about which order, with which accents. The call lends it a
beat, a rhythm or its voices, as partners do who listen. Knows notes and features. Must not know models.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from enum import Enum
from itertools import pairwise
from math import inf
from statistics import fmean, median

import numpy as np

from music.manner.chords import TOGETHER_S
from music.manner.clashes import CLASHES
from music.manner.features import Features
from music.manner.pulse import Beat
from music.notes import Note
from music.phrase import each_key_once
from realtime.answerers.passages.call_time import CallTime
from realtime.answerers.passages.contour import with_contour
from realtime.answerers.passages.harmony import NEIGHBOURS, next_neighbour
from realtime.answerers.passages.voicing import (
    SPREAD_KEPT,
    CallChords,
    Chords,
    Heights,
    Wanted,
    gathered,
    in_voices,
    on_the_piano,
)

_KEPT_OFF = 0.2  # of how far an onset was off its place, so much stays
_FURTHEST_SPREAD = 3.0  # loudness is spread out by no more
_WIDEST = 1.4  # voices are brought together or apart by no more
_FULLEST = 2.0  # long notes are held longer or shorter by no more
_LONGEST_S = 4.0
_SHORTEST_S = 0.04
CLEAR = 0.5  # an answer to a call that lets go as clearly lets go, too
_BLURRED = 2.0  # times the time in which the call clashes, note by note: what rings on often rings together
_LAST_LONGER = 2.0  # the last note lasts so many usual gaps at least


class Lent(Enum):
    """What a call can lend to an answer beside its beat."""

    RHYTHM = "rhythm"  # its chords' onsets, one after another
    CONTOUR = "contour"  # a few steps of its tune, from wherever the answer's tune is
    VOICES = "voices"  # its rhythm, and with it how many notes are struck at a time, about how high, how long


def towards(time: CallTime, call: Features, goal: Features) -> CallTime:
    """The same with its voices answered where the goal has them: as high, and as far apart."""
    wider = min(max(goal.span / call.span, 1 / _WIDEST), _WIDEST) if call.span else 1.0
    if wider == 1.0 and goal.register == call.register:
        return time
    heights = Heights(call.register, goal.register, wider)
    return replace(time, chords=replace(time.chords, heights=heights))


def fitted(
    notes: Sequence[Note],
    goal: Features,
    time: CallTime,
    *,
    lent: Collection[Lent],
    starts_after: float,
    place: float,
) -> list[Note]:
    """The answer's notes as they are played, from the first place of the call's time after a moment; `place`,
    from 0 to 1, chooses where the call's rhythm or contour is taken up."""
    (notes,) = each_fitted(notes, goal, time, (lent,), starts_after=starts_after, place=place)
    return notes


def each_fitted(
    notes: Sequence[Note],
    goal: Features,
    time: CallTime,
    ways: Iterable[Collection[Lent]],
    *,
    starts_after: float,
    place: float,
) -> Iterator[list[Note]]:
    """The same for each of several ways; what is in time alike, with the call's contour and without, is
    brought there once."""
    first, begin = time.taken_up(place, starts_after)
    grid_begin = time.place_after(starts_after)
    in_time: dict[frozenset[Lent], Chords] = {}
    for lent in ways:
        rhythm = frozenset(lent) - {Lent.CONTOUR}
        if rhythm not in in_time:
            in_time[rhythm] = _in_time(notes, goal, time, rhythm, first, begin, grid_begin)
        chords = in_time[rhythm]
        if Lent.CONTOUR in lent:
            chords = with_contour(chords, time.tune, first, time.chords.harmonies)
        played = _articulated([note for chord in chords for note in chord], chords, goal)
        full = _as_full(played, goal)
        clear = _let_go_for_neighbours(full, time.chords)
        yield each_key_once(_as_loud(_as_high(clear, goal), goal))


def _in_time(
    notes: Sequence[Note],
    goal: Features,
    time: CallTime,
    lent: Collection[Lent],
    first: int,
    begin: float,
    grid_begin: float,
) -> Chords:
    """The notes in the call's voices or rhythm, taken up at its chord `first` at a moment, or in its beat
    alone from another moment on."""
    if Lent.VOICES in lent and time.has_rhythm:
        lasts_s = notes[-1].at - notes[0].at
        wanted = Wanted(goal.pitch_classes.tolist(), goal.intervals.tolist())
        return in_voices(notes, time.chords, begin, first, lasts_s, wanted)
    chords = _as_thick(gathered(notes), goal)
    if Lent.RHYTHM in lent and time.has_rhythm:
        return _in_rhythm(chords, time.chords.gaps, begin, first)
    if time.beat is not None:
        return _on_the_grid(chords, time.beat, time.parts, grid_begin)
    return _moved(chords, grid_begin - chords[0][0].at)


def _moved(chords: Chords, by_s: float) -> Chords:
    return [[replace(note, at=note.at + by_s) for note in chord] for chord in chords]


def _as_thick(chords: Chords, goal: Features) -> Chords:
    """Chords with notes left out from within, where the goal's are thinner: the highest and the lowest stay
    longest."""
    ours, theirs = fmean(len(chord) for chord in chords), goal.notes_a_chord
    if ours <= theirs * 1.15:
        return chords
    made, owed = [], 0.0
    for chord in chords:
        owed += 1 + (len(chord) - 1) * max(theirs - 1, 0.0) / max(ours - 1, 1e-6)
        keep = max(round(owed), 1)
        owed -= keep
        low_to_high = sorted(chord, key=lambda note: note.pitch)
        order = [low_to_high[-1], *low_to_high[:-1]]  # the tune, then the bass and what is above it
        made.append(sorted(order[:keep], key=lambda note: (note.at, note.pitch)))
    return made


def _on_the_grid(chords: Chords, beat: Beat, parts: int, begin: float) -> Chords:
    """Each chord on a part of the beat, nearly; what came quickly after another shares its place or takes the
    next."""
    part_s = beat.length_s / parts
    first = round((begin - beat.at) / part_s)
    shift_s = begin - (beat.at + first * part_s)  # an answer may begin between two parts
    origin = chords[0][0].at
    made: Chords = []
    place_before, at_before = first - 1, -inf
    for chord in chords:
        at = chord[0].at - origin
        place = first + round(at / part_s)
        if place <= place_before:
            place = place_before + 1 if at - at_before > 0.4 * part_s else max(place_before, first)
        off = (at - (place - first) * part_s) * _KEPT_OFF
        at_now = beat.at + place * part_s + min(max(off, -0.1 * part_s), 0.1 * part_s)
        at_now = max(at_now, begin) + (shift_s if place == first else 0.0)
        (moved,) = _moved([chord], at_now - chord[0].at)
        if place == place_before:
            made[-1] += moved
        else:
            made.append(moved)
        place_before, at_before = place, at
    return made


def _in_rhythm(chords: Chords, gaps: Sequence[float], begin: float, first: int) -> Chords:
    """The chords one after another, with the call's gaps between them from its chord `first` on; they begin
    again when they are over."""
    wanted = chords[-1][0].at - chords[0][0].at
    made: Chords = []
    at = begin
    for number, chord in enumerate(chords):
        if at - begin > wanted + gaps[-1]:
            break
        gap_before, gap_now = _gap_after(chords, number), gaps[(first + number) % len(gaps)]
        made.append(
            [
                replace(
                    note,
                    at=at + (note.at - chord[0].at) * SPREAD_KEPT,
                    length_s=note.length_s * gap_now / gap_before,
                )
                for note in chord
            ]
        )
        at += gap_now
    return made


def _gap_after(chords: Chords, number: int) -> float:
    if number + 1 < len(chords):
        return max(chords[number + 1][0].at - chords[number][0].at, TOGETHER_S)
    return max(chords[number][0].length_s, TOGETHER_S)


def _articulated(notes: Sequence[Note], chords: Chords, goal: Features) -> list[Note]:
    """Notes held for as much of their gaps as the goal's are; the last ones for longer."""
    gaps = [later[0].at - before[0].at for before, later in pairwise(chords)]
    usual = max(median(gaps), TOGETHER_S) if gaps else 0.5
    ours = median(note.length_s for note in notes) / usual
    factor = min(max(goal.articulation / max(ours, 0.05), 0.3), 4.0)
    last_at = chords[-1][0].at
    last_s = max(_LAST_LONGER * usual, _SHORTEST_S)
    return [
        _held(
            note, min(max(note.length_s * factor, last_s if note.at >= last_at else _SHORTEST_S), _LONGEST_S)
        )
        for note in notes
    ]


def _held(note: Note, length_s: float) -> Note:
    """The note with another length; every note of every answer comes by here, and `replace` takes longer."""
    return Note(note.at, note.pitch, note.velocity, length_s, note.voice)


def _as_full(notes: Sequence[Note], goal: Features) -> list[Note]:
    """With as much sounding at a time: of the notes before the last chord, those that are longer than the
    middle one are held longer or shorter, none shorter than it."""
    middle = median(note.length_s for note in notes)
    last_at = notes[-1].at - TOGETHER_S
    is_long = [note.length_s > middle and note.at < last_at for note in notes]
    long_s = sum(note.length_s for note, is_it in zip(notes, is_long, strict=True) if is_it)
    if not long_s:
        return list(notes)
    lasts_s = max(note.until for note in notes) - notes[0].at
    others_s = sum(note.length_s for note in notes) - long_s
    factor = min(max((goal.sounding * lasts_s - others_s) / long_s, 1 / _FULLEST), _FULLEST)
    return [
        _held(note, min(max(note.length_s * factor, middle), _LONGEST_S)) if is_it else note
        for note, is_it in zip(notes, is_long, strict=True)
    ]


def _let_go_for_neighbours(notes: Sequence[Note], call: CallChords) -> list[Note]:
    """Each note let go where a key next to its own is struck after it: the two would blur. Of a call that
    doesn't let go, because of a pedal, say, only where they clash, and more than its own keys do."""
    lets_go = call.clearness > CLEAR
    apart, blurred = (NEIGHBOURS, 0.0) if lets_go else (CLASHES, _BLURRED * call.clashes)
    made, blurred_s = [], 0.0
    for place, note in enumerate(notes):
        neighbour = next_neighbour(note, notes[place + 1 :], note.until, apart)
        if neighbour is None:
            made.append(note)
        elif blurred_s + note.until - neighbour.at <= blurred * (neighbour.at - notes[0].at):
            blurred_s += note.until - neighbour.at
            made.append(note)
        else:
            made.append(_held(note, max(neighbour.at - note.at, _SHORTEST_S)))
    return made


def _as_loud(notes: Sequence[Note], goal: Features) -> list[Note]:
    """As loud on average as the goal, and about as uneven."""
    loud = np.array([note.velocity for note in notes], float)
    spread = min(goal.loudness_spread / max(float(loud.std()), 1.0), _FURTHEST_SPREAD)
    moved = goal.loudness + (loud - loud.mean()) * spread
    return [
        Note(note.at, note.pitch, min(max(round(velocity), 1), 127), note.length_s, note.voice)
        for note, velocity in zip(notes, moved.tolist(), strict=True)
    ]


def _as_high(notes: Sequence[Note], goal: Features) -> list[Note]:
    """Moved by whole octaves towards the goal's register."""
    octaves = round((goal.register - fmean(note.pitch for note in notes)) / 12)
    return (
        [replace(note, pitch=on_the_piano(note.pitch + 12 * octaves)) for note in notes]
        if octaves
        else list(notes)
    )
