"""One answer, draw by draw: when it begins, what it refuses, how it ends."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.notes import KEYS, LOWEST_KEY, Note, NoteOff, NoteOn
from music.passages import passage_of
from music.tokens.scales import gap_number, velocity_of
from realtime.answerers.bounds import Bounds
from realtime.answerers.daring import HELD_NATS
from realtime.answerers.likeness import Likeness
from realtime.answerers.line import LONGEST_WAIT_S, MOST_DRAWS, SHORTEST_NOTE_S, Line, Start
from realtime.inference.bundle import UNWISHED_NATS
from realtime.inference.session import EventToken

BOUNDS = Bounds(in_a_second=6, at_once=2, repetitions=2, gap_s=2.0, silence_s=0.8)
BEGIN: EventToken = (7, 5 + KEYS, 0)
START = Start(event=BEGIN, at=10.0, passed=40, length_s=3.0)
NOWHERE = np.zeros(KEYS, np.float32)
LOUD = 20


def a_line(start: Start = START, likeness: Likeness | None = None, bounds: Bounds = BOUNDS) -> Line:
    return Line(start, bounds, likeness or Likeness(), NOWHERE)


def strike(line: Line, key: int, cells: int) -> NoteOn | NoteOff | None:
    return line.take((gap_number(cells), key, LOUD), cells)


def let_go(line: Line, key: int, cells: int) -> NoteOn | NoteOff | None:
    return line.take((gap_number(cells), KEYS + key, 0), cells)


def check_struck(event: NoteOn | NoteOff | None, at: float, key: int, velocity: int = LOUD) -> None:
    assert isinstance(event, NoteOn)
    assert event.at == pytest.approx(at)
    assert (event.pitch, event.velocity) == (LOWEST_KEY + key, velocity_of(velocity - 1))


def test_it_begins_where_it_is_put() -> None:
    line = a_line()
    assert (line.event, line.passed, line.draws, line.is_over) == (BEGIN, 40, 0, False)


def test_the_first_event_is_counted_from_the_moment_before_it_and_not_from_the_event_heard_last() -> None:
    line = a_line()
    check_struck(strike(line, 30, 55), 10.15, 30)
    assert (line.event, line.passed, line.draws) == ((55, 30, LOUD), 0, 1)


def test_before_anything_sounds_no_key_can_be_let_go_late() -> None:
    """What would come after the latest first moment is drawn again from the same place, and has to strike."""
    line = a_line()
    assert let_go(line, 30, 40 + 150) is None
    assert (line.event, line.passed, line.draws) == (BEGIN, 40, 1)
    mask = line.mask(1.0)
    assert mask[:KEYS].all()
    assert not mask[KEYS:].any()


def test_struck_too_late_again_it_is_struck_at_the_last_moment() -> None:
    line = a_line()
    strike(line, 30, 40 + 150)
    struck = strike(line, 31, 40 + 170)
    check_struck(struck, 10.0 + LONGEST_WAIT_S, 31)
    assert line.event == (gap_number(40 + 100), 31, LOUD)  # what is fed says when it came indeed
    assert line.mask(1.0).all()


def test_what_is_too_full_is_drawn_again_from_the_end_of_the_full_moment() -> None:
    line = a_line()
    assert strike(line, 30, 40)
    assert strike(line, 31, 0)
    assert strike(line, 32, 0) is None
    assert line.event[1] == 31
    assert line.passed == 4  # 30 ms and a little, in whole cells
    third = strike(line, 32, line.passed)
    assert third is not None
    assert 10.03 < third.at < 10.05


def test_what_is_too_full_in_a_second_waits_for_its_end() -> None:
    line = a_line(bounds=replace(BOUNDS, in_a_second=3))
    for place, key in enumerate((30, 32, 34)):
        assert strike(line, key, 50 if place == 0 else 10)
    assert strike(line, 36, 10) is None
    assert 0.79 * 100 < line.passed < 0.83 * 100


def test_a_key_struck_too_often_is_masked_until_another_was_struck() -> None:
    line = a_line()
    for number in range(2):
        assert line.mask(1.0)[30] == 1.0
        assert strike(line, 30, 50 if number == 0 else 20)
        assert let_go(line, 30, 20)
    assert line.mask(1.0)[30] == 0.0
    assert strike(line, 31, 10)
    assert line.mask(1.0)[30] == 1.0


def test_in_too_long_a_silence_a_strike_is_asked_for() -> None:
    line = a_line()
    assert strike(line, 30, 50)
    assert let_go(line, 30, 20)
    assert strike(line, 31, 120) is None
    assert not line.mask(1.0)[KEYS:].any()
    struck = strike(line, 31, 120)
    assert struck is not None
    assert struck.at == pytest.approx(10.1 + 0.2 + 0.8)


def test_in_too_long_a_gap_a_strike_comes_while_a_key_is_held() -> None:
    line = a_line()
    assert strike(line, 30, 50)
    assert let_go(line, 30, 230) is None
    struck = strike(line, 31, 230)
    assert struck is not None
    assert struck.at == pytest.approx(10.1 + 2.0)


def test_a_key_let_go_as_it_was_struck_is_heard_all_the_same() -> None:
    line = a_line()
    struck, let = strike(line, 30, 50), let_go(line, 30, 0)
    assert struck is not None
    assert isinstance(let, NoteOff)
    assert let.at - struck.at == pytest.approx(SHORTEST_NOTE_S)


def test_when_it_has_lasted_its_length_keys_may_only_go_up_and_then_it_is_over() -> None:
    line = a_line(replace(START, length_s=1.0))
    assert strike(line, 30, 50)
    assert strike(line, 33, 50)
    assert strike(line, 35, 60) is None
    mask = line.mask(1.0)
    assert not mask[:KEYS].any()
    assert mask[KEYS:].all()
    assert let_go(line, 30, 60)
    assert not line.is_over
    assert let_go(line, 33, 10)
    assert line.is_over


def test_its_length_counts_from_its_first_strike() -> None:
    line = a_line(replace(START, length_s=1.0))
    assert strike(line, 30, 40 + 90)
    assert strike(line, 31, 95)
    assert strike(line, 32, 10) is None


def test_a_guard_ends_what_never_would() -> None:
    line = a_line()
    for _ in range(MOST_DRAWS):
        assert not line.is_over
        let_go(line, 30, 40)
    assert line.is_over


@pytest.mark.parametrize(("knob", "nats"), [(0.0, HELD_NATS), (0.5, HELD_NATS / 2), (1.0, 0.0), (2.0, 0.0)])
def test_the_colder_the_less_a_key_outside_the_call_is_wished_for(knob: float, nats: float) -> None:
    outside = NOWHERE.copy()
    outside[40] = 1.0
    mask = Line(START, BOUNDS, Likeness(), outside).mask(knob)
    assert (1.0 - mask[40]) * UNWISHED_NATS == pytest.approx(nats, abs=0.01)
    assert mask[np.arange(2 * KEYS) != 40].all()


def test_a_likeness_stretches_what_is_drawn_and_makes_it_louder() -> None:
    line = a_line(likeness=Likeness(softer=4, slower=2.0))
    check_struck(strike(line, 30, 40 + 20), 10.4, 30, LOUD + 4)
    assert line.event == (60, 30, LOUD)  # what is fed is as the model drew it


def test_a_wait_is_counted_in_the_models_time() -> None:
    line = a_line(likeness=Likeness(slower=2.0), bounds=replace(BOUNDS, in_a_second=1))
    assert strike(line, 30, 50)
    assert strike(line, 31, 10) is None
    assert line.passed in (50, 51)


def test_what_was_played_before_bounds_what_follows_and_has_to_end() -> None:
    line = a_line(replace(START, length_s=0.5))
    line.has_played(NoteOn(9.98, LOWEST_KEY + 30, 70))
    line.has_played(NoteOff(9.99, LOWEST_KEY + 30))
    line.has_played(NoteOn(10.0, LOWEST_KEY + 30, 70))
    assert line.mask(1.0)[30] == 0.0  # weary
    assert strike(line, 31, 40 + 60) is None  # it began before, and lasts half a second from here
    assert not line.is_over
    assert let_go(line, 30, 40 + 60)
    assert line.is_over


def played(strikes: list[tuple[int, int]]) -> list[tuple[float, int]]:
    """What a line makes of keys that are drawn so many cells apart, each let go before it is struck again; a
    weary key isn't drawn, as its mask forbids it."""
    line = a_line(replace(START, passed=0, length_s=100.0), bounds=replace(BOUNDS, in_a_second=99, at_once=9))
    struck: list[tuple[float, int]] = []
    for cells, key in strikes:
        if any(key == before for _, before in struck):
            let_go(line, key, line.passed + 2)
        for _ in range(3):  # where it has to be drawn again, it is drawn alike
            if not line.mask(1.0)[key]:
                break
            event = strike(line, key, line.passed + cells)
            if isinstance(event, NoteOn):
                struck.append((event.at, key))
                break
    return struck


