"""A call is taken apart at its breaths, its hands at the widest hole; nothing is lost."""

from itertools import pairwise

import pytest
from hypothesis import given

from music.notes import Note
from music.phrase import Phrase
from realtime.answerers.rule.motifs import (
    LONGEST_MOTIF,
    ONE_CHORD_S,
    SHORTEST_MOTIF,
    WIDEST_STRETCH,
    Motif,
    motifs_of,
    usual_gap_s,
)
from tests.support.phrases import phrases


def line(*gaps_s: float, pitch: int = 60) -> list[Note]:
    """A rising tune: so many seconds between its notes."""
    at, notes = 0.0, [Note(0.0, pitch, 70, 0.2)]
    for step, gap_s in enumerate(gaps_s, 1):
        at += gap_s
        notes.append(Note(at, pitch + step, 70, 0.2))
    return notes


def chord(at: float, *pitches: int, spread_s: float = 0.0) -> list[Note]:
    return [Note(at + spread_s * voice, pitch, 70, 0.4) for voice, pitch in enumerate(pitches)]


def sizes(motifs: list[Motif]) -> list[int]:
    return [len(motif.upper) for motif in motifs]


def test_no_notes_have_no_motif() -> None:
    assert motifs_of([]) == []


def test_a_single_note_is_a_motif_that_lasts_as_long_as_it_sounds_or_half_a_second() -> None:
    (short,) = motifs_of([Note(3.0, 60, 70, 0.1)])
    (long,) = motifs_of([Note(3.0, 60, 70, 2.0)])
    assert (short.length_s, long.length_s) == (0.5, 2.0)
    (moment,) = long.upper
    assert (moment.at, moment.gap_s, moment.top.at) == (0.0, 2.0, 0.0)


@pytest.mark.parametrize(
    ("gaps_s", "usual"),
    [((), 0.5), ((0.3,), 0.3), ((0.2, 0.4, 0.2), 0.2), ((0.02, 0.6, 0.02, 0.6), 0.62)],
    ids=["one note", "two notes", "the median", "chords count once"],
)
def test_the_usual_gap_is_between_moments(gaps_s: tuple[float, ...], usual: float) -> None:
    assert usual_gap_s(line(*gaps_s)) == pytest.approx(usual)


@pytest.mark.parametrize(
    ("gaps_s", "wanted"),
    [
        ((0.2, 0.2, 0.8, 0.2, 0.2, 0.8, 0.2, 0.2), [3, 3, 3]),
        ((0.2, 0.2, 0.2, 0.8, 0.2, 0.2), [4, 3]),
        ((0.2, 0.8, 0.2, 0.2, 0.8, 0.2, 0.2), [5, 3]),  # no motif of two: the first breath is within
        ((0.2, 0.2, 0.2, 0.2, 0.8), [6]),  # one note alone is no motif
        ((0.2,) * 3, [4]),
    ],
    ids=["breaths", "a longer one", "a breath too early", "a last note", "no breath"],
)
def test_a_motif_begins_after_a_breath(gaps_s: tuple[float, ...], wanted: list[int]) -> None:
    assert sizes(motifs_of(line(*gaps_s))) == wanted


def test_what_never_breathes_is_cut_into_usual_lengths() -> None:
    assert sizes(motifs_of(line(*[0.25] * 15))) == [4, 4, 4, 4]


def test_what_never_breathes_is_cut_at_its_longest_gap_if_it_has_one() -> None:
    gaps_s = [0.25] * 4 + [0.35] + [0.25] * 6
    first, *_ = motifs_of(line(*gaps_s))
    assert len(first.upper) == 5


@pytest.mark.parametrize("spread_s", [0.0, 0.01, 0.024])
def test_notes_that_are_nearly_together_are_one_moment_from_low_to_high(spread_s: float) -> None:
    (motif,) = motifs_of(chord(1.0, 67, 60, 64, spread_s=spread_s))
    (moment,) = motif.upper
    assert [note.pitch for note in moment.notes] == [60, 64, 67]
    assert moment.top.pitch == 67
    assert min(note.at for note in moment.notes) == 0.0
    assert max(note.at for note in moment.notes) == pytest.approx(2 * spread_s)


def test_what_is_further_apart_is_two_moments() -> None:
    (motif,) = motifs_of(chord(0.0, 60, 64, spread_s=ONE_CHORD_S))
    assert len(motif.upper) == 2
    assert motif.upper[0].gap_s == pytest.approx(ONE_CHORD_S)


def test_hands_are_parted_at_the_widest_hole_near_the_middle() -> None:
    notes = [*chord(0.0, 40, 47, 64, 67), *chord(0.5, 43, 48, 65), *chord(1.0, 40, 62)]
    (motif,) = motifs_of(notes)
    assert [[note.pitch for note in moment.notes] for moment in motif.lower] == [[40, 47], [43, 48], [40]]
    assert [[note.pitch for note in moment.notes] for moment in motif.upper] == [[64, 67], [65], [62]]


@pytest.mark.parametrize(
    "pitches",
    [(60, 64, 67, 71), (48, 60, 66), tuple(range(48, 48 + 24, WIDEST_STRETCH - 1))],
    ids=["too near together", "within one hand", "no hole"],
)
def test_one_hand_is_not_parted(pitches: tuple[int, ...]) -> None:
    (motif,) = motifs_of(chord(0.0, *pitches))
    assert motif.lower == ()
    assert len(motif.upper[0].notes) == len(pitches)


def test_a_hand_may_rest_in_a_motif() -> None:
    notes = [*line(0.2, 0.2, 0.8, 0.2, 0.2, pitch=72), Note(1.6, 40, 70, 0.3)]
    first, second = motifs_of(sorted(notes, key=lambda note: note.at))
    assert first.lower == ()
    assert [moment.top.pitch for moment in second.lower] == [40]


def test_times_are_counted_from_the_motifs_own_beginning() -> None:
    later = [Note(note.at + 9.0, note.pitch, note.velocity, note.length_s) for note in line(*[0.25] * 9)]
    motifs = motifs_of(later)
    for motif in motifs:
        assert motif.upper[0].at == 0.0
        gaps = [after.at - before.at for before, after in pairwise(motif.upper)]
        assert gaps == pytest.approx([moment.gap_s for moment in motif.upper[:-1]])
    for motif in motifs[:-1]:
        assert sum(moment.gap_s for moment in motif.upper) == pytest.approx(motif.length_s)


@given(phrases())
def test_of_any_call_no_note_is_lost_and_no_motif_is_longer_than_the_longest(call: Phrase) -> None:
    motifs = motifs_of(call.notes)
    pitches = [
        note.pitch
        for motif in motifs
        for hand in (motif.upper, motif.lower)
        for moment in hand
        for note in moment.notes
    ]
    assert sorted(pitches) == sorted(note.pitch for note in call.notes)
    assert all(motif.length_s > 0 for motif in motifs)
    for motif in motifs[:-1]:
        moments = {round(moment.at, 6) for moment in (*motif.upper, *motif.lower)}
        assert len(moments) >= SHORTEST_MOTIF


@given(phrases(pedal=False, lowest=60, highest=70))
def test_in_one_hand_no_motif_but_the_last_has_more_moments_than_the_longest(call: Phrase) -> None:
    assert all(size <= LONGEST_MOTIF for size in sizes(motifs_of(call.notes))[:-1])
