"""Phrases that tests make, by hypothesis and by seed; and what holds of anything that is played."""

import random
from collections.abc import Iterable

from hypothesis import strategies as st

from music.beats import STEADY_120
from music.notes import KeyEvent, Note, NoteOn, Pedal
from music.phrase import Phrase, each_key_once


def phrases(
    *,
    grid_s: float = 0.01,
    longest_gap: int = 300,
    longest_note: int = 400,
    lowest: int = 21,
    highest: int = 108,
    pedal: bool = False,
    most_notes: int = 24,
) -> st.SearchStrategy[Phrase]:
    """Phrases on a grid, each key sounding once at a time; gaps and lengths count grid cells."""
    row = st.tuples(
        st.one_of(st.just(0), st.integers(0, longest_gap)),
        st.integers(lowest, highest),
        st.integers(1, 127),
        st.integers(1, longest_note),
    )
    treads = st.lists(st.integers(0, longest_gap * 4), unique=True, max_size=6) if pedal else st.just([])

    @st.composite
    def build(draw: st.DrawFn) -> Phrase:
        at, notes = 0, []
        for gap, pitch, velocity, length in draw(st.lists(row, max_size=most_notes)):
            at += gap
            notes.append(Note(at * grid_s, pitch, velocity, length * grid_s))
        pedals = [Pedal(moment * grid_s, place % 2 == 0) for place, moment in enumerate(sorted(draw(treads)))]
        kept = [note for note in each_key_once(notes) if note.length_s > grid_s / 2]
        return Phrase.of(kept, pedals, STEADY_120)

    return build()


def improvised(seed: int, notes: int = 40, *, pedal: bool = False) -> Phrase:
    """A plausible little performance, always the same for a seed."""
    chance = random.Random(seed)
    at, made = 0.0, []
    scale = [0, 2, 4, 5, 7, 9, 11]
    for _ in range(notes):
        at += chance.choice([0.0, 0.0, 0.12, 0.25, 0.25, 0.5])
        pitch = 36 + 12 * chance.randrange(4) + chance.choice(scale)
        made.append(
            Note(at + chance.random() * 0.02, pitch, chance.randint(30, 110), chance.uniform(0.1, 0.9))
        )
    until = int(at) + 2
    treads = [
        Pedal(second + offset, down)
        for second in range(until)
        for offset, down in ((0.1, True), (0.95, False))
    ]
    return Phrase.of(each_key_once(made), treads if pedal else ())


def check_each_strike_is_released(events: Iterable[KeyEvent]) -> None:
    """Each key that is struck was up before, each that is released was down, and in the end all are up."""
    sounding: set[int] = set()
    for event in events:
        if isinstance(event, NoteOn):
            assert event.pitch not in sounding
            sounding.add(event.pitch)
        else:
            sounding.remove(event.pitch)
    assert not sounding