def longest_repetition(struck: list[tuple[float, int]]) -> int:
    return passage_of([Note(at, key, 64, 0.02) for at, key in sorted(struck)]).longest_repetition


@pytest.mark.parametrize(
    "strikes",
    [
        [(9, 30), (9, 30), (9, 30)],
        [(9, 30), (0, 20), (9, 30), (9, 30), (9, 30)],  # struck with a lower key, which counts as before it
        [(9, 30), (9, 30), (9, 40), (0, 30)],  # struck with a higher key, which counts as after it
    ],
)
def test_no_key_is_struck_too_often_running_whatever_is_struck_at_the_same_moment(
    strikes: list[tuple[int, int]],
) -> None:
    struck = played(strikes)
    assert 2 <= len(struck) < 5
    assert longest_repetition(struck) <= BOUNDS.repetitions


@given(st.lists(st.tuples(st.sampled_from((0, 0, 9)), st.integers(30, 32)), max_size=30))
def test_however_keys_are_drawn_none_is_struck_too_often_running(strikes: list[tuple[int, int]]) -> None:
    assert longest_repetition(played(strikes)) <= BOUNDS.repetitions


def test_an_answer_of_ten_minutes_is_not_cut_off_by_the_guard() -> None:
    line = a_line(replace(START, length_s=600.0))
    while line.draws < 3 * MOST_DRAWS:
        strike(line, 30 + line.draws % 2, line.passed + 20)
    assert not line.is_over
