"""Answers drawn side by side are what each would be alone: random numbers, states and ends are kept apart."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import pytest

from music.notes import KEYS, LOWEST_KEY, NoteOff, NoteOn
from realtime.answerers.accents import Accents
from realtime.answerers.bounds import Bounds
from realtime.answerers.daring import heats
from realtime.answerers.likeness import Likeness
from realtime.answerers.line import Line, Start
from realtime.answerers.passages.candidates import TOP_P, Candidates
from realtime.inference.chance import chances
from realtime.inference.session import Array, EventToken, ModelSession, ModelState
from tests.support.drawing import DOWN, READ, STATES, Draw, Place, by_chance, drawing_session
from tests.support.phrases import check_each_strike_is_released

BOUNDS = Bounds(in_a_second=8, at_once=3, repetitions=3, gap_s=2.0, silence_s=1.2)
NOWHERE = np.zeros(KEYS, np.float32)
BEGIN: EventToken = (0, 2 * KEYS, 0)
SEED, TURN = 4, 2


NO_ACCENTS = Accents.of((), Likeness(), 1.0)


def a_line(length_s: float = 2.0, bounds: Bounds = BOUNDS) -> Line:
    return Line(Start(BEGIN, 5.0, 0, length_s), bounds, Likeness(), NOWHERE)


def candidates(
    session: ModelSession,
    *lengths_s: float,
    seed: int = SEED,
    attempt: int = 0,
    knob: float = 1.0,
    before: ModelState | None = None,
    bounds: Bounds = BOUNDS,
    accents: Accents = NO_ACCENTS,
) -> Candidates:
    lines = [a_line(length_s, bounds) for length_s in lengths_s]
    return Candidates(session, lines, before or session.silent_state(), seed, TURN, attempt, knob, accents)


def standing(these: Candidates, lane: int) -> dict[str, Array]:
    """The states of an answer, by name."""
    seat = next(seat for seat, number in these.seats.items() if number == lane)
    return dict(zip((shape.name for shape in STATES), these.batch.standing(seat)[0], strict=True))


def drawn_out(these: Candidates) -> list[list[NoteOn | NoteOff]]:
    while not these.is_over:
        these.step()
    return these.answers


@dataclass
class Watching:
    """Draws by chance, and keeps where each draw was made."""

    places: list[Place] = field(default_factory=list)

    def __call__(self, place: Place) -> EventToken:
        self.places.append(place)
        return by_chance(place)


def session_with(monkeypatch: pytest.MonkeyPatch, draw: Draw = by_chance) -> ModelSession:
    return drawing_session(monkeypatch, draw)[0]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> ModelSession:
    return session_with(monkeypatch)


def test_no_answers_are_over_at_once(session: ModelSession) -> None:
    assert candidates(session).is_over


def test_each_answer_is_in_order_and_lets_go_of_what_it_struck(session: ModelSession) -> None:
    answers = drawn_out(candidates(session, 1.0, 2.0, 3.0, 4.0))
    for answer, length_s in zip(answers, (1.0, 2.0, 3.0, 4.0), strict=True):
        assert [event.at for event in answer] == sorted(event.at for event in answer)
        check_each_strike_is_released(answer)
        onsets = [event.at for event in answer if isinstance(event, NoteOn)]
        assert 0.5 * length_s < onsets[-1] - onsets[0] < length_s


def test_a_longer_answer_goes_on_alone_when_the_others_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    session, runtime = drawing_session(monkeypatch)
    these = candidates(session, 0.5, 4.0, 1.5)
    drawn_out(these)
    assert runtime.lanes[0] == 3
    assert runtime.lanes[-1] == 1
    assert runtime.lanes == sorted(runtime.lanes, reverse=True)
    assert sum(runtime.lanes) == sum(line.draws for line in these.lines)


@pytest.mark.parametrize("lengths_s", [(0.5, 4.0, 1.5), (4.0, 0.5, 2.0), (2.0, 2.0, 2.0)])
def test_side_by_side_each_is_what_it_would_be_alone(
    session: ModelSession, lengths_s: tuple[float, ...]
) -> None:
    together = drawn_out(candidates(session, *lengths_s))
    alone = [
        drawn_out(candidates(session, length_s, attempt=number))[0]
        for number, length_s in enumerate(lengths_s)
    ]
    assert together == alone
    assert len({tuple(answer) for answer in together}) == 3


def test_the_same_seed_gets_the_same_answers_and_another_seed_turn_or_attempt_others(
    session: ModelSession,
) -> None:
    first = drawn_out(candidates(session, 2.0, 2.0))
    assert drawn_out(candidates(session, 2.0, 2.0)) == first
    assert drawn_out(candidates(session, 2.0, 2.0, seed=SEED + 1)) != first
    later = drawn_out(candidates(session, 2.0, 2.0, attempt=1))
    assert later[0] == first[1]
    assert later[1] not in first


def test_a_lanes_random_numbers_are_those_of_its_attempt_and_its_draw(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watching = Watching()
    session = session_with(monkeypatch, watching)
    watching.places.clear()
    these = candidates(session, 1.0, 1.0, attempt=7)
    these.step()
    these.step()
    wanted = [chances(SEED, TURN, 7 + lane, draw) for draw in range(2) for lane in range(2)]
    assert [place.chance for place in watching.places] == wanted  # exact, also in single precision


def test_each_lane_reads_its_own_events_and_begins_from_the_state_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watching = Watching()
    session = session_with(monkeypatch, watching)
    before = session.feed((0, 80, 9), session.feed(BEGIN, session.silent_state()))
    kept = [part.copy() for part in before]
    watching.places.clear()
    these = candidates(session, 1.0, 2.0, 3.0, before=before)
    drawn_out(these)
    first = watching.places[:3]
    assert [place.read for place in first] == [3, 3, 3]
    assert all(place.down == (80,) for place in first)
    for was, now in zip(kept, before, strict=True):
        assert np.array_equal(was, now)  # a state is a value: what others begin from stays


def test_what_sounds_in_one_lane_does_not_sound_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(place: Place) -> EventToken:
        held = [key for key in place.down if place.mask[KEYS + key]]
        if held and place.read % 2 == 0:
            return (10, KEYS + held[0], 0)
        if not place.mask[:KEYS].any():
            return (10, KEYS + held[0], 0)
        return (10, 10 + 20 * int(place.chance[0] * 3), 9)

    session = session_with(monkeypatch, draw)
    these = candidates(session, 1.0, 1.0, 1.0, 1.0)
    drawn_out(these)
    for answer in these.answers:
        sounding: set[int] = set()
        for event in answer:
            if isinstance(event, NoteOn):
                sounding.add(event.pitch)
            else:
                assert event.pitch in sounding
                sounding.remove(event.pitch)
        assert not sounding


def test_a_draw_that_is_refused_is_drawn_again_from_the_same_event_and_state_with_new_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watching = Watching()
    session = session_with(monkeypatch, watching)
    watching.places.clear()
    these = candidates(session, 2.0, bounds=Bounds(2, 1, 3, 2.0, 1.2))
    drawn_out(these)
    assert these.lines[0].draws > len(these.answers[0])
    by_read = defaultdict(list)
    for place in watching.places:
        by_read[place.read].append(place)
    again = [places for places in by_read.values() if len(places) > 1]
    assert again
    for places in again:
        assert len({place.event for place in places}) == 1
        assert len({place.down for place in places}) == 1
        assert len({place.chance for place in places}) == len(places)
        assert [place.passed for place in places] == sorted(place.passed for place in places)


def test_while_one_lane_is_refused_another_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(place: Place) -> EventToken:
        late = place.chance[0] < 0.5 and place.mask[KEYS:].any() and place.read == 1
        return (120, 40, 9) if late else (5, 40 + place.read, 9)

    session = session_with(monkeypatch, draw)
    these = candidates(session, *[2.0] * 8)
    these.step()
    refused = [not answer for answer in these.answers]
    assert any(refused)
    assert not all(refused)
    states = [standing(these, lane) for lane in range(8)]
    assert [int(state[READ].item()) for state in states] == [0 if late else 1 for late in refused]
    assert not any(state[DOWN].any() for state in states)
    these.step()
    assert all(these.answers)


def test_a_step_in_which_all_are_refused_leaves_the_states_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_with(monkeypatch, lambda place: (125, KEYS + 3, 0))
    these = candidates(session, 2.0, 2.0)
    these.step()
    assert these.answers == [[], []]
    assert not any(part.any() for lane in range(2) for part in standing(these, lane).values())


@pytest.mark.parametrize("knob", [0.0, 1.0, 2.0])
def test_the_knob_sets_the_temperatures_of_all_lanes_and_what_is_wished_for(
    monkeypatch: pytest.MonkeyPatch, knob: float
) -> None:
    session, runtime = drawing_session(monkeypatch)
    outside = NOWHERE.copy()
    outside[:50] = 1.0
    lines = [Line(Start(BEGIN, 5.0, 0, 1.0), BOUNDS, Likeness(), outside) for _ in range(2)]
    Candidates(session, lines, session.silent_state(), SEED, TURN, 0, knob, NO_ACCENTS).step()
    for lane in range(2):
        assert runtime.fed["temperature"][lane].tolist() == pytest.approx(heats(knob))
        mask = runtime.fed["key_mask"][lane]
        assert ((mask[:50] < 1.0) == (knob < 1.0)).all()
        assert (mask[50:] == 1.0).all()
    assert runtime.fed["top_p"].tolist() == pytest.approx([TOP_P] * 2)


def test_what_becomes_of_an_answer_is_chosen_by_its_number_alone(session: ModelSession) -> None:
    these = candidates(session, 1.0, 1.0, 1.0)
    places = [these.place_of(number) for number in range(3)]
    assert len(set(places)) == 3
    assert all(0.0 < place < 1.0 for place in places)
    drawn_out(these)
    assert [these.place_of(number) for number in range(3)] == places
    assert candidates(session, 1.0, attempt=2).place_of(0) == places[2]


def test_what_is_struck_is_on_the_piano_and_where_the_mask_leaves_it(session: ModelSession) -> None:
    for answer in drawn_out(candidates(session, 2.0, 2.0)):
        struck = [event.pitch - LOWEST_KEY for event in answer if isinstance(event, NoteOn)]
        assert struck
        assert all(0 <= key < KEYS for key in struck)
