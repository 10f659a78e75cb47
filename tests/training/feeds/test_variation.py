"""Variants of tokens stay the same music, moved; what can't be varied is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.encodings.event import EventEncoding
from music.encodings.note import NoteEncoding
from music.listening.beat_time import BEAT_CELLS, QUARTER_CELLS, cells_of
from music.notes import KEYS
from music.settings import SettingError
from music.tokens.scales import EXACT_CELLS, gap_cells
from pieces.corpus import PieceRecord
from tests.support.phrases import improvised
from training.feeds.augmentation import UNCHANGED, Augmentation, Variant
from training.feeds.variation import stretched_in_beats, variation, varied_events, varied_notes


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


def events_at(cells: list[int]) -> np.ndarray:
    """A key going down and up by turns, at these cells."""
    gaps = np.diff(cells, prepend=0)
    keys = [(place % 2) * KEYS for place in range(len(cells))]
    return np.stack([gaps, keys, [1 - place % 2 for place in range(len(cells))]], axis=1)


@given(st.lists(st.integers(0, EXACT_CELLS // 2), min_size=1, max_size=40), st.sampled_from([0.5, 1.0, 2.0]))
def test_stretched_in_beats_every_event_keeps_its_place(gaps: list[int], stretch: float) -> None:
    events = events_at(np.cumsum(gaps).tolist())
    changed = stretched_in_beats(events, stretch)
    places = cells_of(changed[:, 0])
    assert np.abs(places - cells_of(events[:, 0]) * stretch).max() <= 0.5  # no rounding adds up
    assert np.array_equal(changed[:, 1:], events[:, 1:])


def test_a_bar_that_lasts_twice_as_many_beats_begins_on_a_beat_again() -> None:
    events = events_at([0, 12, 24, 40, 48, 72, 96])
    changed = stretched_in_beats(events, 2.0)
    assert cells_of(changed[:, 0]).tolist() == [0, 24, 48, 80, 96, 144, 192]
    assert cells_of(stretched_in_beats(events, 0.5)[:, 0]).tolist() == [0, 6, 12, 20, 24, 36, 48]
    assert BEAT_CELLS == 48


def test_after_a_long_gap_what_follows_stays_together_at_a_quarter_of_a_beat() -> None:
    events = events_at([0, 48, 48 + 96, 48 + 96, 48 + 96 + 5])
    places = cells_of(stretched_in_beats(events, 2.0)[:, 0])
    assert places[2] % QUARTER_CELLS == 0
    assert np.diff(places)[2:].tolist() == [0, 10]


def record(*, has_beat: bool) -> PieceRecord:
    return PieceRecord("a.mid", "train", "0" * 16, 40, has_beat=has_beat)


def test_only_a_piece_that_keeps_a_beat_is_stretched_by_whole_beats() -> None:
    events = events_at([0, 24, 48, 72, 96])
    vary = variation("event", Augmentation((1.1,), (0,), beat_stretches=(2.0,)), seed=1)
    assert vary is not None
    chance = np.random.default_rng(1)
    in_beats = vary(events, record(has_beat=True), 0, chance)
    assert in_beats[:, 0].tolist() == [0, 48, 48, 48, 48]
    without = vary(events, record(has_beat=False), 0, chance)
    assert set(without[1:, 0].tolist()) <= {26, 27}


@pytest.mark.parametrize(("spread", "expected"), [(0.5, [14, 18, 0, 22, 26]), (2.0, [1, 12, 0, 28, 32])])
def test_velocities_are_spread_about_the_mean_of_what_was_struck(spread: float, expected: list[int]) -> None:
    keys, velocities = [1, 2, KEYS + 1, 3, 4], [8, 16, 0, 24, 32]
    events = np.array([(0, key, velocity) for key, velocity in zip(keys, velocities, strict=True)])
    changed = varied_events(events, Variant(spread=spread), np.random.default_rng(1))
    assert changed.tolist() == [[0, key, v] for key, v in zip(keys, expected, strict=True)]


def test_notes_are_spread_alike() -> None:
    notes = NoteEncoding().encode(improvised(3, notes=60))
    chance = np.random.default_rng(1)
    narrow = varied_notes(notes, Variant(spread=0.5), chance)[:, 2]
    assert narrow.std() == pytest.approx(notes[:, 2].std() / 2, rel=0.1)
    assert narrow.mean() == pytest.approx(notes[:, 2].mean(), abs=0.5)
    assert set(varied_notes(notes, Variant(spread=0.0), chance)[:, 2].tolist()) == {
        int(np.floor(notes[:, 2].mean() + 0.5))
    }


def test_where_nothing_is_struck_nothing_is_spread() -> None:
    events = np.array([[3, KEYS + 5, 0]])
    assert np.array_equal(varied_events(events, Variant(spread=2.0), np.random.default_rng(1)), events)
