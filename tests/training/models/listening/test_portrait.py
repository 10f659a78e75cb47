"""Portraits of windows of events are those of the notes in them; what is drawn leaves groups out at
random."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from music.encodings.event import EventEncoding
from music.listening.portrait import GROUPS, NUMBERS, SIZE, portrait_of
from music.phrase import Phrase
from tests.support.phrases import improvised, phrases
from training.models import keyboard
from training.models.event_model import begin_event
from training.models.listening.portrait import ALL_LEFT_OUT, LEFT_OUT, Stretch, drawn_portraits, portraits

ALL_KNOWN = torch.ones(1, len(GROUPS), dtype=torch.bool)


def stretch_of(rows: Tensor) -> Stretch:
    """Windows of events (B x T x 3) from silence."""
    gap, key, velocity = rows.unbind(-1)
    cells, silence = keyboard.cells_of_gaps()[gap], torch.zeros(len(rows), 88)
    after, _ = keyboard.after_changes(cells, key, silence, silence)
    before = torch.cat([silence[:, None], after[:, :-1]], dim=1)
    return Stretch(cells, key, velocity, before, after)


def part_of(stretch: Stretch, begin: int, end: int) -> Stretch:
    return Stretch(*(part[:, begin:end] for part in stretch))


def of_all(stretch: Stretch, known: Tensor = ALL_KNOWN) -> Tensor:
    return portraits(stretch, torch.ones(stretch.key.shape, dtype=torch.bool), known)


def check_alike(phrase: Phrase) -> None:
    """The events of a phrase have the portrait of the notes that they decode to."""
    encoding = EventEncoding()
    events = encoding.encode(phrase)
    if len(events):
        found = of_all(stretch_of(torch.from_numpy(events)[None]))[0].numpy()
        np.testing.assert_allclose(found, portrait_of(encoding.decode(events).notes), atol=2e-5)


@given(phrases(most_notes=40))
def test_of_any_music_the_events_have_the_portrait_of_the_notes(phrase: Phrase) -> None:
    check_alike(phrase)


@given(phrases(longest_gap=12, longest_note=60, lowest=60, highest=67, most_notes=40))
def test_of_dense_music_too(phrase: Phrase) -> None:
    check_alike(phrase)


@pytest.mark.parametrize("seed", range(5))
def test_of_improvised_music_with_a_pedal_too(seed: int) -> None:
    check_alike(improvised(seed, notes=200, pedal=True))


def test_a_row_before_the_first_and_rows_that_fill_up_a_window_change_nothing() -> None:
    events = torch.from_numpy(EventEncoding().encode(improvised(1)))
    filled = torch.cat([torch.tensor([begin_event()]), events, events[-1:].repeat(50, 1)])
    assert filled[-1, 0] > 0, "a row with a gap of its own would make the window longer"
    torch.testing.assert_close(of_all(stretch_of(filled[None])), of_all(stretch_of(events[None])))


def test_a_part_is_the_window_of_that_part() -> None:
    stretch = stretch_of(torch.from_numpy(EventEncoding().encode(improvised(2)))[None])
    place = torch.arange(stretch.key.shape[1])[None]
    within = portraits(stretch, (place >= 20) & (place < 55), ALL_KNOWN)
    torch.testing.assert_close(within, of_all(part_of(stretch, 20, 55)))
    assert not torch.allclose(within, of_all(stretch))


def test_of_a_part_with_fewer_than_two_strikes_nothing_is_known() -> None:
    stretch = stretch_of(torch.from_numpy(EventEncoding().encode(improvised(2)))[None])
    first, second, *_ = (stretch.key[0] < 88).nonzero()[:, 0].tolist()
    assert not of_all(part_of(stretch, first, second)).any()
    assert of_all(part_of(stretch, first, second + 1)).any()


@pytest.mark.parametrize("place", range(len(GROUPS)))
def test_a_group_that_is_not_known_is_left_out_as_of_notes(place: int) -> None:
    events = EventEncoding().encode(improvised(4))
    known = torch.arange(len(GROUPS))[None] != place
    found = of_all(stretch_of(torch.from_numpy(events)[None]), known)[0].numpy()
    notes = EventEncoding().decode(events).notes
    np.testing.assert_allclose(found, portrait_of(notes, [GROUPS[place].name]), atol=2e-5)


def test_lanes_do_not_touch_each_other() -> None:
    one, other = (torch.from_numpy(EventEncoding().encode(improvised(seed)))[:60] for seed in (5, 6))
    both = of_all(stretch_of(torch.stack([one, other])), ALL_KNOWN.expand(2, -1))
    alone = torch.cat([of_all(stretch_of(rows[None])) for rows in (one, other)])
    torch.testing.assert_close(both, alone)


@given(st.integers(0, 1000))
def test_what_is_drawn_is_a_part_of_the_window_with_groups_left_out(seed: int) -> None:
    stretch = stretch_of(torch.from_numpy(EventEncoding().encode(improvised(7, notes=60)))[None])
    torch.manual_seed(seed)
    (portrait,) = drawn_portraits(stretch)
    assert portrait.shape == (SIZE,)
    begin = 0
    for mark, group in zip(portrait[NUMBERS:], GROUPS, strict=True):
        assert mark in (0, 1)
        assert mark or not portrait[begin : begin + group.size].any()
        begin += group.size


@pytest.mark.slow
def test_each_group_is_left_out_as_often_as_it_is_meant_to_be() -> None:
    events = torch.from_numpy(EventEncoding().encode(improvised(7, notes=60)))
    torch.manual_seed(1)
    marks = drawn_portraits(stretch_of(events[None].expand(2000, -1, -1)))[:, NUMBERS:]
    known = (1 - LEFT_OUT) * (1 - ALL_LEFT_OUT)
    assert ((marks.mean(0) - known).abs() < 0.05).all()  # more than four standard deviations
    none = float((marks.sum(1) == 0).float().mean())
    assert none == pytest.approx(ALL_LEFT_OUT, abs=0.04)


def test_parts_differ_from_lane_to_lane() -> None:
    events = torch.from_numpy(EventEncoding().encode(improvised(7, notes=60)))
    torch.manual_seed(2)
    portraits_drawn = drawn_portraits(stretch_of(events[None].expand(20, -1, -1)))
    register = portraits_drawn[portraits_drawn[:, NUMBERS + 2] == 1][:, 5]
    assert len(register.unique()) > 5
