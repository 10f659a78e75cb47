"""How pieces end: the last bass, and where it came from."""

import pytest

from evaluation.likeness.defined import Undefined
from evaluation.likeness.endings import (
    Ending,
    ending_of,
    endings_of,
    share_closing,
    share_of_cadences,
)
from music.notes import Note
from music.phrase import Phrase


def chords(*sets: tuple[int, ...], rest_s: float = 0.0) -> Phrase:
    """Chords of a second each, with a rest before the last."""
    late = {len(sets) - 1: rest_s}
    return Phrase.of(
        Note(place + late.get(place, 0.0), pitch, 64, 1.0)
        for place, pitches in enumerate(sets)
        for pitch in pitches
    )


@pytest.mark.parametrize("rest_s", [0.0, 3.0])
@pytest.mark.parametrize(
    ("sets", "ending"),
    [
        (((55, 71), (48, 64)), Ending(48, 55)),
        (((43, 71), (48, 64)), Ending(48, 43)),
        (((53, 69), (43, 71), (48, 64)), Ending(48, 43)),
        (((48, 64),), Ending(48, None)),
    ],
)
def test_the_last_bass_and_the_one_before(
    sets: tuple[tuple[int, ...], ...], ending: Ending, rest_s: float
) -> None:
    assert ending_of(chords(*sets, rest_s=rest_s)) == ending


def test_a_bass_that_is_held_came_from_before_its_own_beginning() -> None:
    held = Phrase.of([Note(0, 55, 64, 1), Note(1, 48, 64, 2), Note(1, 65, 64, 1), Note(2, 64, 64, 1)])
    assert ending_of(held) == Ending(48, 55)


@pytest.mark.parametrize(
    ("bass", "before", "closes", "is_cadence"),
    [
        (48, 55, True, True),
        (48, 43, True, True),
        (45, 52, True, True),
        (48, 53, True, False),
        (48, None, True, False),
        (55, 62, False, False),
    ],
)
def test_home_from_the_fifth_is_a_cadence(
    bass: int, before: int | None, closes: bool, is_cadence: bool
) -> None:
    ending = Ending(bass, before)
    assert (ending.is_on_the_tonic, ending.is_cadence) == (closes, is_cadence)


def test_silent_pieces_have_no_ending_and_do_not_count() -> None:
    assert ending_of(Phrase()) is None
    some = [Phrase(), chords((55,), (48,)), chords((53,), (48,)), chords((50,), (52,))]
    assert share_closing(endings_of(some)) == pytest.approx(2 / 3)
    assert share_of_cadences(endings_of(some)) == pytest.approx(1 / 3)
    for figure in (share_closing, share_of_cadences):
        with pytest.raises(Undefined, match="no note"):
            figure(endings_of([Phrase()]))
