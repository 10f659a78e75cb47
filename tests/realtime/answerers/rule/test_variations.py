"""Notes that repeat too long are refreshed by a neighbour, on the piano and counted back from the end."""

import pytest

from music.keys import C_MAJOR
from music.notes import HIGHEST_KEY, LOWEST_KEY, Note
from realtime.answerers.rule.variations import Scale, refreshed


def struck(*pitches: int) -> list[Note]:
    return [Note(float(place), pitch, 64, 0.5) for place, pitch in enumerate(pitches)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((60, 60, 60), [60, 60, 60]),
        ((60, 60, 60, 60, 60), [60, 62, 60, 60, 60]),
        ((60, 62, 60, 60), [60, 62, 60, 60]),
    ],
)
def test_of_too_many_strikes_running_one_becomes_its_neighbour(
    before: tuple[int, ...], after: list[int]
) -> None:
    assert [note.pitch for note in refreshed(struck(*before), 3, Scale.of(C_MAJOR))] == after


@pytest.mark.parametrize("pitch", [LOWEST_KEY, HIGHEST_KEY])
def test_at_the_end_of_the_piano_the_neighbour_is_on_it(pitch: int) -> None:
    fresh = refreshed(struck(*[pitch] * 9), 3, Scale.of(C_MAJOR))
    assert all(LOWEST_KEY <= note.pitch <= HIGHEST_KEY for note in fresh)
    assert len({note.pitch for note in fresh}) == 2
