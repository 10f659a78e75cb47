"""Variants of tokens stay the same music, moved; what can't be varied is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.encodings.event import EventEncoding
from music.encodings.note import NoteEncoding
from music.notes import KEYS
from music.settings import SettingError
from music.tokens.scales import gap_cells
from tests.support.phrases import improvised
from training.feeds.augmentation import UNCHANGED, Augmentation, Variant
from training.feeds.variation import variation, varied_events, varied_notes


@given(
    st.integers(0, 30),
    st.sampled_from([0.9, 0.95, 1.0, 1.1]),
    st.integers(-12, 12),
    st.sampled_from([-8, 0, 8]),
)
def test_a_variant_is_the_same_music_moved(seed: int, stretch: float, semitones: int, louder: int) -> None:
    events = EventEncoding().encode(improvised(seed, notes=60, pedal=True))
    changed = varied_events(events, Variant(stretch, semitones, louder), np.random.default_rng(1))
    shift = changed[:, 1] - events[:, 1]
    assert len(set(shift.tolist())) == 1
    assert abs(shift[0]) <= abs(semitones)
    assert np.array_equal(changed[:, 1] // KEYS, events[:, 1] // KEYS)
    assert np.array_equal(changed[:, 2] == 0, events[:, 2] == 0)
    assert np.array_equal(changed[:, 0] == 0, events[:, 0] == 0) or stretch != 1
    assert (changed[events[:, 0] == 0, 0] == 0).all()
    if len(events) > 60:
        length, before = (sum(map(gap_cells, rows[:, 0].tolist())) for rows in (changed, events))
        assert length == pytest.approx(before * stretch, rel=0.04)


def test_as_it_stands_a_variant_changes_nothing() -> None:
    events = EventEncoding().encode(improvised(1))
    assert np.array_equal(varied_events(events, Variant(), np.random.default_rng(1)), events)


def test_notes_are_moved_as_events_are() -> None:
    notes = NoteEncoding().encode(improvised(3, notes=60))
    changed = varied_notes(notes, Variant(1.1, 3, 8), np.random.default_rng(1))
    assert set((changed[:, 1] - notes[:, 1]).tolist()) == {3}
    assert ((changed[:, 2] - notes[:, 2] == 2) | (changed[:, 2] == 31)).all()
    cells = [sum(gap_cells(gap + 1) for gap in rows[:, 3].tolist()) for rows in (changed, notes)]
    assert cells[0] == pytest.approx(cells[1] * 1.1, rel=0.05)
    assert np.array_equal(varied_notes(notes, Variant(), np.random.default_rng(1)), notes)


def test_other_writings_are_not_varied() -> None:
    assert variation("roll", UNCHANGED, 1) is None
    with pytest.raises(SettingError, match="not 'roll'"):
        variation("roll", Augmentation(semitones=(-1, 0, 1)), 1)


def test_velocities_are_moved_by_whole_bins_or_not_at_all() -> None:
    with pytest.raises(SettingError, match="whole bins of 4, so not by 6"):
        variation("event", Augmentation((1.0,), (0,), (0, 6)), 1)
